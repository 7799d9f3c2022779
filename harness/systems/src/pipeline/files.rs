//! The files of the table, read as two kinds of readers do: by a bare listing, and by the commit log.
use super::{
    BUCKET, TABLE,
    mutants::mutant,
    rated::{Due, Rater},
    rows::{Columns, Contract, Format, Record},
    table,
};
use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use model::ledger::{Bits, Stage};
use object_store::{ObjectMeta, ObjectStore, ObjectStoreExt as _, path::Path};
use std::collections::BTreeSet;

/// What a naive reader of the table sees.
pub(super) const LISTED: &str = "listed";
/// What a correct one does.
pub(super) const STORED: &str = "stored";
/// Files fetched ahead of the one being read: bounds memory, hides the way to the store.
const AHEAD: usize = 8;

/// The table as the two kinds of readers see it.
pub(super) struct Tables<'a> {
    pub(super) listed: Stage,
    pub(super) stored: Stage,
    pub(super) format: Format,
    pub(super) columns: &'a Columns,
    /// What the rows are held to.
    pub(super) contract: &'a Contract,
    /// When a record was due.
    pub(super) due: Due<'a>,
    /// Which records were sent malformed, by number.
    pub(super) malformed: &'a Bits,
    /// Folder of the bucket with what the job rejected; empty where it keeps none.
    pub(super) dead_letters: &'a str,
}

impl Tables<'_> {
    /// Reads every file once: those of the commit log in its order, then the others.
    ///
    /// # Errors
    /// What could not be asked for; a file that is no Parquet, or not there, is a remark.
    pub(super) async fn fill(&mut self, store: &dyn ObjectStore) -> Result<(), String> {
        self.fill_dead(store).await?;
        let lying = lying(store, TABLE)
            .await
            .map_err(|error| error.to_string())?;
        let named = match named(store).await? {
            Some(named) => named,
            None => {
                self.stored
                    .note("no commit log: every file counts".to_owned());
                lying.clone()
            }
        };
        let known: BTreeSet<&String> = named.iter().collect();
        let lies: BTreeSet<&String> = lying.iter().collect();
        for file in named.iter().filter(|file| !lies.contains(file)) {
            self.unread(format!(
                "`{file}` is in the commit log and not in the store"
            ));
        }
        // In the order of the log, then what it does not name.
        let orphan = |file: &String| (!known.contains(file)).then(|| (file.clone(), false));
        let there = |file: &String| lies.contains(file).then(|| (file.clone(), true));
        let all = named.iter().filter_map(there);
        let all: Vec<_> = all.chain(lying.iter().filter_map(orphan)).collect();
        let fetched = stream::iter(all).map(|(file, named)| fetched(store, file, named));
        let mut fetched = fetched.buffered(AHEAD);
        while let Some(one) = fetched.next().await {
            let (file, bytes, named) = one?;
            self.take(&file, bytes, named);
        }
        self.legible()
    }

    /// Rows of which none tells a number prove nothing of any record: the contract names a column that is not there.
    fn legible(&self) -> Result<(), String> {
        let told = self.listed.lanes.iter().any(|lane| lane.read > 0);
        if told || self.listed.illegible == 0 {
            return Ok(());
        }
        Err(format!(
            "none of {} rows has a number in column `{}`: name the column with a record's `number` in the setting `id`",
            self.listed.illegible, self.columns.id
        ))
    }

    /// What the job rejected; a file of it that cannot be read proves nothing about anything.
    async fn fill_dead(&mut self, store: &dyn ObjectStore) -> Result<(), String> {
        if self.dead_letters.is_empty() {
            return Ok(());
        }
        let lying = lying(store, self.dead_letters).await;
        for file in lying.map_err(|error| error.to_string())? {
            let bytes = get(store, &file).await?;
            let source = format!("{file} row");
            let at = (self.listed.source(&source), self.stored.source(&source));
            let mut row = 0;
            let read = self.format.read(bytes.into(), self.columns, |record| {
                take(&mut self.listed, (at.0, row), &record, true);
                take(&mut self.stored, (at.1, row), &record, true);
                row += 1;
            });
            read.map_err(|error| format!("`{file}` cannot be read after {row} rows: {error}"))?;
        }
        Ok(())
    }

    fn take(&mut self, file: &str, bytes: Vec<u8>, named: bool) {
        let malformed = self.malformed;
        // Kept in the table itself, but named as rejected: as good as a dead letter.
        let is_aside = |record: &Record| matches!(record, Record::Load { number, rejected: true, .. } if malformed.has(*number));
        let (listed, stored) = (&mut self.listed, &mut self.stored);
        let source = format!("{file} row");
        let at = (
            listed.source(&source),
            named.then(|| stored.source(&source)),
        );
        let mut row = 0;
        let mut rater = Rater::new(self.contract, self.due, file);
        let (held, columns) = (self.contract, self.columns);
        let bytes = (file, bytes.into());
        let read = self
            .format
            .read_held(bytes, columns, held, |record, shape| {
                let aside = is_aside(&record);
                take(listed, (at.0, row), &record, aside);
                if at.1.is_none() && mutant("T12") {
                    rater.take(stored, &record, shape, row);
                }
                if let Some(source) = at.1 {
                    if !aside || mutant("T3") {
                        rater.take(stored, &record, shape, row);
                    }
                    take(stored, (source, row), &record, aside);
                }
                row += 1;
            });
        if let Err(error) = read {
            let what = format!("`{file}` cannot be read after {row} rows: {error}");
            listed.note(what.clone());
            if named {
                self.unread(what);
            }
        }
    }

    /// A file that a correct reader needs and nobody can read: of its rows nothing is known.
    fn unread(&mut self, what: String) {
        self.stored.note(what);
        if let Some(quality) = &mut self.stored.quality
            && !mutant("T11")
        {
            quality.unread += 1;
        }
    }
}

fn take(stage: &mut Stage, place: (u32, u64), record: &Record, aside: bool) {
    match *record {
        Record::Canary(_) => {}
        Record::Illegible => stage.take_illegible(place),
        Record::Load { number, .. } if aside => stage.take_dead(number, place),
        Record::Load { number, intact, .. } => stage.take(number, place, intact),
    }
}

pub(super) async fn get(store: &dyn ObjectStore, path: &str) -> Result<Vec<u8>, String> {
    let at = Path::parse(path).map_err(|error| error.to_string())?;
    let answer = store.get(&at).await.map_err(|error| error.to_string())?;
    let bytes = answer.bytes().await.map_err(|error| error.to_string())?;
    Ok(bytes.to_vec())
}

async fn fetched(
    store: &dyn ObjectStore,
    file: String,
    named: bool,
) -> Result<(String, Vec<u8>, bool), String> {
    match get(store, &file).await {
        Ok(bytes) => Ok((file, bytes, named)),
        Err(why) => Err(format!("{file}: {why}")),
    }
}

pub(super) async fn names(store: &dyn ObjectStore, folder: &Path) -> Result<Vec<String>, String> {
    let listed: Result<Vec<_>, _> = store.list(Some(folder)).try_collect().await;
    let listed = listed.map_err(|error| error.to_string())?;
    let names = listed
        .iter()
        .filter_map(|object| object.location.filename());
    Ok(names.map(str::to_owned).collect())
}

/// The data files that the commit log names, in the order of their batches, by their keys in the bucket; none without such a log.
async fn named(store: &dyn ObjectStore) -> Result<Option<Vec<String>>, String> {
    let folder = format!("{TABLE}/_spark_metadata");
    let names = names(store, &Path::from(folder.as_str())).await?;
    if names.is_empty() {
        return Ok(None);
    }
    let mut files = Vec::new();
    for entry in table::log(names.iter().map(String::as_str))? {
        let text = get(store, &format!("{folder}/{}", entry.name)).await?;
        let listed = table::files(&String::from_utf8_lossy(&text));
        files.extend(listed.map_err(|why| format!("{folder}/{}: {why}", entry.name))?);
    }
    let key = |file: String| match file.split_once(&format!("{BUCKET}/")) {
        Some((_, key)) => key.to_owned(),
        None => file,
    };
    Ok(Some(files.into_iter().map(key).collect()))
}

/// Everything in the folder of a table that a naive reader would read: names that begin with `_` or `.` are hidden.
pub(super) async fn lying(
    store: &dyn ObjectStore,
    folder: &str,
) -> Result<Vec<String>, object_store::Error> {
    let folder = Path::from(folder);
    let listed: Vec<_> = store.list(Some(&folder)).try_collect().await?;
    // S3A marks a folder by an empty object whose name ends in a slash, which a path cannot show.
    let marks = |object: &ObjectMeta| {
        let name = object.location.filename().unwrap_or_default();
        object.size == 0 && !name.contains('.')
    };
    let files = listed.into_iter().filter(|object| !marks(object));
    let keys = files.map(|object| object.location.to_string());
    let hidden = |key: &String| key.split('/').any(|part| part.starts_with(['_', '.']));
    Ok(keys.filter(|key| !hidden(key)).collect())
}

#[cfg(test)]
mod tests {
    //! Tables as a test wants them, in a store in memory: each kind of harm is seen as what it is, and nothing else.
    use super::*;
    use crate::{pipeline::written::Table, transaction::Transaction};
    use model::units::Nanos;
    use object_store::{PutPayload, memory::InMemory};

    const SENT: u64 = 12;

    fn file(numbers: std::ops::Range<u64>) -> Vec<u8> {
        let rows: Vec<_> = numbers
            .map(|number| Transaction::drawn(7, 1, number, Nanos(number)))
            .collect();
        Table::file(&rows, None).to_vec()
    }

    fn log(files: &[&str]) -> Vec<u8> {
        let add = |file: &&str| {
            format!("\n{{\"path\":\"s3a://{BUCKET}/{TABLE}/{file}\",\"action\":\"add\"}}")
        };
        format!("v1{}", files.iter().map(add).collect::<String>()).into_bytes()
    }

    /// Three batches of four records each, and their commit log.
    fn table() -> Vec<(&'static str, Vec<u8>)> {
        vec![
            ("a.parquet", file(0..4)),
            ("b.parquet", file(4..8)),
            ("c.parquet", file(8..12)),
            ("_spark_metadata/0", log(&["a.parquet"])),
            ("_spark_metadata/1", log(&["b.parquet"])),
            ("_spark_metadata/2", log(&["c.parquet"])),
        ]
    }

    async fn read(objects: &[(&str, Vec<u8>)]) -> (Result<(), String>, Stage, Stage) {
        read_of(objects, &[], &[]).await
    }

    /// With files of the dead letters, of a load of which the records of these bits were sent malformed.
    async fn read_of(
        objects: &[(&str, Vec<u8>)],
        dead: &[Vec<u8>],
        malformed: &[u64],
    ) -> (Result<(), String>, Stage, Stage) {
        let store = InMemory::new();
        for (file, bytes) in dead.iter().enumerate() {
            let at = Path::from(format!("rejected/{file}.parquet"));
            let put = store.put(&at, PutPayload::from(bytes.clone())).await;
            put.expect("memory takes it");
        }
        for (name, bytes) in objects {
            let at = Path::from(format!("{TABLE}/{name}"));
            let put = store.put(&at, PutPayload::from(bytes.clone())).await;
            put.expect("memory takes it");
        }
        let mut read = Tables {
            listed: Stage::new(LISTED, 1, SENT).at_least_once(),
            stored: Stage::new(STORED, 1, SENT),
            format: Format::Parquet,
            columns: &Columns {
                id: "number".into(),
                checksum: true,
            },
            contract: &Contract::default(),
            due: &|_| None,
            malformed: &Bits::of(malformed.to_vec()),
            dead_letters: "rejected",
        };
        let done = read.fill(&store).await;
        (done, read.listed, read.stored)
    }

    /// Distinct records, and copies beyond the first.
    fn held(stage: &Stage) -> (u64, u64) {
        (stage.lanes[0].intact.count(), stage.lanes[0].extra)
    }

    #[tokio::test]
    async fn a_whole_table_is_the_same_to_both_readers() {
        let (done, listed, stored) = read(&table()).await;
        assert_eq!(
            (done, held(&listed), held(&stored)),
            (Ok(()), (12, 0), (12, 0))
        );
        assert!(stored.notes.is_empty());
        assert_eq!(stored.places(0, 5), [format!("{TABLE}/b.parquet row 1")]);
    }

    #[tokio::test]
    async fn files_of_a_killed_attempt_are_copies_to_a_naive_reader_only() {
        let mut table = table();
        table.push(("attempt.parquet", file(4..8)));
        let (done, listed, stored) = read(&table).await;
        assert_eq!(
            (done, held(&listed), held(&stored)),
            (Ok(()), (12, 4), (12, 0))
        );
    }

    #[tokio::test]
    async fn a_file_that_only_the_log_knows_is_a_loss_that_is_named() {
        let mut table = table();
        table.remove(1);
        let (done, listed, stored) = read(&table).await;
        assert_eq!(
            (done, held(&listed), held(&stored)),
            (Ok(()), (8, 0), (8, 0))
        );
        assert!(stored.notes[0].contains("b.parquet` is in the commit log and not in the store"));
    }

    #[tokio::test]
    async fn a_torn_file_and_a_foreign_object_are_named_and_the_rest_is_read() {
        let mut table = table();
        table[1].1.truncate(100);
        table.push(("notes.txt", b"hello".to_vec()));
        let (done, listed, stored) = read(&table).await;
        assert_eq!(
            (done, held(&listed), held(&stored)),
            (Ok(()), (8, 0), (8, 0))
        );
        assert!(
            stored.notes[0].contains("b.parquet` cannot be read"),
            "{:?}",
            stored.notes
        );
        assert!(
            listed.notes[1].contains("notes.txt` cannot be read"),
            "{:?}",
            listed.notes
        );
        assert_eq!(stored.notes.len(), 1);
    }

    #[tokio::test]
    async fn a_compacted_log_holds_all_before_it_and_a_gap_proves_nothing() {
        let mut table = table();
        let all = log(&["a.parquet", "b.parquet", "c.parquet"]);
        table[5] = ("_spark_metadata/2.compact", all);
        table.remove(3);
        let (done, _, stored) = read(&table).await;
        assert_eq!((done, held(&stored)), (Ok(()), (12, 0)));
        table.pop();
        let (done, ..) = read(&table).await;
        assert!(done.unwrap_err().contains("has 1 but not 0"));
    }

    #[tokio::test]
    async fn dead_letters_are_taken_and_a_torn_one_proves_nothing() {
        let mut table = table();
        table.retain(|(name, _)| *name != "b.parquet" && *name != "_spark_metadata/1");
        table[2] = ("_spark_metadata/0", log(&["a.parquet", "c.parquet"]));
        table.truncate(3);
        let (done, listed, stored) = read_of(&table, &[file(4..8)], &[]).await;
        let lane = &stored.lanes[0];
        assert_eq!(
            (done, held(&stored), lane.dead.count()),
            (Ok(()), (8, 0), 4)
        );
        assert_eq!(listed.lanes[0].dead.count(), 4);
        let torn = file(4..8)[..100].to_vec();
        let (done, ..) = read_of(&table, &[torn], &[]).await;
        assert!(done.unwrap_err().contains("rejected/0.parquet"));
    }

    #[tokio::test]
    async fn a_malformed_record_that_the_table_names_as_rejected_is_a_dead_letter() {
        let rows = [Transaction::drawn(7, 1, 3, Nanos(3))];
        let kept = Table::file(&rows, Some("no amount")).to_vec();
        let objects = [("a.parquet", kept)];
        let (_, _, stored) = read_of(&objects, &[], &[1 << 3]).await;
        assert_eq!((held(&stored).0, stored.lanes[0].dead.count()), (0, 1));
        let (_, _, stored) = read_of(&objects, &[], &[]).await;
        assert_eq!(
            (
                stored.lanes[0].damaged.count(),
                stored.lanes[0].dead.count()
            ),
            (1, 0)
        );
    }

    #[tokio::test]
    async fn rows_without_any_number_prove_nothing_and_one_is_damage() {
        let nameless = |number| Transaction {
            number: i64::MAX,
            ..Transaction::drawn(7, 1, number, Nanos(number))
        };
        let all: Vec<_> = (0..4).map(nameless).collect();
        let objects = [("a.parquet", Table::file(&all, None).to_vec())];
        let why = read(&objects).await.0.unwrap_err();
        assert!(
            why.contains("none of 4 rows") && why.contains("`number`"),
            "{why}"
        );
        let one = [Transaction::drawn(7, 1, 0, Nanos(0)), nameless(1)];
        let objects = [("a.parquet", Table::file(&one, None).to_vec())];
        let (done, listed, _) = read(&objects).await;
        assert_eq!((done, held(&listed), listed.illegible), (Ok(()), (1, 0), 1));
    }

    #[tokio::test]
    async fn without_a_log_every_file_counts() {
        let mut table = table();
        table.truncate(3);
        table.push(("again.parquet", file(0..2)));
        table.push(("folder", Vec::new()));
        let (done, listed, stored) = read(&table).await;
        assert_eq!(
            (done, held(&listed), held(&stored)),
            (Ok(()), (12, 2), (12, 2))
        );
        assert_eq!(stored.notes, ["no commit log: every file counts"]);
    }
}
