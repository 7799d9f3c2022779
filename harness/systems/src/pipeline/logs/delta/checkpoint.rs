//! A checkpoint: the lines of the log as rows of Parquet, a column an action.
//!
//! Only the columns that say something of the files are read; statistics may have any type.
use super::action::{Action, State};
use bytes::Bytes;
use parquet::{
    errors::ParquetError,
    file::{reader::FileReader as _, serialized_reader::SerializedFileReader},
    record::{Field, Row, reader::RowIter},
    schema::types::{Type, TypePtr},
};
use serde::Deserialize as _;
use serde_json::{Map, Value};
use std::sync::Arc;

/// What is read of each action.
const READ: [(&str, &[&str]); 4] = [
    ("add", &["path", "partitionValues", "deletionVector"]),
    ("protocol", &["minReaderVersion", "readerFeatures"]),
    ("metaData", &["configuration", "format"]),
    ("sidecar", &["path"]),
];

/// Takes every row of a file of a checkpoint.
///
/// # Errors
/// A torn file or one of another kind; an action that this reader does not know.
pub(super) fn read(file: Bytes, state: &mut State) -> Result<(), String> {
    for row in rows(file).map_err(|error| error.to_string())? {
        let row = row.map_err(|error| error.to_string())?;
        let action = Action::deserialize(object(&row)).map_err(|error| error.to_string())?;
        state.take(action)?;
    }
    Ok(())
}

type Rows = Box<dyn Iterator<Item = Result<Row, ParquetError>>>;

fn rows(file: Bytes) -> Result<Rows, ParquetError> {
    let reader = SerializedFileReader::new(file)?;
    let schema = reader.metadata().file_metadata().schema().clone();
    let wanted = part(&schema, |field| {
        let (_, inside) = READ.iter().find(|(name, _)| *name == field.name())?;
        let part = part(field, |one| {
            inside.contains(&one.name()).then(|| Ok(one.clone()))
        });
        Some(part.map(Arc::new))
    })?;
    let is_there = |name: &str| wanted.get_fields().iter().any(|one| one.name() == name);
    if let Some(missing) = ["add", "protocol"].iter().find(|name| !is_there(name)) {
        return Err(ParquetError::General(format!("no column `{missing}`")));
    }
    let all = RowIter::from_file_into(Box::new(reader));
    Ok(Box::new(all.project(Some(wanted))?))
}

/// A group with some of its fields.
fn part(
    group: &Type,
    field: impl Fn(&TypePtr) -> Option<Result<TypePtr, ParquetError>>,
) -> Result<Type, ParquetError> {
    if group.is_primitive() {
        return Err(ParquetError::General(format!(
            "`{}` is no group",
            group.name()
        )));
    }
    let fields = group.get_fields().iter().filter_map(field);
    let fields = fields.collect::<Result<Vec<_>, _>>()?;
    if fields.is_empty() {
        let told = format!("`{}` has no column of Delta's", group.name());
        return Err(ParquetError::General(told));
    }
    let info = group.get_basic_info();
    let mut part = Type::group_type_builder(group.name()).with_fields(fields);
    if info.has_repetition() {
        part = part.with_repetition(info.repetition());
    }
    part.build()
}

fn object(row: &Row) -> Value {
    let columns = row.get_column_iter();
    let members = columns.map(|(name, field)| (name.clone(), value(field)));
    Value::Object(members.collect::<Map<_, _>>())
}

/// As it would stand in a line; types that no action of ours has are null.
fn value(field: &Field) -> Value {
    match field {
        Field::Bool(value) => (*value).into(),
        Field::Int(value) => (*value).into(),
        Field::Long(value) => (*value).into(),
        Field::Str(text) => text.as_str().into(),
        Field::Group(row) => object(row),
        Field::ListInternal(list) => list.elements().iter().map(value).collect(),
        Field::MapInternal(map) => {
            let entries = map.entries().iter();
            let entries = entries.filter_map(|(key, one)| match key {
                Field::Str(key) => Some((key.clone(), value(one))),
                _ => None,
            });
            Value::Object(entries.collect())
        }
        _ => Value::Null,
    }
}
