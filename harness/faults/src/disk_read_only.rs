//! Lets the filesystems of drives find an error in themselves, after which they allow reads only: what a flaky medium leads to.
//!
//! Nothing short of a repair makes them writable again: to heal it the container is stopped, the drive checked and mounted, and
//! the container started.
use crate::drives::{DRIVES, Settings, all, whole};
use model::{
    act::{Act, disk},
    check::disk::Outcome,
    facts::{Capability, Facts, Targets, Unit},
    fault::{Fault, Kind, Lifetime, SettingDoc, Step, Unfit},
};

/// See the module.
pub struct DiskReadOnly;

impl Fault for DiskReadOnly {
    type Settings = Settings;
    const NAME: &'static str = "disk-read-only";
    const DOC: &'static str = "Let filesystems find an error, so that they allow reads only.";
    const EXAMPLE: &'static str = "disk-read-only: {drives: 1}";
    const SETTINGS: &'static [SettingDoc] = &[DRIVES];
    const PROOF: &'static str = "Effective when a small write gives EROFS; healed when it is done, synced and read back, and the node does its work.";
    const KIND: Kind = Kind::Held;
    const NEEDS: &'static [Capability] = &[Capability::Drives];
    const UNIT: Option<Unit> = Some(Unit::Container);
    const PEERS: bool = false;
    const MAY_END: bool = true;

    fn steps(settings: &Settings, on: &Targets) -> Result<Vec<Step>, Unfit> {
        on.hurt.iter().map(|node| step(settings, node)).collect()
    }

    fn drives(settings: &Settings) -> u32 {
        settings.count()
    }
}

/// All drives of a node in one step: to heal them it is stopped once.
fn step(settings: &Settings, node: &Facts) -> Result<Step, Unfit> {
    let hurt = settings.of(node)?;
    Ok(Step {
        act: Act::Disk(Box::new(disk::Act::Spoil {
            drives: hurt.to_vec(),
            container: node.container.clone(),
        })),
        effective: all(hurt, Outcome::ReadOnly),
        healed: whole(hurt, node),
        lifetime: Lifetime::Guard,
    })
}
