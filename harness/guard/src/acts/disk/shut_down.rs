//! Shuts filesystems down: from then on every operation gives EIO, reads of cached data too. Alone it writes its log first, as a
//! drive that fails had its last writes; as a power cut nothing more is written, and the container's init dies with it.
use super::{Deed, failed, open, write_out};
use crate::process;
use model::{
    act::{Signal, Undo, disk},
    drive::Drive,
    facts::Process,
};
use std::{
    fs::File,
    io,
    os::fd::{AsRawFd, OwnedFd},
};

const SHUTDOWN: libc::c_ulong = 0x8004_587D;
/// The log is written first.
const FLUSH_LOG: u32 = 1;
/// Nothing is written any more.
const NO_FLUSH: u32 = 2;

struct ShutDown {
    open: Vec<(Drive, File)>,
    container: String,
    victim: Option<OwnedFd>,
    flag: u32,
}

/// Opens the filesystems, and the victim.
///
/// # Errors
/// One of them is not there.
pub fn prepare(
    drives: &[Drive],
    container: &str,
    victim: Option<&Process>,
) -> Result<impl Deed + use<>, String> {
    let opened = drives.iter().map(|drive| Ok((drive.clone(), open(drive)?)));
    let flag = if victim.is_some() {
        NO_FLUSH
    } else {
        FLUSH_LOG
    };
    let find = |victim: &Process| {
        let found = process::open(victim).map_err(|error| format!("open process: {error}"))?;
        found.ok_or(format!("find process {}: it has ended", victim.pid))
    };
    Ok(ShutDown {
        open: opened.collect::<Result<_, String>>()?,
        container: container.to_owned(),
        victim: victim.map(find).transpose()?,
        flag,
    })
}

impl Deed for ShutDown {
    fn undo(&self) -> Undo {
        Undo::Disk(Box::new(disk::Undo::Remount {
            drives: self.open.iter().map(|(drive, _)| drive.clone()).collect(),
            container: self.container.clone(),
        }))
    }
    fn backend(&self) -> String {
        "shutdown ioctl".to_owned()
    }
    /// What was written before a drive fails is on it: the log alone would leave the newest files empty.
    fn ready(&mut self) -> Result<(), String> {
        if self.flag == NO_FLUSH {
            return Ok(());
        }
        self.open
            .iter()
            .try_for_each(|(drive, file)| write_out(drive, file))
    }
    fn go(&mut self) -> Result<(), String> {
        let done = self
            .open
            .iter()
            .try_for_each(|(drive, file)| shut(drive, file, self.flag));
        // While we hold it open, mounting it afresh would give the same dead filesystem.
        self.open.iter_mut().for_each(|(_, file)| let_go(file));
        let killed = self.victim.as_ref().map_or(Ok(()), |victim| {
            process::signal(victim, Signal::Kill.number())
                .map_err(|error| format!("send signal: {error}"))
        });
        done.and(killed)
    }
}

fn let_go(file: &mut File) {
    if let Ok(nothing) = File::open("/dev/null") {
        *file = nothing;
    }
}

/// Shuts one down.
///
/// # Errors
/// What the kernel says.
pub fn shut(drive: &Drive, file: &File, flag: u32) -> Result<(), String> {
    // SAFETY: an open descriptor and a valid number.
    if unsafe { libc::ioctl(file.as_raw_fd(), SHUTDOWN, &raw const flag) } == 0 {
        return Ok(());
    }
    Err(failed("shut down", drive, &io::Error::last_os_error()))
}
