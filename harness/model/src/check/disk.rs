//! What can be seen of the drives of a node.
use crate::{
    act::disk::Pace,
    drive::{Drive, Spot, Throttle},
    facts::Process,
};
use serde::{Deserialize, Serialize};

/// What a small write, its fsync and reading it back come to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// Done, and read back as written.
    Done,
    /// EIO: the drive is dead.
    IoError,
    /// ENOSPC: it is full.
    NoSpace,
    /// EROFS: it only allows reads.
    ReadOnly,
    /// It does not come back.
    Stalls,
}

/// One observation of a drive.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Check {
    /// A write by a process of its own comes to this.
    Writes {
        /// Where.
        drive: Drive,
        /// To what.
        come_to: Outcome,
    },
    /// Direct writes out of the container's group are no faster than the pace allows, or they are.
    Slow {
        /// Where.
        drive: Drive,
        /// Out of which group.
        throttle: Throttle,
        /// The pace.
        pace: Pace,
        /// Whether they are held back.
        slow: bool,
    },
    /// The medium gives another byte than belongs there, or it does not (any more).
    Rotten {
        /// Where.
        spot: Spot,
        /// Whether it must.
        rotten: bool,
    },
    /// A process sees another filesystem in the drive's place, or the drive itself.
    Replaced {
        /// Which drive.
        drive: Drive,
        /// Who looks.
        process: Process,
        /// Whether it must.
        replaced: bool,
    },
}
