//! Acts on the wall clock of running processes, which do not notice: their own copy of the kernel's clock code is replaced.
use crate::facts::{Freezer, Process};
use serde::{Deserialize, Serialize};

/// One change.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Act {
    /// Shifts the wall clock of these processes. Their monotonic clocks stay true. Reversible.
    Skew {
        /// Which; all of one container.
        processes: Vec<Process>,
        /// By how much, in s.
        by_s: i64,
        /// Holds them still in the meantime.
        freezer: Freezer,
    },
}

/// How to put back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Undo {
    /// Write the bytes back that were there.
    Restore {
        /// What each process had.
        patches: Vec<Patch>,
        /// Holds them still in the meantime.
        freezer: Freezer,
        /// Whether they were held before we came; then they stay so.
        was_frozen: bool,
    },
}

/// Bytes of one process that were replaced.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Patch {
    /// Whose.
    pub process: Process,
    /// Address and former bytes in hexadecimal, the place of the offset first.
    pub had: Vec<(u64, String)>,
}
