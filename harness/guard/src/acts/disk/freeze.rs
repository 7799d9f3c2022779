//! Holds writes back with the kernel's own freeze: they wait, as on a controller that hangs. Tasks that wait cannot be killed, so
//! this is the most dangerous of all: a descriptor to thaw by is kept from before the act until the end, and nothing else is done
//! to the drive before it is thawed.
use super::{Deed, Held, Use, failed, open};
use crate::drives::remove;
use model::{
    act::{Undo, disk},
    drive::Drive,
};
use std::{
    fs::File,
    io,
    os::fd::AsRawFd,
    path::{Path, PathBuf},
};

const FREEZE: libc::c_ulong = 0xC004_5877;

struct Freeze {
    drive: Drive,
    folder: File,
}

/// Opens the folder, and keeps it open.
///
/// # Errors
/// It is not there.
pub fn prepare(held: &Held, drive: &Drive) -> Result<impl Deed + use<>, String> {
    let folder = open(drive)?;
    let kept = folder
        .try_clone()
        .map_err(|error| failed("open", drive, &error))?;
    held.keep(drive, Use::Thaw, kept);
    Ok(Freeze {
        drive: drive.clone(),
        folder,
    })
}

impl Deed for Freeze {
    fn undo(&self) -> Undo {
        Undo::Disk(Box::new(disk::Undo::Thaw {
            drive: self.drive.clone(),
        }))
    }
    fn backend(&self) -> String {
        "FIFREEZE".to_owned()
    }
    fn go(&mut self) -> Result<(), String> {
        // SAFETY: an open descriptor; the argument is not used.
        if unsafe { libc::ioctl(self.folder.as_raw_fd(), FREEZE, 0) } == 0 {
            return Ok(());
        }
        Err(failed("freeze", &self.drive, &io::Error::last_os_error()))
    }
}

/// Lets writes go on: through its path, or where that is gone through the descriptor kept.
///
/// # Errors
/// What the kernel says.
pub fn thaw(held: &Held, drive: &Drive) -> Result<(), String> {
    let kept = held
        .table()
        .get(&(drive.mount.clone(), Use::Thaw))
        .map(AsRawFd::as_raw_fd);
    let kept = kept.map(|fd| PathBuf::from(format!("/proc/self/fd/{fd}")));
    let by_kept = kept.map_or(Ok(()), |path| remove::thaw(&path));
    let by_path = remove::thaw(Path::new(&drive.below));
    let thawed = by_kept.and(by_path);
    thawed.map_err(|error| failed("thaw", drive, &error))?;
    held.release(drive, Use::Thaw);
    Ok(())
}
