//! Shuts drives of the target down: every operation on them gives EIO, reads of cached data too.
//!
//! Such a filesystem comes back only by being mounted afresh, and that only once nobody holds a file of it: to heal it the
//! container is stopped, the drive checked and mounted, and the container started. A system sees a drive that died and, at the
//! end, came back as it was.
use crate::drives::{DRIVES, Settings, all, whole};
use model::{
    act::{Act, disk},
    check::disk::Outcome,
    facts::{Capability, Facts, Targets, Unit},
    fault::{Fault, Kind, Lifetime, SettingDoc, Step, Unfit},
};

/// See the module.
pub struct DiskDead;

impl Fault for DiskDead {
    type Settings = Settings;
    const NAME: &'static str = "disk-dead";
    const DOC: &'static str = "Shut drives down, so that every operation on them gives EIO.";
    const EXAMPLE: &'static str = "disk-dead: {drives: 1}";
    const SETTINGS: &'static [SettingDoc] = &[DRIVES];
    const PROOF: &'static str = "Effective when a small write gives EIO; healed when it is done, synced and read back, and the node does its work.";
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
        act: Act::Disk(Box::new(disk::Act::ShutDown {
            drives: hurt.to_vec(),
            container: node.container.clone(),
            victim: None,
        })),
        effective: all(hurt, Outcome::IoError),
        healed: whole(hurt, node),
        lifetime: Lifetime::Guard,
    })
}
