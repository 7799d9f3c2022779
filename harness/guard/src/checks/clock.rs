//! Looks at the wall clock of a process: at the code that tells it, byte by byte, and at the offset in that.
use super::{Glance, Watch};
use crate::{acts::clock::skew::offset_of, clock::Clock, process};
use model::{
    check::clock::Check,
    facts::Process,
    units::{MS, Nanos},
};

/// Between two looks: each compares some hundred bytes with our own.
const PACE: Nanos = Nanos(2 * MS);

struct Shifted {
    process: Process,
    by_s: i64,
    last: Option<Glance>,
}

/// Nothing is opened: a process that ends closes what was open of it.
pub fn watch(check: &Check) -> impl Watch + use<> {
    let Check::Shifted { process, by_s } = check;
    Shifted {
        process: process.clone(),
        by_s: *by_s,
        last: None,
    }
}

impl Shifted {
    fn look(&self, clock: Clock) -> Glance {
        let pid = self.process.pid;
        let found = offset_of(&self.process);
        let lives = process::lives(&self.process);
        let (held, evidence) = match found {
            _ if !lives => (self.by_s == 0, format!("process {pid} has ended")),
            Ok(Some(0)) => (self.by_s == 0, format!("process {pid} has true time")),
            Ok(Some(by_s)) => (
                self.by_s == by_s,
                format!("the clock code of process {pid} adds {by_s} s"),
            ),
            Ok(None) => (
                false,
                format!("process {pid} has clock code of somebody else"),
            ),
            Err(why) => (false, format!("failed to {why}")),
        };
        Glance {
            held: Some(held),
            since: clock.now(),
            evidence,
        }
    }
}

impl Watch for Shifted {
    fn glance(&mut self, clock: Clock) -> Glance {
        let fresh = self.last.clone();
        let fresh = fresh.filter(|last| clock.now().since(last.since) < PACE);
        let glance = fresh.unwrap_or_else(|| self.look(clock));
        self.last = Some(glance.clone());
        glance
    }
    fn forget(&mut self) {
        self.last = None;
    }
}
