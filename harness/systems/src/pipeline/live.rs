//! The pipeline while it runs: makes its topic and bucket, sends, tells how fresh the table is, reads it back.
use super::{
    BUCKET, Settings, TOPIC,
    follow::{Follow, Marks},
    oracle::Oracle,
    rows::{Columns, Contract, Format},
    sent::Sent,
};
use crate::{
    bed::{
        Call, Load, Say, Site,
        wait::{failed, until},
    },
    kafka::client::{self, Haste},
    malformed::Generator,
    s3::{self, Place},
    transaction::Transaction,
};
use model::{
    BoxFuture,
    ledger::{Rejects, Stage},
    system::{BedError, BedNews, Outcome, Reply},
    units::Nanos,
};
use rdkafka::producer::FutureProducer;
use std::time::Duration;

/// Gate: topic and bucket are there and every partition holds a canary.
pub(super) const INPUTS: &str = "inputs";
/// Longest wait for the systems below, and for each thing made in them.
const READY: Duration = Duration::from_secs(120);
/// Longest wait for the first commit after the inputs are there: driver, executors and all of their classes.
const FIRST_COMMIT: Duration = Duration::from_secs(180);
/// The producer gives up on a record after this; shorter than the engine's own limit, so that the fate is the producer's to tell.
const SEND_LIMIT: Duration = Duration::from_secs(55);

pub(super) struct Running {
    generator: Generator,
    partitions: u32,
    rejects: Rejects,
    dead_letters: String,
    format: Format,
    columns: Columns,
    contract: Contract,
    brokers: String,
    place: Place,
    producer: FutureProducer,
    sent: Sent,
    follow: Follow,
}

impl Running {
    pub(super) fn new(settings: &Settings, site: &Site) -> Result<Self, BedError> {
        let brokers = site.offer("kafka.outside")?.to_owned();
        let place = Place {
            at: site.offer("s3.outside")?.to_owned(),
            key: site.offer("s3.key")?.to_owned(),
            secret: site.offer("s3.secret")?.to_owned(),
        };
        Ok(Self {
            generator: settings.generator(site.seed),
            partitions: settings.partitions,
            rejects: settings.rejects(),
            dead_letters: settings.dead_letters.clone(),
            format: settings.format,
            columns: Columns::of(settings),
            contract: settings.contract(),
            producer: client::producer(&brokers, Haste::Tuned, SEND_LIMIT, 5)?,
            sent: Sent::new(settings.partitions),
            follow: Follow::new(settings, &place)?,
            brokers,
            place,
        })
    }

    async fn topic(&self, site: &Site) -> Result<(), BedError> {
        site.gates.passed(&["kafka"], READY).await?;
        let copies = (site.of_role("kafka-broker").len() as u32).min(3);
        let made = || client::make_topic(&self.brokers, TOPIC, self.partitions, copies);
        until("Kafka to make the topic of the workload", READY, made).await?;
        for partition in 0..self.partitions {
            let canary = Transaction::canary(partition).json();
            let sent =
                client::produce(&self.producer, TOPIC, partition.cast_signed(), &canary).await;
            sent.map_err(|error| failed(format!("send a canary to partition {partition}"), error))?;
        }
        Ok(())
    }

    async fn bucket(&self, site: &Site) -> Result<(), BedError> {
        site.gates.passed(&["minio"], READY).await?;
        until("MinIO to make the bucket of the workload", READY, || {
            s3::make_bucket(&self.place, BUCKET)
        })
        .await
    }

    async fn come_up(&self, site: &Site, say: Say<'_>) -> Result<(), BedError> {
        futures_util::future::try_join(self.topic(site), self.bucket(site)).await?;
        site.gates.open(INPUTS);
        say(BedNews::Waiting {
            what: "first committed batch; topic, bucket and canaries are there".into(),
        });
        let canaries = vec![1; self.partitions as usize];
        self.follow
            .reaches(&canaries, &self.marks(false), FIRST_COMMIT)
            .await
    }

    const fn marks(&self, after: bool) -> Marks<'_> {
        Marks {
            producer: &self.producer,
            partitions: self.partitions,
            after,
        }
    }

    async fn age(&self, call: Call<'_>) -> Reply {
        let refused = |class: String| Reply {
            outcome: Outcome::Fail,
            value: None,
            class,
        };
        let asked = self.follow.oldest_due(&self.sent);
        let oldest = match tokio::time::timeout(call.limit, asked).await {
            Ok(Ok(oldest)) => oldest,
            Ok(Err(error)) => return refused(s3::class(&error).into()),
            Err(_) => return refused("timeout".into()),
        };
        match oldest {
            Some(due) => Reply {
                outcome: Outcome::Ok,
                value: Some(call.intended.since(Nanos(due)).as_s()),
                class: String::new(),
            },
            None => Reply {
                outcome: Outcome::Info,
                value: None,
                class: "nothing-sent".into(),
            },
        }
    }

    async fn put(&self, number: u64, intended: Nanos) -> Reply {
        let partition = (number % u64::from(self.partitions)) as u32;
        let record = self.generator.bytes_of(number, intended);
        self.sent.sends(number, partition, intended.0);
        match client::produce(&self.producer, TOPIC, partition.cast_signed(), &record).await {
            Ok(delivery) => {
                self.sent.acked(number, partition, delivery.offset);
                Reply {
                    outcome: Outcome::Ok,
                    value: None,
                    class: String::new(),
                }
            }
            Err(error) => client::outcome(&error),
        }
    }
}

impl Load for Running {
    fn ready<'a>(&'a self, site: &'a Site, say: Say<'a>) -> BoxFuture<'a, Result<(), BedError>> {
        Box::pin(self.come_up(site, say))
    }

    fn operate<'a>(&'a self, call: Call<'a>) -> BoxFuture<'a, Reply> {
        Box::pin(self.age(call))
    }

    fn send(&self, number: u64, intended: Nanos) -> BoxFuture<'_, Reply> {
        Box::pin(self.put(number, intended))
    }

    fn read_back(&self, sent: u64, limit: Duration) -> BoxFuture<'_, Result<Vec<Stage>, BedError>> {
        Box::pin(async move {
            let oracle = Oracle {
                brokers: &self.brokers,
                generator: self.generator,
                malformed: self.generator.malformed(sent),
                rejects: self.rejects,
                dead_letters: &self.dead_letters,
                place: &self.place,
                follow: &self.follow,
                marks: self.marks(true),
                sent,
                sends: &self.sent,
                format: self.format,
                columns: &self.columns,
                contract: &self.contract,
            };
            oracle.read(limit).await
        })
    }
}
