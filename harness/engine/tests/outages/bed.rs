//! A testbed that consists of relays: an operation of a probe is a byte through its relay and back.
use crate::relay::{Relay, ask};
use model::{
    BoxFuture,
    check::{NodeState, Seen},
    facts::Facts,
    guard::{Answer, GuardLost, GuardPort, Request},
    ids::NodeId,
    ledger::Stage,
    system::{Bed, BedError, BedNews, BedOrder, NodeLog, Outcome, Reply, Version},
    units::Nanos,
};
use std::{collections::BTreeMap, sync::Arc};

/// The relays by the name of their probe.
pub struct Relays(pub BTreeMap<&'static str, Arc<Relay>>);

fn reply(outcome: Outcome, class: &str) -> Reply {
    Reply {
        outcome,
        value: None,
        class: class.into(),
    }
}

fn nobody<T>(what: &str) -> BoxFuture<'static, Result<T, BedError>>
where
    T: Send + 'static,
{
    let error = BedError {
        what: what.into(),
        why: "relays have no nodes".into(),
    };
    Box::pin(std::future::ready(Err(error)))
}

impl Bed for Relays {
    fn up<'a>(
        &'a self,
        _: &'a BedOrder,
        _: &'a (dyn Fn(BedNews) + Send + Sync),
    ) -> BoxFuture<'a, Result<(), BedError>> {
        Box::pin(std::future::ready(Ok(())))
    }
    fn facts<'a>(&'a self, _: &'a NodeId) -> BoxFuture<'a, Result<Facts, BedError>> {
        nobody("find a node")
    }
    fn look<'a>(&'a self, _: &'a NodeId, _: NodeState) -> BoxFuture<'a, Result<Seen, BedError>> {
        nobody("look at a node")
    }
    fn operate<'a>(
        &'a self,
        probe: &'a str,
        _: u64,
        _: Nanos,
        deadline: Nanos,
    ) -> BoxFuture<'a, Reply> {
        let address = self.0.get(probe).map(|relay| relay.address);
        Box::pin(async move {
            let Some(address) = address else {
                return reply(Outcome::Fail, "no-relay");
            };
            match tokio::time::timeout(deadline.as_duration(), ask(address)).await {
                Ok(Ok(())) => reply(Outcome::Ok, ""),
                Ok(Err(_)) => reply(Outcome::Fail, "closed"),
                Err(_) => reply(Outcome::Info, "timeout"),
            }
        })
    }
    fn send(&self, _: u64, _: Nanos) -> BoxFuture<'_, Reply> {
        Box::pin(std::future::ready(reply(Outcome::Ok, "")))
    }
    fn read_back(&self, _: u64, _: Nanos) -> BoxFuture<'_, Result<Vec<Stage>, BedError>> {
        Box::pin(std::future::ready(Ok(Vec::new())))
    }
    fn watch(&self) -> BoxFuture<'_, BedNews> {
        Box::pin(std::future::pending())
    }
    fn logs(&self) -> BoxFuture<'_, Vec<NodeLog>> {
        Box::pin(std::future::ready(Vec::new()))
    }
    fn versions(&self) -> BoxFuture<'_, Vec<Version>> {
        Box::pin(std::future::ready(Vec::new()))
    }
}

/// A guard with nothing to guard: no fault is injected here, the relays have switches of their own.
pub struct Idle;

impl GuardPort for Idle {
    fn ask(&self, request: Request) -> BoxFuture<'_, Result<Answer, GuardLost>> {
        let answer = match request {
            Request::Own { .. } => Answer::Owned,
            Request::Close => Answer::Closed {
                leftovers: Vec::new(),
            },
            _ => Answer::Refused {
                why: "hurt anything: this guard is idle".into(),
            },
        };
        Box::pin(std::future::ready(Ok(answer)))
    }
}
