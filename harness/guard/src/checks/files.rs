//! Looks at files inside a container.
use super::{Glance, Watch};
use crate::{
    acts::hide::{exists, hidden_ones, matching},
    clock::Clock,
    process,
};
use model::{
    check::files::Check,
    facts::Process,
    units::{MS, Nanos},
};

/// Between two looks: each reads folders.
const PACE: Nanos = Nanos(10 * MS);

struct Lost {
    process: Process,
    patterns: Vec<String>,
    lost: bool,
    /// What matched when the look began.
    were: Vec<String>,
    last: Option<Glance>,
}

/// Lists what matches now.
pub fn watch(check: &Check) -> impl Watch + use<> {
    let Check::Lost {
        process,
        patterns,
        lost,
    } = check;
    Lost {
        process: process.clone(),
        patterns: patterns.clone(),
        lost: *lost,
        were: matching(process, patterns),
        last: None,
    }
}

impl Lost {
    fn look(&self, clock: Clock) -> Glance {
        let hidden = hidden_ones(&self.process, &self.patterns).len();
        let there = |path: &&String| exists(&self.process, path);
        let (were, left) = (self.were.len(), self.were.iter().filter(there).count());
        let lives = process::lives(&self.process);
        let held = match self.lost {
            true => lives && were > 0 && left == 0,
            false => hidden == 0,
        };
        Glance {
            held: Some(held),
            since: clock.now(),
            evidence: match self.lost {
                true => format!("{left} of {were} files are there"),
                false => format!("{hidden} files lie hidden"),
            },
        }
    }
}

impl Watch for Lost {
    fn glance(&mut self, clock: Clock) -> Glance {
        let fresh = self.last.clone();
        let fresh = fresh.filter(|last| clock.now().since(last.since) < PACE);
        let glance = fresh.unwrap_or_else(|| self.look(clock));
        self.last = Some(glance.clone());
        glance
    }
    /// What matched before the act is what must go; what comes later is not of it.
    fn forget(&mut self) {
        self.last = None;
    }
}
