//! How far the job is, by its checkpoint on the store or by what has arrived in its table, and the marks that prove an end.
//!
//! Where there is no checkpoint to compare with Kafka, marks of ours go through the topic: one that arrives has pushed everything
//! before it through. They are sent again until one of each partition is there, since a job may begin at the end of the topic.
use super::{Settings, TOPIC, arrived::Arrived, freshness::Progress, rows::Columns, sent::Sent};
use crate::{bed::wait::until, kafka::client, s3::Place, transaction::Transaction};
use model::system::BedError;
use object_store::Error;
use rdkafka::producer::FutureProducer;
use serde::{Deserialize, Serialize};
use std::time::Duration;
use tokio::time::Instant;

/// What is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum By {
    /// `commits/` and `offsets/` of the checkpoint on the store.
    Checkpoint,
    /// The files of the table.
    Table,
}

/// Between two marks to the same partition.
const AGAIN: Duration = Duration::from_secs(2);

/// Follows the job.
pub(super) enum Follow {
    Checkpoint(Progress),
    Table(Arrived),
}

/// Where marks go.
pub(super) struct Marks<'a> {
    pub(super) producer: &'a FutureProducer,
    pub(super) partitions: u32,
    /// Whether the load is over.
    pub(super) after: bool,
}

impl Follow {
    pub(super) fn new(settings: &Settings, place: &Place) -> Result<Self, BedError> {
        let columns = Columns::of(settings);
        Ok(match settings.follow {
            By::Checkpoint => Self::Checkpoint(Progress::new(place)?),
            By::Table => Self::Table(Arrived::new(
                place,
                settings.partitions,
                settings.format,
                columns,
            )?),
        })
    }

    /// Due instant of the newest record that is in, of the partition that is furthest behind; none before anything was sent.
    ///
    /// # Errors
    /// The store's refusal.
    pub(super) async fn oldest_due(&self, sent: &Sent) -> Result<Option<u64>, Error> {
        Ok(match self {
            Self::Checkpoint(progress) => sent.oldest_due(&progress.now().await?.ends),
            Self::Table(arrived) => sent.oldest_of(&arrived.now().await?.records),
        })
    }

    /// Waits until everything up to these offsets is in; where there is no checkpoint, until marks sent now are.
    ///
    /// # Errors
    /// How far it came by the deadline.
    pub(super) async fn reaches(
        &self,
        ends: &[i64],
        marks: &Marks<'_>,
        limit: Duration,
    ) -> Result<(), BedError> {
        match self {
            Self::Checkpoint(progress) => progress.reaches(ends, limit).await,
            Self::Table(arrived) => marks.through(arrived, limit).await,
        }
    }
}

impl Marks<'_> {
    /// After the load twice: what a job writes beside its table for the batch of the first marks (dead letters) may come after them,
    /// and is there once a later batch is.
    async fn through(&self, arrived: &Arrived, limit: Duration) -> Result<(), BedError> {
        let end = Instant::now() + limit;
        let turns = if self.after { 1..=2 } else { 0..=0 };
        for turn in turns {
            let left = end.saturating_duration_since(Instant::now());
            self.arrive(arrived, turn, left).await?;
        }
        Ok(())
    }

    async fn arrive(&self, arrived: &Arrived, turn: u32, limit: Duration) -> Result<(), BedError> {
        let mut next = Instant::now();
        let question = || {
            let due = Instant::now() >= next;
            if due {
                next = Instant::now() + AGAIN;
            }
            self.there(arrived, turn, due)
        };
        until("marks of ours to arrive in the table", limit, question).await
    }

    /// Whether a mark of each partition is there; sends them first where that is `due`.
    async fn there(&self, arrived: &Arrived, turn: u32, due: bool) -> Result<(), String> {
        if due {
            self.send(turn).await?;
        }
        let now = arrived.now().await.map_err(|error| error.to_string())?;
        let is_missing = |partition: &u32| !now.marks.contains(&(turn, *partition));
        let missing: Vec<u32> = (0..self.partitions).filter(is_missing).collect();
        if missing.is_empty() {
            return Ok(());
        }
        Err(format!(
            "no mark of ours in the table from partitions {missing:?}"
        ))
    }

    async fn send(&self, turn: u32) -> Result<(), String> {
        for partition in 0..self.partitions {
            let record = Transaction::marking(partition, turn).json();
            let sent = client::produce(self.producer, TOPIC, partition.cast_signed(), &record);
            sent.await.map_err(|error| error.to_string())?;
        }
        Ok(())
    }
}
