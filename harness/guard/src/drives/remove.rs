//! Removes drives, whatever state they are in: thaw, unmount, detach, delete. From the folder alone, so that it needs no memory.
use super::{loops, mounts};
use std::{
    fs, io,
    os::fd::AsRawFd,
    path::Path,
    thread,
    time::{Duration, Instant},
};

const THAW: libc::c_ulong = 0xC004_5878;
/// Those who used them are killed by then; a process on its way out, or a writeback in flight, may still hold a drive.
const PATIENCE: Duration = Duration::from_secs(3);

/// Lets writes go on, on every filesystem below `folder` that is frozen. Nothing else works on it before that.
pub fn thaw_all(folder: &Path) {
    let mounts = mounts::below(folder).unwrap_or_default();
    for mount in mounts.iter().filter(|mount| mount.kind == "ext4") {
        let _ = thaw(&mount.at);
    }
}

/// Lets writes go on; one that is not frozen, or not there, is fine.
///
/// # Errors
/// What the kernel says.
pub fn thaw(at: &Path) -> io::Result<()> {
    let folder = match fs::File::open(at) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        // Its metadata cannot be read: a dead filesystem, which is not frozen.
        Err(error) if error.raw_os_error() == Some(libc::EIO) => return Ok(()),
        other => other?,
    };
    // SAFETY: an open descriptor; the argument is not used.
    let done = unsafe { libc::ioctl(folder.as_raw_fd(), THAW, 0) };
    let error = io::Error::last_os_error();
    match error.raw_os_error() {
        Some(libc::EINVAL | libc::EOPNOTSUPP | libc::ENOTTY) => Ok(()),
        _ if done == 0 => Ok(()),
        _ => Err(error),
    }
}

/// Removes everything below `folder`, and it; what is not there is fine.
///
/// # Errors
/// What is still in use.
pub fn all(folder: &Path) -> Result<(), String> {
    thaw_all(folder);
    let fails = |what: String, error: io::Error| format!("{what}: {error}");
    let listed = mounts::below(folder).map_err(|error| fails("list mounts".into(), error))?;
    for mount in listed.iter().rev() {
        mounts::unmount(&mount.at, PATIENCE)
            .map_err(|error| fails(format!("unmount {}", mount.at.display()), error))?;
    }
    for device in loops::behind(folder) {
        loops::detach(&device)
            .map_err(|error| fails(format!("detach {}", device.display()), error))?;
    }
    delete(folder).map_err(|error| fails(format!("delete {}", folder.display()), error))?;
    let deadline = Instant::now() + PATIENCE;
    while !loops::behind(folder).is_empty() {
        if Instant::now() > deadline {
            return Err(leftovers(folder).join(", ") + ": still in use");
        }
        thread::sleep(Duration::from_millis(5));
    }
    Ok(())
}

/// Mount points cannot be deleted before they can be changed.
fn delete(folder: &Path) -> io::Result<()> {
    let nodes = match fs::read_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        other => other?,
    };
    for node in nodes.flatten() {
        for kind in ["at", "below"] {
            let points = fs::read_dir(node.path().join(kind)).into_iter().flatten();
            for point in points.flatten() {
                mounts::immutable(&point.path(), false)?;
            }
        }
    }
    fs::remove_dir_all(folder)
}

/// What is there of the drives below `folder`, in words.
pub fn leftovers(folder: &Path) -> Vec<String> {
    let mounts = mounts::below(folder).unwrap_or_default();
    let mounts = mounts
        .iter()
        .map(|mount| format!("mount {}", mount.at.display()));
    let loops = loops::behind(folder);
    let loops = loops
        .iter()
        .map(|device| format!("loop device {}", device.display()));
    let files = folder
        .exists()
        .then(|| format!("drives in {}", folder.display()));
    mounts.chain(loops).chain(files).collect()
}

/// Runs that have drives there.
pub fn runs(home: &Path) -> Vec<String> {
    let entries = fs::read_dir(home).into_iter().flatten().flatten();
    let names = entries.map(|entry| entry.file_name().to_string_lossy().into_owned());
    names.collect()
}
