//! Mounts drives afresh that were shut down or stopped writing: nothing less brings them back.
//!
//! While any process holds a file of such a filesystem, unmounting and mounting it *succeeds* and gives the same dead one back. So
//! the container is stopped first, and the kernel must have let the filesystem go before it is mounted again.
use super::{Held, failed};
use crate::{
    acts::signal,
    drives::{
        loops, make, mounts, remove, spoilable,
        writer::{self, Job},
    },
    engine_socket::Engine,
};
use model::drive::Drive;
use std::{
    path::Path,
    thread,
    time::{Duration, Instant},
};

/// For a stopped container's last file to close, and for a small write on a busy machine.
const PATIENCE: Duration = Duration::from_secs(5);

/// Where one of them does not take writes: stop, check, mount. Then makes sure that the container runs; one that is gone stays so.
///
/// # Errors
/// What could not be done; worth another try.
pub fn remount(
    held: &Held,
    engine: &Engine,
    drives: &[Drive],
    container: &str,
) -> Result<(), String> {
    let there = || {
        drives
            .iter()
            .filter(|drive| Path::new(&drive.image).exists())
    };
    // A frozen one could neither be written to nor unmounted.
    there().for_each(|drive| drop(remove::thaw(Path::new(&drive.below))));
    if !there().all(works) {
        engine.stop(container)?;
        there().try_for_each(|drive| afresh(held, drive))?;
    }
    signal::start(engine, container)
}

/// Whether a write to it is done in time.
fn works(drive: &Drive) -> bool {
    let Ok(writer) = writer::start(Path::new(&drive.below), Job::Once) else {
        return false;
    };
    let deadline = Instant::now() + PATIENCE;
    loop {
        match writer.told() {
            // A full drive is whole.
            Some(told) => return matches!(told.errno, 0 | libc::ENOSPC),
            None if Instant::now() > deadline => return false,
            None => thread::sleep(Duration::from_micros(200)),
        }
    }
}

fn afresh(held: &Held, drive: &Drive) -> Result<(), String> {
    let fails = |what: &'static str| move |error: std::io::Error| failed(what, drive, &error);
    held.release_all(drive);
    // Held open until it is mounted again: an unused loop device goes.
    let device = match loops::opened(drive.device.clone().into()) {
        Ok(device) if loops::behind(Path::new(&drive.image)).contains(&device.path) => device,
        _ => loops::attach(Path::new(&drive.image)).map_err(fails("attach"))?,
    };
    let (at, below) = (Path::new(&drive.mount), Path::new(&drive.below));
    mounts::unmount(at, PATIENCE).map_err(fails("hide"))?;
    mounts::unmount(below, PATIENCE).map_err(fails("unmount"))?;
    released(drive)?;
    make::tool("e2fsck", &["-p"], &device.path)?;
    make::mount(&device.path, below, &drive.filesystem).map_err(fails("mount"))?;
    mounts::bind(below, at).map_err(fails("show"))
}

/// The kernel shows a filesystem as long as it has it, also where no path leads there any more.
fn released(drive: &Drive) -> Result<(), String> {
    let deadline = Instant::now() + PATIENCE;
    while spoilable(drive) {
        if Instant::now() > deadline {
            return Err(format!(
                "unmount drive {}: somebody still holds a file of it",
                drive.below
            ));
        }
        thread::sleep(Duration::from_millis(1));
    }
    Ok(())
}
