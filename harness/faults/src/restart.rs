//! Restarts the target's container through the engine, without a grace: its processes and its network namespace are new after.
use crate::node;
use model::{
    act::{Act, process},
    check::{self, Check, NodeState},
    facts::{Capability, Facts, Targets, Unit},
    fault::{Fault, Kind, Lifetime, SettingDoc, Step, Takes, Unfit},
};
use serde::{Deserialize, Serialize};

/// See the module.
pub struct Restart;

/// Nothing to set.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {}

impl Fault for Restart {
    type Settings = Settings;
    const NAME: &'static str = "restart";
    const DOC: &'static str = "Restart the target's container at once.";
    const EXAMPLE: &'static str = "restart: {}";
    const SETTINGS: &'static [SettingDoc] = &[];
    const PROOF: &'static str = "Effective when the kernel reports the end of its init; healed when it runs with another init in another network namespace and its role is whole.";
    const KIND: Kind = Kind::OneShot;
    const NEEDS: &'static [Capability] = &[Capability::HostPids];
    const UNIT: Option<Unit> = Some(Unit::Container);
    const PEERS: bool = false;
    const TAKES: Takes = Takes::Life;

    fn steps(_: &Settings, on: &Targets) -> Result<Vec<Step>, Unfit> {
        Ok(on.hurt.iter().map(step).collect())
    }
}

fn step(node: &Facts) -> Step {
    let restarted = check::process::Check::Restarted {
        container: node.container.clone(),
        init: node.init.clone(),
    };
    let count = Check::Node {
        node: node.node.clone(),
        is: NodeState::Count,
    };
    Step {
        act: Act::Process(process::Act::Restart {
            container: node.container.clone(),
        }),
        effective: Check::Gone {
            process: node.init.clone(),
        },
        healed: Check::All(vec![Check::Process(restarted), count, node::ready(node)]),
        lifetime: Lifetime::OneShot,
    }
}
