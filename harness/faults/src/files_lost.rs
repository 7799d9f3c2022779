//! Loses the files that the target keeps on scratch space, such as what its tasks left for others to fetch.
//!
//! They are renamed within their folder, so that the heal can put back what is still of use; who has one open keeps it. What
//! the target writes afterwards is there.
use crate::node;
use model::{
    act::{Act, files},
    check::{self, Check},
    facts::{Capability, Facts, Targets, Unit},
    fault::{Fault, Kind, Lifetime, SettingDoc, Step, Unfit},
};
use serde::{Deserialize, Serialize};

/// See the module.
pub struct FilesLost;

/// Nothing to set: the system says which files are such.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {}

impl Fault for FilesLost {
    type Settings = Settings;
    const NAME: &'static str = "files-lost";
    const DOC: &'static str = "Lose the files that the target keeps on scratch space.";
    const EXAMPLE: &'static str = "files-lost: {}";
    const SETTINGS: &'static [SettingDoc] = &[];
    const PROOF: &'static str = "Effective when there were such files and none of them is there any more; healed when none lies hidden and the node does its work.";
    const KIND: Kind = Kind::Held;
    const NEEDS: &'static [Capability] = &[Capability::HostPids];
    const UNIT: Option<Unit> = None;
    const PEERS: bool = false;

    fn steps(_: &Settings, on: &Targets) -> Result<Vec<Step>, Unfit> {
        on.hurt.iter().map(step).collect()
    }
}

fn step(node: &Facts) -> Result<Step, Unfit> {
    if node.scratch.is_empty() {
        return Err(Unfit::Lacks("files on scratch space"));
    }
    let seen = |lost| {
        Check::Files(check::files::Check::Lost {
            process: node.init.clone(),
            patterns: node.scratch.clone(),
            lost,
        })
    };
    Ok(Step {
        act: Act::Files(files::Act::Hide {
            process: node.init.clone(),
            patterns: node.scratch.clone(),
        }),
        effective: seen(true),
        healed: Check::All(vec![seen(false), node::ready(node)]),
        lifetime: Lifetime::Guard,
    })
}
