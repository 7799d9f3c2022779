//! Stopped processes, restarts and notices in the model.
use super::{Container, World};
use crate::{
    act::{
        self,
        process::{Act, Undo},
    },
    check::process::Check,
    facts::RevivedBy,
};

pub(super) fn record(world: &World, act: &Act) -> act::Undo {
    match act {
        Act::Stop { process } => act::Undo::Process(Undo::Continue {
            process: process.clone(),
            was_stopped: world.stopped(process),
        }),
        Act::Restart { container } => act::Undo::Start {
            container: container.clone(),
        },
        Act::Notice {
            victim,
            container,
            revived_by,
            ..
        } => act::Undo::Process(Undo::Recall {
            victim: victim.clone(),
            start: (*revived_by == RevivedBy::Guard).then(|| container.clone()),
        }),
    }
}

pub(super) fn act(world: &mut World, act: &Act) {
    match act {
        Act::Stop { process } => {
            if let Some(one) = world.home_mut(process) {
                one.stopped.insert(process.clone());
            }
        }
        // The engine starts it again by itself; that it has is what the undo makes sure of.
        Act::Restart { container } => {
            let init = world.containers.get(container);
            if let Some(init) = init.and_then(|one| one.processes[0].clone()) {
                world.containers.entry(container.clone()).and_modify(|one| {
                    one.thaw();
                    one.end(&init);
                });
            }
        }
        Act::Notice { victim, .. } => world.kill(victim),
    }
}

pub(super) fn undo(world: &mut World, undo: &Undo) {
    match undo {
        Undo::Continue {
            was_stopped: true, ..
        }
        | Undo::Recall { start: None, .. } => {}
        Undo::Continue { process, .. } => {
            if let Some(one) = world.home_mut(process) {
                one.stopped.remove(process);
            }
        }
        Undo::Recall {
            start: Some(container),
            ..
        } => world.start(container),
    }
}

pub(super) fn holds(world: &World, check: &Check) -> bool {
    match check {
        Check::Stopped { process, stopped } => world.stopped(process) == *stopped,
        Check::Restarted { container, init } => {
            let one = world.containers.get(container);
            one.is_some_and(|one: &Container| one.runs() && one.processes[0].as_ref() != Some(init))
        }
        Check::Interrupted { victim, .. } => world.home(victim).is_none(),
    }
}
