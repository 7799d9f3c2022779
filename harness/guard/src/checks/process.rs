//! Looks at one process, and at a container as a whole.
use super::{Glance, Watch, gone};
use crate::{
    acts::signal::really_runs,
    clock::{Clock, mono_ns},
    engine_socket::Engine,
    process,
};
use model::{act::Signal, check::process::Check, facts::Process};
use std::{fs, os::fd::RawFd, path::PathBuf};

/// Opens what `check` looks at.
///
/// # Errors
/// The kernel knows no process descriptors.
pub fn watch(check: &Check, engine: &Engine) -> Result<Box<dyn Watch>, String> {
    Ok(match check {
        Check::Stopped { process, stopped } => Box::new(Stopped {
            process: process.clone(),
            stopped: *stopped,
        }),
        Check::Restarted { container, init } => Box::new(Restarted {
            engine: engine.clone(),
            container: container.clone(),
            init: init.clone(),
            space: space(init.pid).filter(|_| process::lives(init)),
        }),
        Check::Interrupted {
            told,
            signal,
            victim,
        } => Box::new(Interrupted {
            end: Box::new(gone::watch(victim)?),
            told: told.pid,
            signal: *signal,
            heard: process::handles(told, signal.number()),
            began: mono_ns(),
        }),
    })
}

struct Stopped {
    process: Process,
    stopped: bool,
}

impl Watch for Stopped {
    fn glance(&mut self, clock: Clock) -> Glance {
        let is = process::is_stopped(&self.process);
        let state = match (is, process::lives(&self.process)) {
            (true, _) => "is stopped (state T)",
            (false, true) => "is not stopped",
            (false, false) => "has ended",
        };
        Glance {
            held: Some(is == self.stopped),
            since: clock.now(),
            evidence: format!("process {} {state}", self.process.pid),
        }
    }
}

struct Restarted {
    engine: Engine,
    container: String,
    init: Process,
    space: Option<PathBuf>,
}

/// The network namespace, as `net:[inode]`.
fn space(pid: u32) -> Option<PathBuf> {
    fs::read_link(format!("/proc/{pid}/ns/net")).ok()
}

impl Watch for Restarted {
    fn glance(&mut self, clock: Clock) -> Glance {
        let state = self.engine.state(&self.container).ok().flatten();
        let runs = state.filter(really_runs).map(|state| state.pid);
        let other = runs.filter(|_| !process::lives(&self.init));
        let now = other.and_then(space);
        // Where the old one had gone before we looked there is nothing to compare with: another init is what was seen.
        let moved = now.is_some() && (self.space.is_none() || now != self.space);
        let name = self.container.get(..12).unwrap_or(&self.container);
        Glance {
            held: Some(moved),
            since: clock.now(),
            evidence: match (other, now) {
                (Some(pid), Some(now)) => format!(
                    "container {name} runs with init {pid} instead of {} in {}",
                    self.init.pid,
                    now.display()
                ),
                _ => format!("container {name} does not run with another init"),
            },
        }
    }
}

struct Interrupted {
    end: Box<dyn Watch>,
    told: u32,
    signal: Signal,
    heard: bool,
    /// Just before the notice.
    began: u64,
}

impl Watch for Interrupted {
    fn glance(&mut self, clock: Clock) -> Glance {
        let end = self.end.glance(clock);
        let (told, name) = (self.told, self.signal.name());
        let began = clock.at(self.began);
        let after = end.since.since(began);
        let evidence = match (self.heard, end.held) {
            (false, _) => format!("process {told} has no handler for {name}: it hears no notice"),
            (true, Some(true)) => format!(
                "process {told} had a handler for {name} and got it at {:.3} s; {} {:.3} s later",
                began.as_s(),
                end.evidence,
                after.as_s()
            ),
            (true, _) => format!("process {told} has a handler for {name}; {}", end.evidence),
        };
        Glance {
            held: end.held.map(|ended| ended && self.heard),
            since: end.since,
            evidence,
        }
    }
    fn wakes(&self) -> Option<RawFd> {
        self.end.wakes()
    }
    fn forget(&mut self) {
        self.began = mono_ns();
    }
}
