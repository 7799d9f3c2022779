//! Puts an empty drive in the place of another while the target runs, as somebody does who pulls one and plugs in a new one.
//!
//! Files that are open stay on the old drive; what is opened anew finds the new one empty. To heal it the old drive is put back,
//! with what it held then.
use crate::drives::{self, DRIVES, Settings, ready};
use model::{
    act::{Act, disk},
    check::{Check, disk as check},
    facts::{Capability, Targets, Unit},
    fault::{Fault, Kind, Lifetime, SettingDoc, Step, Unfit},
};

/// See the module.
pub struct DiskReplaced;

impl Fault for DiskReplaced {
    type Settings = Settings;
    const NAME: &'static str = "disk-replaced";
    const DOC: &'static str = "Put an empty drive in the place of another while the target runs.";
    const EXAMPLE: &'static str = "disk-replaced: {drives: 1}";
    const SETTINGS: &'static [SettingDoc] = &[DRIVES];
    const PROOF: &'static str = "Effective when the target sees another device at the drive's path; healed when it sees the drive itself, and does its work.";
    const KIND: Kind = Kind::Held;
    const NEEDS: &'static [Capability] = &[Capability::Drives];
    const UNIT: Option<Unit> = Some(Unit::Container);
    const PEERS: bool = false;
    const MAY_END: bool = true;

    fn steps(settings: &Settings, on: &Targets) -> Result<Vec<Step>, Unfit> {
        drives::each(settings, on, |node, drive| {
            let check = |replaced| {
                Check::Disk(Box::new(check::Check::Replaced {
                    drive: drive.clone(),
                    process: node.init.clone(),
                    replaced,
                }))
            };
            Ok(Step {
                act: Act::Disk(Box::new(disk::Act::Swap {
                    drive: drive.clone(),
                })),
                effective: check(true),
                healed: Check::All(vec![check(false), ready(node)]),
                lifetime: Lifetime::Guard,
            })
        })
    }

    fn drives(settings: &Settings) -> u32 {
        settings.count()
    }
}
