//! Leaves the target's container a little memory, and uses that up: whoever in it wants more waits.
//!
//! On cgroup v1 nobody is ended: the container stalls at its next page fault. On v2 there is no such wait: the kernel slows down
//! everybody in the group at `memory.high` and reclaims instead.
use crate::{memory, node};
use model::{
    act::{Act, control},
    check::{self, Check},
    control::Generation,
    facts::{Capability, Facts, Targets, Unit},
    fault::{Fault, Kind, Lifetime, SettingDoc, Step, Unfit},
};

/// See the module.
pub struct MemoryPressure;

impl Fault for MemoryPressure {
    type Settings = memory::Settings;
    const NAME: &'static str = "memory-pressure";
    const DOC: &'static str =
        "Let whoever in the target's container wants more memory wait for it.";
    const EXAMPLE: &'static str = "memory-pressure: {headroom: 4MiB}";
    const SETTINGS: &'static [SettingDoc] = memory::SETTINGS;
    const PROOF: &'static str = "Effective when the kernel says that the group waits for memory (v1) or counts that it was held at its limit (v2); healed when the old limit stands there and the node does its work.";
    const KIND: Kind = Kind::Held;
    const NEEDS: &'static [Capability] = &[Capability::MemoryControl];
    const UNIT: Option<Unit> = Some(Unit::Container);
    const PEERS: bool = false;
    const MAY_END: bool = true;

    fn steps(settings: &memory::Settings, on: &Targets) -> Result<Vec<Step>, Unfit> {
        on.hurt
            .iter()
            .map(|node| step(settings.headroom(), node))
            .collect()
    }
}

fn step(headroom: u64, node: &Facts) -> Result<Step, Unfit> {
    let memory = memory::of(node)?;
    let limit = memory.just_above(headroom);
    let set = |file, key, to: String| memory::setting(node, file, key, to);
    let reads = |file, want: &str| Check::Reads {
        file,
        want: want.to_owned(),
    };
    let (settings, effective, eased) = match memory.generation {
        Generation::V1 => (
            vec![
                set(memory.events(), "oom_kill_disable", "1".into()),
                set(memory.file(), "", limit.to_string()),
            ],
            reads(memory.events(), "under_oom 1"),
            vec![
                reads(memory.file(), &memory.now),
                reads(memory.events(), "under_oom 0"),
            ],
        ),
        Generation::V2 => {
            let high = format!("{}/memory.high", memory.group);
            (
                vec![set(high.clone(), "", limit.to_string())],
                Check::Control(check::control::Check::Grew {
                    file: memory.events(),
                    key: "high".to_owned(),
                }),
                vec![reads(high, "max")],
            )
        }
    };
    Ok(Step {
        act: Act::Control(control::Act::Set {
            settings,
            hog: Some(memory::hog(memory, limit, &node.init)),
            start: None,
        }),
        effective,
        healed: Check::All([eased, vec![node::ready(node)]].concat()),
        lifetime: Lifetime::Guard,
    })
}
