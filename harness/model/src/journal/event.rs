//! Every fact a run can record, by kind. Adding a member is free; renaming one raises the schema.
use crate::{
    act::Act,
    check::Check,
    drive::Drive,
    facts::Facts,
    ids::{FaultId, NodeId, UndoId},
    question::Answered,
    system::Version,
    units::Nanos,
};
use serde::{Deserialize, Serialize};
use std::net::Ipv4Addr;

/// How a run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum End {
    /// It went through all its phases.
    Finished,
    /// A signal cut it short.
    Signal,
    /// An abort condition, or a fault that could not be proven or healed, cut it short.
    Abort,
    /// The testbed or the harness failed.
    Error,
}

/// What an abort names where the blast radius would have been overstepped.
pub const BLAST_RADIUS: &str = "limits.at_most";

/// The samples of one second of the load.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LoadSecond {
    /// Second since the start of the load.
    pub second: u64,
    /// Due in it.
    pub asked: u64,
    /// Really sent in it.
    pub sent: u64,
    /// Known done.
    pub ok: u64,
    /// Known not done.
    pub fail: u64,
    /// Unknown.
    pub info: u64,
    /// Largest actual minus intended start, ns.
    pub slip_max_ns: u64,
}

/// One named check of the steady state.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SteadyCheck {
    /// Of what.
    pub name: String,
    /// Whether it holds.
    pub held: bool,
    /// What was measured, with unit.
    pub measured: String,
}

/// One fact. Serialised with its kind in `k`, kebab-case.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "k", rename_all = "kebab-case")]
pub enum Event {
    /// Line 0: ties the epoch of the monotonic clock to wall time.
    RunOpened {
        /// `brinell.journal/1`.
        schema: String,
        /// Run id.
        run: String,
        /// Seed.
        seed: u64,
        /// Digest of the scenario file, hex.
        scenario_sha256: String,
        /// Digest of the plan, hex.
        plan_sha256: String,
        /// RFC 3339, UTC, microseconds.
        wall: String,
        /// `/proc/sys/kernel/random/boot_id`.
        boot_id: String,
        /// `CLOCK_MONOTONIC` at the epoch, ns.
        epoch_mono_ns: u64,
    },
    /// A phase began: `testbed warm-up baseline faults recovery cool-down`.
    PhaseEntered {
        /// Which.
        phase: String,
    },
    /// A signal reached the harness.
    SignalReceived {
        /// Name.
        signal: String,
        /// How many so far.
        count: u32,
    },
    /// The run is cut short by the harness itself.
    AbortTriggered {
        /// What led to it.
        objective: String,
        /// What was measured or seen.
        measured: String,
    },
    /// The drives that the nodes want were made, or not and why; then they got volumes.
    DrivesMade {
        /// As they are.
        drives: Vec<Drive>,
        /// Why there are none.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        why: Option<String>,
    },
    /// A container started.
    NodeStarted {
        /// Node.
        node: NodeId,
        /// Container id.
        container: String,
        /// Image and digest.
        image: String,
        /// Addresses.
        addresses: Vec<Ipv4Addr>,
    },
    /// A client operation on it succeeded.
    NodeReady {
        /// Node.
        node: NodeId,
        /// The operation.
        probe: String,
    },
    /// A container ended; `expected` where a fault of ours had just been aimed at it.
    NodeLost {
        /// Node.
        node: NodeId,
        /// Exit code.
        exit_code: Option<i64>,
        /// Whether a fault explains it.
        expected: bool,
    },
    /// The testbed was taken down.
    TestbedRemoved {
        /// What of it could not be removed.
        leftovers: Vec<String>,
    },
    /// A node's output was saved.
    LogsCaptured {
        /// Node.
        node: NodeId,
        /// File below the run folder.
        path: String,
        /// Size.
        bytes: u64,
    },
    /// What runs, by version.
    VersionsRead {
        /// Each.
        versions: Vec<Version>,
    },
    /// The steady state was judged.
    SteadyStateChecked {
        /// `before` or `after`.
        when: String,
        /// Whether all hold.
        held: bool,
        /// Each.
        checks: Vec<SteadyCheck>,
    },
    /// The plan called for a fault.
    FaultRequested {
        /// Fault of the catalog.
        fault: String,
        /// Which of the plan.
        id: FaultId,
    },
    /// Whom it hits, fresh from the machine.
    TargetsResolved {
        /// Which fault.
        id: FaultId,
        /// What was asked.
        question: String,
        /// What the running system answered, where it was asked.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        answers: Vec<Answered>,
        /// Victims, then peers.
        targets: Vec<Facts>,
    },
    /// An undo is on disk.
    UndoRecorded {
        /// Which fault.
        id: FaultId,
        /// Its number.
        undo: UndoId,
        /// When it was.
        at_ns: Nanos,
    },
    /// An act was done.
    ActDone {
        /// Which fault.
        id: FaultId,
        /// What.
        act: Act,
        /// By what mechanism.
        backend: String,
        /// When it began.
        began_ns: Nanos,
        /// How long the call took.
        took_ns: Nanos,
    },
    /// The effect of every step was seen: T0 is `[began_ns, proved_ns]`.
    FaultEffective {
        /// Which fault.
        id: FaultId,
        /// T0.lo.
        began_ns: Nanos,
        /// T0.hi.
        proved_ns: Nanos,
        /// The check of the last step.
        check: Check,
        /// What was seen.
        evidence: String,
    },
    /// The effect was not seen: undone, the run is unknown.
    FaultNotEffective {
        /// Which fault.
        id: FaultId,
        /// The check, where it came to one.
        check: Option<Check>,
        /// What was seen instead.
        seen: String,
        /// How long was looked.
        deadline_ns: Nanos,
    },
    /// Heal begins.
    HealRequested {
        /// Which fault.
        id: FaultId,
        /// Why: `hold over`, `signal`, ...
        why: String,
    },
    /// An undo ran.
    ActUndone {
        /// Which fault.
        id: FaultId,
        /// Its number.
        undo: UndoId,
        /// How long.
        took_ns: Nanos,
    },
    /// Heal proved: TH is `[began_ns, proved_ns]`.
    FaultHealed {
        /// Which fault.
        id: FaultId,
        /// TH.lo.
        began_ns: Nanos,
        /// TH.hi.
        proved_ns: Nanos,
        /// What was seen.
        evidence: String,
    },
    /// Heal not proved in time.
    FaultNotHealed {
        /// Which fault.
        id: FaultId,
        /// What was seen instead.
        seen: String,
        /// What was done about it.
        escalated_to: String,
    },
    /// A target went away while its fault was in effect, or before.
    TargetVanished {
        /// Which fault.
        id: FaultId,
        /// Which node.
        target: NodeId,
        /// What was seen.
        why: String,
        /// Whether the fault may have ended it; else it went by itself.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        of_fault: bool,
    },
    /// The guard killed a process of ours that was silent.
    WorkerKilled {
        /// What it did, with its pid.
        worker: String,
        /// For how long it had been silent.
        silent_ns: Nanos,
    },
    /// The guard died.
    GuardLost {
        /// Its pid.
        pid: u32,
        /// What was seen.
        why: String,
    },
    /// Something of ours remains.
    LeftoverFound {
        /// What.
        name: String,
    },
    /// A file of samples was begun.
    SamplesOpened {
        /// Probe, or `load`.
        source: String,
        /// Unit.
        unit: String,
        /// File below the run folder.
        path: String,
    },
    /// A file of samples is complete.
    SamplesClosed {
        /// Probe, or `load`.
        source: String,
        /// Records.
        count: u64,
        /// Values above the histogram's range.
        saturated: u64,
        /// Operations that could not be sent for want of our own resources.
        lost: u64,
        /// Names of the error classes, in the order of their numbers from 1.
        classes: Vec<String>,
    },
    /// One second of the load.
    LoadSummed {
        /// The counts.
        load: LoadSecond,
    },
    /// A stage of the ledger was read.
    StageRead {
        /// Stage.
        stage: String,
        /// Its file below the run folder, see [`crate::ledger::codec`].
        path: String,
        /// Digest of the file, in hex.
        sha256: String,
        /// Whether the known end was reached.
        complete: bool,
        /// Why not.
        why: Option<String>,
        /// Records read, copies included.
        read: u64,
        /// Records whose identity could not be read.
        illegible: u64,
    },
    /// What the harness itself cost.
    HarnessMeasured {
        /// CPU seconds, user and system.
        cpu_s: f64,
        /// Most memory held, bytes.
        rss_bytes: u64,
    },
    /// Last line.
    RunClosed {
        /// How.
        end: End,
        /// What remains, by kind and name.
        leftovers: Vec<String>,
        /// Why, for all but `finished`.
        why: Option<String>,
    },
}
