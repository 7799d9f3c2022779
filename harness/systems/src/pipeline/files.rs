//! The files of the table, read as two kinds of readers do: by a bare listing, and by the commit log.
use super::{
    TABLE,
    logs::{self, Log, Named, Values, values},
    mutants::mutant,
    rated::{Due, Rater},
    rows::{Columns, Contract, Format, Record, Shape},
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
    /// What could not be asked for, or a commit log that cannot be relied on; a file that is no Parquet, or not there, is a remark.
    pub(super) async fn fill(&mut self, store: &dyn ObjectStore) -> Result<(), String> {
        self.fill_dead(store).await?;
        let log = self.format.log();
        let named = logs::read(store, TABLE, log).await?;
        if named.is_none() && log.is_needed() {
            return Err(format!("no `{}`: nothing was committed", log.folder()));
        }
        if named.is_none() {
            self.stored
                .note("no commit log: every file counts".to_owned());
        }
        let files = self.found(store, TABLE, named).await?;
        let fetched = stream::iter(files).map(|file| fetched(store, file));
        let mut fetched = fetched.buffered(AHEAD);
        while let Some(one) = fetched.next().await {
            let (file, bytes) = one?;
            self.take(&file, bytes);
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
        let folder = self.dead_letters;
        if folder.is_empty() {
            return Ok(());
        }
        let named = logs::read(store, folder, self.format.log()).await?;
        for file in self.found(store, folder, named).await? {
            let bytes = get(store, &file.key).await?;
            self.take_dead(&file, bytes)?;
        }
        Ok(())
    }

    /// The files to read: those that the log names first and in its order; without one, all are as good as named.
    async fn found(
        &mut self,
        store: &dyn ObjectStore,
        folder: &str,
        named: Option<Log>,
    ) -> Result<Vec<File>, String> {
        let lying = lying(store, folder).await;
        let lying = lying.map_err(|error| error.to_string())?;
        let is_open = named.is_none();
        let Log { files, notes } = named.unwrap_or_default();
        notes.into_iter().for_each(|note| self.stored.note(note));
        let mut orphans: BTreeSet<String> = lying.iter().cloned().collect();
        let mut found = Vec::new();
        for Named { key, values } in files {
            if orphans.remove(&key) {
                found.push(File::new(key, values, true));
            } else {
                let what = format!("`{key}` is in the commit log and not in the store");
                match folder == TABLE {
                    true => self.unread(what),
                    false => self.stored.note(what),
                }
            }
        }
        let others = lying.into_iter().filter(|key| orphans.contains(key));
        found.extend(others.map(|key| {
            let values = values(folder, &key);
            File::new(key, values, is_open)
        }));
        Ok(found)
    }

    fn take_dead(&mut self, file: &File, bytes: Vec<u8>) -> Result<(), String> {
        let source = format!("{} row", file.key);
        let at = self.listed.source(&source);
        let named = file.is_named.then(|| self.stored.source(&source));
        let mut row = 0;
        let each = |record| {
            take(&mut self.listed, (at, row), &record, true);
            if let Some(at) = named {
                take(&mut self.stored, (at, row), &record, true);
            }
            row += 1;
        };
        let read = self
            .format
            .read(bytes.into(), self.columns, &file.values, each);
        read.map_err(|error| format!("`{}` cannot be read after {row} rows: {error}", file.key))
    }

    fn take(&mut self, file: &File, bytes: Vec<u8>) {
        let malformed = self.malformed;
        // Kept in the table itself, but named as rejected: as good as a dead letter.
        let is_aside = |record: &Record| matches!(record, Record::Load { number, rejected: true, .. } if malformed.has(*number));
        let (listed, stored) = (&mut self.listed, &mut self.stored);
        let source = format!("{} row", file.key);
        let at = (
            listed.source(&source),
            file.is_named.then(|| stored.source(&source)),
        );
        let mut row = 0;
        let mut rater = Rater::new(self.contract, self.due, &file.key);
        let told = (file.key.as_str(), &file.values);
        let held = (self.columns, self.contract);
        let each = |record: Record, shape: &Shape| {
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
        };
        let read = self.format.read_held(bytes.into(), told, held, each);
        if let Err(error) = read {
            let what = format!("`{}` cannot be read after {row} rows: {error}", file.key);
            listed.note(what.clone());
            if file.is_named {
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

/// A data file of a table.
struct File {
    key: String,
    /// Columns that are not in it.
    values: Values,
    /// Whether a correct reader reads it.
    is_named: bool,
}

impl File {
    const fn new(key: String, values: Values, is_named: bool) -> Self {
        Self {
            key,
            values,
            is_named,
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

async fn fetched(store: &dyn ObjectStore, file: File) -> Result<(File, Vec<u8>), String> {
    match get(store, &file.key).await {
        Ok(bytes) => Ok((file, bytes)),
        Err(why) => Err(format!("{}: {why}", file.key)),
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
    use crate::{
        pipeline::{
            BUCKET,
            written::{Lake, Table, file, held},
        },
        transaction::Transaction,
    };
    use model::units::Nanos;

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
        dead: &[(&str, Vec<u8>)],
        malformed: &[u64],
    ) -> (Result<(), String>, Stage, Stage) {
        let lake = Lake {
            format: Format::Parquet,
            dead,
            malformed,
        };
        lake.read(objects).await
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
        let (done, listed, stored) = read_of(&table, &[("0.parquet", file(4..8))], &[]).await;
        let lane = &stored.lanes[0];
        assert_eq!(
            (done, held(&stored), lane.dead.count()),
            (Ok(()), (8, 0), 4)
        );
        assert_eq!(listed.lanes[0].dead.count(), 4);
        let torn = file(4..8)[..100].to_vec();
        let (done, ..) = read_of(&table, &[("0.parquet", torn)], &[]).await;
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
