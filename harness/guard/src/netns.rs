//! Work inside the network namespace of a process. Entering is per thread: a thread of its own enters, works and ends.
use crate::process;
use model::facts::Process;
use std::{fs::File, io, os::fd::AsRawFd, thread};

/// An open network namespace; it lives as long as this does.
#[derive(Debug)]
pub struct Space {
    file: File,
    pid: u32,
}

/// The namespace of this very process; none where it has ended.
///
/// # Errors
/// What the kernel says, other than that the process is gone.
pub fn of(process: &Process) -> Result<Option<Space>, String> {
    let pid = process.pid;
    let opened = File::open(format!("/proc/{pid}/ns/net"));
    if !process::lives(process) {
        return Ok(None);
    }
    let file = opened.map_err(|error| format!("enter the network of process {pid}: {error}"))?;
    Ok(Some(Space { file, pid }))
}

/// The same, where the process must be there.
///
/// # Errors
/// What the kernel says.
pub fn there(process: &Process) -> Result<Space, String> {
    let space = of(process)?;
    space.ok_or_else(|| {
        let pid = process.pid;
        format!("enter the network of process {pid}: it has ended")
    })
}

impl Space {
    /// Does `work` inside, and waits for it.
    ///
    /// # Errors
    /// What the kernel says, or the work.
    pub fn inside<T: Send>(&self, work: impl FnOnce() -> io::Result<T> + Send) -> io::Result<T> {
        let entered = || {
            // SAFETY: an open descriptor of a network namespace; only this thread changes, and it ends here.
            if unsafe { libc::setns(self.file.as_raw_fd(), libc::CLONE_NEWNET) } != 0 {
                return Err(io::Error::last_os_error());
            }
            work()
        };
        thread::scope(|scope| scope.spawn(entered).join())
            .unwrap_or_else(|_| Err(io::Error::other("its thread ended early")))
    }

    /// As [`Self::inside`], with the error in words.
    ///
    /// # Errors
    /// `what` failed.
    pub fn try_inside<T: Send>(
        &self,
        what: &str,
        work: impl FnOnce() -> io::Result<T> + Send,
    ) -> Result<T, String> {
        let done = self.inside(work);
        done.map_err(|error| format!("{what} in the network of process {}: {error}", self.pid))
    }
}
