//! Observations of files that a node keeps on scratch space.
use crate::facts::Process;
use serde::{Deserialize, Serialize};

/// One observation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Check {
    /// Of the files that matched when the look began, none is there any more; or: none lies hidden.
    Lost {
        /// A process of the container.
        process: Process,
        /// See the act.
        patterns: Vec<String>,
        /// Whether they must be lost.
        lost: bool,
    },
}
