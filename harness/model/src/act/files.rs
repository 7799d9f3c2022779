//! Acts on files that a node keeps on scratch space.
use crate::facts::Process;
use serde::{Deserialize, Serialize};

/// One change.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Act {
    /// Renames what matches, within its folder, to a name that nobody asks for. Reversible.
    Hide {
        /// A process of the container: its root is where the patterns begin.
        process: Process,
        /// Absolute paths inside the container, with `*` for any part of a name.
        patterns: Vec<String>,
    },
}

/// How to put back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Undo {
    /// Rename back what is still there, unless there is a new file of that name.
    Show {
        /// A process of the container.
        process: Process,
        /// The paths inside the container.
        paths: Vec<String>,
    },
}
