//! Drives as real filesystems: image files on loop devices, mounted where containers find them.
//!
//! - [`make`] and [`remove`] a run's drives, all below one folder; [`loops`] and [`mounts`] what they stand on.
//! - [`writer`] a process of its own that writes: on a frozen drive it can be neither ended nor waited for.
//! ```text
//! <folder>/<node>/1.img -> /dev/loopN -> below/1 -(bind)-> at/1    `at` is shared, and bound into the container
//! ```
//! Each mount point is immutable: without that, an unmounted drive is an ordinary folder that a system silently goes on with.
pub mod loops;
pub mod make;
pub mod mounts;
pub mod probe;
pub mod remove;
pub mod writer;

use model::{
    act::disk::Undo,
    drive::{Drive, DriveSpec},
};
use std::path::{Path, PathBuf};

/// Folder with the drives of all runs, beside the list of open runs.
pub fn home(registry: &Path) -> PathBuf {
    registry.parent().unwrap_or(registry).join("drives")
}

/// The drive that was made for `spec` below `folder`.
///
/// # Errors
/// It is not mounted.
pub fn made(folder: &str, spec: &DriveSpec) -> Result<Drive, String> {
    let planned = Drive::placed(folder, spec, "", "");
    let device = loops::behind(Path::new(&planned.image)).pop();
    let device = device.ok_or(format!("find the device of {}", planned.image))?;
    let found = loops::opened(device).map_err(|error| format!("open a loop device: {error}"))?;
    let device = found.path.to_string_lossy();
    Ok(Drive::placed(folder, spec, &device, &found.number))
}

/// Where a mounted filesystem takes an error.
pub fn trigger(drive: &Drive) -> PathBuf {
    let device = drive.device.trim_start_matches("/dev/");
    format!("/sys/fs/{}/{device}/trigger_fs_error", drive.filesystem).into()
}

/// Whether the kernel has the filesystem, mounted or still held, and lets it find an error.
pub fn spoilable(drive: &Drive) -> bool {
    trigger(drive).exists()
}

/// What remains of an act on drives that is not undone, in words.
pub fn remains(undo: &Undo) -> String {
    let (what, drive) = match undo {
        Undo::Unmake { folder } => return format!("drives in {folder}"),
        Undo::Remount { container, .. } => {
            return format!("drives of container {container} not mounted afresh");
        }
        Undo::Mend { spot } => return format!("rotten {}", spot.file),
        Undo::Thaw { drive } => ("frozen", drive),
        Undo::Drain { drive } => ("full", drive),
        Undo::Hasten { drive, .. } => ("slow", drive),
        Undo::SwapBack { drive } => ("replaced", drive),
    };
    format!("{what} drive {}", drive.mount)
}
