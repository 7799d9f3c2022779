//! What became of every record: the sender's own outcomes against what each stage holds, read to a known end.
//!
//! Lost needs that end: where it was not reached, an acknowledged record that is not there is an *unseen tail* and proves nothing,
//! unless the stage was read in order and past it. An outcome that is unknown (info) makes no claim either way. The balance of the
//! counts is computed and checked, not assumed. Formulas: SCIENCE 6.
//! - [`sent`] the outcomes.   - [`word`] 64 records at once.   - [`terms`] what the stage's reading and its contract allow.
//! - [`judge`] one partition of a stage.   - [`chain`] which stage lacks or doubles a record first.   - [`examples`] some by name.
pub mod chain;
pub mod examples;
pub mod judge;
pub mod sent;
pub mod terms;
pub mod word;

use crate::{input::Folder, report::Ledger};
use chain::Chain;
use model::{
    journal::Event,
    ledger::{Stage, codec},
};
use sent::Sent;

/// A stage's ledger with whether it balances.
#[derive(Clone, Debug, PartialEq)]
pub struct Balanced {
    /// The counts of all partitions together.
    pub ledger: Ledger,
    /// Of each partition.
    pub partitions: Vec<Ledger>,
    /// Both identities, or the one that does not hold.
    pub balance: Result<(), String>,
    /// Line of the journal that says so.
    pub line: u64,
}

/// Every stage of the run, in the order in which records pass them, each with the line of the journal that says so.
pub fn stages(folder: &Folder) -> (Vec<u64>, Vec<Stage>) {
    let read = folder.facts().filter_map(|(line, event)| match event {
        Event::StageRead {
            stage,
            path,
            why,
            sha256,
            ..
        } => Some((
            line.n,
            stage_of(folder, stage, path, sha256, why.as_deref()),
        )),
        _ => None,
    });
    read.unzip()
}

/// The ledger of each of them.
pub fn ledger(folder: &Folder, lines: &[u64], stages: &[Stage]) -> Vec<Balanced> {
    let balanced = balanced(folder.load(), stages).into_iter().zip(lines);
    balanced
        .map(|(one, line)| Balanced { line: *line, ..one })
        .collect()
}

/// The stages against these operations.
pub fn balanced(ops: &[model::samples::Op], stages: &[Stage]) -> Vec<Balanced> {
    let chain = Chain::of(stages, |partitions| Sent::of(ops, partitions));
    (0..stages.len()).map(|at| chain.balanced(at)).collect()
}

/// What its file holds. A file that is not the one that the journal names proves nothing.
fn stage_of(folder: &Folder, name: &str, path: &str, sha256: &str, why: Option<&str>) -> Stage {
    let sent = folder.load().len() as u64;
    let unread = |why: String| Stage::new(name, 1, sent).unread(why);
    match (why, folder.stages.get(path)) {
        (Some(why), None) => unread(why.to_owned()),
        (None, None) => unread(format!("`{path}` is not there")),
        (_, Some(bytes)) if codec::digest(bytes) != sha256 => {
            unread(format!("`{path}` is not the file that the journal names"))
        }
        (_, Some(bytes)) => codec::decode(bytes)
            .unwrap_or_else(|error| unread(format!("failed to {error} in `{path}`"))),
    }
}
