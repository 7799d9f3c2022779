//! Shifted wall clocks in the model: a number of seconds by process.
use super::World;
use crate::{
    act::{
        self,
        clock::{Act, Patch, Undo},
    },
    check::clock::Check,
    facts::Process,
};

fn offset(world: &World, process: &Process) -> i64 {
    let home = world.home(process);
    home.and_then(|one| one.shifted.get(process).copied())
        .unwrap_or(0)
}

fn shift(world: &mut World, process: &Process, by_s: i64) {
    if let Some(home) = world.home_mut(process) {
        home.shifted.insert(process.clone(), by_s);
        home.shifted.retain(|_, by_s| *by_s != 0);
    }
}

pub(super) fn record(world: &World, act: &Act) -> act::Undo {
    let Act::Skew {
        processes, freezer, ..
    } = act;
    let patch = |process: &Process| Patch {
        process: process.clone(),
        had: vec![(0, offset(world, process).to_string())],
    };
    act::Undo::Clock(Undo::Restore {
        patches: processes.iter().map(patch).collect(),
        freezer: freezer.clone(),
        was_frozen: world.frozen(freezer).unwrap_or(false),
    })
}

pub(super) fn act(world: &mut World, act: &Act) {
    let Act::Skew {
        processes, by_s, ..
    } = act;
    processes
        .iter()
        .for_each(|process| shift(world, process, *by_s));
}

pub(super) fn undo(world: &mut World, undo: &Undo) {
    let Undo::Restore { patches, .. } = undo;
    for patch in patches {
        let had = patch.had.first().and_then(|(_, had)| had.parse().ok());
        shift(world, &patch.process, had.unwrap_or(0));
    }
}

pub(super) fn holds(world: &World, check: &Check) -> bool {
    let Check::Shifted { process, by_s } = check;
    offset(world, process) == *by_s
}
