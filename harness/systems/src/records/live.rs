//! The writers while they run: one producer for the load, one for the probe, and a reader that starts afresh when both are done.
use super::{Settings, TOPIC};
use crate::{
    bed::{Call, Load, Say, Site, wait::until},
    kafka::{client, log},
    transaction::Transaction,
};
use model::{
    BoxFuture,
    ledger::Stage,
    system::{BedError, BedNews, Outcome, Reply},
    units::Nanos,
};
use rdkafka::producer::FutureProducer;
use std::time::Duration;

/// Longest wait for Kafka, and for each thing made in it.
const READY: Duration = Duration::from_secs(120);
/// The producer gives up on a record after this; shorter than the engine's own limit, so that the fate is the producer's to tell.
const SEND_LIMIT: Duration = Duration::from_secs(55);
/// The partition of the probe.
const PROBED: u32 = 0;

pub(super) struct Running {
    seed: u64,
    partitions: u32,
    brokers: String,
    load: FutureProducer,
    probe: FutureProducer,
}

impl Running {
    pub(super) fn new(settings: &Settings, site: &Site) -> Result<Self, BedError> {
        let brokers = site.offer("kafka.outside")?.to_owned();
        Ok(Self {
            seed: site.seed,
            partitions: settings.partitions,
            load: client::producer(&brokers, settings.client, SEND_LIMIT, 5)?,
            probe: client::producer(&brokers, settings.client, SEND_LIMIT, 0)?,
            brokers,
        })
    }

    async fn come_up(&self, site: &Site, say: Say<'_>) -> Result<(), BedError> {
        site.gates.passed(&["kafka"], READY).await?;
        say(BedNews::Waiting {
            what: "the topic of the workload and an acknowledged record in each of its partitions"
                .into(),
        });
        let copies = site.of_role("kafka-broker").len() as u32;
        let made = || client::make_topic(&self.brokers, TOPIC, self.partitions, copies);
        until("Kafka to make the topic of the workload", READY, made).await?;
        for partition in 0..self.partitions {
            let canary = || async { self.canary(&self.load, partition).await };
            let what = format!("a record in partition {partition}");
            let acked = until(&what, READY, || async {
                canary().await.map_err(|error| error.to_string())
            });
            acked.await?;
        }
        Ok(())
    }

    async fn canary(
        &self,
        by: &FutureProducer,
        partition: u32,
    ) -> Result<(), rdkafka::error::KafkaError> {
        let record = Transaction::canary(partition).json();
        let sent = client::produce(by, TOPIC, partition.cast_signed(), &record).await;
        sent.map(drop)
    }

    async fn append(&self, call: Call<'_>) -> Reply {
        match tokio::time::timeout(call.limit, self.canary(&self.probe, PROBED)).await {
            Ok(Ok(())) => acknowledged(),
            Ok(Err(error)) => client::outcome(&error),
            Err(_) => Reply {
                outcome: Outcome::Info,
                value: None,
                class: "timeout".into(),
            },
        }
    }

    async fn put(&self, number: u64, intended: Nanos) -> Reply {
        let record = Transaction::drawn(self.seed, self.partitions, number, intended);
        let partition = record.partition.cast_signed();
        let sent = client::produce(&self.load, TOPIC, partition, &record.json()).await;
        sent.map_or_else(|error| client::outcome(&error), |_| acknowledged())
    }
}

fn acknowledged() -> Reply {
    Reply {
        outcome: Outcome::Ok,
        value: None,
        class: String::new(),
    }
}

impl Load for Running {
    fn ready<'a>(&'a self, site: &'a Site, say: Say<'a>) -> BoxFuture<'a, Result<(), BedError>> {
        Box::pin(self.come_up(site, say))
    }

    fn operate<'a>(&'a self, call: Call<'a>) -> BoxFuture<'a, Reply> {
        Box::pin(self.append(call))
    }

    fn send(&self, number: u64, intended: Nanos) -> BoxFuture<'_, Reply> {
        Box::pin(self.put(number, intended))
    }

    fn read_back(&self, sent: u64, limit: Duration) -> BoxFuture<'_, Result<Vec<Stage>, BedError>> {
        let read = log::read(&self.brokers, TOPIC, self.partitions, sent, limit);
        Box::pin(async move { Ok(vec![read.await?]) })
    }
}
