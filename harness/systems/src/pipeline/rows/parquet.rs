//! Parquet, as Spark and most others write it.
use super::{Cell, Rows, Told};
use bytes::Bytes;
use parquet::{
    errors::ParquetError,
    file::{reader::FileReader as _, serialized_reader::SerializedFileReader},
    record::Field,
};

pub(super) struct Parquet;

impl Rows for Parquet {
    fn read(&self, file: Bytes, each: &mut dyn FnMut(Told<'_>)) -> Result<(), String> {
        rows(file, each).map_err(|error| error.to_string())
    }
}

fn rows(file: Bytes, each: &mut dyn FnMut(Told<'_>)) -> Result<(), ParquetError> {
    let reader = SerializedFileReader::new(file)?;
    for row in reader.get_row_iter(None)? {
        for (name, field) in row?.get_column_iter() {
            if let Some(cell) = cell(field) {
                each(Told::Cell(name, cell));
            }
        }
        each(Told::End);
    }
    Ok(())
}

fn cell(field: &Field) -> Option<Cell<'_>> {
    Some(match field {
        Field::Long(value) => Cell::Number(*value),
        Field::Int(value) => Cell::Number(i64::from(*value)),
        Field::Short(value) => Cell::Number(i64::from(*value)),
        Field::Byte(value) => Cell::Number(i64::from(*value)),
        Field::ULong(value) => Cell::Number(i64::try_from(*value).ok()?),
        Field::UInt(value) => Cell::Number(i64::from(*value)),
        Field::Str(text) => Cell::Text(text),
        Field::Bytes(bytes) => Cell::Bytes(bytes.data()),
        _ => return None,
    })
}
