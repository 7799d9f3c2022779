//! What travels between owner and guard: one JSON object a line, numbered, so that answers may come in any order.
use model::guard::{Answer, GuardNews, Request};
use serde::{Deserialize, Serialize};

/// From the owner.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ToGuard {
    /// A request.
    Ask {
        /// Its number; the answer carries it.
        seq: u64,
        /// What.
        request: Request,
    },
    /// The owner is alive.
    Beat,
}

/// From the guard.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ToOwner {
    /// Ready; the first line.
    Ready {
        /// What it could not get of what it wanted (real-time scheduling, locked memory), in words; empty where it got all.
        lacks: Vec<String>,
    },
    /// It cannot work; the last line.
    Unable {
        /// Why; fits after "failed to".
        why: String,
    },
    /// An answer.
    Reply {
        /// Number of the request.
        seq: u64,
        /// What.
        answer: Box<Answer>,
    },
    /// Something that it did unasked.
    News(GuardNews),
}

/// One line with its end.
///
/// # Errors
/// What serde says: a bug of ours.
pub fn line(message: &impl Serialize) -> std::io::Result<String> {
    let mut text = serde_json::to_string(message).map_err(std::io::Error::other)?;
    text.push('\n');
    Ok(text)
}
