//! Puts an empty filesystem in a drive's place while its container runs: the mount changes under it, as it is bound there as a
//! slave of ours. Files that are open stay on the drive itself, which stays mounted below; what is opened anew sees the other one.
use super::{Deed, failed};
use crate::drives::{loops, make, mounts};
use model::{
    act::{Undo, disk},
    drive::Drive,
};
use std::{
    fs,
    io::{self, ErrorKind},
    os::unix::fs::MetadataExt,
    path::Path,
    time::Duration,
};

/// Who has files of the other one open does not let it go: then the kernel does, later.
const PATIENCE: Duration = Duration::from_millis(200);

struct Swap {
    drive: Drive,
    spare: Drive,
    size: u64,
}

/// Looks how large it is.
///
/// # Errors
/// It is not there.
pub fn prepare(drive: &Drive) -> Result<impl Deed + use<>, String> {
    let size = fs::metadata(&drive.image).map_err(|error| failed("find", drive, &error))?;
    Ok(Swap {
        drive: drive.clone(),
        spare: drive.spare("", ""),
        size: size.size(),
    })
}

impl Deed for Swap {
    fn undo(&self) -> Undo {
        Undo::Disk(Box::new(disk::Undo::SwapBack {
            drive: self.drive.clone(),
        }))
    }
    fn backend(&self) -> String {
        "mount propagation".to_owned()
    }
    fn ready(&mut self) -> Result<(), String> {
        let made = make::filesystem(&self.spare, self.size);
        made.map(drop)
            .map_err(|(what, why)| format!("make another drive: {what}: {why}"))
    }
    fn go(&mut self) -> Result<(), String> {
        show(&self.spare.below, &self.drive).map_err(|error| failed("replace", &self.drive, &error))
    }
}

fn show(below: &str, drive: &Drive) -> io::Result<()> {
    let at = Path::new(&drive.mount);
    mounts::unmount_lazily(at)?;
    mounts::bind(Path::new(below), at)
}

/// Shows the drive itself again, and removes the other one.
///
/// # Errors
/// What the kernel says.
pub fn back(drive: &Drive) -> Result<(), String> {
    let spare = drive.spare("", "");
    if !Path::new(&drive.image).exists() || !Path::new(&spare.image).exists() {
        return Ok(());
    }
    restored(drive, &spare).map_err(|error| failed("put back", drive, &error))
}

fn restored(drive: &Drive, spare: &Drive) -> io::Result<()> {
    let (at, below) = (Path::new(&drive.mount), Path::new(&drive.below));
    if number(at) != number(below) {
        show(&drive.below, drive)?;
    }
    let spared = Path::new(&spare.below);
    if mounts::unmount(spared, PATIENCE).is_err() {
        mounts::unmount_lazily(spared)?;
    }
    for device in loops::behind(Path::new(&spare.image)) {
        loops::detach(&device)?;
    }
    match mounts::immutable(spared, false).and_then(|()| fs::remove_dir(spared)) {
        Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    fs::remove_file(&spare.image)
}

fn number(path: &Path) -> Option<u64> {
    fs::metadata(path).ok().map(|about| about.dev())
}
