//! Observations that only a running system can give: how it answers a request.
use crate::facts::Credential;
use serde::{Deserialize, Serialize};

/// One observation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Check {
    /// A request signed with this credential is refused for it, or is served.
    Refused {
        /// Whose request.
        credential: Box<Credential>,
        /// Whether it must be refused; else it must be served.
        refused: bool,
    },
}
