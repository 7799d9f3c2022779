//! Acts that a running system carries out when it is asked. One file an act.
pub mod credential;

use super::{Deed, Hands};
use model::act::call::{Act, Undo};

/// Looks at what `act` will change.
///
/// # Errors
/// The system does not answer.
pub fn prepare<'a>(act: &Act) -> Result<Box<dyn Deed + 'a>, String> {
    let Act::Disable {
        credential,
        container,
    } = act;
    Ok(Box::new(credential::prepare(credential, container)?))
}

/// Puts back; twice is once, and a container that is gone is a success.
///
/// # Errors
/// What the system says; worth another try.
pub fn undo(hands: &Hands, undo: &Undo) -> Result<(), String> {
    let Undo::Enable {
        credential,
        container,
        was_refused,
    } = undo;
    if *was_refused {
        return Ok(());
    }
    match credential::enable(credential) {
        Err(_) if hands.engine.state(container)?.is_none() => Ok(()),
        done => done,
    }
}
