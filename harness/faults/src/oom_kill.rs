//! Ends a process of the target the way the kernel does when its container is out of memory.
//!
//! The kernel picks whom it ends by size; so that it picks the target's own process, that one is marked first. The limit is as
//! it was once the process has ended.
use crate::{memory, node};
use model::{
    act::{
        Act,
        control::{self, Setting},
    },
    check::{self, Check},
    facts::{Capability, Facts, Process, Targets, Unit},
    fault::{Fault, Kind, Lifetime, SettingDoc, Step, Takes, Unfit},
};

/// See the module.
pub struct OomKill;

impl Fault for OomKill {
    type Settings = memory::Settings;
    const NAME: &'static str = "oom-kill";
    const DOC: &'static str = "Let the kernel end the target's main process for want of memory.";
    const EXAMPLE: &'static str = "oom-kill: {headroom: 4MiB}";
    const SETTINGS: &'static [SettingDoc] = memory::SETTINGS;
    const PROOF: &'static str = "Effective when the kernel reports the end of that very process and counts it as one for want of memory; healed when its role is whole again.";
    const KIND: Kind = Kind::OneShot;
    const NEEDS: &'static [Capability] = &[Capability::MemoryControl];
    const UNIT: Option<Unit> = None;
    const PEERS: bool = false;
    const TAKES: Takes = Takes::Life;

    fn steps(settings: &memory::Settings, on: &Targets) -> Result<Vec<Step>, Unfit> {
        on.hurt
            .iter()
            .map(|node| step(settings.headroom(), node))
            .collect()
    }
}

/// The kernel's highest: this one before all others.
fn first(victim: &Process) -> Setting {
    Setting {
        file: format!("/proc/{}/oom_score_adj", victim.pid),
        key: String::new(),
        to: "1000".to_owned(),
        of: victim.clone(),
    }
}

fn step(headroom: u64, node: &Facts) -> Result<Step, Unfit> {
    let (memory, victim) = (memory::of(node)?, node::main(node)?.clone());
    let limit = memory.just_above(headroom);
    let tight = memory::setting(node, memory.file(), "", limit.to_string());
    let counted = check::control::Check::Grew {
        file: memory.events(),
        key: "oom_kill".to_owned(),
    };
    let gone = Check::Gone {
        process: victim.clone(),
    };
    Ok(Step {
        act: Act::Control(control::Act::Set {
            settings: vec![first(&victim), tight],
            hog: Some(memory::hog(memory, limit, &victim)),
            start: node::start(node),
        }),
        effective: Check::All(vec![gone, Check::Control(counted)]),
        healed: Check::All(node::back(node)),
        lifetime: Lifetime::OneShot,
    })
}
