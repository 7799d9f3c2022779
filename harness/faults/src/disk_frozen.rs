//! Holds every write to drives back, as a controller does that hangs: no error, no answer. Reads go on.
//!
//! Whoever writes waits in the kernel, where no signal reaches it, so it is thawed before anything else is done.
use crate::drives::{self, DRIVES, Settings, ready, writes};
use model::{
    act::{Act, disk},
    check::{Check, disk::Outcome},
    facts::{Capability, Targets, Unit},
    fault::{Escalation, Fault, Kind, Lifetime, SettingDoc, Step, Takes, Unfit},
};

/// See the module.
pub struct DiskFrozen;

impl Fault for DiskFrozen {
    type Settings = Settings;
    const NAME: &'static str = "disk-frozen";
    const DOC: &'static str = "Hold every write to drives back without an answer.";
    const EXAMPLE: &'static str = "disk-frozen: {drives: 1}";
    const SETTINGS: &'static [SettingDoc] = &[DRIVES];
    const PROOF: &'static str = "Effective when a small write by a process of its own does not come back and waits in the kernel; healed when it is done, synced and read back, and the node does its work.";
    const KIND: Kind = Kind::Held;
    const NEEDS: &'static [Capability] = &[Capability::Drives];
    const UNIT: Option<Unit> = Some(Unit::Container);
    const PEERS: bool = false;
    const TAKES: Takes = Takes::Hold;
    /// A container whose tasks wait on the drive can neither be stopped nor started again.
    const ESCALATION: Escalation = Escalation::Removal;

    fn steps(settings: &Settings, on: &Targets) -> Result<Vec<Step>, Unfit> {
        drives::each(settings, on, |node, drive| {
            Ok(Step {
                act: Act::Disk(Box::new(disk::Act::Freeze {
                    drive: drive.clone(),
                })),
                effective: writes(drive, Outcome::Stalls),
                healed: Check::All(vec![writes(drive, Outcome::Done), ready(node)]),
                lifetime: Lifetime::Guard,
            })
        })
    }

    fn drives(settings: &Settings) -> u32 {
        settings.count()
    }
}
