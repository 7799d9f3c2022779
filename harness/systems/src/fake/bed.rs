//! The live half of the fake testbed: probes that feel the world's faults, and a ledger with planted defects.
use super::{Shared, worker_role};
use model::{
    BoxFuture,
    check::{NodeState, Seen},
    facts::{Facts, Unit},
    ids::NodeId,
    ledger::Stage,
    system::{Bed, BedError, BedNews, BedOrder, NodeLog, Outcome, Reply, Version},
    units::Nanos,
};
use std::{
    collections::BTreeSet,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicBool, Ordering::Relaxed},
    },
};
use tokio::time::{Duration, sleep};

/// Defects that a run must find.
#[derive(Clone, Copy, Debug, Default)]
pub struct Planted {
    /// This record is not stored.
    pub lose: Option<u64>,
    /// This record is stored twice.
    pub double: Option<u64>,
    /// The baseline drifts: never steady.
    pub drift: bool,
    /// Nobody knows the nodes.
    pub nowhere: bool,
    /// Bring-up fails.
    pub stillborn: bool,
    /// The end of the output is never reached.
    pub endless: bool,
    /// The first container ends by itself so long after the load began.
    pub dies_after: Option<Duration>,
}

/// The fake testbed.
pub struct FakeBed {
    world: Shared,
    planted: Planted,
    sent: Mutex<BTreeSet<u64>>,
    died: AtomicBool,
}

/// Age of the newest output in a quiet time.
const AGE_S: f64 = 0.4;

impl FakeBed {
    /// A testbed on this world.
    pub fn new(world: Shared, planted: Planted) -> Self {
        Self {
            world,
            planted,
            sent: Mutex::new(BTreeSet::new()),
            died: AtomicBool::new(false),
        }
    }

    fn node(&self, node: &NodeId) -> Option<Facts> {
        self.world
            .now()
            .world
            .facts()
            .into_iter()
            .find(|facts| facts.node == *node && !self.planted.nowhere)
    }

    fn workers(&self) -> f64 {
        self.world
            .now()
            .world
            .facts()
            .iter()
            .filter(|facts| facts.unit == Unit::Process)
            .count() as f64
    }

    /// Whether the first container answers: not while it is frozen.
    fn answers(&self) -> bool {
        self.world
            .now()
            .world
            .containers
            .get("c0")
            .is_some_and(|one| one.runs() && !one.frozen)
    }

    fn reading(&self, probe: &str, intended: Nanos) -> f64 {
        match probe {
            "workers" => self.workers(),
            _ if self.planted.drift => intended.as_s(),
            _ => AGE_S + self.world.now().missing_s(),
        }
    }
}

impl Bed for FakeBed {
    fn up<'a>(
        &'a self,
        _: &'a BedOrder,
        say: &'a (dyn Fn(BedNews) + Send + Sync),
    ) -> BoxFuture<'a, Result<(), BedError>> {
        Box::pin(async move {
            sleep(Duration::from_secs(1)).await;
            for facts in self
                .world
                .now()
                .world
                .facts()
                .into_iter()
                .filter(|facts| facts.unit == Unit::Container)
            {
                say(BedNews::Started {
                    node: facts.node,
                    container: facts.container,
                    image: "model".into(),
                    address: facts.address,
                });
            }
            let failed = BedError {
                what: "start the fake".into(),
                why: "it was planted so".into(),
            };
            if self.planted.stillborn {
                Err(failed)
            } else {
                Ok(())
            }
        })
    }

    fn facts<'a>(&'a self, node: &'a NodeId) -> BoxFuture<'a, Result<Facts, BedError>> {
        let found = self.node(node).ok_or_else(|| BedError {
            what: format!("find node `{node}`"),
            why: "it is not there".into(),
        });
        Box::pin(std::future::ready(found))
    }

    fn ask<'a>(&'a self, question: &'a str) -> BoxFuture<'a, Result<Vec<NodeId>, BedError>> {
        let part = question.rsplit(' ').next().unwrap_or_default();
        let owner = NodeId(format!("c{part}"));
        let found = self.node(&owner).map(|facts| facts.node);
        Box::pin(std::future::ready(Ok(found.into_iter().collect())))
    }

    fn look<'a>(&'a self, _: &'a NodeId, is: NodeState) -> BoxFuture<'a, Result<Seen, BedError>> {
        let workers = self.workers();
        let held = match is {
            NodeState::Ready => self.answers(),
            NodeState::Count => workers >= 3.0,
        };
        Box::pin(std::future::ready(Ok(Seen {
            held,
            evidence: format!("{workers} of 3 {}", worker_role()),
        })))
    }

    fn operate<'a>(
        &'a self,
        probe: &'a str,
        _: u64,
        intended: Nanos,
        deadline: Nanos,
    ) -> BoxFuture<'a, Reply> {
        Box::pin(async move {
            if probe != "ping" {
                return Reply {
                    outcome: Outcome::Ok,
                    value: Some(self.reading(probe, intended)),
                    class: String::new(),
                };
            }
            sleep(Duration::from_millis(2)).await;
            if self.answers() {
                return Reply {
                    outcome: Outcome::Ok,
                    value: None,
                    class: String::new(),
                };
            }
            sleep(deadline.as_duration()).await;
            Reply {
                outcome: Outcome::Info,
                value: None,
                class: "timeout".into(),
            }
        })
    }

    fn send(&self, number: u64, _: Nanos) -> BoxFuture<'_, Reply> {
        Box::pin(async move {
            sleep(Duration::from_millis(1)).await;
            self.sent
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .insert(number);
            Reply {
                outcome: Outcome::Ok,
                value: None,
                class: String::new(),
            }
        })
    }

    fn read_back(&self, count: u64, _: Nanos) -> BoxFuture<'_, Result<Vec<Stage>, BedError>> {
        let sent = self
            .sent
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone();
        let mut stage = Stage::new("stored", 1, count);
        let source = stage.source("record");
        let kept = sent
            .into_iter()
            .filter(|number| self.planted.lose != Some(*number));
        for number in kept.chain(self.planted.double) {
            stage.take(number, (source, number), true);
        }
        if self.planted.endless {
            stage = stage.unread("the end was not reached");
        }
        Box::pin(std::future::ready(Ok(vec![stage])))
    }

    fn watch(&self) -> BoxFuture<'_, BedNews> {
        let dies = self
            .planted
            .dies_after
            .filter(|_| !self.died.swap(true, Relaxed));
        Box::pin(async move {
            let Some(after) = dies else {
                return std::future::pending().await;
            };
            sleep(after).await;
            self.world.now().world.end("c0");
            BedNews::Lost {
                node: NodeId::from("c0"),
                exit_code: Some(1),
            }
        })
    }

    fn logs(&self) -> BoxFuture<'_, Vec<NodeLog>> {
        Box::pin(std::future::ready(Vec::new()))
    }

    fn versions(&self) -> BoxFuture<'_, Vec<Version>> {
        Box::pin(std::future::ready(vec![Version {
            name: "fake".into(),
            value: "1".into(),
        }]))
    }
}
