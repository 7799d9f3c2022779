//! Acts on one process, and on a container as a whole.
pub mod notice;
pub mod restart;
pub mod stop;

use super::{Deed, Hands};
use model::{
    act::process::{Act, Undo},
    facts::RevivedBy,
};

/// Looks at what `act` will change.
///
/// # Errors
/// The target is not there.
pub fn prepare<'a>(hands: &'a Hands, act: &Act) -> Result<Box<dyn Deed + 'a>, String> {
    Ok(match act {
        Act::Stop { process } => Box::new(stop::prepare(process)?),
        Act::Restart { container } => Box::new(restart::prepare(&hands.engine, container)),
        Act::Notice {
            process,
            signal,
            victim,
            grace_ms,
            container,
            revived_by,
        } => {
            let plan = notice::Plan {
                told: process,
                signal: *signal,
                victim,
                grace_ms: *grace_ms,
                start: (*revived_by == RevivedBy::Guard).then(|| container.clone()),
            };
            Box::new(notice::prepare(&hands.notices, &plan)?)
        }
    })
}

/// Puts back.
///
/// # Errors
/// What the machine says.
pub fn undo(hands: &Hands, undo: &Undo) -> Result<(), String> {
    match undo {
        Undo::Continue {
            process,
            was_stopped,
        } => stop::go_on(process, *was_stopped),
        Undo::Recall { victim, start } => {
            hands.notices.call_off(victim);
            let start = start.as_ref();
            start.map_or(Ok(()), |id| super::signal::start(&hands.engine, id))
        }
    }
}

/// What remains of an act that is not undone, in words.
pub fn remains(undo: &Undo) -> String {
    match undo {
        Undo::Continue { process, .. } => format!("stopped process {}", process.pid),
        Undo::Recall { victim, .. } => format!("coming end of process {}", victim.pid),
    }
}
