//! Acts on traffic and links. One file an act.
pub mod cable;
pub mod filter;
pub mod mute;
pub mod sever;
pub mod shape;

use super::{Deed, Hands};
use model::act::net::{Act, Undo};

/// Looks at what `act` will change.
///
/// # Errors
/// The target is not there, or the machine cannot do it.
pub fn prepare<'a>(hands: &'a Hands, act: &Act) -> Result<Box<dyn Deed + 'a>, String> {
    Ok(match act {
        Act::Filter {
            fate,
            flows,
            ends,
            lifetime_ms,
        } => Box::new(filter::prepare(
            &hands.filter,
            *fate,
            flows,
            ends,
            *lifetime_ms,
        )?),
        Act::Sever { end, peers } => Box::new(sever::prepare(end, peers)?),
        Act::Mute {
            process,
            server,
            how,
            lifetime_ms,
        } => Box::new(mute::prepare(
            &hands.rooms,
            process,
            *server,
            *how,
            *lifetime_ms,
        )?),
        Act::Unplug { end } => Box::new(cable::prepare(end)?),
        Act::Shape {
            end,
            sides,
            rate_bytes,
            burst_bytes,
        } => Box::new(shape::prepare(end, sides, *rate_bytes, *burst_bytes)?),
    })
}

/// Puts back; twice is once, and a target that is gone is a success.
///
/// # Errors
/// What the machine says; worth another try.
pub fn undo(hands: &Hands, undo: &Undo) -> Result<(), String> {
    match undo {
        Undo::Mend { fate, flows } => filter::hold(&hands.filter).mend(*fate, flows),
        Undo::Unmute {
            process,
            how,
            was_muted,
        } => mute::unmute(&hands.rooms, process, *how, *was_muted),
        Undo::Plug { end, was_unplugged } => cable::plug(end, *was_unplugged),
        Undo::Unshape { end, sides } => shape::lift(end, sides),
    }
}
