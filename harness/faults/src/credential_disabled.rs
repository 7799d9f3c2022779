//! An account that was disabled by mistake, or that ran out: the store is healthy, and refuses those who use it.
//!
//! Clients get a definite answer (403) at once, which most of them take for their own mistake and do not try again.
use model::{
    act::{Act, call},
    check::{self, Check},
    facts::{Capability, Credential, Targets, Unit},
    fault::{Fault, Kind, Lifetime, SettingDoc, Step, Unfit},
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
        let mut steps: Vec<(String, Step)> = Vec::new();
        for node in &on.hurt {
            let credential = node.credential.as_ref();
            let credential = credential.ok_or(Unfit::Lacks("a credential that can be disabled"))?;
            // Servers of one cluster share it.
            if steps.iter().all(|(name, _)| *name != credential.name) {
                steps.push((credential.name.clone(), step(credential, &node.container)));
            }
        }
        Ok(steps.into_iter().map(|(_, step)| step).collect())
    }
}

fn step(credential: &Credential, container: &str) -> Step {
    let asks = |refused| {
        Check::Call(check::call::Check::Refused {
            credential: Box::new(credential.clone()),
            refused,
        })
    };
    Step {
        act: Act::Call(call::Act::Disable {
            credential: Box::new(credential.clone()),
            container: container.to_owned(),
        }),
        effective: asks(true),
        healed: asks(false),
        lifetime: Lifetime::Guard,
    }
}
