//! Lets the target's container make no process or thread more; those it has run on.
//!
//! A JVM shows it as "unable to create native thread".
use crate::node;
use model::{
    act::{
        Act,
        control::{self, Setting},
    },
    check::{self, Check},
    facts::{Capability, Facts, Targets, Unit},
    fault::{Fault, Kind, Lifetime, SettingDoc, Step, Unfit},
};
use serde::{Deserialize, Serialize};

/// See the module.
pub struct ProcessLimit;

/// Nothing to set.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {}

impl Fault for ProcessLimit {
    type Settings = Settings;
    const NAME: &'static str = "process-limit";
    const DOC: &'static str = "Let the target's container make no further process or thread.";
    const EXAMPLE: &'static str = "process-limit: {}";
    const SETTINGS: &'static [SettingDoc] = &[];
    const PROOF: &'static str = "Effective when a fork inside the container's group is refused; healed when one succeeds, the old limit stands there, and the node does its work.";
    const KIND: Kind = Kind::Held;
    const NEEDS: &'static [Capability] = &[Capability::TaskControl];
    const UNIT: Option<Unit> = Some(Unit::Container);
    const PEERS: bool = false;
    const MAY_END: bool = true;

    fn steps(_: &Settings, on: &Targets) -> Result<Vec<Step>, Unfit> {
        on.hurt.iter().map(step).collect()
    }
}

fn step(node: &Facts) -> Result<Step, Unfit> {
    let tasks = node.control.tasks.as_ref();
    let tasks = tasks.ok_or(Unfit::Lacks("a file that limits its tasks"))?;
    let setting = Setting {
        file: tasks.file(),
        key: String::new(),
        to: "1".to_owned(),
        of: node.init.clone(),
    };
    let forks = |works| {
        Check::Control(check::control::Check::Forks {
            group: tasks.procs(),
            works,
        })
    };
    let old = Check::Reads {
        file: tasks.file(),
        want: tasks.now.clone(),
    };
    Ok(Step {
        act: Act::Control(control::Act::Set {
            settings: vec![setting],
            hog: None,
            start: None,
        }),
        effective: forks(false),
        healed: Check::All(vec![forks(true), old, node::ready(node)]),
        lifetime: Lifetime::Guard,
    })
}
