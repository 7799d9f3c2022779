//! Kafka while it runs: ready when the published port names every broker and a produce was acknowledged.
use super::{INSIDE, OUTSIDE, Profile, Settings, client};
use crate::bed::{Call, Live, Mark, Recipe, Say, Site, wait::until};
use model::{
    BoxFuture,
    check::{NodeState, Seen},
    ids::{NodeId, Role},
    system::{BedError, BedNews, Outcome, Reply, Version},
};
use rdkafka::producer::FutureProducer;
use std::time::Duration;

/// Topic of the probe and of readiness, one partition.
const TOPIC: &str = "probe";
/// Start to first produce took 4 to 6 CPU-seconds; a busy machine is not a broken one.
const READY: Duration = Duration::from_secs(120);
/// 22 characters of url-safe base64; one cluster per network, so it need not differ from run to run.
const CLUSTER: &str = "YnJpbmVsbC10ZXN0YmVkLg";

pub(super) struct Running {
    at: String,
    brokers: u32,
    profile: Profile,
    probe: FutureProducer,
    asking: FutureProducer,
}

impl Running {
    pub(super) fn new(settings: &Settings, site: &Site) -> Result<Self, BedError> {
        let at = site.offer("kafka.outside")?.to_owned();
        Ok(Self {
            probe: client::producer(&at, client::QUESTION, 0)?,
            asking: client::producer(&at, client::QUESTION, 0)?,
            brokers: settings.brokers,
            profile: settings.profile,
            at,
        })
    }

    async fn named(&self) -> Result<(), String> {
        let named = client::brokers(&self.asking).await?;
        let all = named == self.brokers as usize;
        if all {
            Ok(())
        } else {
            Err(format!("{named} of {} brokers named", self.brokers))
        }
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
            ],
            ..Recipe::default()
        })
    }

    async fn operation(&self, call: Call<'_>) -> Reply {
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
        _: &'a Site,
        _: &'a NodeId,
        _: NodeState,
    ) -> BoxFuture<'a, Result<Seen, BedError>> {
        Box::pin(async move {
            let asked = tokio::time::timeout(client::QUESTION, self.produced()).await;
            let asked = asked.unwrap_or_else(|_| Err("no ack within 5 s".into()));
            let evidence = asked
                .as_ref()
                .map_or_else(Clone::clone, |()| "a record was acknowledged".into());
            Ok(Seen {
                held: asked.is_ok(),
                evidence,
            })
        })
    }

    fn operate<'a>(&'a self, call: Call<'a>) -> BoxFuture<'a, Reply> {
        Box::pin(self.operation(call))
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
