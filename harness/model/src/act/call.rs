//! Changes that only a running system can make: requests to it, signed beforehand, so that whoever sends them needs no secret.
use crate::facts::Credential;
use serde::{Deserialize, Serialize};

/// One primitive change.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Act {
    /// Takes a credential away from those who have it. Reversible.
    Disable {
        /// Which, and how.
        credential: Box<Credential>,
        /// The container that is asked.
        container: String,
    },
}

/// How to put back what an act changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Undo {
    /// Give the credential back.
    Enable {
        /// Which, and how.
        credential: Box<Credential>,
        /// The container that is asked; where it is gone there is nothing to give back.
        container: String,
        /// Whether it was refused before we came; then it stays so.
        was_refused: bool,
    },
}

impl Undo {
    /// What remains while it is not undone, in words.
    pub fn remains(&self) -> String {
        let Self::Enable { credential, .. } = self;
        format!("disabled credential `{}`", credential.name)
    }
}
