//! Takes all free space of drives with a file that has no name: nothing of it is seen, and the kernel frees it when we die.
//!
//! A few bytes that overwrite others still fit; whatever needs a new block is refused.
use crate::drives::{self, DRIVES, Settings, ready, writes};
use model::{
    act::{Act, disk},
    check::{Check, disk::Outcome},
    facts::{Capability, Targets, Unit},
    fault::{Fault, Kind, Lifetime, SettingDoc, Step, Unfit},
};

/// See the module.
pub struct DiskFull;

impl Fault for DiskFull {
    type Settings = Settings;
    const NAME: &'static str = "disk-full";
    const DOC: &'static str = "Take all free space of drives.";
    const EXAMPLE: &'static str = "disk-full: {drives: 1}";
    const SETTINGS: &'static [SettingDoc] = &[DRIVES];
    const PROOF: &'static str = "Effective when a small write gives ENOSPC; healed when it is done, synced and read back, and the node does its work.";
    const KIND: Kind = Kind::Held;
    const NEEDS: &'static [Capability] = &[Capability::Drives];
    const UNIT: Option<Unit> = Some(Unit::Container);
    const PEERS: bool = false;
    const MAY_END: bool = true;

    fn steps(settings: &Settings, on: &Targets) -> Result<Vec<Step>, Unfit> {
        drives::each(settings, on, |node, drive| {
            Ok(Step {
                act: Act::Disk(Box::new(disk::Act::Fill {
                    drive: drive.clone(),
                })),
                effective: writes(drive, Outcome::NoSpace),
                healed: Check::All(vec![writes(drive, Outcome::Done), ready(node)]),
                lifetime: Lifetime::Kernel,
            })
        })
    }

    fn drives(settings: &Settings) -> u32 {
        settings.count()
    }
}
