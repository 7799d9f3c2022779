//! SIGSTOP and SIGCONT to one process, through a descriptor opened beforehand.
use super::super::Deed;
use crate::process;
use model::{
    act::{self, process::Undo},
    facts::Process,
};
use std::os::fd::OwnedFd;

struct Stop {
    target: OwnedFd,
    process: Process,
    was_stopped: bool,
}

/// Opens the process and reads its state.
///
/// # Errors
/// It is gone, or another process has its pid.
pub fn prepare(process: &Process) -> Result<impl Deed + use<>, String> {
    let target = process::open(process).map_err(|error| format!("open process: {error}"))?;
    let target = target.ok_or(format!("find process {}: it has ended", process.pid))?;
    Ok(Stop {
        target,
        process: process.clone(),
        was_stopped: process::is_stopped(process),
    })
}

impl Deed for Stop {
    fn undo(&self) -> act::Undo {
        act::Undo::Process(Undo::Continue {
            process: self.process.clone(),
            was_stopped: self.was_stopped,
        })
    }
    fn backend(&self) -> String {
        "SIGSTOP by pidfd".to_owned()
    }
    fn go(&mut self) -> Result<(), String> {
        let sent = process::signal(&self.target, libc::SIGSTOP);
        sent.map_err(|error| format!("stop process {}: {error}", self.process.pid))
    }
}

/// Lets it go on; who was stopped before stays stopped, who is gone is fine.
///
/// # Errors
/// What the kernel says.
pub fn go_on(process: &Process, was_stopped: bool) -> Result<(), String> {
    let fails = |error| format!("let process {} go on: {error}", process.pid);
    if was_stopped {
        return Ok(());
    }
    match process::open(process).map_err(fails)? {
        Some(target) => match process::signal(&target, libc::SIGCONT) {
            Err(error) if error.raw_os_error() != Some(libc::ESRCH) => Err(fails(error)),
            _ => Ok(()),
        },
        None => Ok(()),
    }
}
