//! A secret that was changed while its users went on with the old one: the store is healthy, and cannot verify what they sign.
//!
//! Neither secret is in the journal: both requests wait in files beside the drives, which go with the run.
use crate::credential;
use model::{
    facts::{Capability, Targets, Unit},
    fault::{Fault, Kind, SettingDoc, Step, Unfit},
};
use serde::{Deserialize, Serialize};

/// See the module.
pub struct CredentialRotated;

/// Nothing to set.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {}

impl Fault for CredentialRotated {
    type Settings = Settings;
    const NAME: &'static str = "credential-rotated";
    const DOC: &'static str = "Give the credential that clients of the target use another secret, of which they hear nothing.";
    const EXAMPLE: &'static str = "credential-rotated: {}";
    const SETTINGS: &'static [SettingDoc] = &[];
    const PROOF: &'static str = "Effective when a request signed with the old secret is refused; healed when such a request is served.";
    const KIND: Kind = Kind::Held;
    const NEEDS: &'static [Capability] = &[Capability::Drives];
    const UNIT: Option<Unit> = Some(Unit::Container);
    const PEERS: bool = false;

    fn steps(_: &Settings, on: &Targets) -> Result<Vec<Step>, Unfit> {
        credential::taken(on, |node| node.rotation.as_ref())
    }
}
