//! Pulls the target's network cable: its interface loses the carrier, and nothing passes in either direction.
//!
//! After it is plugged in again the bridge takes up to a second to forward; connections survive if their timers do.
use crate::between;
use model::{
    act::{Act, net},
    check::{self, Check, NodeState},
    facts::{Capability, Facts, Targets, Unit},
    fault::{Fault, Kind, Lifetime, SettingDoc, Step, Unfit},
};
use serde::{Deserialize, Serialize};

/// See the module.
pub struct CableCut;

/// Nothing to set.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {}

impl Fault for CableCut {
    type Settings = Settings;
    const NAME: &'static str = "cable-cut";
    const DOC: &'static str = "Pull the network cable of the target.";
    const EXAMPLE: &'static str = "cable-cut: {}";
    const SETTINGS: &'static [SettingDoc] = &[];
    const PROOF: &'static str = "Effective when the target's interface has no carrier; healed when it has one, its bridge port forwards, and the node does its work.";
    const KIND: Kind = Kind::Held;
    const NEEDS: &'static [Capability] = &[Capability::Links];
    const UNIT: Option<Unit> = Some(Unit::Container);
    const PEERS: bool = false;

    fn steps(_: &Settings, on: &Targets) -> Result<Vec<Step>, Unfit> {
        Ok(on.hurt.iter().map(step).collect())
    }
}

fn step(node: &Facts) -> Step {
    let cable = |plugged| {
        Check::Net(check::net::Check::Cable {
            end: between::end(node),
            plugged,
        })
    };
    let ready = Check::Node {
        node: node.node.clone(),
        is: NodeState::Ready,
    };
    Step {
        act: Act::Net(net::Act::Unplug {
            end: between::end(node),
        }),
        effective: cable(false),
        healed: Check::All(vec![cable(true), ready]),
        lifetime: Lifetime::Guard,
    }
}
