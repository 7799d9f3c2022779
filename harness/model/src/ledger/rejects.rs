//! What the contract of a stage says of records that were sent malformed on purpose.
use serde::{Deserialize, Serialize};

/// Where malformed records belong.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Rejects {
    /// Into the stage like all others, as they were sent: nobody has looked into them yet.
    #[default]
    Nothing,
    /// Into the dead letters: the table holds none of them.
    SetAside,
    /// Nowhere, or into the dead letters: the job declares that it drops them.
    Dropped,
}
