//! Looks at limits at work.
use super::{Glance, Watch};
use crate::{acts::control::set::value, clock::Clock, process};
use model::{
    check::control::Check,
    facts::Process,
    units::{MS, Nanos},
};
use std::{
    fs::{self, File, OpenOptions},
    io,
    os::{
        fd::{AsRawFd, RawFd},
        unix::fs::FileExt,
    },
};

/// Between two forks: each takes a page table or two, and the group is a busy one.
const FORK_PACE: Nanos = Nanos(5 * MS);

/// Opens what `check` looks at; what is not there holds nothing.
pub fn watch(check: &Check) -> Box<dyn Watch> {
    match check {
        Check::Grew { file, key } => {
            let mut grew = Grew {
                path: file.clone(),
                key: key.clone(),
                file: File::open(file).ok(),
                before: None,
                grown: None,
            };
            grew.before = grew.read();
            Box::new(grew)
        }
        Check::Forks { group, works } => Box::new(Forks {
            path: group.clone(),
            group: OpenOptions::new().write(true).open(group),
            works: *works,
            last: None,
        }),
        Check::Full {
            process,
            most,
            full,
        } => Box::new(Full {
            process: process.clone(),
            most: *most,
            full: *full,
        }),
    }
}

struct Grew {
    path: String,
    key: String,
    file: Option<File>,
    before: Option<u64>,
    /// What it had grown to, and when that was seen: it stays so, though the file may go with its container.
    grown: Option<(u64, Nanos)>,
}

impl Grew {
    fn read(&self) -> Option<u64> {
        let mut bytes = [0; 4096];
        let length = self.file.as_ref()?.read_at(&mut bytes, 0).ok()?;
        value(&String::from_utf8_lossy(&bytes[..length]), &self.key)?
            .parse()
            .ok()
    }
}

impl Watch for Grew {
    fn glance(&mut self, clock: Clock) -> Glance {
        let (read, now) = (self.read(), clock.now());
        let more = read.filter(|read| self.before.is_some_and(|before| *read > before));
        self.grown = self.grown.or(more.map(|read| (read, now)));
        let told = |count: Option<u64>| count.map_or("nothing".to_owned(), |one| one.to_string());
        let last = self.grown.map(|(count, _)| count).or(read);
        Glance {
            held: Some(self.grown.is_some()),
            since: self.grown.map_or(now, |(_, at)| at),
            evidence: format!(
                "{} {}: {}, was {}",
                self.path,
                self.key,
                told(last),
                told(self.before)
            ),
        }
    }
    fn forget(&mut self) {
        (self.before, self.grown) = (self.read(), None);
    }
}

struct Forks {
    path: String,
    group: io::Result<File>,
    works: bool,
    last: Option<(Nanos, Result<(), i32>)>,
}

impl Watch for Forks {
    fn glance(&mut self, clock: Clock) -> Glance {
        let stale = |(at, _): &(Nanos, _)| clock.now().since(*at) >= FORK_PACE;
        if self.last.as_ref().is_none_or(stale) {
            let tried = self.group.as_ref().map_err(|error| error.raw_os_error());
            let tried = tried
                .map_err(|errno| errno.unwrap_or(libc::EIO))
                .and_then(|group| fork_inside(group.as_raw_fd()));
            self.last = Some((clock.now(), tried));
        }
        let (at, tried) = self.last.unwrap_or((clock.now(), Err(libc::EIO)));
        let held = match tried {
            Ok(()) => self.works,
            Err(errno) => errno == libc::EAGAIN && !self.works,
        };
        Glance {
            held: Some(held),
            since: at,
            evidence: match tried {
                Ok(()) => format!("a fork in {} succeeds", self.path),
                Err(errno) => format!(
                    "a fork in {} fails: {}",
                    self.path,
                    io::Error::from_raw_os_error(errno)
                ),
            },
        }
    }
    fn forget(&mut self) {
        self.last = None;
    }
}

/// A throw-away child joins the group and forks; the errno where it is refused.
fn fork_inside(group: RawFd) -> Result<(), i32> {
    // SAFETY: between fork and _exit the child makes only async-signal-safe calls, with memory that was made before.
    unsafe {
        let child = libc::fork();
        if child < 0 {
            return Err(libc::EIO);
        }
        if child == 0 {
            libc::_exit(join_and_fork(group));
        }
        let mut status = 0;
        while libc::waitpid(child, &raw mut status, 0) < 0 {
            if *libc::__errno_location() != libc::EINTR {
                return Err(libc::EIO);
            }
        }
        match libc::WEXITSTATUS(status) {
            0 if libc::WIFEXITED(status) => Ok(()),
            errno => Err(if errno == 0 { libc::EIO } else { errno }),
        }
    }
}

/// # Safety
/// In a child just forked.
unsafe fn join_and_fork(group: RawFd) -> i32 {
    // SAFETY: async-signal-safe calls; the bytes are static.
    unsafe {
        if libc::write(group, c"0".as_ptr().cast(), 1) != 1 {
            return libc::EIO;
        }
        match libc::fork() {
            0 => libc::_exit(0),
            -1 => *libc::__errno_location(),
            grandchild => {
                libc::waitpid(grandchild, std::ptr::null_mut(), 0);
                0
            }
        }
    }
}

struct Full {
    process: Process,
    most: u64,
    full: bool,
}

impl Full {
    /// The soft limit, and how many descriptors below the asked limit are taken; none where the process has ended.
    fn read(&self) -> Option<(u64, u64)> {
        let pid = self.process.pid;
        let limits = fs::read_to_string(format!("/proc/{pid}/limits")).ok()?;
        let line = limits
            .lines()
            .find_map(|line| line.strip_prefix("Max open files"))?;
        let soft = line.split_whitespace().next()?.parse().unwrap_or(u64::MAX);
        let taken = |number: &u64| fs::symlink_metadata(format!("/proc/{pid}/fd/{number}")).is_ok();
        let taken = (0..self.most).filter(taken).count() as u64;
        process::lives(&self.process).then_some((soft, taken))
    }
}

impl Watch for Full {
    fn glance(&mut self, clock: Clock) -> Glance {
        let (pid, most) = (self.process.pid, self.most);
        let read = self.read();
        let full = read == Some((most, most));
        Glance {
            held: Some(full == self.full),
            since: clock.now(),
            evidence: match read {
                Some((soft, taken)) => format!(
                    "process {pid} may hold {soft} descriptors, {taken} of the first {most} are taken"
                ),
                None => format!("process {pid} has ended"),
            },
        }
    }
}
