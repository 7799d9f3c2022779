//! Rows of one Parquet file of the table, one at a time: only one file is ever in memory.
use super::transaction::Transaction;
use parquet::{
    errors::ParquetError,
    file::{
        reader::{ChunkReader, FileReader as _},
        serialized_reader::SerializedFileReader,
    },
    record::{Field, Row},
};

/// A row as read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Record {
    /// A canary of bring-up.
    Canary,
    /// A record of the load, and whether its checksum fits and the job accepted it.
    Load {
        /// Its number.
        number: u64,
        /// Whether it is as it was sent.
        intact: bool,
    },
    /// No number can be read from it.
    Illegible,
}

/// Reads every row of a file into `each`, in the order of the file.
///
/// # Errors
/// A file that is no Parquet, or is torn.
pub(super) fn read(
    file: impl ChunkReader + 'static,
    mut each: impl FnMut(Record),
) -> Result<(), ParquetError> {
    let reader = SerializedFileReader::new(file)?;
    for row in reader.get_row_iter(None)? {
        each(record(&row?));
    }
    Ok(())
}

fn record(row: &Row) -> Record {
    let (mut read, mut number, mut rejected) = (Transaction::default(), None, false);
    for (name, field) in row.get_column_iter() {
        match (name.as_str(), field) {
            ("number", Field::Long(value)) => number = Some(*value),
            ("partition", Field::Int(value)) => read.partition = value.cast_unsigned(),
            ("seq", Field::Long(value)) => read.seq = *value,
            ("intended_ns", Field::Long(value)) => read.intended_ns = value.cast_unsigned(),
            ("transaction_id", Field::Str(value)) => read.transaction_id.clone_from(value),
            ("customer_id", Field::Str(value)) => read.customer_id.clone_from(value),
            ("merchant_id", Field::Str(value)) => read.merchant_id.clone_from(value),
            ("amount_cents", Field::Long(value)) => read.amount_cents = *value,
            ("currency", Field::Str(value)) => read.currency.clone_from(value),
            ("checksum", Field::Str(value)) => read.checksum.clone_from(value),
            ("rejected", Field::Str(value)) => rejected |= !value.is_empty(),
            _ => {}
        }
    }
    read.number = number.unwrap_or_default();
    match number.map(u64::try_from) {
        None => Record::Illegible,
        Some(Err(_)) => Record::Canary,
        Some(Ok(number)) => Record::Load {
            number,
            intact: read.intact() && !rejected,
        },
    }
}
