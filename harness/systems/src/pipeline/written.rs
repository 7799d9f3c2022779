//! Files of the table as Spark writes them, and tables of them in a store in memory, for tests.
use super::{
    TABLE,
    files::{LISTED, STORED, Tables},
    rows::{Columns, Contract, Format},
};
use crate::transaction::Transaction;
use bytes::Bytes;
use model::{
    ledger::{Bits, Stage},
    units::Nanos,
};
use object_store::{ObjectStoreExt as _, PutPayload, memory::InMemory, path::Path};
use parquet::{
    basic::Compression,
    data_type::{ByteArray, ByteArrayType, DataType, Int32Type, Int64Type},
    errors::ParquetError,
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

/// The cells of one column.
pub(super) enum Values {
    Long(Vec<Option<i64>>),
    Text(Vec<Option<String>>),
}

/// A file with just these columns, each optional.
pub(super) fn sheet(columns: &[(&str, Values)]) -> Bytes {
    let field = |(name, values): &(&str, Values)| match values {
        Values::Long(_) => format!("optional int64 {name};"),
        Values::Text(_) => format!("optional binary {name} (UTF8);"),
    };
    let fields: String = columns.iter().map(field).collect();
    let mut table = Table::of(&format!("message spark_schema {{ {fields} }}"));
    let mut group = table.0.next_row_group().expect("a group of rows");
    for (_, values) in columns {
        let written = match values {
            Values::Long(cells) => column::<Int64Type>(&mut group, cells.clone()),
            Values::Text(cells) => {
                let bytes = |cell: &Option<String>| cell.as_deref().map(ByteArray::from);
                column::<ByteArrayType>(&mut group, cells.iter().map(bytes).collect())
            }
        };
        written.expect("cells written");
    }
    group.close().expect("a whole group");
    table.0.into_inner().expect("a whole file").into()
}

pub(super) struct Table(SerializedFileWriter<Vec<u8>>);

impl Table {
    pub(super) fn file(rows: &[Transaction], rejected: Option<&str>) -> Bytes {
        let mut table = Self::of(SCHEMA);
        table.fill(rows, rejected).expect("rows written");
        table.0.into_inner().expect("a whole file").into()
    }

    fn of(schema: &str) -> Self {
        let schema = Arc::new(parse_message_type(schema).expect("a schema"));
        let snappy = WriterProperties::builder()
            .set_compression(Compression::SNAPPY)
            .build();
        let writer = SerializedFileWriter::new(Vec::new(), schema, Arc::new(snappy));
        Self(writer.expect("a writer"))
    }

    fn fill(&mut self, rows: &[Transaction], rejected: Option<&str>) -> Result<(), ParquetError> {
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

/// Records of the load in every table of a test.
pub(super) const SENT: u64 = 12;

/// A file of the table with these records.
pub(super) fn file(numbers: std::ops::Range<u64>) -> Vec<u8> {
    let drawn = |number| Transaction::drawn(7, 1, number, Nanos(number));
    Table::file(&numbers.map(drawn).collect::<Vec<_>>(), None).to_vec()
}

/// Distinct records, and copies beyond the first.
pub(super) fn held(stage: &Stage) -> (u64, u64) {
    (stage.lanes[0].intact.count(), stage.lanes[0].extra)
}

/// What else there is beside the objects of a table.
pub(super) struct Lake<'a> {
    pub(super) format: Format,
    /// Files of the dead letters.
    pub(super) dead: &'a [(&'a str, Vec<u8>)],
    /// Bits of the records that were sent malformed.
    pub(super) malformed: &'a [u64],
}

impl Lake<'_> {
    /// Puts these objects into the folder of the table and reads it back: whether that went well, what is listed, what is stored.
    pub(super) async fn read<N: AsRef<str>>(
        &self,
        objects: &[(N, Vec<u8>)],
    ) -> (Result<(), String>, Stage, Stage) {
        let store = InMemory::new();
        for (name, bytes) in objects {
            put(&store, &format!("{TABLE}/{}", name.as_ref()), bytes).await;
        }
        for (name, bytes) in self.dead {
            put(&store, &format!("rejected/{name}"), bytes).await;
        }
        let mut read = Tables {
            listed: Stage::new(LISTED, 1, SENT).at_least_once(),
            stored: Stage::new(STORED, 1, SENT),
            format: self.format,
            columns: &Columns {
                id: "number".into(),
                checksum: true,
            },
            contract: &Contract::default(),
            due: &|_| None,
            malformed: &Bits::of(self.malformed.to_vec()),
            dead_letters: "rejected",
        };
        let done = read.fill(&store).await;
        (done, read.listed, read.stored)
    }
}

/// Puts an object under a key that stays as it is.
pub(super) async fn put(store: &InMemory, key: &str, bytes: &[u8]) {
    let at = Path::parse(key).expect("a key");
    let put = store.put(&at, PutPayload::from(bytes.to_vec())).await;
    put.expect("memory takes it");
}
