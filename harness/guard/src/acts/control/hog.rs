//! A process of ours that joins a group and touches memory there, until the process it is for has ended.
//!
//! It is a hidden subcommand: `hog BYTES PID TICKS`. It waits outside until its input says so, and ends with its input: with the
//! guard. What it may hurt is bounded by the limit of the group it joins.
use crate::process;
use model::{act::control::Hog, facts::Process};
use std::{
    io::{Read, Write},
    path::Path,
    process::{Child, ChildStdin, Command, Stdio},
    sync::{Mutex, PoisonError},
    thread,
    time::Duration,
};

/// Touched at a time; between two the hog looks whether it should go on.
const PIECE: usize = 1 << 20;

/// Starts hogs, and ends them.
#[derive(Default)]
pub struct Hogs {
    fed: Mutex<Vec<Waiting>>,
}

/// A hog that waits outside; it ends when dropped.
pub struct Waiting {
    child: Child,
    input: ChildStdin,
    group: String,
    process: Process,
}

impl Hogs {
    /// Starts one that waits, as a hidden subcommand of `program`.
    ///
    /// # Errors
    /// It cannot be started.
    pub fn start(program: &Path, hog: &Hog) -> Result<Waiting, String> {
        let fails = |error| format!("start a process that uses memory up: {error}");
        let mut command = Command::new(program);
        command.arg("hog").args([
            hog.bytes.to_string(),
            hog.until.pid.to_string(),
            hog.until.start_ticks.to_string(),
        ]);
        let command = command.stdin(Stdio::piped()).stdout(Stdio::null());
        let mut child = command.spawn().map_err(fails)?;
        let pid = child.id();
        let input = child.stdin.take().ok_or("open the input of a child")?;
        let start_ticks = process::start_ticks(pid).unwrap_or_default();
        Ok(Waiting {
            child,
            input,
            group: hog.group.clone(),
            process: Process { pid, start_ticks },
        })
    }

    /// Lets it touch memory.
    ///
    /// # Errors
    /// It has ended.
    pub fn feed(&self, mut hog: Waiting) -> Result<(), String> {
        let fed = hog.input.write_all(b"g");
        let mut all = self.fed.lock().unwrap_or_else(PoisonError::into_inner);
        all.push(hog);
        fed.map_err(|error| format!("tell the process that uses memory up: {error}"))
    }

    /// Ends it; one that is gone is fine.
    ///
    /// # Errors
    /// What the kernel says.
    pub fn end(&self, hog: &Process) -> Result<(), String> {
        let mut all = self.fed.lock().unwrap_or_else(PoisonError::into_inner);
        all.retain(|one| one.process != *hog);
        drop(all);
        match process::open(hog) {
            Ok(Some(fd)) => process::signal(&fd, libc::SIGKILL).or_else(|error| {
                let gone = error.raw_os_error() == Some(libc::ESRCH);
                if gone {
                    Ok(())
                } else {
                    Err(format!("end process {}: {error}", hog.pid))
                }
            }),
            _ => Ok(()),
        }
    }
}

impl Waiting {
    /// Who it is.
    pub fn process(&self) -> Process {
        self.process.clone()
    }

    /// Moves it into the group.
    ///
    /// # Errors
    /// What the kernel says.
    pub fn join(&self) -> Result<(), String> {
        std::fs::write(&self.group, self.process.pid.to_string())
            .map_err(|error| format!("join {}: {error}", self.group))
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The hidden subcommand. Gives the exit code.
pub fn main(mut args: impl Iterator<Item = String>) -> i32 {
    let mut number = || args.next()?.parse::<u64>().ok();
    let (Some(bytes), Some(pid), Some(start_ticks)) = (number(), number(), number()) else {
        return 2;
    };
    let until = Process {
        pid: pid as u32,
        start_ticks,
    };
    modest();
    if std::io::stdin().read_exact(&mut [0]).is_err() {
        return 0;
    }
    let wanted = until.clone();
    // Touching may wait for ever in the kernel; this thread ends all of them.
    thread::spawn(move || touch(bytes as usize, &wanted));
    watch(&until)
}

/// The guard's place in line is not for its hog.
fn modest() {
    let last = libc::sched_param { sched_priority: 0 };
    // SAFETY: plain system calls on the calling process.
    unsafe {
        libc::sched_setscheduler(0, libc::SCHED_OTHER, &raw const last);
    }
}

/// Until the input ends, or the process.
fn watch(until: &Process) -> i32 {
    let Ok(Some(fd)) = process::open(until) else {
        return 0;
    };
    let poll = |fd, events| libc::pollfd {
        fd,
        events,
        revents: 0,
    };
    use std::os::fd::AsRawFd;
    let mut both = [poll(0, libc::POLLIN), poll(fd.as_raw_fd(), libc::POLLIN)];
    // SAFETY: two valid pollfds.
    unsafe { libc::poll(both.as_mut_ptr(), 2, -1) };
    0
}

fn touch(bytes: usize, until: &Process) {
    let mut pieces = Vec::new();
    for _ in 0..bytes / PIECE {
        if !process::lives(until) {
            return;
        }
        pieces.push(vec![1_u8; PIECE]);
    }
    loop {
        thread::sleep(Duration::from_secs(1));
        std::hint::black_box(&pieces);
    }
}
