//! Removes everything of a run by its label: containers, then networks, then volumes.
//!
//! An engine call of the dead owner may still land late, so "empty" is believed only when seen twice, a second apart. A frozen
//! container cannot be killed: it is thawed first. What has no label of ours is never touched.
use crate::{
    engine_socket::{Engine, Kind, RUN_LABEL, Thing},
    process,
};
use model::{act::Signal, facts::Freezer};
use std::{
    fs, thread,
    time::{Duration, Instant},
};

/// Bound of one sweep; containers, networks and volumes are to be gone within 15 s.
const PATIENCE: Duration = Duration::from_secs(13);
/// Between the two looks that must find nothing.
const APART: Duration = Duration::from_secs(1);
/// Between two rounds of removal, while the engine is still busy with one.
const ROUND: Duration = Duration::from_millis(100);

/// Removes everything labelled with `run`, until it was seen empty twice.
///
/// # Errors
/// The engine does not answer, or things remain: they are named.
pub fn remove(engine: &Engine, run: &str) -> Result<(), String> {
    let deadline = Instant::now() + PATIENCE;
    let mut empty_since: Option<Instant> = None;
    loop {
        let left = things(engine, run)?;
        let why = round(engine, &left);
        match empty_since {
            Some(since) if left.is_empty() && since.elapsed() >= APART => return Ok(()),
            Some(_) if left.is_empty() => {}
            _ => empty_since = left.is_empty().then(Instant::now),
        }
        if Instant::now() > deadline {
            let why = why.unwrap_or_else(|| "they keep coming back".to_owned());
            return Err(format!("remove {}: {why}", named(&left).join(", ")));
        }
        thread::sleep(ROUND);
    }
}

/// Kills the processes of every container of `run` at once, without waiting for the engine; what fails is left to [`remove`].
///
/// A frozen one takes its signal when it is thawed.
pub fn end(engine: &Engine, run: &str) {
    let label = format!("{RUN_LABEL}={run}");
    let containers = engine.labelled(Kind::Container, &label).unwrap_or_default();
    thread::scope(|scope| {
        for container in &containers {
            scope.spawn(|| kill(engine, &container.id));
        }
    });
}

/// SIGKILL for a container's init, and with it for all it holds; only where that process is surely in this container.
fn kill(engine: &Engine, container: &str) -> Option<()> {
    let state = engine.state(container).ok()??;
    let init = process::find(state.pid).filter(|_| state.running)?;
    let init = process::open(&init).ok()??;
    let cgroup = fs::read_to_string(format!("/proc/{}/cgroup", state.pid)).ok()?;
    if !cgroup.contains(container) {
        return None;
    }
    process::signal(&init, Signal::Kill.number()).ok()
}

/// Kind and name of each thing that carries the label of `run`.
///
/// # Errors
/// The engine does not answer.
pub fn leftovers(engine: &Engine, run: &str) -> Result<Vec<String>, String> {
    Ok(named(&things(engine, run)?))
}

fn named(things: &[Thing]) -> Vec<String> {
    let name = |thing: &Thing| format!("{} {}", thing.kind.word(), thing.name);
    things.iter().map(name).collect()
}

fn things(engine: &Engine, run: &str) -> Result<Vec<Thing>, String> {
    let label = format!("{RUN_LABEL}={run}");
    let found = Kind::ALL.map(|kind| engine.labelled(kind, &label));
    found
        .into_iter()
        .collect::<Result<Vec<_>, _>>()
        .map(|lists| lists.concat())
}

/// One try at each thing, kind after kind, those of a kind side by side. Gives the first reason why one could not be removed.
fn round(engine: &Engine, left: &[Thing]) -> Option<String> {
    let of = |kind| left.iter().filter(move |thing| thing.kind == kind);
    let mut first = None;
    for kind in Kind::ALL {
        thread::scope(|scope| {
            let tries: Vec<_> = of(kind)
                .map(|thing| scope.spawn(|| one(engine, thing)))
                .collect();
            for done in tries {
                first = first.take().or(done.join().ok().and_then(Result::err));
            }
        });
    }
    first
}

fn one(engine: &Engine, thing: &Thing) -> Result<(), String> {
    if thing.kind == Kind::Container {
        thaw(engine, &thing.id)?;
    }
    engine.remove(thing)
}

fn thaw(engine: &Engine, container: &str) -> Result<(), String> {
    let Some(state) = engine.state(container)?.filter(|state| state.running) else {
        return Ok(());
    };
    if state.paused {
        return engine.unpause(container);
    }
    let cgroup = fs::read_to_string(format!("/proc/{}/cgroup", state.pid)).unwrap_or_default();
    // Only a group that is named after this container is surely its own.
    let freezer = Freezer::of_cgroup(&cgroup).filter(|freezer| freezer.write.contains(container));
    freezer.map_or(Ok(()), |freezer| crate::acts::freeze::thaw(&freezer, false))
}
