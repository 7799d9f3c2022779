//! Observations of one process, and of a container as a whole.
use crate::{act::Signal, facts::Process};
use serde::{Deserialize, Serialize};

/// One observation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Check {
    /// The process table says that it is stopped, or that it lives and is not.
    Stopped {
        /// Which.
        process: Process,
        /// Whether it must be.
        stopped: bool,
    },
    /// The container runs with another init in another network namespace.
    Restarted {
        /// Full container id.
        container: String,
        /// The init it had.
        init: Process,
    },
    /// The one who was told had a handler for it, and the other one has ended.
    Interrupted {
        /// Who was told.
        told: Process,
        /// How.
        signal: Signal,
        /// Who ended.
        victim: Process,
    },
}
