//! The open-loop schedules: every operation has its intended start before the run, and a late one never shifts the next.
use super::Order;
use crate::samples::{LOAD, Recorder, Times};
use model::{
    seed::Arrivals,
    system::{Bed, Outcome, ProbeSpec, Reply},
    units::Nanos,
};
use std::{sync::Arc, time::Duration};
use tokio::{sync::watch, task::JoinSet};

/// What a schedule works with.
#[derive(Clone)]
pub(super) struct Pacer {
    pub(super) order: Arc<Order>,
    pub(super) bed: Arc<dyn Bed>,
    pub(super) recorder: Arc<Recorder>,
    pub(super) quiet: watch::Receiver<bool>,
}

/// Most operations of one probe in flight: its deadline over its period is far below.
const PROBE_FLIGHT: usize = 10_000;
/// Most records of the load in flight: a minute's outage at 1000/s. Beyond it a record counts as lost by us, not by the system.
const LOAD_FLIGHT: usize = 60_000;
/// What an operation gets beyond its own deadline before we end it: only a client that ignores its deadline needs it.
const GRACE: Duration = Duration::from_millis(500);
/// Longest wait for a record's outcome: librdkafka's own delivery deadline lies below.
const SEND_LIMIT: Duration = Duration::from_secs(60);

impl Pacer {
    /// Sleeps until the instant; false once the load is to stop.
    async fn wait(&mut self, at: Nanos) -> bool {
        let clock = self.order.clock;
        tokio::select! { biased;
            _ = self.quiet.wait_for(|quiet| *quiet) => false,
            () = clock.until(at) => true,
        }
    }
}

/// Runs a probe until the load stops, then lets what is in flight end.
pub(super) async fn probe(mut pacer: Pacer, spec: ProbeSpec, start: Nanos) {
    let mut flight = JoinSet::new();
    let spec = Arc::new(spec);
    for number in 0_u64.. {
        let intended = Nanos(start.0 + number * spec.period_ns.0);
        if !pacer.wait(intended).await {
            break;
        }
        while flight.try_join_next().is_some() {}
        if flight.len() >= PROBE_FLIGHT {
            pacer.recorder.lost(&spec.name);
            continue;
        }
        flight.spawn(operate(pacer.clone(), spec.clone(), number, intended));
    }
    while flight.join_next().await.is_some() {}
}

async fn operate(pacer: Pacer, spec: Arc<ProbeSpec>, number: u64, intended: Nanos) {
    let clock = pacer.order.clock;
    let sent = clock.now();
    let operation = pacer
        .bed
        .operate(&spec.name, number, intended, spec.deadline_ns);
    let answer = tokio::time::timeout(spec.deadline_ns.as_duration() + GRACE, operation).await;
    let (reply, ended) = ended(answer.ok(), clock.now());
    pacer.recorder.record(
        &spec.name,
        number,
        Times {
            intended,
            sent,
            ended,
        },
        &reply,
    );
}

fn ended(reply: Option<Reply>, now: Nanos) -> (Reply, Nanos) {
    match reply {
        Some(reply) => (reply, now),
        None => (
            Reply {
                outcome: Outcome::Info,
                value: None,
                class: "never-ended".into(),
            },
            Nanos(u64::MAX),
        ),
    }
}

/// Sends the load until it is to stop, then waits for every outcome.
pub(super) async fn load(mut pacer: Pacer, start: Nanos) {
    let load = pacer.order.plan.load;
    let mut flight = JoinSet::new();
    for (number, offset) in (0_u64..).zip(Arrivals::new(
        load.rate,
        load.poisson,
        pacer.order.plan.seed,
    )) {
        let intended = Nanos(start.0 + offset);
        if !pacer.wait(intended).await {
            break;
        }
        while flight.try_join_next().is_some() {}
        if flight.len() >= LOAD_FLIGHT {
            pacer.recorder.lost(LOAD);
            continue;
        }
        flight.spawn(send(pacer.clone(), number, intended));
    }
    while flight.join_next().await.is_some() {}
}

async fn send(pacer: Pacer, number: u64, intended: Nanos) {
    let clock = pacer.order.clock;
    let sent = clock.now();
    let answer = tokio::time::timeout(SEND_LIMIT, pacer.bed.send(number, intended)).await;
    let (reply, ended) = ended(answer.ok(), clock.now());
    pacer.recorder.record(
        LOAD,
        number,
        Times {
            intended,
            sent,
            ended,
        },
        &reply,
    );
}
