//! Acts on what a container may use.
pub mod files;
pub mod hog;
pub mod set;

use super::{Deed, Hands};
use model::act::control::{Act, Undo};

/// Looks at what `act` will change.
///
/// # Errors
/// The target is not there, or the machine cannot do it.
pub fn prepare<'a>(hands: &'a Hands, act: &Act) -> Result<Box<dyn Deed + 'a>, String> {
    Ok(match act {
        Act::Set {
            settings,
            hog,
            start,
        } => Box::new(set::prepare(hands, settings, hog.as_ref(), start)?),
        Act::Files { processes, most } => Box::new(files::prepare(processes, *most)?),
    })
}

/// Puts back.
///
/// # Errors
/// What the machine says.
pub fn undo(hands: &Hands, undo: &Undo) -> Result<(), String> {
    match undo {
        Undo::Put {
            settings,
            hog,
            start,
        } => {
            let put = set::put(settings);
            let ended = hog.as_ref().map_or(Ok(()), |hog| hands.hogs.end(hog));
            put.and(ended)?;
            let start = start.as_ref();
            start.map_or(Ok(()), |id| super::signal::start(&hands.engine, id))
        }
        Undo::Files { had } => files::give_back(had),
    }
}

/// What remains of an act that is not undone, in words.
pub fn remains(undo: &Undo) -> String {
    match undo {
        Undo::Put { settings, .. } => {
            let files: Vec<&str> = settings.iter().map(|one| one.file.as_str()).collect();
            format!("other values in {}", files.join(", "))
        }
        Undo::Files { had } => format!("limited descriptors of {} processes", had.len()),
    }
}
