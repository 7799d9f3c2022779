//! Observations of limits at work: what they refuse, and what they count.
use crate::facts::Process;
use serde::{Deserialize, Serialize};

/// One observation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Check {
    /// This counter has grown since the act.
    Grew {
        /// Absolute path.
        file: String,
        /// The word before the number.
        key: String,
    },
    /// A process in the group can make another one, or is refused.
    Forks {
        /// The group's `cgroup.procs`.
        group: String,
        /// Whether it must succeed.
        works: bool,
    },
    /// The process holds as many descriptors as it may, so that one more is refused.
    Full {
        /// Which.
        process: Process,
        /// How many it may hold.
        most: u64,
        /// Whether it must be so.
        full: bool,
    },
}
