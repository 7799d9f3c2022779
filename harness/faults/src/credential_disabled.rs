//! An account that was disabled by mistake, or that ran out: the store is healthy, and refuses those who use it.
//!
//! Clients get a definite answer (403) at once, which most of them take for their own mistake and do not try again.
use crate::credential;
use model::{
    facts::{Capability, Targets, Unit},
    fault::{Fault, Kind, SettingDoc, Step, Unfit},
};
use serde::{Deserialize, Serialize};

/// See the module.
pub struct CredentialDisabled;

/// Nothing to set.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {}

impl Fault for CredentialDisabled {
    type Settings = Settings;
    const NAME: &'static str = "credential-disabled";
    const DOC: &'static str = "Disable the credential that clients of the target use.";
    const EXAMPLE: &'static str = "credential-disabled: {}";
    const SETTINGS: &'static [SettingDoc] = &[];
    const PROOF: &'static str =
        "Effective when a request signed with it is refused; healed when such a request is served.";
    const KIND: Kind = Kind::Held;
    const NEEDS: &'static [Capability] = &[];
    const UNIT: Option<Unit> = Some(Unit::Container);
    const PEERS: bool = false;

    fn steps(_: &Settings, on: &Targets) -> Result<Vec<Step>, Unfit> {
        credential::taken(on, |node| node.credential.as_ref())
    }
}
