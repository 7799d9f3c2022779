//! Names of things, as types, so that a node is never passed where a role is due.
use serde::{Deserialize, Serialize};

macro_rules! name {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub String);

        impl $name {
            /// The name itself.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }
        impl From<&str> for $name {
            fn from(text: &str) -> Self {
                Self(text.to_owned())
            }
        }
        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

name!(
    /// One run: `<YYYYMMDDTHHMMSS.mmmZ>-<4 hex>`; also the value of the run label on every container.
    RunId
);
name!(
    /// One node of the testbed, unique in it: a container, or a process inside one.
    NodeId
);
name!(
    /// What a node is for; several nodes share a role.
    Role
);
name!(
    /// One fault of a scenario, as its author named it; repeats add `#1`, `#2` ...
    FaultId
);

/// Number of an undo in the guard's write-ahead journal, rising from 1 within a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct UndoId(pub u64);
