//! The log of Delta: a version a file, what it adds and removes; from time to time a checkpoint of all that holds up to a version.
//!
//! Right is the newest checkpoint that can be read and every version above it; without one, every version from 0. What this reader does
//! not know (deletion vectors, renamed columns, features of readers, checkpoints with sidecars) is refused by its name.
//! - `listing` versions and checkpoints by their names.   - `action` what a line says, and what holds after it.
//! - `checkpoint` the same lines as rows of Parquet.
//!
//! Source: the Delta transaction log protocol, sections "Delta Table Specification" and "Actions".
mod action;
mod checkpoint;
mod listing;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod written;

use self::{
    action::State,
    listing::{Checkpoint, Listing},
};
use super::{CommitLog, Log, Named, Place};
use model::BoxFuture;
use serde::Deserialize;

/// Names the newest checkpoint, for readers that do not list.
const HINT: &str = "_last_checkpoint";

/// `_delta_log`.
pub(super) struct DeltaLog;

impl CommitLog for DeltaLog {
    fn folder(&self) -> &'static str {
        "_delta_log"
    }

    fn is_needed(&self) -> bool {
        true
    }

    fn read<'a>(&'a self, at: &'a Place<'a>) -> BoxFuture<'a, Result<Log, String>> {
        Box::pin(named(at))
    }
}

async fn named(at: &Place<'_>) -> Result<Log, String> {
    let listing = Listing::of(at.names.iter().map(String::as_str))?;
    hinted(at, &listing).await?;
    let (state, notes) = snapshot(at, &listing).await?;
    let files = state.files()?.into_iter();
    let files = files.map(|(path, values)| at.key(&path).map(|key| Named { key, values }));
    let files = files.collect::<Result<_, String>>()?;
    Ok(Log { files, notes })
}

/// What holds at the newest version, and which checkpoints were of no use.
async fn snapshot(at: &Place<'_>, listing: &Listing) -> Result<(State, Vec<String>), String> {
    let mut unread = Vec::new();
    let (mut state, mut next) = (State::default(), 0);
    for checkpoint in listing.checkpoints() {
        match held(at, checkpoint).await {
            Ok(held) => {
                (state, next) = (held, checkpoint.version.saturating_add(1));
                break;
            }
            Err(why) => unread.push(why),
        }
    }
    let because = |gap: String| format!("{gap}{}", also(&unread));
    for name in listing.above(next).map_err(because)? {
        let text = at.text(&name).await?;
        state
            .lines(&text)
            .map_err(|why| format!("{}/{name}: {why}", at.folder))?;
    }
    Ok((state, unread))
}

fn also(unread: &[String]) -> String {
    unread.iter().map(|why| format!("; {why}")).collect()
}

/// What holds at the version of a checkpoint.
async fn held(at: &Place<'_>, checkpoint: &Checkpoint) -> Result<State, String> {
    let mut state = State::default();
    for name in &checkpoint.parts {
        let told = |why: String| format!("the checkpoint `{name}` cannot be read: {why}");
        if !checkpoint.is_classic {
            return Err(told(
                "it is a V2 checkpoint, which may have sidecars".into(),
            ));
        }
        let bytes = at.get(name).await.map_err(told)?;
        checkpoint::read(bytes.into(), &mut state).map_err(told)?;
    }
    Ok(state)
}

#[derive(Deserialize)]
struct Hint {
    version: u64,
}

/// A hint at a version that is not there tells of a log whose end is gone. One that is no JSON is of no use to anyone.
async fn hinted(at: &Place<'_>, listing: &Listing) -> Result<(), String> {
    if !at.names.iter().any(|name| name == HINT) {
        return Ok(());
    }
    let text = at.text(HINT).await?;
    let hint: Option<Hint> = serde_json::from_str(&text).ok();
    match hint.filter(|hint| hint.version > listing.newest) {
        None => Ok(()),
        Some(hint) => Err(format!(
            "`{HINT}` names version {}, and `_delta_log` ends at {}",
            hint.version, listing.newest
        )),
    }
}
