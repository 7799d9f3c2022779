//! Which filesystem a process sees in a drive's place, by the number of its device.
use crate::{
    checks::{Glance, Watch},
    clock::Clock,
    process,
};
use model::{drive::Drive, facts::Process};
use std::{fs, os::unix::fs::MetadataExt};

struct Replaced {
    drive: Drive,
    process: Process,
    replaced: bool,
}

/// Looks at nothing before the first glance.
pub fn watch(drive: &Drive, process: &Process, replaced: bool) -> impl Watch + use<> {
    Replaced {
        drive: drive.clone(),
        process: process.clone(),
        replaced,
    }
}

impl Replaced {
    /// Device and number of entries; none where there is no drive, or nobody to see it.
    fn seen(&self) -> Option<(String, usize)> {
        let path = format!("/proc/{}/root{}", self.process.pid, self.drive.inside);
        let device = fs::metadata(&path).ok()?.dev();
        let entries = fs::read_dir(&path).ok()?.count();
        let number = format!("{}:{}", libc::major(device), libc::minor(device));
        process::lives(&self.process).then_some((number, entries))
    }
}

impl Watch for Replaced {
    fn glance(&mut self, clock: Clock) -> Glance {
        let (drive, seen) = (&self.drive, self.seen());
        let place = format!("{} of {}", drive.inside, drive.node);
        let evidence = seen.as_ref().map_or_else(
            || format!("nobody sees a drive at {place}"),
            |(number, entries)| {
                let entries = entries.to_string();
                format!(
                    "at {place} is device {number} with {entries} entries, the drive is {}",
                    drive.number
                )
            },
        );
        // Between two mounts there is the empty folder that both cover.
        let point = fs::metadata(drive.folder()).map(|about| about.dev()).ok();
        let point = point.map(|device| format!("{}:{}", libc::major(device), libc::minor(device)));
        let there = seen.filter(|(number, _)| Some(number) != point.as_ref());
        let held = there.is_some_and(|(number, _)| (number != drive.number) == self.replaced);
        Glance {
            held: Some(held),
            since: clock.now(),
            evidence,
        }
    }
}
