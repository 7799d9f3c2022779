//! Replay of a dead guard's journal: whatever is recorded and not done is undone now, by whoever calls.
//!
//! After another boot the processes, freezers and filters of before are gone; only what the engine keeps is left.
use crate::{
    acts::Hands,
    charge::Charge,
    clock::{Clock, mono_ns},
    engine_socket::Engine,
    filter::table_of,
    journal::{Fact, Journal, Replay},
    process::{Identity, boot_id},
    requests,
};
use model::{guard::Undone, units::Nanos};
use std::path::Path;

/// How long failed undos are tried again.
const PATIENCE: Nanos = Nanos::secs(20);

/// What was done, skipped, and could not be done; each a few words that a person understands.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct Report {
    /// Acts that were undone.
    pub undone: Vec<String>,
    /// Things that were removed.
    pub removed: Vec<String>,
    /// Runs that were left alone, and why.
    pub skipped: Vec<String>,
    /// What could not be done, and why; fits after "failed to".
    pub failed: Vec<String>,
}

impl Report {
    /// Adds what another one says.
    pub fn merge(&mut self, other: Self) {
        self.undone.extend(other.undone);
        self.removed.extend(other.removed);
        self.skipped.extend(other.skipped);
        self.failed.extend(other.failed);
    }

    /// Whether nothing of ours is left of what it was asked for.
    pub fn is_clean(&self) -> bool {
        self.failed.is_empty()
    }
}

/// Undoes what `journal` (an `undo.jsonl`) says is pending, unless the guard that writes it still lives.
pub fn recover(journal: &Path, engine: &Engine) -> Report {
    let mut report = Report::default();
    match Journal::reopen(journal) {
        Ok((open, replay)) => replayed(open, &replay, engine, &mut report),
        Err(error) => report
            .failed
            .push(format!("read {}: {error}", journal.display())),
    }
    report
}

fn replayed(journal: Journal, replay: &Replay, engine: &Engine, report: &mut Report) {
    let Some(Fact::Opened {
        run,
        guard,
        epoch_mono_ns,
        ..
    }) = replay.facts.first()
    else {
        // Line 0 is on disk before anything is done: without it nothing was.
        return;
    };
    let guard = Identity::parse(guard);
    if guard.as_ref().is_some_and(Identity::lives) {
        return report.skipped.push(format!("{run}: its guard lives"));
    }
    let same_boot = guard.is_some_and(|guard| guard.boot_id == boot_id());
    let epoch = if same_boot { *epoch_mono_ns } else { mono_ns() };
    let clock = Clock::since(epoch);
    let pending = replay.pending();
    let words: Vec<_> = pending
        .all()
        .iter()
        .map(|entry| (entry.id, requests::remains(&entry.undo)))
        .collect();
    let charge = Charge::of(clock, Hands::of(run, engine.clone()), journal, pending);
    if !same_boot {
        charge.forget_volatile();
    }
    let undone = charge.undo_all(clock.now().plus(PATIENCE));
    for Undone { undo, failed, .. } in undone {
        let what = words
            .iter()
            .find(|(id, _)| *id == undo)
            .map_or("", |(_, what)| what.as_str());
        match failed {
            None => report.undone.push(format!("{run}: {what}")),
            Some(why) => report.failed.push(format!("undo {what} in {run}: {why}")),
        }
    }
    remove_table(&charge, same_boot, report);
}

/// A table that a library owned went with its guard; one that the `nft` program made is still there.
fn remove_table(charge: &Charge, same_boot: bool, report: &mut Report) {
    let name = table_of(&charge.hands.run);
    let mut filter = crate::acts::net::filter::hold(&charge.hands.filter);
    if same_boot && filter.exists() == Ok(true) {
        match filter.remove() {
            Ok(()) => report.removed.push(format!("nft table {name}")),
            Err(why) => report
                .failed
                .push(format!("remove nft table {name}: {why}")),
        }
    }
}
