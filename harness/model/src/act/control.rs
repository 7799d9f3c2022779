//! Acts on what a container may use: values in its control files, limits of its processes, and a hog that uses memory up.
use crate::facts::Process;
use serde::{Deserialize, Serialize};

/// A value in a control file, as long as a process lives: with the process the file is gone, or is another one of the same name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Setting {
    /// Absolute path.
    pub file: String,
    /// The word before the value in a file of several lines; empty where the file holds the value alone.
    pub key: String,
    /// The value that is written.
    pub to: String,
    /// Whose file it is.
    pub of: Process,
}

/// A process of ours that joins a group and touches memory there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hog {
    /// The group's `cgroup.procs`.
    pub group: String,
    /// How much it touches at most.
    pub bytes: u64,
    /// It ends with this process.
    pub until: Process,
}

/// One change.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Act {
    /// Writes values, in this order, and then lets a hog in. Reversible.
    Set {
        /// What to write.
        settings: Vec<Setting>,
        /// Who uses up what is left.
        hog: Option<Hog>,
        /// The container to start again, should the act end it.
        start: Option<String>,
    },
    /// Lowers how many descriptors each of these processes may hold (soft limit). Reversible.
    Files {
        /// Which.
        processes: Vec<Process>,
        /// How many.
        most: u64,
    },
}

/// How to put back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Undo {
    /// Write back what stood there, last written first; then end the hog, then see that the container runs.
    Put {
        /// The values read before, in the order of writing.
        settings: Vec<Setting>,
        /// The hog.
        hog: Option<Process>,
        /// The container.
        start: Option<String>,
    },
    /// Give each process its own limit back.
    Files {
        /// Process and the soft limit it had.
        had: Vec<(Process, u64)>,
    },
}
