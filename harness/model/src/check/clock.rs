//! Observations of the wall clock of a process.
use crate::facts::Process;
use serde::{Deserialize, Serialize};

/// One observation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Check {
    /// The clock code of the process adds this offset; 0 means that it is the kernel's own code.
    Shifted {
        /// Which.
        process: Process,
        /// By how much, in s.
        by_s: i64,
    },
}
