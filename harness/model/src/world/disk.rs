//! Drives in the model world: two a container, each a filesystem of its own.
//!
//! What surprises is modelled: a dead or spoilt filesystem stays so over a restart of its container until it is mounted afresh,
//! a limit ends with the container it was set for, and a drive that was swapped out keeps what was done to it.
use super::{RUN, World};
use crate::{
    act::disk::{Act, Pace, Undo},
    check::disk::{Check, Outcome},
    drive::{Drive, DriveSpec, Spot, Throttle},
    facts::{Facts, Process},
};
use std::collections::BTreeMap;

/// What belongs at every spot.
const GOOD: u8 = 0x5a;
/// Where drives are made.
const STATE: &str = "/state";

/// One drive.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Disk {
    /// Its paths and numbers.
    pub drive: Drive,
    /// The container that sees it; empty for one made since.
    pub container: String,
    /// Shut down.
    pub dead: bool,
    /// Stopped writing after an error.
    pub spoilt: bool,
    /// Writes are held back.
    pub frozen: bool,
    /// No space is left.
    pub full: bool,
    /// Another one stands in its place.
    pub swapped: bool,
    /// The byte at its spot.
    pub byte: u8,
    /// Limits on bytes and on operations, each for reads and writes, and whose they are.
    pub limits: Option<(Process, [(u64, u64); 2])>,
}

/// All drives, by their mount.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Disks(pub BTreeMap<String, Disk>);

impl Disk {
    fn new(drive: Drive, container: &str) -> Self {
        let container = container.to_owned();
        Self {
            drive,
            container,
            dead: false,
            spoilt: false,
            frozen: false,
            full: false,
            swapped: false,
            byte: GOOD,
            limits: None,
        }
    }

    /// What a write to its mount comes to: a stand-in takes everything.
    fn writes(&self) -> Outcome {
        match self {
            Self { swapped: true, .. } => Outcome::Done,
            Self { frozen: true, .. } => Outcome::Stalls,
            Self { dead: true, .. } => Outcome::IoError,
            Self { spoilt: true, .. } => Outcome::ReadOnly,
            Self { full: true, .. } => Outcome::NoSpace,
            _ => Outcome::Done,
        }
    }

    fn limit(&mut self, init: &Process, kind: usize, limit: (u64, u64)) {
        let known = self.limits.take().filter(|(whose, _)| whose == init);
        let mut limits = known.map_or([(0, 0); 2], |(_, limits)| limits);
        limits[kind] = limit;
        self.limits = (limits != [(0, 0); 2]).then(|| (init.clone(), limits));
    }

    fn limited(&self, init: &Process, kind: usize) -> (u64, u64) {
        let limits = self.limits.as_ref().filter(|(whose, _)| whose == init);
        limits.map_or((0, 0), |(_, limits)| limits[kind])
    }

    fn spot(&self) -> Spot {
        Spot {
            file: format!("{}/data", self.drive.below),
            inode: 12,
            offset: 512,
            byte: GOOD,
        }
    }
}

impl Disks {
    /// Gives a container of `run` its two drives.
    pub(super) fn add(&mut self, run: &str, id: &str) {
        for name in [1, 2] {
            let spec = DriveSpec {
                node: id.into(),
                inside: format!("/drives/{name}"),
                size_bytes: 1 << 26,
                layered: false,
            };
            self.make(&format!("{STATE}/{run}"), &spec, id);
        }
    }

    fn make(&mut self, folder: &str, spec: &DriveSpec, container: &str) {
        let number = self.0.len();
        let drive = Drive::placed(
            folder,
            spec,
            &format!("/dev/loop{number}"),
            &format!("7:{number}"),
        );
        let disk = Disk::new(drive, container);
        self.0.insert(disk.drive.mount.clone(), disk);
    }

    /// Adds to the facts of a container what they say of drives.
    pub(super) fn tell(&self, id: &str, facts: &mut Facts) {
        let own = || self.0.values().filter(|disk| disk.container == id);
        facts.drives = own().map(|disk| disk.drive.clone()).collect();
        facts.spots = own().map(Disk::spot).collect();
        facts.throttle = Some(Throttle {
            init: facts.init.clone(),
            group: format!("/sys/fs/cgroup/blkio/docker/{id}"),
            unified: false,
        });
    }

    /// Nothing hurts.
    pub fn calm(&mut self) {
        for disk in self.0.values_mut() {
            *disk = Disk::new(disk.drive.clone(), &disk.container);
        }
    }

    fn at(&mut self, drive: &Drive) -> Option<&mut Disk> {
        self.0.get_mut(&drive.mount)
    }

    fn of_spot(&mut self, spot: &Spot) -> Option<&mut Disk> {
        self.0
            .values_mut()
            .find(|disk| disk.spot().file == spot.file)
    }
}

const fn kind(pace: Pace) -> usize {
    match pace {
        Pace::Bytes(_) => 0,
        Pace::Operations(_) => 1,
    }
}

const fn most(pace: Pace) -> u64 {
    match pace {
        Pace::Bytes(most) | Pace::Operations(most) => most,
    }
}

impl World {
    /// Somebody limited a container's drives before.
    pub(super) fn limit_drives(&mut self, id: &str) {
        let home = self.containers.get(id);
        let Some(init) = home.and_then(|one| one.processes[0].clone()) else {
            return;
        };
        let own = self.disks.0.values_mut();
        for disk in own.filter(|disk| disk.container == id) {
            disk.limit(&init, 0, (1 << 30, 0));
        }
    }

    /// The same world with other process numbers: what is left to compare where containers were restarted.
    pub fn renumbered(mut self) -> Self {
        let runs: BTreeMap<String, Option<Process>> = self
            .containers
            .iter()
            .map(|(id, one)| (id.clone(), one.processes[0].clone()))
            .collect();
        let one = |at| Process {
            pid: at,
            start_ticks: 0,
        };
        for disk in self.disks.0.values_mut() {
            let init = runs.get(&disk.container).cloned().flatten();
            disk.limits = disk
                .limits
                .take()
                .filter(|(whose, _)| Some(whose) == init.as_ref())
                .map(|(_, limits)| (one(1), limits));
        }
        for container in self.containers.values_mut() {
            for (at, process) in (1..).zip(&mut container.processes) {
                *process = process.as_ref().map(|_| one(at));
            }
        }
        self.next_pid = 0;
        self
    }

    /// None where the drive is hurt in that way already: the guard looks first, and does not act then.
    pub(super) fn record_disk(&self, act: &Act) -> Option<Undo> {
        let is = |drive: &Drive, hurt: fn(&Disk) -> bool| {
            self.disks.0.get(&drive.mount).is_some_and(hurt)
        };
        let whole = |drives: &[Drive], hurt: fn(&Disk) -> bool| {
            let whole = drives.iter().filter(|drive| !is(drive, hurt));
            let whole: Vec<Drive> = whole.cloned().collect();
            (!whole.is_empty()).then_some(whole)
        };
        Some(match act.clone() {
            Act::Make { folder, .. } => Undo::Unmake { folder },
            Act::ShutDown {
                drives, container, ..
            } => Undo::Remount {
                drives: whole(&drives, |disk| disk.dead)?,
                container,
            },
            Act::Spoil { drives, container } => Undo::Remount {
                drives: whole(&drives, |disk| disk.spoilt)?,
                container,
            },
            Act::Freeze { drive } => {
                (!is(&drive, |disk| disk.frozen)).then_some(Undo::Thaw { drive })?
            }
            Act::Fill { drive } => {
                (!is(&drive, |disk| disk.full)).then_some(Undo::Drain { drive })?
            }
            Act::Swap { drive } => {
                (!is(&drive, |disk| disk.swapped)).then_some(Undo::SwapBack { drive })?
            }
            Act::Slow {
                drive,
                throttle,
                pace,
            } => {
                let disk = self.disks.0.get(&drive.mount);
                let was = disk.map_or((0, 0), |disk| disk.limited(&throttle.init, kind(pace)));
                Undo::Hasten {
                    drive,
                    throttle,
                    pace,
                    was,
                }
            }
            Act::Rot { spot } => {
                let mut disks = self.disks.0.values();
                let known = disks.find(|disk| disk.spot().file == spot.file);
                known.filter(|disk| disk.byte == spot.byte)?;
                Undo::Mend { spot }
            }
        })
    }

    pub(super) fn act_disk(&mut self, act: &Act) {
        match act {
            Act::Make { folder, drives } => {
                drives
                    .iter()
                    .for_each(|spec| self.disks.make(folder, spec, ""));
            }
            Act::ShutDown { drives, victim, .. } => {
                self.each(drives, |disk| disk.dead = true);
                let home = victim.as_ref().and_then(|victim| self.home_mut(victim));
                if let (Some(one), Some(victim)) = (home, victim) {
                    one.thaw();
                    one.end(victim);
                }
            }
            Act::Spoil { drives, .. } => self.each(drives, |disk| disk.spoilt = true),
            Act::Freeze { drive } => self.one(drive, |disk| disk.frozen = true),
            Act::Fill { drive } => self.one(drive, |disk| disk.full = true),
            Act::Slow {
                drive,
                throttle,
                pace,
            } => {
                let limit = (most(*pace), most(*pace));
                self.limit(drive, throttle, *pace, limit);
            }
            Act::Rot { spot } => {
                if let Some(disk) = self.disks.of_spot(spot) {
                    disk.byte = spot.byte ^ 1;
                }
            }
            Act::Swap { drive } => self.one(drive, |disk| disk.swapped = true),
        }
    }

    pub(super) fn undo_disk(&mut self, undo: &Undo) {
        match undo {
            Undo::Unmake { folder } => {
                let below = format!("{folder}/");
                self.disks.0.retain(|mount, _| !mount.starts_with(&below));
            }
            Undo::Remount { drives, container } => self.remount(drives, container),
            Undo::Thaw { drive } => self.one(drive, |disk| disk.frozen = false),
            Undo::Drain { drive } => self.one(drive, |disk| disk.full = false),
            Undo::Hasten {
                drive,
                throttle,
                pace,
                was,
            } => self.limit(drive, throttle, *pace, *was),
            Undo::Mend { spot } => {
                if let Some(disk) = self.disks.of_spot(spot) {
                    disk.byte = spot.byte;
                }
            }
            Undo::SwapBack { drive } => self.one(drive, |disk| disk.swapped = false),
        }
    }

    /// Only where one does not take writes; what was mounted on it, or held a file of it, goes with the old mount.
    fn remount(&mut self, drives: &[Drive], container: &str) {
        let hurt = |disk: &&Disk| disk.dead || disk.spoilt;
        let known = drives
            .iter()
            .filter_map(|drive| self.disks.0.get(&drive.mount));
        if known.filter(hurt).count() > 0 {
            self.each(drives, |disk| {
                let (byte, limits) = (disk.byte, disk.limits.take());
                *disk = Disk::new(disk.drive.clone(), &disk.container);
                (disk.byte, disk.limits) = (byte, limits);
            });
            self.restart(container);
        } else {
            self.start(container);
        }
    }

    pub(super) fn holds_disk(&self, check: &Check) -> bool {
        match check {
            Check::Writes { drive, come_to } => {
                let disk = self.disks.0.get(&drive.mount);
                disk.is_some_and(|disk| disk.writes() == *come_to)
            }
            Check::Slow {
                drive,
                throttle,
                pace,
                slow,
            } => {
                let disk = self.disks.0.get(&drive.mount);
                let works = disk.filter(|disk| disk.writes() == Outcome::Done);
                works.is_some_and(|disk| {
                    let (_, written) = disk.limited(&throttle.init, kind(*pace));
                    (written > 0 && written <= most(*pace)) == *slow
                })
            }
            Check::Rotten { spot, rotten } => {
                let mut disks = self.disks.0.values();
                let disk = disks.find(|disk| disk.spot().file == spot.file);
                disk.is_some_and(|disk| disk.byte != spot.byte) == *rotten
            }
            Check::Replaced {
                drive,
                process,
                replaced,
            } => {
                let disk = self.disks.0.get(&drive.mount);
                self.home(process).is_some() && disk.is_some_and(|disk| disk.swapped == *replaced)
            }
        }
    }

    fn limit(&mut self, drive: &Drive, throttle: &Throttle, pace: Pace, limit: (u64, u64)) {
        if self.home(&throttle.init).is_some() {
            self.one(drive, |disk| disk.limit(&throttle.init, kind(pace), limit));
        }
    }

    fn one(&mut self, drive: &Drive, change: impl FnOnce(&mut Disk)) {
        self.disks.at(drive).map(change);
    }

    fn each(&mut self, drives: &[Drive], change: impl Fn(&mut Disk)) {
        for drive in drives {
            self.one(drive, &change);
        }
    }

    /// Where the run's drives are.
    pub fn drives_folder() -> String {
        format!("{STATE}/{RUN}")
    }
}
