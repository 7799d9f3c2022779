//! What can be done to the drives of a node, each with its exact undo.
//!
//! A filesystem that was shut down, or that stopped writing after an error, comes back only by unmounting it, and that only once
//! nobody holds a file of it: so the undo stops the container first. A frozen one must be thawed before anything else.
use crate::{
    drive::{Drive, DriveSpec, Spot, Throttle},
    facts::Process,
};
use serde::{Deserialize, Serialize};

/// How fast a container may use a device.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Pace {
    /// Bytes per second, reads and writes each.
    Bytes(u64),
    /// Operations per second, reads and writes each.
    Operations(u64),
}

/// One change to drives.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Act {
    /// Makes filesystems on image files below `folder` and mounts them where containers will find them.
    Make {
        /// A folder of the run, not there yet.
        folder: String,
        /// What is wanted.
        drives: Vec<DriveSpec>,
    },
    /// Shuts filesystems down: every operation gives EIO. With a victim it is a power cut: what was not synced is lost, and the
    /// victim ends. Reversible without one, else one-shot.
    ShutDown {
        /// Which.
        drives: Vec<Drive>,
        /// The container that uses them.
        container: String,
        /// Who dies with the power: the container's init.
        victim: Option<Process>,
    },
    /// Makes filesystems find an error, after which they allow reads only. Reversible.
    Spoil {
        /// Which.
        drives: Vec<Drive>,
        /// The container that uses them.
        container: String,
    },
    /// Holds every write to a filesystem back. Reversible.
    Freeze {
        /// Which.
        drive: Drive,
    },
    /// Takes all free space with a file without a name, which the kernel frees with its last descriptor. Reversible.
    Fill {
        /// Which.
        drive: Drive,
    },
    /// Limits how fast a container uses a drive. Reversible.
    Slow {
        /// Which.
        drive: Drive,
        /// The container's group.
        throttle: Throttle,
        /// How fast.
        pace: Pace,
    },
    /// Turns one bit over, in the file and on the medium. Reversible.
    Rot {
        /// Where.
        spot: Spot,
    },
    /// Puts an empty filesystem in a drive's place while the container runs. Reversible.
    Swap {
        /// Which.
        drive: Drive,
    },
}

/// How to put a drive back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Undo {
    /// Thaw, unmount, detach and delete everything below this folder.
    Unmake {
        /// The folder that was made.
        folder: String,
    },
    /// Where one of them does not take writes: stop the container, check and mount them afresh. Then make sure that it runs.
    Remount {
        /// Which.
        drives: Vec<Drive>,
        /// Who holds files of them.
        container: String,
    },
    /// Let writes go on.
    Thaw {
        /// Which.
        drive: Drive,
    },
    /// Give the space back.
    Drain {
        /// Which.
        drive: Drive,
    },
    /// Put the limits back that were there before.
    Hasten {
        /// Which.
        drive: Drive,
        /// The container's group.
        throttle: Throttle,
        /// Whose limit on what it was.
        pace: Pace,
        /// The limit before, for reads and for writes; 0 for none.
        was: (u64, u64),
    },
    /// Write the byte back, if the file is still the same.
    Mend {
        /// Where, with the byte that belongs there.
        spot: Spot,
    },
    /// Put the drive itself back into its place, delete the other one.
    SwapBack {
        /// Which.
        drive: Drive,
    },
}

impl Undo {
    /// The container that has to be stopped for it.
    pub(super) fn restarts(&self) -> Option<&str> {
        match self {
            Self::Remount { container, .. } => Some(container),
            _ => None,
        }
    }

    /// See [`super::Undo::rank`]: a frozen drive blocks everything; mounting afresh needs a stop; images go last of all.
    pub const fn rank(&self) -> u8 {
        match self {
            Self::Thaw { .. } => 0,
            Self::Drain { .. }
            | Self::Hasten { .. }
            | Self::Mend { .. }
            | Self::SwapBack { .. } => 1,
            Self::Remount { .. } => 2,
            Self::Unmake { .. } => 8,
        }
    }
}
