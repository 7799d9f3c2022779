//! Kafka while it runs: ready when every published port names every broker and a produce was acknowledged.
use super::LOG_DRIVE;
use super::{
    INSIDE, OUTSIDE, Profile, Settings, broker,
    client::{self, Haste},
    question, truth,
};
use crate::bed::{
    Call, Live, Mark, Recipe, Say, Site,
    wait::{failed, until},
};
use model::{
    BoxFuture,
    check::{NodeState, Seen},
    ids::{NodeId, Role},
    system::{BedError, BedNews, Outcome, Reply, Version},
};
use rdkafka::producer::FutureProducer;
use std::time::Duration;

/// The probe of every cluster, and the one of a cluster that has copies.
pub(super) const PRODUCE: &str = "produce";
pub(super) const IN_SYNC: &str = "in-sync";
/// Topic of the probe and of readiness, one partition.
const TOPIC: &str = "probe";
/// Start to first produce took 4 to 6 CPU-seconds; a busy machine is not a broken one.
const READY: Duration = Duration::from_secs(120);
/// The probe's client goes on with a record after its operation gave up: one that it gives up itself costs a new epoch, and that time
/// would be the client's, not the cluster's.
const PATIENCE: Duration = Duration::from_secs(60);
/// 22 characters of url-safe base64; one cluster per network, so it need not differ from run to run.
const CLUSTER: &str = "YnJpbmVsbC10ZXN0YmVkLg";

pub(super) struct Running {
    at: String,
    /// Published port of each broker, in the order of their ids.
    each: Vec<String>,
    brokers: u32,
    profile: Profile,
    min_isr: u32,
    log_drive: bool,
    probe: FutureProducer,
    asking: FutureProducer,
}

impl Running {
    pub(super) fn new(settings: &Settings, site: &Site) -> Result<Self, BedError> {
        let at = site.offer("kafka.outside")?.to_owned();
        let each = (1..=settings.brokers).map(|id| site.outside(&broker(id), OUTSIDE));
        let producer = |limit| client::producer(&at, Haste::Tuned, limit, 0);
        Ok(Self {
            each: each.collect::<Result<_, BedError>>()?,
            brokers: settings.brokers,
            profile: settings.profile,
            min_isr: settings.min_isr(),
            log_drive: settings.log_drive,
            probe: producer(PATIENCE)?,
            asking: producer(client::QUESTION)?,
            at,
        })
    }

    async fn named(&self) -> Result<(), String> {
        truth::view(&self.each).await.complete()
    }

    async fn produced(&self) -> Result<(), String> {
        let sent = client::produce(&self.asking, TOPIC, 0, &[0; 64]).await;
        sent.map(drop).map_err(|error| error.to_string())
    }

    async fn come_up(&self, site: &Site, say: Say<'_>) -> Result<(), BedError> {
        until("Kafka to name its brokers", READY, || self.named()).await?;
        let made = || client::make_topic(&self.at, TOPIC, 1, self.brokers.min(3));
        until("Kafka to make a topic", READY, made).await?;
        until("Kafka to acknowledge a record", READY, || self.produced()).await?;
        for node in site.of_role("kafka-broker") {
            say(BedNews::Ready {
                node: node.into(),
                probe: "metadata and an acknowledged produce".into(),
            });
        }
        site.gates.open("kafka");
        Ok(())
    }

    fn recipe(&self, site: &Site, number: usize, node: &str) -> Result<Recipe, BedError> {
        let (address, outside) = (site.address(node)?, site.outside(node, OUTSIDE)?);
        let voters = site.of_role("kafka-broker").into_iter().zip(1..);
        let voters = voters.map(|(node, id)| Ok(format!("{id}@{}:9093", site.address(node)?)));
        let voters: Vec<String> = voters.collect::<Result<_, BedError>>()?;
        let profile = match self.profile {
            Profile::Stock => "stock",
            Profile::Fast => "fast",
        };
        let data = self.log_drive.then(|| ("KAFKA_DATA", LOG_DRIVE.to_owned()));
        Ok(Recipe {
            node: node.to_owned(),
            env: vec![
                ("KAFKA_NODE_ID", number.to_string()),
                ("KAFKA_CLUSTER_ID", CLUSTER.into()),
                ("KAFKA_VOTERS", voters.join(",")),
                (
                    "KAFKA_ADVERTISED",
                    format!("INTERNAL://{address}:{INSIDE},EXTERNAL://{outside}"),
                ),
                ("KAFKA_PROFILE", profile.into()),
                // The start script writes a default of its own; of two lines with one key the last one holds.
                (
                    "KAFKA_PROPERTIES",
                    format!("min.insync.replicas={}", self.min_isr),
                ),
            ]
            .into_iter()
            .chain(data)
            .collect(),
            ..Recipe::default()
        })
    }

    async fn in_sync(&self, limit: Duration) -> Reply {
        let failed = |class: &str| Reply {
            outcome: Outcome::Fail,
            value: None,
            class: class.into(),
        };
        match tokio::time::timeout(limit, truth::view(&self.each)).await {
            Ok(view) if view.answers.iter().all(Result::is_err) => failed("no-answer"),
            Ok(view) => Reply {
                outcome: Outcome::Ok,
                value: Some(view.redundancy() as f64),
                class: String::new(),
            },
            Err(_) => failed("timeout"),
        }
    }

    /// Whether a broker takes part again, and a record is acknowledged.
    async fn works(&self, site: &Site, node: &NodeId) -> Result<String, String> {
        let brokers = site.of_role("kafka-broker").into_iter().zip(1..);
        let id = brokers.into_iter().find(|(name, _)| *name == node.as_str());
        let (_, id) = id.ok_or_else(|| format!("`{node}` is no broker"))?;
        truth::view(&self.each).await.takes_part(id)?;
        self.produced().await?;
        Ok(format!(
            "every broker that answers counts {node} in, a record was acknowledged"
        ))
    }

    async fn produce(&self, call: Call<'_>) -> Reply {
        let mut record = [0; 64];
        record[..8].copy_from_slice(&call.number.to_le_bytes());
        let sent =
            tokio::time::timeout(call.limit, client::produce(&self.probe, TOPIC, 0, &record));
        match sent.await {
            Ok(Ok(_)) => Reply {
                outcome: Outcome::Ok,
                value: None,
                class: String::new(),
            },
            Ok(Err(error)) => client::outcome(&error),
            Err(_) => Reply {
                outcome: Outcome::Info,
                value: None,
                class: "timeout".into(),
            },
        }
    }
}

impl Live for Running {
    fn recipes(&self, site: &Site) -> Result<Vec<Recipe>, BedError> {
        let brokers = site.of_role("kafka-broker").into_iter().zip(1..);
        brokers
            .map(|(node, number)| self.recipe(site, number, node))
            .collect()
    }

    fn ready<'a>(&'a self, site: &'a Site, say: Say<'a>) -> BoxFuture<'a, Result<(), BedError>> {
        Box::pin(self.come_up(site, say))
    }

    fn mark(&self, _: &Role) -> Mark {
        Mark {
            command: "kafka.Kafka",
            revived: false,
        }
    }

    fn look<'a>(
        &'a self,
        site: &'a Site,
        node: &'a NodeId,
        _: NodeState,
    ) -> BoxFuture<'a, Result<Seen, BedError>> {
        Box::pin(async move {
            let asked = tokio::time::timeout(client::QUESTION, self.works(site, node)).await;
            let asked = asked.unwrap_or_else(|_| Err("no ack within 5 s".into()));
            Ok(Seen {
                held: asked.is_ok(),
                evidence: asked.unwrap_or_else(|why| why),
            })
        })
    }

    fn ask<'a>(
        &'a self,
        _: &'a Site,
        asked: &'a str,
    ) -> BoxFuture<'a, Result<Vec<NodeId>, BedError>> {
        Box::pin(async move {
            let view = truth::view(&self.each).await;
            question::answer(asked, &view).map_err(|why| failed(format!("ask `{asked}`"), why))
        })
    }

    fn operate<'a>(&'a self, call: Call<'a>) -> BoxFuture<'a, Reply> {
        Box::pin(async move {
            if call.probe == IN_SYNC {
                self.in_sync(call.limit).await
            } else {
                self.produce(call).await
            }
        })
    }

    fn versions(&self) -> BoxFuture<'_, Vec<Version>> {
        let client = rdkafka::util::get_rdkafka_version().1;
        Box::pin(async move {
            vec![Version {
                name: "librdkafka".into(),
                value: client,
            }]
        })
    }
}
