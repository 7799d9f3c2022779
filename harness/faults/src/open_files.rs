//! Lets each process of the target open no file or socket more; those it has stay open.
use crate::node;
use model::{
    act::{Act, control},
    check::{self, Check},
    facts::{Capability, Facts, Targets, Unit},
    fault::{Fault, Kind, Lifetime, SettingDoc, Step, Takes, Unfit},
};
use serde::{Deserialize, Deserializer, Serialize, de::Error};

/// See the module.
pub struct OpenFiles;

/// What a scenario may set.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    #[serde(default = "ten", deserialize_with = "most")]
    most: u64,
}

fn ten() -> u64 {
    10
}

/// More would be more than most processes hold, and then nothing is refused.
fn most<'de, D: Deserializer<'de>>(from: D) -> Result<u64, D::Error> {
    match u64::deserialize(from)? {
        most @ 3..=1000 => Ok(most),
        most => Err(D::Error::custom(format!(
            "`{most}` descriptors: 3 to 1000 can be asked for"
        ))),
    }
}

impl Fault for OpenFiles {
    type Settings = Settings;
    const NAME: &'static str = "open-files";
    const DOC: &'static str = "Let each process of the target open no further file or socket.";
    const EXAMPLE: &'static str = "open-files: {most: 10}";
    const SETTINGS: &'static [SettingDoc] = &[SettingDoc {
        name: "most",
        doc: "How many descriptors a process may hold, 3 to 1000; it hurts who holds as many.",
        default: "10",
    }];
    const PROOF: &'static str = "Effective when the main process has the limit and every descriptor below it is taken, so that the kernel refuses the next with EMFILE; healed when it has not and the node does its work.";
    const KIND: Kind = Kind::Held;
    const NEEDS: &'static [Capability] = &[Capability::HostPids];
    const UNIT: Option<Unit> = None;
    const PEERS: bool = false;
    const MAY_END: bool = true;
    const TAKES: Takes = Takes::Hold;

    fn steps(settings: &Settings, on: &Targets) -> Result<Vec<Step>, Unfit> {
        on.hurt
            .iter()
            .map(|node| step(settings.most, node))
            .collect()
    }
}

fn step(most: u64, node: &Facts) -> Result<Step, Unfit> {
    let process = node::main(node)?.clone();
    let seen = |full| {
        Check::Control(check::control::Check::Full {
            process: process.clone(),
            most,
            full,
        })
    };
    Ok(Step {
        act: Act::Control(control::Act::Files {
            processes: node.processes.clone(),
            most,
        }),
        effective: seen(true),
        healed: Check::All(vec![seen(false), node::ready(node)]),
        lifetime: Lifetime::Guard,
    })
}
