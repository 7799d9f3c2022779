//! The port of the guard, the only privileged process: what it can be asked, and what it answers.
//!
//! The order inside an injection is fixed: look (must not hold yet) - undo to disk - act - look until it holds. The instants
//! travel back, since the reply itself is late.
use crate::{
    BoxFuture,
    act::Undo,
    check::{Check, Seen},
    drive::{Drive, DriveSpec},
    fault::Step,
    ids::{FaultId, UndoId},
    units::Nanos,
};
use serde::{Deserialize, Serialize};

/// One request. `t`s are nanoseconds since the run's epoch.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Request {
    /// Take charge of everything labelled with this run: it is removed when the owner dies, hangs or asks.
    Own {
        /// Value of the run label.
        run: String,
        /// Undone by the guard itself once this instant passes.
        deadline: Nanos,
    },
    /// Make these drives before the containers that use them; they go with the testbed.
    Provide {
        /// What is wanted.
        drives: Vec<DriveSpec>,
        /// Undone by the guard itself once this instant passes.
        deadline: Nanos,
    },
    /// Do one step and prove it.
    Inject {
        /// On whose behalf.
        fault: FaultId,
        /// What.
        step: Box<Step>,
        /// The guard undoes it by itself once this instant passes.
        deadline: Nanos,
        /// How long to look for the effect.
        prove: Nanos,
    },
    /// Undo everything of this fault, newest first, then look until the machine part of each `healed` check holds.
    Heal {
        /// Whose.
        fault: FaultId,
        /// The machine parts of the healed checks.
        healed: Vec<Check>,
        /// How long to look.
        prove: Nanos,
    },
    /// Start these containers again, whether they run or not: a heal that undoing alone did not prove.
    Restart {
        /// On whose behalf.
        fault: FaultId,
        /// Full container ids.
        containers: Vec<String>,
    },
    /// Look once.
    Look {
        /// At what.
        check: Check,
    },
    /// Undo everything, newest first within its rank, and remove the testbed; answers once nothing is left.
    Close,
}

/// One answer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Answer {
    /// In charge now.
    Owned,
    /// The drives, in the order they were asked for.
    Provided {
        /// As they are.
        drives: Vec<Drive>,
    },
    /// The step was done; whether it took effect is in `proof`.
    Injected(Injected),
    /// The undos that ran, and what the checks saw.
    Healed(Healed),
    /// The containers were started again.
    Restarted,
    /// What was seen.
    Seen(Seen),
    /// Everything undone; what could not be removed is named.
    Closed {
        /// Kind and name of each thing of ours that remains.
        leftovers: Vec<String>,
    },
    /// Not done, and nothing was changed; fits after "failed to".
    Refused {
        /// Why.
        why: String,
    },
}

/// One injected step with its instants.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Injected {
    /// The undo that was recorded for it.
    pub undo: UndoId,
    /// That undo.
    pub how: Undo,
    /// The mechanism used, for the report.
    pub backend: String,
    /// When the undo was on disk.
    pub recorded: Nanos,
    /// When the act began: T0.lo.
    pub began: Nanos,
    /// When the act's call returned.
    pub acted: Nanos,
    /// When the effect was seen (T0.hi), and what was seen; `held` false where it was not seen in time or held before.
    pub proof: Seen,
    /// See `proof`.
    pub proved: Nanos,
}

/// What a heal did.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Healed {
    /// Each undo with how long it took, and why it failed where it did.
    pub undone: Vec<Undone>,
    /// When the first undo began: TH.lo.
    pub began: Nanos,
    /// When the last machine check held: TH.hi, as far as the machine goes.
    pub proved: Nanos,
    /// The worst of what the checks saw.
    pub proof: Seen,
}

/// One undo that ran.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Undone {
    /// Which.
    pub undo: UndoId,
    /// How long.
    pub took: Nanos,
    /// Why it failed; it was retried until its deadline.
    pub failed: Option<String>,
}

/// The guard is gone: abort the run, heal by replaying its journal.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("reach the guard (pid {pid}): {why}")]
pub struct GuardLost {
    /// Its process.
    pub pid: u32,
    /// What was seen.
    pub why: String,
}

/// Something that the guard did unasked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum GuardNews {
    /// A process of ours that carried a fault did not answer any more: killed, so that what it held is free.
    WorkerKilled {
        /// What it did, with its pid.
        worker: String,
        /// How long it had been silent.
        silent: Nanos,
    },
}

/// The guard as the engine sees it. A request in flight is awaited, never dropped: it may still land after its undo.
pub trait GuardPort: Send + Sync {
    /// Asks and waits for the answer.
    fn ask(&self, request: Request) -> BoxFuture<'_, Result<Answer, GuardLost>>;
    /// The next things that it did unasked; never returns where there is none. Dropped before it returns, it loses nothing.
    fn news(&self) -> BoxFuture<'_, Vec<GuardNews>> {
        Box::pin(std::future::pending())
    }
}
