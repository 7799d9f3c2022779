//! What is done to drives: one file an act.
//!
//! What the guard holds open on behalf of an act is in [`Held`]: it goes with the guard, so that the kernel ends what hangs on it.
mod fill;
mod freeze;
mod make;
mod remount;
pub mod rot;
pub mod shut_down;
mod slow;
mod spoil;
mod swap;

use super::Deed;
use crate::{drives::remove, engine_socket::Engine};
use model::{
    act::disk::{Act, Undo},
    drive::Drive,
};
use std::{
    collections::BTreeMap,
    fs::File,
    io,
    os::fd::AsRawFd,
    path::Path,
    sync::{Mutex, MutexGuard, PoisonError},
};

/// What a descriptor is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Use {
    /// It keeps the space of a nameless file taken.
    Ballast,
    /// It leads to a frozen filesystem also when no path does.
    Thaw,
}

/// Descriptors on drives, by the drive's mount.
#[derive(Debug, Default)]
pub struct Held(Mutex<BTreeMap<(String, Use), File>>);

impl Held {
    fn keep(&self, drive: &Drive, of: Use, file: File) {
        self.table().insert((drive.mount.clone(), of), file);
    }

    fn release(&self, drive: &Drive, of: Use) {
        self.table().remove(&(drive.mount.clone(), of));
    }

    /// Closes everything on a drive: while anything is held, unmounting it changes nothing.
    fn release_all(&self, drive: &Drive) {
        self.table().retain(|(mount, _), _| *mount != drive.mount);
    }

    fn table(&self) -> MutexGuard<'_, BTreeMap<(String, Use), File>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Looks at what `act` will change.
///
/// # Errors
/// The target is not there, or the machine cannot do it.
pub fn prepare<'a>(held: &'a Held, act: &Act) -> Result<Box<dyn Deed + 'a>, String> {
    Ok(match act {
        Act::Make { folder, drives } => Box::new(make::prepare(folder, drives)?),
        Act::ShutDown {
            drives,
            container,
            victim,
        } => Box::new(shut_down::prepare(drives, container, victim.as_ref())?),
        Act::Spoil { drives, container } => Box::new(spoil::prepare(drives, container)?),
        Act::Freeze { drive } => Box::new(freeze::prepare(held, drive)?),
        Act::Fill { drive } => Box::new(fill::prepare(held, drive)?),
        Act::Slow {
            drive,
            throttle,
            pace,
        } => Box::new(slow::prepare(drive, throttle, *pace)?),
        Act::Rot { spot } => Box::new(rot::prepare(spot)?),
        Act::Swap { drive } => Box::new(swap::prepare(drive)?),
    })
}

/// Puts back; twice is once, and a drive that is gone is a success.
///
/// # Errors
/// What the machine says; worth another try.
pub fn undo(held: &Held, engine: &Engine, undo: &Undo) -> Result<(), String> {
    match undo {
        Undo::Unmake { folder } => remove::all(Path::new(folder)),
        Undo::Remount { drives, container } => remount::remount(held, engine, drives, container),
        Undo::Thaw { drive } => freeze::thaw(held, drive),
        Undo::Drain { drive } => {
            held.release(drive, Use::Ballast);
            Ok(())
        }
        Undo::Hasten {
            drive,
            throttle,
            pace,
            was,
        } => slow::hasten(drive, throttle, *pace, *was),
        Undo::Mend { spot } => rot::mend(spot),
        Undo::SwapBack { drive } => swap::back(drive),
    }
}

/// A descriptor of the filesystem itself, whatever is mounted over it.
fn open(drive: &Drive) -> Result<File, String> {
    File::open(&drive.below).map_err(|error| failed("open", drive, &error))
}

/// Writes out what a drive holds in memory, its log included.
fn write_out(drive: &Drive, file: &File) -> Result<(), String> {
    // SAFETY: an open descriptor.
    if unsafe { libc::syncfs(file.as_raw_fd()) } == 0 {
        return Ok(());
    }
    Err(failed("write out", drive, &io::Error::last_os_error()))
}

fn failed(what: &str, drive: &Drive, why: &io::Error) -> String {
    format!("{what} drive {}: {why}", drive.below)
}
