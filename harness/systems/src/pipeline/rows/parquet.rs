//! Parquet, as Spark and most others write it.
use super::{Cell, Kind, Rows, Told};
use bytes::Bytes;
use parquet::{
    basic::{ConvertedType, LogicalType, Type as Physical},
    errors::ParquetError,
    file::{reader::FileReader as _, serialized_reader::SerializedFileReader},
    record::Field,
    schema::types::Type,
};

pub(super) struct Parquet;

impl Rows for Parquet {
    fn read(&self, file: Bytes, each: &mut dyn FnMut(Told<'_>)) -> Result<(), String> {
        rows(file, each).map_err(|error| error.to_string())
    }
}

fn rows(file: Bytes, each: &mut dyn FnMut(Told<'_>)) -> Result<(), ParquetError> {
    let reader = SerializedFileReader::new(file)?;
    let columns = reader
        .metadata()
        .file_metadata()
        .schema()
        .get_fields()
        .iter();
    let columns: Vec<_> = columns
        .map(|column| (column.name().to_owned(), kind(column)))
        .collect();
    each(Told::File(&columns));
    for row in reader.get_row_iter(None)? {
        for (name, field) in row?.get_column_iter() {
            each(Told::Cell(name, cell(field)));
        }
        each(Told::End);
    }
    Ok(())
}

fn cell(field: &Field) -> Cell<'_> {
    match field {
        Field::Null => Cell::Null,
        Field::Long(value) => Cell::Number(*value),
        Field::Int(value) => Cell::Number(i64::from(*value)),
        Field::Short(value) => Cell::Number(i64::from(*value)),
        Field::Byte(value) => Cell::Number(i64::from(*value)),
        Field::ULong(value) => i64::try_from(*value).map_or(Cell::Other, Cell::Number),
        Field::UInt(value) => Cell::Number(i64::from(*value)),
        Field::Str(text) => Cell::Text(text),
        Field::Bytes(bytes) => Cell::Bytes(bytes.data()),
        _ => Cell::Other,
    }
}

/// What a column of a file is; none where no declaration can name it.
fn kind(column: &Type) -> Option<Kind> {
    let info = column.get_basic_info();
    let (logical, converted) = (info.logical_type_ref(), info.converted_type());
    if column.is_group() {
        return Some(nested(logical, converted));
    }
    match (logical, converted) {
        (Some(LogicalType::Decimal(_)), _) | (None, ConvertedType::DECIMAL) => {
            let digits = |count: i32| u8::try_from(count).ok();
            let size = digits(column.get_precision()).zip(digits(column.get_scale()));
            Some(Kind::Decimal(size))
        }
        (Some(logical), _) => of_logical(logical),
        (None, ConvertedType::NONE) => Some(plain(column.get_physical_type())),
        (None, converted) => of_converted(converted),
    }
}

const fn nested(logical: Option<&LogicalType>, converted: ConvertedType) -> Kind {
    match (logical, converted) {
        (Some(LogicalType::List), _) | (None, ConvertedType::LIST) => Kind::Array,
        (Some(LogicalType::Map), _) | (None, ConvertedType::MAP | ConvertedType::MAP_KEY_VALUE) => {
            Kind::Map
        }
        _ => Kind::Struct,
    }
}

fn of_logical(logical: &LogicalType) -> Option<Kind> {
    Some(match logical {
        LogicalType::String | LogicalType::Enum | LogicalType::Json => Kind::String,
        LogicalType::Date => Kind::Date,
        LogicalType::Timestamp(_) => Kind::Timestamp,
        LogicalType::Bson => Kind::Binary,
        LogicalType::Integer(int) if int.is_signed => match int.bit_width {
            8 => Kind::Tinyint,
            16 => Kind::Smallint,
            32 => Kind::Int,
            64 => Kind::Bigint,
            _ => return None,
        },
        _ => return None,
    })
}

const fn plain(physical: Physical) -> Kind {
    match physical {
        Physical::BOOLEAN => Kind::Boolean,
        Physical::INT32 => Kind::Int,
        Physical::INT64 => Kind::Bigint,
        // Spark's own way to write instants by default.
        Physical::INT96 => Kind::Timestamp,
        Physical::FLOAT => Kind::Float,
        Physical::DOUBLE => Kind::Double,
        Physical::BYTE_ARRAY | Physical::FIXED_LEN_BYTE_ARRAY => Kind::Binary,
    }
}

const fn of_converted(converted: ConvertedType) -> Option<Kind> {
    Some(match converted {
        ConvertedType::INT_8 => Kind::Tinyint,
        ConvertedType::INT_16 => Kind::Smallint,
        ConvertedType::INT_32 => Kind::Int,
        ConvertedType::INT_64 => Kind::Bigint,
        ConvertedType::UTF8 | ConvertedType::ENUM | ConvertedType::JSON => Kind::String,
        ConvertedType::BSON => Kind::Binary,
        ConvertedType::DATE => Kind::Date,
        ConvertedType::TIMESTAMP_MILLIS | ConvertedType::TIMESTAMP_MICROS => Kind::Timestamp,
        _ => return None,
    })
}
