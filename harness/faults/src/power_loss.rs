//! Cuts the power of a node: nothing more reaches any of its drives, what was not synced is lost, and every process of it ends.
//!
//! A kill alone loses nothing that was written: the kernel writes it later. Only this shows whether a system synced what it
//! acknowledged. Afterwards the drives are checked and mounted, as at a boot, and the container is started.
use crate::drives::{all, ready};
use model::{
    act::{Act, disk},
    check::{Check, NodeState, disk::Outcome},
    facts::{Capability, Facts, Targets, Unit},
    fault::{Fault, Kind, Lifetime, SettingDoc, Step, Takes, Unfit},
};
use serde::{Deserialize, Serialize};

/// See the module.
pub struct PowerLoss;

/// Nothing to set.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {}

impl Fault for PowerLoss {
    type Settings = Settings;
    const NAME: &'static str = "power-loss";
    const DOC: &'static str = "Cut the power of a node, so that what was not synced is lost.";
    const EXAMPLE: &'static str = "power-loss: {}";
    const SETTINGS: &'static [SettingDoc] = &[];
    const PROOF: &'static str = "Effective when the container's first process has ended and each drive gives EIO; healed when each takes a write again and the role is whole.";
    const KIND: Kind = Kind::OneShot;
    const NEEDS: &'static [Capability] = &[Capability::Drives, Capability::HostPids];
    const UNIT: Option<Unit> = Some(Unit::Container);
    const PEERS: bool = false;
    const TAKES: Takes = Takes::Life;

    fn steps(_: &Settings, on: &Targets) -> Result<Vec<Step>, Unfit> {
        on.hurt.iter().map(step).collect()
    }

    fn drives(_: &Settings) -> u32 {
        1
    }
}

fn step(node: &Facts) -> Result<Step, Unfit> {
    if node.drives.is_empty() {
        return Err(Unfit::Lacks("a drive of its own"));
    }
    let gone = Check::Gone {
        process: node.init.clone(),
    };
    let count = Check::Node {
        node: node.node.clone(),
        is: NodeState::Count,
    };
    Ok(Step {
        act: Act::Disk(Box::new(disk::Act::ShutDown {
            drives: node.drives.clone(),
            container: node.container.clone(),
            victim: Some(node.init.clone()),
        })),
        effective: Check::All(vec![gone, all(&node.drives, Outcome::IoError)]),
        healed: Check::All(vec![all(&node.drives, Outcome::Done), count, ready(node)]),
        lifetime: Lifetime::OneShot,
    })
}
