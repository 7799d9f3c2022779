//! Files on scratch space in the model: each container that runs has one, which is seen or hidden.
use super::World;
use crate::{
    act::{
        self,
        files::{Act, Undo},
    },
    check::files::Check,
};

/// The pattern that names it.
pub(super) const SCRATCH: &str = "/tmp/scratch/*";
const FILE: &str = "/tmp/scratch/file";

pub(super) fn record(world: &World, act: &Act) -> act::Undo {
    let Act::Hide { process, patterns } = act;
    let seen = world.home(process).is_some_and(|one| !one.hidden);
    let named = patterns.iter().any(|pattern| pattern == SCRATCH);
    act::Undo::Files(Undo::Show {
        process: process.clone(),
        paths: if seen && named {
            vec![FILE.to_owned()]
        } else {
            Vec::new()
        },
    })
}

pub(super) fn act(world: &mut World, act: &Act) {
    let Act::Hide { process, patterns } = act;
    if let Some(one) = world.home_mut(process) {
        one.hidden |= patterns.iter().any(|pattern| pattern == SCRATCH);
    }
}

pub(super) fn undo(world: &mut World, undo: &Undo) {
    let Undo::Show { process, paths } = undo;
    if let Some(one) = world.home_mut(process) {
        one.hidden &= paths.is_empty();
    }
}

pub(super) fn holds(world: &World, check: &Check) -> bool {
    let Check::Lost { process, lost, .. } = check;
    world.home(process).map_or(!lost, |one| one.hidden == *lost)
}
