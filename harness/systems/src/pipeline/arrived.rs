//! What has arrived in the table, kept up by reading each of its files once, as soon as it is listed.
//!
//! Needs nothing of the job but its table: a checkpoint may lie elsewhere, or nowhere. A reader that lists the folder sees a batch at
//! the same moment; in a table that is none without its log, a file is there once the log names it. Records of a partition arrive in
//! their order, so its newest one tells how far it is.
use super::{
    BUCKET, TABLE,
    files::{get, lying},
    logs::{self, Named, values},
    rows::{Columns, Format, Record},
};
use crate::{
    s3::{self, Place},
    transaction::Transaction,
};
use futures_util::{StreamExt as _, stream};
use model::system::BedError;
use object_store::ObjectStore;
use std::{collections::BTreeSet, sync::Arc, time::Duration};
use tokio::sync::Mutex;

/// Files fetched at one time.
const AHEAD: usize = 4;

/// How far each partition is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Newest {
    /// Newest record of the load, by partition.
    pub(super) records: Vec<Option<u64>>,
    /// Marks of ours that are there: turn and partition.
    pub(super) marks: BTreeSet<(u32, u32)>,
}

impl Newest {
    fn take(&mut self, record: &Record) {
        match *record {
            Record::Load { number, .. } => {
                let partition = number as usize % self.records.len();
                let newest = &mut self.records[partition];
                *newest = (*newest).max(Some(number));
            }
            Record::Canary(number) => {
                let mark = Transaction::mark(number);
                self.marks
                    .extend(mark.map(|(partition, turn)| (turn, partition)));
            }
            Record::Illegible => {}
        }
    }
}

struct Known {
    files: BTreeSet<String>,
    newest: Newest,
}

/// Follows the table.
pub(super) struct Arrived {
    store: Arc<dyn ObjectStore>,
    format: Format,
    columns: Columns,
    known: Mutex<Known>,
}

impl Arrived {
    pub(super) fn new(
        place: &Place,
        partitions: u32,
        format: Format,
        columns: Columns,
    ) -> Result<Self, BedError> {
        let store = s3::bucket(place, BUCKET, Duration::from_secs(5))?;
        Ok(Self::of(Arc::new(store), partitions, format, columns))
    }

    fn of(store: Arc<dyn ObjectStore>, partitions: u32, format: Format, columns: Columns) -> Self {
        let newest = Newest {
            records: vec![None; partitions as usize],
            ..Newest::default()
        };
        let known = Known {
            files: BTreeSet::new(),
            newest,
        };
        Self {
            store,
            format,
            columns,
            known: Mutex::new(known),
        }
    }

    /// How far each partition is now. Questions that overlap wait for each other, so each file is read once.
    ///
    /// # Errors
    /// The store's refusal of a listing, or a log that says nothing. A file that went away again, or is not whole yet, is looked at
    /// again next time.
    pub(super) async fn now(&self) -> Result<Newest, object_store::Error> {
        let mut known = self.known.lock().await;
        let there = self.there().await?.into_iter();
        let new: Vec<Named> = there
            .filter(|file| !known.files.contains(&file.key))
            .collect();
        let fetched = stream::iter(new).map(|file| async {
            let bytes = get(&*self.store, &file.key).await;
            (file, bytes)
        });
        let fetched: Vec<_> = fetched.buffered(AHEAD).collect().await;
        for (file, bytes) in fetched {
            if let Some(records) = bytes.ok().and_then(|bytes| self.records(&file, bytes)) {
                records.iter().for_each(|record| known.newest.take(record));
                known.files.insert(file.key);
            }
        }
        Ok(known.newest.clone())
    }

    async fn there(&self) -> Result<Vec<Named>, object_store::Error> {
        let log = self.format.log();
        if log.is_needed() {
            let named = logs::read(&*self.store, TABLE, log).await;
            let named = named.map_err(|why| object_store::Error::Generic {
                store: log.folder(),
                source: why.into(),
            })?;
            return Ok(named.unwrap_or_default().files);
        }
        let lying = lying(&*self.store, TABLE).await?.into_iter();
        let named = lying.map(|key| Named {
            values: values(TABLE, &key),
            key,
        });
        Ok(named.collect())
    }

    fn records(&self, file: &Named, bytes: Vec<u8>) -> Option<Vec<Record>> {
        let mut records = Vec::new();
        let each = |record| records.push(record);
        let read = self
            .format
            .read(bytes.into(), &self.columns, &file.values, each);
        read.is_ok().then_some(records)
    }
}

#[cfg(test)]
mod tests {
    use super::{
        super::written::{self, Table},
        *,
    };
    use model::units::Nanos;
    use object_store::memory::InMemory;

    fn rows(numbers: &[u64]) -> Vec<Transaction> {
        let drawn = |number: &u64| Transaction::drawn(7, 2, *number, Nanos(*number));
        numbers.iter().map(drawn).collect()
    }

    async fn put(store: &InMemory, name: &str, bytes: bytes::Bytes) {
        written::put(store, &format!("{TABLE}/{name}"), &bytes).await;
    }

    fn follows(store: &Arc<InMemory>) -> Arrived {
        follows_of(store, Format::Parquet)
    }

    fn follows_of(store: &Arc<InMemory>, format: Format) -> Arrived {
        let columns = Columns {
            id: "number".into(),
            checksum: true,
        };
        Arrived::of(store.clone(), 2, format, columns)
    }

    #[tokio::test]
    async fn each_partition_is_as_far_as_its_newest_record() {
        let store = Arc::new(InMemory::new());
        let arrived = follows(&store);
        put(&store, "a.parquet", Table::file(&rows(&[0, 1, 4]), None)).await;
        let now = arrived.now().await.expect("listed");
        assert_eq!(now.records, [Some(4), Some(1)]);
        put(&store, "b.parquet", Table::file(&rows(&[2, 3]), None)).await;
        let now = arrived.now().await.expect("listed");
        assert_eq!(now.records, [Some(4), Some(3)]);
    }

    #[tokio::test]
    async fn a_file_that_is_not_whole_yet_is_read_once_it_is() {
        let store = Arc::new(InMemory::new());
        let arrived = follows(&store);
        let whole = Table::file(&rows(&[0, 1]), None);
        put(&store, "a.parquet", whole.slice(..40)).await;
        let now = arrived.now().await.expect("listed");
        assert_eq!(now.records, [None, None]);
        put(&store, "a.parquet", whole).await;
        let now = arrived.now().await.expect("listed");
        assert_eq!(now.records, [Some(0), Some(1)]);
    }

    #[tokio::test]
    async fn marks_before_and_after_the_load_are_told_apart() {
        let store = Arc::new(InMemory::new());
        let marks = [Transaction::canary(1), Transaction::marking(0, 2)];
        put(&store, "batch=1/m.parquet", Table::file(&marks, None)).await;
        let now = follows(&store).now().await.expect("listed");
        assert_eq!(now.marks, BTreeSet::from([(0, 1), (2, 0)]));
        assert_eq!(now.records, [None, None]);
    }

    #[tokio::test]
    async fn in_a_delta_table_a_file_is_there_once_its_log_names_it() {
        let store = Arc::new(InMemory::new());
        let arrived = follows_of(&store, Format::Delta);
        put(&store, "a.parquet", Table::file(&rows(&[0, 1]), None)).await;
        let now = arrived.now().await.expect("listed");
        assert_eq!(now.records, [None, None]);
        let lines = concat!(
            r#"{"protocol":{"minReaderVersion":1}}"#,
            "\n",
            r#"{"metaData":{}}"#,
            "\n",
            r#"{"add":{"path":"a.parquet"}}"#
        );
        let first = "_delta_log/00000000000000000000.json";
        put(&store, first, lines.into()).await;
        let now = arrived.now().await.expect("listed");
        assert_eq!(now.records, [Some(0), Some(1)]);
        put(&store, first, lines[..40].to_owned().into()).await;
        assert!(arrived.now().await.is_err());
    }
}
