//! Stops one process, all of its threads: it neither works nor ends, and the kernel still acknowledges TCP for it.
//!
//! Its children go on, and so does everybody else in its container; to hold a whole container use `pause`.
use crate::node;
use model::{
    act::{Act, process},
    check::{self, Check},
    facts::{Capability, Facts, Targets, Unit},
    fault::{Fault, Kind, Lifetime, SettingDoc, Step, Takes, Unfit},
};
use serde::{Deserialize, Serialize};

/// See the module.
pub struct Stop;

/// Nothing to set.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {}

impl Fault for Stop {
    type Settings = Settings;
    const NAME: &'static str = "stop";
    const DOC: &'static str = "Stop one process of the target, and let it go on later.";
    const EXAMPLE: &'static str = "stop: {}";
    const SETTINGS: &'static [SettingDoc] = &[];
    const PROOF: &'static str = "Effective when the process table says that it is stopped; healed when it does not and the node does its work.";
    const KIND: Kind = Kind::Held;
    const NEEDS: &'static [Capability] = &[Capability::HostPids];
    const UNIT: Option<Unit> = None;
    const PEERS: bool = false;
    const TAKES: Takes = Takes::Hold;

    fn steps(_: &Settings, on: &Targets) -> Result<Vec<Step>, Unfit> {
        on.hurt.iter().map(step).collect()
    }
}

fn step(node: &Facts) -> Result<Step, Unfit> {
    let process = node::main(node)?.clone();
    let seen = |stopped| {
        Check::Process(check::process::Check::Stopped {
            process: process.clone(),
            stopped,
        })
    };
    Ok(Step {
        effective: seen(true),
        healed: Check::All(vec![seen(false), node::ready(node)]),
        act: Act::Process(process::Act::Stop {
            process: process.clone(),
        }),
        lifetime: Lifetime::Guard,
    })
}
