//! The file of a comparison: an ordinary scenario with `compare:` instead of `faults:`.
//!
//! An arm is laid over the scenario: maps merge, everything else replaces. Places stay, so a refusal of an arm's plan points at the line
//! that the arm wrote. What an arm may not say stands equal in both by construction: faults, phases, objectives, limits.
//! - [`parse`] start here.   - `arms` what an arm lays over the scenario; `claims` the before/after table; `alike` what planning must leave equal.
mod alike;
mod arms;
mod claims;

pub use alike::{known_probe, same_faults};
pub use arms::ARM;
pub use claims::CLAIM;

use super::Claim;
use crate::scenario::{Fields, Keys, Placed, Refusal, Scenario, Tree};
use arms::{arms, member, rounds, without};

/// A comparison, read.
#[derive(Clone, Debug, PartialEq)]
pub struct File {
    /// The sentence that it puts to the test.
    pub claim: String,
    /// The seed, where the author fixed it.
    pub seed: Option<u64>,
    /// The probe by which the arms are compared.
    pub probe: Placed<String>,
    /// Runs of each arm and round.
    pub repeats: u64,
    /// Names of the arms, the one without first.
    pub arms: [String; 2],
    /// Rounds in the order written, the headline first.
    pub rounds: Vec<Round>,
    /// The table that it is held to.
    pub claims: Vec<Claim>,
}

/// The same faults for both arms.
#[derive(Clone, Debug, PartialEq)]
pub struct Round {
    /// Its name.
    pub name: Placed<String>,
    /// What each arm makes of it.
    pub scenarios: [Scenario; 2],
}

/// The key of a scenario file that makes it a comparison.
pub const KEY: &str = "compare";
/// Keys of `compare`, with a sentence for help and schema.
pub const KEYS: Keys = &[
    ("probe", "the probe by which the arms are compared"),
    (
        "repeats",
        "runs of each arm; default 6, the least for an interval",
    ),
    (
        "arms",
        "two names, the one without first, with what each lays over the scenario",
    ),
    (
        "rounds",
        "lists of faults by name; the first is run unless all are asked for",
    ),
    ("claims", "the before/after table that is put to the test"),
];
/// Most runs of an arm: bounds the comparison.
pub const MOST_REPEATS: u64 = 100;

/// Whether a file is a comparison.
///
/// # Errors
/// No YAML.
pub fn is_comparison(text: &str) -> Result<bool, Refusal> {
    Ok(member(&Tree::parse(text)?, KEY).is_some())
}

/// Reads a comparison.
///
/// # Errors
/// The first thing that is not as it should be, at its place, with the fix.
pub fn parse(text: &str) -> Result<File, Refusal> {
    let tree = Tree::parse(text)?;
    let Some((_, compare)) = member(&tree, KEY) else {
        return Err(Refusal::new(tree.at, "find `compare` in the scenario")
            .hint("add `compare: {probe: ..., arms: ..., rounds: ...}`, or use `brinell run`"));
    };
    if let Some((key, _)) = member(&tree, "faults") {
        return Err(
            Refusal::new(key.at, "read the key `faults` of a comparison")
                .wide(key.value.len())
                .hint("put them under `compare.rounds`, so that both arms get the same"),
        );
    }
    let base = without(&tree, KEY);
    let fields = Fields::open("the comparison", compare, KEYS)?;
    let probe = fields.need("probe")?;
    let arms = arms(fields.need("arms")?)?;
    let rounds = rounds(&base, fields.need("rounds")?, &arms)?;
    let first = &rounds[0].scenarios[0];
    Ok(File {
        claim: first.claim.value.clone(),
        seed: first.seed,
        probe: Placed {
            value: probe.text("the probe")?.to_owned(),
            at: probe.at,
        },
        repeats: fields.or("repeats", 6, |tree| {
            tree.whole("the number of repeats", 1, MOST_REPEATS)
        })?,
        arms: arms.map(|(name, _)| name.value.clone()),
        claims: fields.get("claims").map_or(Ok(Vec::new()), claims::read)?,
        rounds,
    })
}

/// Refuses a comparison where one scenario is due.
pub(crate) fn no_comparison(tree: &Tree) -> Result<(), Refusal> {
    match member(tree, KEY) {
        Some((key, _)) => Err(Refusal::new(key.at, "read a comparison as one scenario")
            .wide(KEY.len())
            .hint("run it with `brinell compare`")),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests;
