//! How each check is observed. One file a check: it is opened before the act, so that looking costs no time afterwards.
//!
//! A [`Watch`] is glanced at again and again; its answer carries the instant it speaks of, since for datagrams "it held since
//! the first one that was lost" is only known some later ones on.
mod call;
mod clock;
mod control;
mod datagrams;
mod disk;
mod files;
mod fuse;
mod gone;
mod net;
mod process;
mod queue;
mod reads;
mod runs;

use crate::{clock::Clock, engine_socket::Engine};
use model::{
    check::{Check, Seen},
    units::Nanos,
};
use std::{os::fd::RawFd, time::Duration};

/// Between two glances: a tenth of the millisecond that an effect may take.
const PACE: Duration = Duration::from_micros(100);

/// What one glance gave.
#[derive(Clone, Debug, PartialEq)]
pub struct Glance {
    /// Whether the check holds; none while that is not known yet.
    pub held: Option<bool>,
    /// Since when, as far as was seen.
    pub since: Nanos,
    /// What was seen.
    pub evidence: String,
}

/// An open observation.
pub trait Watch: Send {
    /// Looks once; the clock is read *after* what was seen, so that the instant bounds it from above.
    fn glance(&mut self, clock: Clock) -> Glance;
    /// A descriptor that becomes readable when it is worth looking.
    fn wakes(&self) -> Option<RawFd> {
        None
    }
    /// Forget what was seen: something is about to change.
    fn forget(&mut self) {}
}

/// Opens everything that `check` looks at.
///
/// # Errors
/// It asks a system, which the engine must do, or cannot be looked at.
pub fn open(check: &Check, engine: &Engine) -> Result<Vec<Box<dyn Watch>>, String> {
    Ok(match check {
        Check::Gone { process } => vec![Box::new(gone::watch(process)?)],
        Check::Reads { file, want } => vec![Box::new(reads::watch(file, want))],
        Check::Datagrams { from, to, arrive } => {
            vec![Box::new(datagrams::watch(from, to, *arrive)?)]
        }
        Check::Net(check) => vec![net::open(check)?],
        Check::Call(check) => vec![Box::new(call::watch(check))],
        Check::Runs { container } => vec![Box::new(runs::watch(engine, container))],
        Check::Queue(check) => vec![queue::open(check)?],
        Check::Fuse(check) => vec![fuse::watch(check)?],
        Check::Process(check) => vec![process::watch(check, engine)?],
        Check::Control(check) => vec![control::watch(check)],
        Check::Clock(check) => vec![Box::new(clock::watch(check))],
        Check::Files(check) => vec![Box::new(files::watch(check))],
        Check::Disk(check) => vec![disk::open(check)?],
        Check::Node { node, .. } => {
            return Err(format!("look at node `{node}` without asking its system"));
        }
        Check::All(parts) => {
            let parts = parts.iter().map(|part| open(part, engine));
            parts
                .collect::<Result<Vec<_>, _>>()?
                .into_iter()
                .flatten()
                .collect()
        }
    })
}

/// What a look at several watches gave, and the instant it speaks of.
pub struct Look {
    /// What was seen.
    pub seen: Seen,
    /// Where it held: since when, for the last of them. Else the last glance.
    pub at: Nanos,
}

/// Glances until all watches say `wanted`, or until `deadline`: then the last word of the one that did not.
pub fn until(watches: &mut [Box<dyn Watch>], wanted: bool, clock: Clock, deadline: Nanos) -> Look {
    loop {
        let glances = glances(watches, clock);
        let holdout = glances.iter().find(|glance| glance.held != Some(wanted));
        match holdout {
            None => return agreed(&glances, wanted),
            Some(glance) if clock.now() >= deadline => {
                return Look {
                    seen: Seen {
                        held: glance.held.unwrap_or(false),
                        evidence: glance.evidence.clone(),
                    },
                    at: clock.now(),
                };
            }
            Some(_) => pause(watches),
        }
    }
}

/// Glances until each watch knows whether it holds, at most until `deadline`; what is not known by then does not hold.
pub fn once(watches: &mut [Box<dyn Watch>], clock: Clock, deadline: Nanos) -> Look {
    loop {
        let glances = glances(watches, clock);
        let unknown = glances.iter().any(|glance| glance.held.is_none());
        if !unknown || clock.now() >= deadline {
            let failed = glances.iter().find(|glance| glance.held != Some(true));
            return failed.map_or_else(
                || agreed(&glances, true),
                |glance| Look {
                    seen: Seen {
                        held: false,
                        evidence: glance.evidence.clone(),
                    },
                    at: clock.now(),
                },
            );
        }
        pause(watches);
    }
}

fn glances(watches: &mut [Box<dyn Watch>], clock: Clock) -> Vec<Glance> {
    watches
        .iter_mut()
        .map(|watch| watch.glance(clock))
        .collect()
}

fn agreed(glances: &[Glance], held: bool) -> Look {
    let mut evidence: Vec<&str> = glances
        .iter()
        .map(|glance| glance.evidence.as_str())
        .collect();
    evidence.dedup();
    Look {
        seen: Seen {
            held,
            evidence: evidence.join("; "),
        },
        at: glances
            .iter()
            .map(|glance| glance.since)
            .max()
            .unwrap_or_default(),
    }
}

/// Until a descriptor wakes us, at most one pace.
fn pause(watches: &[Box<dyn Watch>]) {
    let fds = watches.iter().filter_map(|watch| watch.wakes());
    let mut fds: Vec<libc::pollfd> = fds
        .map(|fd| libc::pollfd {
            fd,
            events: libc::POLLIN,
            revents: 0,
        })
        .collect();
    if fds.is_empty() {
        return std::thread::sleep(PACE);
    }
    let span = libc::timespec {
        tv_sec: 0,
        tv_nsec: PACE.as_nanos() as i64,
    };
    // SAFETY: `fds` and `span` are valid for the call; a null mask leaves the signal mask alone.
    unsafe {
        libc::ppoll(
            fds.as_mut_ptr(),
            fds.len() as u64,
            &raw const span,
            std::ptr::null(),
        )
    };
}
