//! Checkpoints as Delta writes them, out of lines of its log, for tests: a column an action, all of them optional.
use parquet::{
    basic::Compression,
    data_type::{ByteArray, ByteArrayType, DataType, Int32Type},
    errors::ParquetError,
    file::{
        properties::WriterProperties,
        writer::{SerializedFileWriter, SerializedRowGroupWriter},
    },
    schema::parser::parse_message_type,
};
use serde_json::Value;
use std::sync::Arc;

const SCHEMA: &str = "message spark_schema {
    optional group add {
        optional binary path (UTF8);
        optional group partitionValues (MAP) {
            repeated group key_value { required binary key (UTF8); optional binary value (UTF8); } }
        optional group deletionVector { optional binary storageType (UTF8); } }
    optional group metaData {
        optional binary id (UTF8);
        optional group format { optional binary provider (UTF8); }
        optional group configuration (MAP) {
            repeated group key_value { required binary key (UTF8); optional binary value (UTF8); } } }
    optional group protocol {
        optional int32 minReaderVersion;
        optional group readerFeatures (LIST) { repeated group list { optional binary element (UTF8); } } }
    optional group sidecar { optional binary path (UTF8); } }";

/// A file of a checkpoint with these lines as its rows.
pub(super) fn actions(lines: &[impl AsRef<str>]) -> Vec<u8> {
    let rows = lines.iter().map(|line| line.as_ref());
    let rows: Vec<Value> = rows
        .map(|line| serde_json::from_str(line).expect("a line"))
        .collect();
    written(&rows).expect("rows that the schema can hold")
}

type Group<'a> = SerializedRowGroupWriter<'a, Vec<u8>>;

fn written(rows: &[Value]) -> Result<Vec<u8>, ParquetError> {
    let schema = Arc::new(parse_message_type(SCHEMA)?);
    let snappy = WriterProperties::builder()
        .set_compression(Compression::SNAPPY)
        .build();
    let mut writer = SerializedFileWriter::new(Vec::new(), schema, Arc::new(snappy))?;
    let mut group = writer.next_row_group()?;
    text(&mut group, rows, "add/path")?;
    entries(&mut group, rows, "add/partitionValues")?;
    text(&mut group, rows, "add/deletionVector/storageType")?;
    text(&mut group, rows, "metaData/id")?;
    text(&mut group, rows, "metaData/format/provider")?;
    entries(&mut group, rows, "metaData/configuration")?;
    column::<Int32Type>(&mut group, rows, "protocol/minReaderVersion", |value| {
        let number = value.as_i64().and_then(|one| i32::try_from(one).ok());
        vec![(0, number)]
    })?;
    column::<ByteArrayType>(&mut group, rows, "protocol/readerFeatures", |list| {
        let items = list.as_array().into_iter().flatten();
        items.map(|item| (2, bytes(item))).collect()
    })?;
    text(&mut group, rows, "sidecar/path")?;
    group.close()?;
    writer.into_inner()
}

fn text(group: &mut Group<'_>, rows: &[Value], at: &str) -> Result<(), ParquetError> {
    column::<ByteArrayType>(group, rows, at, |value| vec![(0, bytes(value))])
}

/// The two columns of a map.
fn entries(group: &mut Group<'_>, rows: &[Value], at: &str) -> Result<(), ParquetError> {
    column::<ByteArrayType>(group, rows, at, |map| {
        let entries = map.as_object().into_iter().flatten();
        entries
            .map(|(key, _)| (1, Some(key.as_str().into())))
            .collect()
    })?;
    column::<ByteArrayType>(group, rows, at, |map| {
        let entries = map.as_object().into_iter().flatten();
        entries
            .map(|(_, value)| (if value.is_null() { 1 } else { 2 }, bytes(value)))
            .collect()
    })
}

fn bytes(value: &Value) -> Option<ByteArray> {
    value.as_str().map(ByteArray::from)
}

/// One column. `inside` says what stands at the end of the path: how many levels deeper, and the value; nothing for an empty list.
fn column<T: DataType>(
    group: &mut Group<'_>,
    rows: &[Value],
    at: &str,
    inside: impl Fn(&Value) -> Vec<(i16, Option<T::T>)>,
) -> Result<(), ParquetError> {
    let (mut values, mut defined, mut repeated) = (Vec::new(), Vec::new(), Vec::new());
    for row in rows {
        let (depth, end) = walked(row, at);
        let found = end.map(&inside).unwrap_or_default();
        if found.is_empty() {
            defined.push(depth);
            repeated.push(0);
        }
        for (turn, (deeper, value)) in found.into_iter().enumerate() {
            defined.push(depth + deeper);
            repeated.push(i16::from(turn > 0));
            values.extend(value);
        }
    }
    let mut column = group.next_column()?.expect("one column left");
    column
        .typed::<T>()
        .write_batch(&values, Some(&defined), Some(&repeated))?;
    column.close()
}

/// How many members of the path are there, and what stands at its end.
fn walked<'a>(row: &'a Value, at: &str) -> (i16, Option<&'a Value>) {
    let (mut depth, mut here) = (0, row);
    for name in at.split('/') {
        match here.get(name).filter(|value| !value.is_null()) {
            None => return (depth, None),
            Some(member) => (depth, here) = (depth + 1, member),
        }
    }
    (depth, Some(here))
}
