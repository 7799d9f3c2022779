//! Whether this machine can carry drives of our own, found by making one that goes by itself: in a mount namespace of its own, on
//! an image that is deleted before it is used.
use super::{loops, make, mounts, spoilable};
use crate::{acts::disk::shut_down, registry::Registry};
use model::drive::{Drive, DriveSpec};
use std::{
    fs::{self, File},
    io,
    os::fd::AsRawFd,
    path::Path,
    thread,
};

/// Large enough for a journal.
const SIZE: u64 = 64 << 20;
/// The log is not written: nothing is waited for.
const NO_FLUSH: u32 = 2;

/// Makes a filesystem, shuts it down and sees that it is dead.
///
/// # Errors
/// What is missing, and what would fix it.
pub fn drives() -> Result<String, String> {
    // SAFETY: no preconditions.
    if unsafe { libc::geteuid() } != 0 {
        return Err("make drives on loop devices: run as root".to_owned());
    }
    let home = super::home(Registry::usual().folder());
    let name = format!("probe-{}-{}", std::process::id(), crate::clock::mono_ns());
    let folder = home.join(name);
    let tried = thread::scope(|scope| scope.spawn(|| inside(&folder)).join());
    let _ = fs::remove_dir_all(&folder);
    tried.unwrap_or_else(|_| Err("probe drives: its thread ended early".to_owned()))
}

/// The mount is seen by this thread alone, and goes with it.
fn inside(folder: &Path) -> Result<String, String> {
    let fails = |what: &'static str| {
        move |error: io::Error| {
            format!("{what}: {error}; needs root, /dev/loop-control and e2fsprogs")
        }
    };
    alone().map_err(fails("make a scratch mount namespace"))?;
    let drive = scratch(folder);
    fs::create_dir_all(folder).map_err(fails("make a scratch folder"))?;
    if mounts::in_memory(folder) {
        return Err(format!(
            "keep drives in {}: it is in memory",
            folder.display()
        ));
    }
    let image = Path::new(&drive.image);
    File::create(image)
        .and_then(|file| file.set_len(SIZE))
        .map_err(fails("write a scratch image"))?;
    make::mkfs(image)?;
    let device = loops::attach(image).map_err(fails("find a loop device"))?;
    fs::remove_file(image).map_err(fails("delete a scratch image"))?;
    let below = Path::new(&drive.below);
    fs::create_dir_all(below).map_err(fails("make a scratch folder"))?;
    mounts::immutable(below, true).map_err(fails("make a folder immutable"))?;
    let mounted =
        make::mount(&device.path, below, &drive.filesystem).map_err(fails("mount a drive"));
    let device = device.path.to_string_lossy().into_owned();
    let tried = mounted.and_then(|()| {
        die(&Drive {
            device,
            ..drive.clone()
        })
    });
    let _ = mounts::unmount_lazily(below);
    mounts::immutable(below, false).map_err(fails("clear a folder"))?;
    tried
}

fn alone() -> io::Result<()> {
    // SAFETY: only this thread changes, and it ends here.
    if unsafe { libc::unshare(libc::CLONE_NEWNS) } != 0 {
        return Err(io::Error::last_os_error());
    }
    mounts::keep_to_ourselves()
}

fn scratch(folder: &Path) -> Drive {
    let spec = DriveSpec {
        node: "probe".into(),
        inside: "/drives/1".into(),
        size_bytes: SIZE,
        layered: false,
    };
    let drive = Drive::placed(&folder.to_string_lossy(), &spec, "", "");
    let name = |what: &str| folder.join(what).to_string_lossy().into_owned();
    Drive {
        below: name("below"),
        image: name("image"),
        ..drive
    }
}

fn die(drive: &Drive) -> Result<String, String> {
    if !spoilable(drive) {
        return Err(
            "let a filesystem find an error: this kernel's ext4 has no trigger_fs_error".to_owned(),
        );
    }
    let folder = File::open(&drive.below).map_err(|error| error.to_string())?;
    shut_down::shut(drive, &folder, NO_FLUSH)?;
    // SAFETY: an open descriptor.
    let synced = unsafe { libc::fsync(folder.as_raw_fd()) };
    let written = fs::write(format!("{}/probe", drive.below), b"dead");
    if synced == 0 && written.is_ok() {
        return Err("see a drive dead: it was shut down and still works".to_owned());
    }
    Ok("ext4 on loop devices".to_owned())
}

/// The files that limit block devices, in either generation.
///
/// # Errors
/// There are none.
pub fn throttle() -> Result<String, String> {
    let v1 = "/sys/fs/cgroup/blkio/blkio.throttle.write_bps_device";
    let v2 = fs::read_to_string("/sys/fs/cgroup/cgroup.controllers").unwrap_or_default();
    if Path::new(v1).exists() {
        Ok("blkio throttle v1".to_owned())
    } else if v2.split_whitespace().any(|name| name == "io") {
        Ok("io.max v2".to_owned())
    } else {
        Err(
            "limit block devices: no blkio throttle of cgroup v1, and no io controller of v2"
                .to_owned(),
        )
    }
}
