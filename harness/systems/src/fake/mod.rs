//! A testbed without containers, on the model world: the same engine, plan, faults and analysis run over it in milliseconds.
//!
//! Its workers are brought back by the "platform" 1.3 s after they ended; its knobs plant defects that a run must find.
//! - [`bed`] the live half.   - [`guard`] a guard that acts on the world.   - here: the catalog half.
pub mod bed;
pub mod guard;

use model::{
    facts::Unit,
    fault::{SettingDoc, SettingsError},
    ids::{NodeId, Role},
    question::QuestionDoc,
    system::{NodeSpec, ProbeKind, ProbeSpec, System, Workload},
    units::Nanos,
    world::World,
};
use serde_json::{Value, json};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::time::{Duration, Instant};

/// Three containers, a worker in each.
const THREE_WITH_WORKERS: u64 = 2 | 1 << 2 | 1 << 5 | 1 << 8;
/// How long the platform takes to bring a worker back.
pub const REVIVAL: Duration = Duration::from_millis(1300);

/// The one question that it answers.
pub(crate) const OWNER: &str = "owner of part <number>";
/// Role of the containers.
pub(crate) const SERVER: &str = "server";

/// The world that bed and guard share.
#[derive(Clone)]
pub struct Shared(Arc<Mutex<State>>);

/// The world, and since when a worker is missing.
pub struct State {
    /// Containers, processes, flows.
    pub world: World,
    missing: Option<Instant>,
}

impl Default for Shared {
    fn default() -> Self {
        Self(Arc::new(Mutex::new(State {
            world: World::of(THREE_WITH_WORKERS),
            missing: None,
        })))
    }
}

impl Shared {
    /// The world as it is now, the platform's own work done.
    pub fn now(&self) -> MutexGuard<'_, State> {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        state.live();
        state
    }
}

impl State {
    fn workers(&self) -> usize {
        self.world
            .facts()
            .iter()
            .filter(|facts| facts.unit == Unit::Process)
            .count()
    }

    fn live(&mut self) {
        match self.missing {
            _ if self.workers() == 3 => self.missing = None,
            None => self.missing = Some(Instant::now()),
            Some(since) if since.elapsed() >= REVIVAL => {
                self.world.settle();
                self.missing = None;
            }
            Some(_) => {}
        }
    }

    fn missing_s(&self) -> f64 {
        self.missing
            .map_or(0.0, |since| since.elapsed().as_secs_f64())
    }
}

/// The catalog half: `testbed: {fake: {}}`.
pub struct Fake;

impl System for Fake {
    fn name(&self) -> &'static str {
        "fake"
    }
    fn doc(&self) -> &'static str {
        "Three containers with a worker each, in memory."
    }
    fn settings(&self) -> &'static [SettingDoc] {
        &[]
    }
    fn check(&self, _: &Value) -> Result<Value, SettingsError> {
        Ok(json!({}))
    }
    fn nodes(&self, _: &Value) -> Vec<NodeSpec> {
        let facts = World::of(THREE_WITH_WORKERS).facts();
        let spec = |facts: model::facts::Facts| NodeSpec {
            node: facts.node,
            role: facts.role,
            unit: facts.unit,
            inside: Some(NodeId(facts.container)),
        };
        facts.into_iter().map(spec).collect()
    }
    fn questions(&self) -> &'static [QuestionDoc] {
        &[QuestionDoc {
            form: OWNER,
            doc: "The container that owns this part; nobody owns those beyond the third.",
            role: SERVER,
        }]
    }
    fn probes(&self, _: &Value) -> Vec<ProbeSpec> {
        let probe = |name: &str, kind, unit: &str, full| ProbeSpec {
            name: name.into(),
            kind,
            unit: unit.into(),
            doc: "A probe of the fake testbed.".into(),
            period_ns: Nanos::ms(100),
            deadline_ns: Nanos::secs(2),
            full,
        };
        vec![
            probe("ping", ProbeKind::Latency, "s", None),
            probe("age", ProbeKind::GaugeLow, "s", None),
            probe("workers", ProbeKind::GaugeFull, "workers", Some(3.0)),
        ]
    }
}

/// The catalog half: `workload: {feed: {}}`, 50 records a second.
pub struct Feed;

impl Workload for Feed {
    fn name(&self) -> &'static str {
        "feed"
    }
    fn doc(&self) -> &'static str {
        "Records into the fake testbed."
    }
    fn settings(&self) -> &'static [SettingDoc] {
        &[]
    }
    fn check(&self, _: &Value) -> Result<Value, SettingsError> {
        Ok(json!({}))
    }
    fn needs(&self) -> &'static [&'static str] {
        &["fake"]
    }
    fn probes(&self, _: &Value) -> Vec<ProbeSpec> {
        Vec::new()
    }
    fn load(&self, _: &Value) -> (f64, bool) {
        (50.0, false)
    }
}

/// What the role of the fake workers is called.
pub fn worker_role() -> Role {
    World::of(THREE_WITH_WORKERS)
        .facts()
        .into_iter()
        .find(|facts| facts.unit == Unit::Process)
        .map_or_else(|| Role::from(""), |facts| facts.role)
}
