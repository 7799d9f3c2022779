//! Freezes every process of a container; its sockets stay open and silent.
//!
//! The kernel still acknowledges TCP for it, so clients see no error until their own timeouts fire.
use model::{
    act::Act,
    check::{Check, NodeState},
    facts::{Capability, Facts, Targets, Unit},
    fault::{Fault, Kind, Lifetime, SettingDoc, Step, Takes, Unfit},
};
use serde::{Deserialize, Serialize};

/// See the module.
pub struct Pause;

/// Nothing to set.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {}

impl Fault for Pause {
    type Settings = Settings;
    const NAME: &'static str = "pause";
    const DOC: &'static str = "Freeze every process of the target.";
    const EXAMPLE: &'static str = "pause: {}";
    const SETTINGS: &'static [SettingDoc] = &[];
    const PROOF: &'static str = "Effective when the freezer reads frozen; healed when it reads thawed and the node does its work.";
    const KIND: Kind = Kind::Held;
    const NEEDS: &'static [Capability] = &[Capability::Freezer];
    const UNIT: Option<Unit> = Some(Unit::Container);
    const PEERS: bool = false;
    const TAKES: Takes = Takes::Hold;

    fn steps(_: &Settings, on: &Targets) -> Result<Vec<Step>, Unfit> {
        on.hurt.iter().map(step).collect()
    }
}

fn step(node: &Facts) -> Result<Step, Unfit> {
    let freezer = node.freezer.clone();
    let freezer = freezer.ok_or(Unfit::Lacks("a freezer control file"))?;
    let reads = |want: &str| Check::Reads {
        file: freezer.read.clone(),
        want: want.to_owned(),
    };
    let ready = Check::Node {
        node: node.node.clone(),
        is: NodeState::Ready,
    };
    Ok(Step {
        effective: reads(&freezer.frozen),
        healed: Check::All(vec![reads(&freezer.thawed), ready]),
        act: Act::Freeze { freezer },
        lifetime: Lifetime::Guard,
    })
}
