//! The ports of systems and the testbed: what the engine sees of anything that runs in containers.
//!
//! [`System`] and [`Workload`] are the pure catalog half, known before anything starts. [`Bed`] is the live half.
use crate::{
    BoxFuture,
    check::{NodeState, Seen},
    drive::{Drive, DriveSpec},
    facts::{Facts, Unit},
    fault::{AnyFault, SettingDoc, SettingsError},
    ids::{NodeId, Role},
    ledger::Stage,
    question::QuestionDoc,
    units::Nanos,
};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::{collections::BTreeMap, net::Ipv4Addr};

/// One node that the testbed will have.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NodeSpec {
    /// Its name: `<role>-<number>`.
    pub node: NodeId,
    /// Its role.
    pub role: Role,
    /// A container, or a process inside one.
    pub unit: Unit,
    /// For a process: the node whose container it lives in, as far as known before the start.
    pub inside: Option<NodeId>,
}

/// What a probe's samples are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ProbeKind {
    /// The time of an operation; bad when it fails or is late.
    Latency,
    /// A value read at an instant where less is better (an age, a lag): bad above its band.
    GaugeLow,
    /// A value where its full number is due (executors, replicas): bad below it; decides redundancy (T5).
    GaugeFull,
}

/// One probe, on a fixed schedule from its intended start.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ProbeSpec {
    /// Unique name, kebab-case.
    pub name: String,
    /// What it tells.
    pub kind: ProbeKind,
    /// Unit of a gauge's value (`s`, `executors`); `s` for latency.
    pub unit: String,
    /// What it does, in one sentence, for the report.
    pub doc: String,
    /// Time between intended starts.
    pub period_ns: Nanos,
    /// An operation not done by then has failed (known not done is `fail`, unknown is `info`).
    pub deadline_ns: Nanos,
    /// For [`ProbeKind::GaugeFull`]: the full number.
    pub full: Option<f64>,
}

/// Outcome of one operation of a client.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// Known done.
    Ok,
    /// Known not done.
    Fail,
    /// Unknown.
    Info,
}

/// What one operation of a probe or of the load came to.
#[derive(Clone, Debug, PartialEq)]
pub struct Reply {
    /// Done, not done, unknown.
    pub outcome: Outcome,
    /// A gauge's value in the probe's unit.
    pub value: Option<f64>,
    /// Short class of the error, kebab-case, empty for none; at most 255 classes a source.
    pub class: String,
}

/// What the testbed says while it comes up and runs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum BedNews {
    /// A container was started.
    Started {
        /// Which node.
        node: NodeId,
        /// Full container id.
        container: String,
        /// Image reference and digest.
        image: String,
        /// Its fixed address.
        address: Ipv4Addr,
    },
    /// A client operation on the node succeeded.
    Ready {
        /// Which node.
        node: NodeId,
        /// The operation.
        probe: String,
    },
    /// A container ended, on its own or by a fault; the engine knows which.
    Lost {
        /// Which node.
        node: NodeId,
        /// Its exit code where the engine told one.
        exit_code: Option<i64>,
    },
    /// A step of bring-up worth a line: what it waits for, and since when is the engine's to say.
    Waiting {
        /// For what.
        what: String,
    },
}

/// Everything the bed must know of a run before it starts it.
#[derive(Clone, Debug, PartialEq)]
pub struct BedOrder {
    /// Run id: label of every container, network and volume.
    pub run: String,
    /// Owner label `<pid>:<start ticks>:<boot id>`: who lives must not be swept.
    pub owner: String,
    /// The run's seed.
    pub seed: u64,
    /// Settings per system, defaults explicit.
    pub testbed: BTreeMap<String, Value>,
    /// Name and settings of the workload, defaults explicit.
    pub workload: (String, Value),
    /// Folder of the scenario, for files it names.
    pub folder: String,
    /// Drives that were made for its nodes; a node that wants some and has none here gets volumes instead.
    pub drives: Vec<Drive>,
}

/// Why the bed failed; fits after "failed to".
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{what}: {why}")]
pub struct BedError {
    /// What was tried, a lower-case fragment.
    pub what: String,
    /// What was seen instead, with what would mend it.
    pub why: String,
}

/// Captured output of one node.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NodeLog {
    /// Which node.
    pub node: NodeId,
    /// Its container.
    pub container: String,
    /// Both streams, capped; the tail is kept.
    pub bytes: Vec<u8>,
    /// Whether something was cut off.
    pub truncated: bool,
    /// Exit code, where it had ended.
    pub exit_code: Option<i64>,
    /// Whether the kernel killed it for memory.
    pub oom_killed: bool,
}

/// One version worth a line in the report.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Version {
    /// Of what.
    pub name: String,
    /// Version, and image digest where it is an image.
    pub value: String,
}

/// The running testbed. Removal is the guard's, through the run label.
pub trait Bed: Send + Sync {
    /// Starts everything at once and returns when the workload's first batch is committed. Says what it does through `say`.
    fn up<'a>(
        &'a self,
        order: &'a BedOrder,
        say: &'a (dyn Fn(BedNews) + Send + Sync),
    ) -> BoxFuture<'a, Result<(), BedError>>;
    /// Facts of a node, fresh from the machine.
    fn facts<'a>(&'a self, node: &'a NodeId) -> BoxFuture<'a, Result<Facts, BedError>>;
    /// Asks the system about a node.
    fn look<'a>(&'a self, node: &'a NodeId, is: NodeState)
    -> BoxFuture<'a, Result<Seen, BedError>>;
    /// Asks the system who it is now that a question stands for, in the system's own order; empty where it is nobody.
    fn ask<'a>(&'a self, question: &'a str) -> BoxFuture<'a, Result<Vec<NodeId>, BedError>> {
        let nobody = BedError {
            what: format!("ask `{question}`"),
            why: "no system of this testbed answers questions".into(),
        };
        Box::pin(std::future::ready(Err(nobody)))
    }
    /// One operation of a probe, `number` unique within it, due at `intended`; ends by itself within `deadline` of the call.
    fn operate<'a>(
        &'a self,
        probe: &'a str,
        number: u64,
        intended: Nanos,
        deadline: Nanos,
    ) -> BoxFuture<'a, Reply>;
    /// Sends record `number` of the load, due at `intended`; returns when its outcome is known.
    fn send(&self, number: u64, intended: Nanos) -> BoxFuture<'_, Reply>;
    /// Reads the workload's output back to the end of `sent` records, within `deadline` from now.
    fn read_back(&self, sent: u64, deadline: Nanos) -> BoxFuture<'_, Result<Vec<Stage>, BedError>>;
    /// The next thing that happens to a container by itself; never returns where nothing does.
    fn watch(&self) -> BoxFuture<'_, BedNews>;
    /// Output of every node, before removal.
    fn logs(&self) -> BoxFuture<'_, Vec<NodeLog>>;
    /// Versions of all that runs.
    fn versions(&self) -> BoxFuture<'_, Vec<Version>>;
}

/// The catalog half of a system: one folder, pure.
pub trait System: Send + Sync {
    /// Key under `testbed:`.
    fn name(&self) -> &'static str;
    /// One sentence.
    fn doc(&self) -> &'static str;
    /// Its settings.
    fn settings(&self) -> &'static [SettingDoc];
    /// The settings with every default explicit.
    ///
    /// # Errors
    /// The key that is unknown or out of range, with what would be right.
    fn check(&self, settings: &Value) -> Result<Value, SettingsError>;
    /// The nodes it will have, given checked settings.
    fn nodes(&self, settings: &Value) -> Vec<NodeSpec>;
    /// The drives that its nodes want as filesystems of their own.
    fn drives(&self, _: &Value) -> Vec<DriveSpec> {
        Vec::new()
    }
    /// Its probes, given checked settings.
    fn probes(&self, settings: &Value) -> Vec<ProbeSpec>;
    /// The forms of question that it answers while it runs: targets as `{ask: ...}`.
    fn questions(&self) -> &'static [QuestionDoc] {
        &[]
    }
}

/// What runs on the testbed and makes the load: one entry under `workload:`.
pub trait Workload: Send + Sync {
    /// Key under `workload:`.
    fn name(&self) -> &'static str;
    /// One sentence.
    fn doc(&self) -> &'static str;
    /// Its settings.
    fn settings(&self) -> &'static [SettingDoc];
    /// The settings with every default explicit.
    ///
    /// # Errors
    /// The key that is unknown or out of range, with what would be right.
    fn check(&self, settings: &Value) -> Result<Value, SettingsError>;
    /// Names of the systems it needs in the testbed.
    fn needs(&self) -> &'static [&'static str];
    /// Its probes, given checked settings.
    fn probes(&self, settings: &Value) -> Vec<ProbeSpec>;
    /// Files of the user's that it reads, relative to the scenario, each with the setting that names it.
    fn files(&self, _: &Value) -> Vec<(&'static str, String)> {
        Vec::new()
    }
    /// Load: records per second, and whether the gaps are drawn (Poisson).
    fn load(&self, settings: &Value) -> (f64, bool);
}

/// All that can be named in a scenario.
#[derive(Clone, Copy)]
pub struct Catalog {
    /// Faults under `do:`.
    pub faults: &'static [&'static dyn AnyFault],
    /// Systems under `testbed:`.
    pub systems: &'static [&'static dyn System],
    /// Workloads under `workload:`.
    pub workloads: &'static [&'static dyn Workload],
}
