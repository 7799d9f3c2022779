//! Rows of one Parquet file of the table, one at a time: only one file is ever in memory.
use crate::transaction::Transaction;
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

#[cfg(test)]
mod tests {
    use super::*;
    use bytes::Bytes;
    use model::units::Nanos;
    use parquet::{
        basic::Compression,
        data_type::{ByteArray, ByteArrayType, DataType, Int32Type, Int64Type},
        file::{properties::WriterProperties, writer::SerializedFileWriter},
        schema::parser::parse_message_type,
    };
    use std::sync::Arc;

    /// As Spark writes the job's rows: every column optional, snappy.
    const SCHEMA: &str = "message spark_schema {
        optional int64 number; optional int32 partition; optional int64 seq; optional int64 intended_ns;
        optional binary transaction_id (UTF8); optional binary customer_id (UTF8); optional binary merchant_id (UTF8);
        optional int64 amount_cents; optional binary currency (UTF8); optional binary checksum (UTF8);
        optional binary rejected (UTF8); optional binary raw; }";

    struct Table(SerializedFileWriter<Vec<u8>>);

    impl Table {
        fn file(rows: &[Transaction], rejected: Option<&str>) -> Bytes {
            let schema = Arc::new(parse_message_type(SCHEMA).expect("a schema"));
            let snappy = WriterProperties::builder()
                .set_compression(Compression::SNAPPY)
                .build();
            let writer = SerializedFileWriter::new(Vec::new(), schema, Arc::new(snappy));
            let mut table = Self(writer.expect("a writer"));
            table.fill(rows, rejected).expect("rows written");
            table.0.into_inner().expect("a whole file").into()
        }

        fn fill(
            &mut self,
            rows: &[Transaction],
            rejected: Option<&str>,
        ) -> Result<(), ParquetError> {
            let text = |of: fn(&Transaction) -> &String| -> Vec<Option<ByteArray>> {
                rows.iter()
                    .map(|row| Some(of(row).as_str().into()))
                    .collect()
            };
            let long = |of: fn(&Transaction) -> i64| -> Vec<Option<i64>> {
                rows.iter().map(|row| Some(of(row))).collect()
            };
            let numbers = rows
                .iter()
                .map(|row| (row.number != i64::MAX).then_some(row.number))
                .collect();
            let parts = rows
                .iter()
                .map(|row| Some(row.partition.cast_signed()))
                .collect();
            let reason = rows.iter().map(|_| rejected.map(ByteArray::from)).collect();
            let mut group = self.0.next_row_group()?;
            column::<Int64Type>(&mut group, numbers)?;
            column::<Int32Type>(&mut group, parts)?;
            column::<Int64Type>(&mut group, long(|row| row.seq))?;
            column::<Int64Type>(&mut group, long(|row| row.intended_ns.cast_signed()))?;
            column::<ByteArrayType>(&mut group, text(|row| &row.transaction_id))?;
            column::<ByteArrayType>(&mut group, text(|row| &row.customer_id))?;
            column::<ByteArrayType>(&mut group, text(|row| &row.merchant_id))?;
            column::<Int64Type>(&mut group, long(|row| row.amount_cents))?;
            column::<ByteArrayType>(&mut group, text(|row| &row.currency))?;
            column::<ByteArrayType>(&mut group, text(|row| &row.checksum))?;
            column::<ByteArrayType>(&mut group, reason)?;
            column::<ByteArrayType>(&mut group, rows.iter().map(|_| None).collect())?;
            group.close().map(drop)
        }
    }

    type Group<'a> = parquet::file::writer::SerializedRowGroupWriter<'a, Vec<u8>>;

    fn column<T: DataType>(
        group: &mut Group<'_>,
        values: Vec<Option<T::T>>,
    ) -> Result<(), ParquetError> {
        let mut column = group.next_column()?.expect("one column left");
        let levels: Vec<i16> = values
            .iter()
            .map(|value| i16::from(value.is_some()))
            .collect();
        let values: Vec<T::T> = values.into_iter().flatten().collect();
        column
            .typed::<T>()
            .write_batch(&values, Some(&levels), None)?;
        column.close()
    }

    fn records(file: Bytes) -> Vec<Record> {
        let mut records = Vec::new();
        read(file, |record| records.push(record)).expect("a whole file");
        records
    }

    fn drawn(number: u64) -> Transaction {
        Transaction::drawn(7, 4, number, Nanos(number))
    }

    #[test]
    fn what_was_written_is_read_in_order() {
        let rows = [drawn(5), Transaction::canary(1), drawn(2)];
        let load = |number| Record::Load {
            number,
            intact: true,
        };
        assert_eq!(
            records(Table::file(&rows, None)),
            [load(5), Record::Canary, load(2)]
        );
    }

    #[test]
    fn a_changed_field_is_noticed() {
        let mut changed = drawn(5);
        changed.amount_cents += 1;
        let read = records(Table::file(&[changed], None));
        assert_eq!(
            read,
            [Record::Load {
                number: 5,
                intact: false
            }]
        );
    }

    #[test]
    fn a_row_the_job_rejected_is_not_intact() {
        let read = records(Table::file(&[drawn(5)], Some("no currency")));
        assert_eq!(
            read,
            [Record::Load {
                number: 5,
                intact: false
            }]
        );
    }

    #[test]
    fn without_a_number_it_is_illegible() {
        let mut nameless = drawn(5);
        nameless.number = i64::MAX;
        assert_eq!(records(Table::file(&[nameless], None)), [Record::Illegible]);
    }

    #[test]
    fn a_torn_file_is_an_error() {
        let file = Table::file(&[drawn(5)], None);
        assert!(read(file.slice(..file.len() - 9), drop).is_err());
    }
}
