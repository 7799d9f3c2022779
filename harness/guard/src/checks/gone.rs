//! A process has ended: the kernel says so through its descriptor, at once, and of that very process.
use super::{Glance, Watch};
use crate::{clock::Clock, process};
use model::{facts::Process, units::Nanos};
use std::os::fd::{AsRawFd, OwnedFd, RawFd};

struct Gone {
    process: Process,
    /// None where it had ended before we looked.
    fd: Option<OwnedFd>,
    ended: Option<Nanos>,
}

/// Opens the process.
///
/// # Errors
/// The kernel knows no process descriptors, or has none left.
pub fn watch(process: &Process) -> Result<impl Watch + use<>, String> {
    let fd = process::open(process)
        .map_err(|error| format!("watch process {}: {error}", process.pid))?;
    Ok(Gone {
        process: process.clone(),
        fd,
        ended: None,
    })
}

impl Watch for Gone {
    fn glance(&mut self, clock: Clock) -> Glance {
        if self.ended.is_none()
            && self
                .fd
                .as_ref()
                .is_none_or(|fd| process::ends_within(fd, 0))
        {
            self.ended = Some(clock.now());
        }
        let pid = self.process.pid;
        Glance {
            held: Some(self.ended.is_some()),
            since: self.ended.unwrap_or_else(|| clock.now()),
            evidence: match self.ended {
                Some(_) => format!("process {pid} has ended"),
                None => format!("process {pid} runs"),
            },
        }
    }
    fn wakes(&self) -> Option<RawFd> {
        self.fd
            .as_ref()
            .filter(|_| self.ended.is_none())
            .map(AsRawFd::as_raw_fd)
    }
}
