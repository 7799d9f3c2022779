//! Reads every stage back to its known end, by fresh clients, and recomputes every checksum.
//!
//! The known end is the end of every partition in Kafka once the load is over. Until the job has committed that far, nothing that
//! is missing from the table is lost. In the order in which a record passes them: `log` (the topic), `planned` and `committed` (the
//! offsets of the checkpoint's newest batch, and of its newest committed one), `listed` (every data file of the table's folder: what
//! a naive reader sees, copies of killed attempts included), `stored` (the files that the commit log names: what a correct one does).
//! A job that keeps no checkpoint on the store has no `planned` and no `committed`; its end is known by marks sent after the load.
use super::{
    BUCKET, CHECKPOINT, TOPIC, checkpoint,
    files::{LISTED, STORED, Tables, get, names},
    follow::{Follow, Marks},
    freshness::Progress,
    rows::{Columns, Contract, Format},
    sent::Sent,
};
use crate::{
    bed::wait::until,
    kafka::{client, log},
    malformed::Generator,
    s3::{self, Place},
};
use model::{
    ledger::{Bits, Rejects, Stage},
    system::BedError,
    units::Nanos,
};
use object_store::{ObjectStore, path::Path};
use std::time::Duration;
use tokio::time::{Instant, timeout_at};

/// Longest wait for one answer of the store.
const ANSWER: Duration = Duration::from_secs(30);

/// Where the oracle looks.
pub(super) struct Oracle<'a> {
    pub(super) brokers: &'a str,
    pub(super) generator: Generator,
    /// Which of the records it sent malformed, by number.
    pub(super) malformed: Bits,
    pub(super) rejects: Rejects,
    pub(super) dead_letters: &'a str,
    pub(super) place: &'a Place,
    pub(super) follow: &'a Follow,
    pub(super) marks: Marks<'a>,
    pub(super) sent: u64,
    /// When each of them was due.
    pub(super) sends: &'a Sent,
    pub(super) format: Format,
    pub(super) columns: &'a Columns,
    pub(super) contract: &'a Contract,
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
        let log = log::read_of(self.brokers, TOPIC, self.generator, self.sent, left / 2).await;
        let log = log.unwrap_or_else(|error| self.stage(log::LOG).unread(error.to_string()));
        let mut stages = match self.follow {
            Follow::Checkpoint(progress) => self.offsets(&store, progress, &log, end).await.into(),
            Follow::Table(_) => Vec::new(),
        };
        stages.insert(0, log);
        stages.extend(self.tables(&store, &reached, end).await);
        Ok(stages)
    }

    fn stage(&self, name: &str) -> Stage {
        Stage::new(name, self.generator.partitions, self.sent).sent_malformed(&self.malformed)
    }

    async fn end_reached(&self, limit: Duration) -> Result<(), BedError> {
        let end = Instant::now() + limit;
        let asked = || client::ends(self.brokers, TOPIC, self.generator.partitions);
        let ends = until("the ends of the topic", limit, asked).await?;
        let left = end.saturating_duration_since(Instant::now());
        self.follow.reaches(&ends, &self.marks, left).await
    }

    /// What the checkpoint says was planned for a batch, and what is in a committed one.
    async fn offsets(
        &self,
        store: &dyn ObjectStore,
        progress: &Progress,
        log: &Stage,
        end: Instant,
    ) -> [Stage; 2] {
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
        let now = async { progress.now().await.map_err(|error| error.to_string()) };
        let now = timeout_at(end, now).await.unwrap_or_else(late);
        [
            before("planned", newest),
            before("committed", now.map(|now| now.ends)),
        ]
    }

    async fn tables(
        &self,
        store: &dyn ObjectStore,
        reached: &Result<(), String>,
        end: Instant,
    ) -> [Stage; 2] {
        let whole = |stage: Stage| Stage {
            complete: reached.clone(),
            ..stage.validated(self.rejects)
        };
        let due = |number| self.sends.due(number).map(Nanos);
        let stored = self.stage(STORED).rated(self.contract.unrated());
        let mut read = Tables {
            listed: whole(self.stage(LISTED).at_least_once()),
            stored: whole(stored),
            format: self.format,
            columns: self.columns,
            contract: self.contract,
            due: &due,
            malformed: &self.malformed,
            dead_letters: self.dead_letters,
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
