//! Acts on one process, and on a container as a whole: stop, restart, notice before the end.
use super::Signal;
use crate::facts::{Process, RevivedBy};
use serde::{Deserialize, Serialize};

/// One change.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Act {
    /// Stops every thread of one process. Reversible.
    Stop {
        /// Which.
        process: Process,
    },
    /// Lets the engine restart a container at once, without a grace. One-shot: undone by making sure that it runs.
    Restart {
        /// Full container id.
        container: String,
    },
    /// Signals one process, and ends another (or the same) after a grace, unless our own process has ended or the undo came first. One-shot.
    Notice {
        /// Who is told.
        process: Process,
        /// How.
        signal: Signal,
        /// Who is ended.
        victim: Process,
        /// How long after the notice.
        grace_ms: u64,
        /// The container it lives in.
        container: String,
        /// Who brings it back.
        revived_by: RevivedBy,
    },
}

/// How to put back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Undo {
    /// Let it go on.
    Continue {
        /// Which.
        process: Process,
        /// Whether it was stopped before we came; then it stays stopped.
        was_stopped: bool,
    },
    /// Call off an end that is still to come, and make sure that the container runs where nobody else does.
    Recall {
        /// Who would be ended.
        victim: Process,
        /// The container to start; none where the platform brings its process back.
        start: Option<String>,
    },
}
