//! Reads every stage back to its known end, by fresh clients, and recomputes every checksum.
//!
//! The known end is the end of every partition in Kafka once the load is over. Until the job has committed that far, nothing that
//! is missing from the table is lost. In the order in which a record passes them: `log` (the topic), `planned` and `committed` (the
//! offsets of the checkpoint's newest batch, and of its newest committed one), `listed` (every data file of the table's folder: what
//! a naive reader sees, copies of killed attempts included), `stored` (the files that the commit log names: what a correct one does).
use super::{
    BUCKET, CHECKPOINT, TABLE, TOPIC, checkpoint,
    freshness::Progress,
    rows::{self, Record},
    table,
};
use crate::{
    bed::wait::until,
    kafka::{client, log},
    s3::{self, Place},
};
use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use model::{ledger::Stage, system::BedError};
use object_store::{ObjectStore as _, ObjectStoreExt as _, aws::AmazonS3, path::Path};
use std::{collections::BTreeSet, time::Duration};
use tokio::time::{Instant, timeout_at};

/// Files fetched ahead of the one being read: bounds memory, hides the way to the store.
const AHEAD: usize = 8;
/// Longest wait for one answer of the store.
const ANSWER: Duration = Duration::from_secs(30);

/// Where the oracle looks.
pub(super) struct Oracle<'a> {
    pub(super) brokers: &'a str,
    pub(super) partitions: u32,
    pub(super) place: &'a Place,
    pub(super) progress: &'a Progress,
    pub(super) sent: u64,
}

impl Oracle<'_> {
    /// Everything in every stage, within `limit`. What cannot be read, or not to its end, says so and is no error.
    ///
    /// # Errors
    /// A client that cannot be made.
    pub(super) async fn read(&self, limit: Duration) -> Result<Vec<Stage>, BedError> {
        let end = Instant::now() + limit;
        // A quarter is kept for reading what there is.
        let reached = self.end_reached(limit * 3 / 4).await;
        let reached = reached.map_err(|error| error.to_string());
        let store = s3::bucket(self.place, BUCKET, ANSWER)?;
        let left = end.saturating_duration_since(Instant::now());
        let log = log::read(self.brokers, TOPIC, self.partitions, self.sent, left / 2).await;
        let log = log.unwrap_or_else(|error| self.stage(log::LOG).unread(error.to_string()));
        let [planned, committed] = self.offsets(&store, &log, end).await;
        let [listed, stored] = self.tables(&store, &reached, end).await;
        Ok(vec![log, planned, committed, listed, stored])
    }

    fn stage(&self, name: &str) -> Stage {
        Stage::new(name, self.partitions, self.sent)
    }

    async fn end_reached(&self, limit: Duration) -> Result<(), BedError> {
        let end = Instant::now() + limit;
        let asked = || client::ends(self.brokers, TOPIC, self.partitions);
        let ends = until("the ends of the topic", limit, asked).await?;
        let left = end.saturating_duration_since(Instant::now());
        self.progress.reaches(&ends, left).await
    }

    /// What the checkpoint says was planned for a batch, and what is in a committed one.
    async fn offsets(&self, store: &AmazonS3, log: &Stage, end: Instant) -> [Stage; 2] {
        let before = |name: &str, ends: Result<Vec<i64>, String>| match ends {
            Ok(ends) => {
                let ends: Vec<u64> = ends.iter().map(|end| end.cast_unsigned()).collect();
                log.before(name, &ends)
            }
            Err(why) => self.stage(name).unread(why),
        };
        let newest = async {
            let folder = Path::from(format!("{CHECKPOINT}/offsets"));
            let newest =
                checkpoint::newest(names(store, &folder).await?.iter().map(String::as_str));
            let batch = newest.ok_or("no batch in the checkpoint")?;
            let text = get(store, &format!("{folder}/{batch}")).await?;
            checkpoint::ends(&String::from_utf8_lossy(&text), TOPIC)
        };
        let newest = timeout_at(end, newest).await.unwrap_or_else(late);
        let now = async { self.progress.now().await.map_err(|error| error.to_string()) };
        let now = timeout_at(end, now).await.unwrap_or_else(late);
        [
            before("planned", newest),
            before("committed", now.map(|now| now.ends)),
        ]
    }

    async fn tables(
        &self,
        store: &AmazonS3,
        reached: &Result<(), String>,
        end: Instant,
    ) -> [Stage; 2] {
        let whole = |stage: Stage| Stage {
            complete: reached.clone(),
            ..stage
        };
        let mut read = Tables {
            listed: whole(self.stage("listed").at_least_once()),
            stored: whole(self.stage("stored")),
        };
        let done = timeout_at(end, read.fill(store)).await.unwrap_or_else(late);
        let Err(why) = done else {
            return [read.listed, read.stored];
        };
        [read.listed, read.stored].map(|stage| stage.unread(format!("read the table back: {why}")))
    }
}

fn late<T>(_: tokio::time::error::Elapsed) -> Result<T, String> {
    Err("the time for it was over".into())
}

/// The table as the two kinds of readers see it.
struct Tables {
    listed: Stage,
    stored: Stage,
}

impl Tables {
    async fn fill(&mut self, store: &AmazonS3) -> Result<(), String> {
        let lying = lying(store).await?;
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
            self.stored.note(format!(
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
        Ok(())
    }

    fn take(&mut self, file: &str, bytes: Vec<u8>, named: bool) {
        let (listed, stored) = (&mut self.listed, &mut self.stored);
        let source = format!("{file} row");
        let at = (
            listed.source(&source),
            named.then(|| stored.source(&source)),
        );
        let mut row = 0;
        let read = rows::read(bytes::Bytes::from(bytes), |record| {
            take(listed, (at.0, row), &record);
            if let Some(source) = at.1 {
                take(stored, (source, row), &record);
            }
            row += 1;
        });
        if let Err(error) = read {
            let what = format!("`{file}` cannot be read after {row} rows: {error}");
            if named {
                stored.note(what.clone());
            }
            listed.note(what);
        }
    }
}

fn take(stage: &mut Stage, place: (u32, u64), record: &Record) {
    match *record {
        Record::Canary => {}
        Record::Illegible => stage.take_illegible(place),
        Record::Load { number, intact } => stage.take(number, place, intact),
    }
}

async fn get(store: &AmazonS3, path: &str) -> Result<Vec<u8>, String> {
    let at = Path::parse(path).map_err(|error| error.to_string())?;
    let answer = store.get(&at).await.map_err(|error| error.to_string())?;
    let bytes = answer.bytes().await.map_err(|error| error.to_string())?;
    Ok(bytes.to_vec())
}

async fn fetched(
    store: &AmazonS3,
    file: String,
    named: bool,
) -> Result<(String, Vec<u8>, bool), String> {
    match get(store, &file).await {
        Ok(bytes) => Ok((file, bytes, named)),
        Err(why) => Err(format!("{file}: {why}")),
    }
}

async fn names(store: &AmazonS3, folder: &Path) -> Result<Vec<String>, String> {
    let listed: Result<Vec<_>, _> = store.list(Some(folder)).try_collect().await;
    let listed = listed.map_err(|error| error.to_string())?;
    let names = listed
        .iter()
        .filter_map(|object| object.location.filename());
    Ok(names.map(str::to_owned).collect())
}

/// The data files that the commit log names, in the order of their batches, by their keys in the bucket; none without such a log.
async fn named(store: &AmazonS3) -> Result<Option<Vec<String>>, String> {
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

/// Everything in the folder of the table that a naive reader would read: names that begin with `_` or `.` are hidden.
async fn lying(store: &AmazonS3) -> Result<Vec<String>, String> {
    let listed: Result<Vec<_>, _> = store.list(Some(&Path::from(TABLE))).try_collect().await;
    let listed = listed.map_err(|error| error.to_string())?;
    let keys = listed.into_iter().map(|object| object.location.to_string());
    let hidden = |key: &String| key.split('/').any(|part| part.starts_with(['_', '.']));
    Ok(keys.filter(|key| !hidden(key)).collect())
}
