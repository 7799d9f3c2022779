//! `brinell clean`: heals and removes what dead runs left behind, from their journals first and by label after that.
//!
//! A run whose owner or guard lives is never touched; neither is anything without a label of ours.
use crate::{
    drives,
    engine_socket::{Engine, Kind, OWNER_LABEL, RUN_LABEL, Thing},
    process::Identity,
    queue,
    recover::{Report, recover},
    registry::{Open, Registry},
    sweep,
};
use std::{
    collections::BTreeMap,
    thread,
    time::{Duration, Instant},
};

/// How long a guard without an owner is waited for: it removes a testbed within 15 s.
const DYING: Duration = Duration::from_secs(20);
/// Between two looks at it.
const LOOK: Duration = Duration::from_millis(50);

/// Which runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Scope {
    /// Every dead one.
    All,
    /// This one, if it is dead.
    Run(String),
}

impl Scope {
    fn has(&self, run: &str) -> bool {
        match self {
            Self::All => true,
            Self::Run(one) => one == run,
        }
    }
}

/// Heals and removes what dead runs left, with the usual registry and engine.
pub fn clean(scope: &Scope) -> Report {
    clean_with(scope, &Registry::usual(), &Engine::find())
}

/// As [`clean`], with another registry or engine.
pub fn clean_with(scope: &Scope, registry: &Registry, engine: &Engine) -> Report {
    // Looked at before the list: a run is listed before it has drives, so one that is not listed afterwards is no new one.
    let with_drives = drives::remove::runs(&drives::home(registry.folder()));
    let mut report = Report::default();
    let listed = registry.list().unwrap_or_else(|error| {
        let place = registry.folder().display();
        report
            .failed
            .push(format!("read the list of runs in {place}: {error}"));
        Vec::new()
    });
    for open in listed.iter().filter(|open| scope.has(&open.run)) {
        report.merge(replay(open, registry, engine));
    }
    let known = |run: &String| listed.iter().any(|open| open.run == *run);
    let unlisted = |run: &&String| scope.has(run) && !known(run);
    let readable = report.is_clean();
    for run in with_drives.iter().filter(|run| readable && unlisted(run)) {
        report.merge(drives_of(run, registry, engine));
    }
    match orphans(engine) {
        Ok(runs) => {
            for (run, things) in runs.iter().filter(|(run, _)| scope.has(run) && !known(run)) {
                report.merge(orphan(run, things, engine));
            }
        }
        Err(why) => report.failed.push(why),
    }
    report.merge(rules(scope, &listed));
    report
}

/// Rules that only their comment tells of: those of dead runs, whose queue nobody serves.
fn rules(scope: &Scope, listed: &[Open]) -> Report {
    let alive = |comment: &str| {
        let named = |open: &&Open| queue::rules::names(comment, &open.run);
        listed
            .iter()
            .filter(named)
            .any(|open| open.alive().is_some())
    };
    let wanted = |comment: &str| match scope {
        Scope::All => true,
        Scope::Run(run) => queue::rules::names(comment, run),
    };
    let mut report = Report::default();
    match queue::rules::sweep(|comment| wanted(comment) && !alive(comment)) {
        Ok(removed) => report.removed.extend(removed),
        Err(why) => report.failed.push(why),
    }
    report
}

/// Who still cares for a run. A guard whose owner is dead is at work or just dying: it is given time to end.
fn alive(open: &Open) -> Option<String> {
    let deadline = Instant::now() + DYING;
    loop {
        let alive = open.alive()?;
        if open.owner_lives() || Instant::now() > deadline {
            return Some(alive);
        }
        thread::sleep(LOOK);
    }
}

/// A run that is listed: its journal, then its label, then its place in the list.
fn replay(open: &Open, registry: &Registry, engine: &Engine) -> Report {
    let run = &open.run;
    if let Some(why) = alive(open) {
        return Report {
            skipped: vec![format!("{run}: {why}")],
            ..Report::default()
        };
    }
    let mut report = Report::default();
    if open.journal.exists() {
        report.merge(recover(&open.journal, engine));
    }
    report.merge(drives_of(run, registry, engine));
    if report.is_clean() {
        let left = registry.leave(run);
        report.failed.extend(
            left.err()
                .map(|error| format!("take {run} off the list: {error}")),
        );
    }
    report
}

/// A run that only its label tells of.
fn orphan(run: &str, things: &[Thing], engine: &Engine) -> Report {
    let owners = || things.iter().map(|thing| thing.labels.get(OWNER_LABEL));
    let dead = |owner: Option<&String>| {
        owner
            .and_then(|owner| Identity::parse(owner))
            .map(|owner| !owner.lives())
    };
    let skipped = |why: &str| Report {
        skipped: vec![format!("{run}: {why}")],
        ..Report::default()
    };
    if owners().any(|owner| dead(owner) == Some(false)) {
        skipped("its owner lives")
    } else if owners().any(|owner| dead(owner).is_none()) {
        skipped("it does not say who owns it")
    } else {
        by_label(run, engine)
    }
}

/// Containers and drives: a process on a frozen drive cannot be ended, and a drive in use cannot be unmounted.
fn drives_of(run: &str, registry: &Registry, engine: &Engine) -> Report {
    let folder = drives::home(registry.folder()).join(run);
    drives::remove::thaw_all(&folder);
    let mut report = by_label(run, engine);
    let left = drives::remove::leftovers(&folder);
    if !left.is_empty() {
        match drives::remove::all(&folder) {
            Ok(()) => report.removed.extend(left),
            Err(why) => report.failed.push(why),
        }
    }
    report
}

fn by_label(run: &str, engine: &Engine) -> Report {
    let mut report = Report::default();
    match sweep::leftovers(engine, run) {
        Ok(left) if left.is_empty() => {}
        Ok(left) => match sweep::remove(engine, run) {
            Ok(()) => report.removed.extend(left),
            Err(why) => report.failed.push(why),
        },
        Err(why) => report.failed.push(why),
    }
    report
}

/// Everything that carries a run label, by run.
fn orphans(engine: &Engine) -> Result<BTreeMap<String, Vec<Thing>>, String> {
    let mut runs: BTreeMap<String, Vec<Thing>> = BTreeMap::new();
    for kind in Kind::ALL {
        for thing in engine.labelled(kind, RUN_LABEL)? {
            let run = thing.labels.get(RUN_LABEL).cloned().unwrap_or_default();
            runs.entry(run).or_default().push(thing);
        }
    }
    Ok(runs)
}
