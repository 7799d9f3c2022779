//! What a comparison ran: the one file of its folder from which, with the run folders, its report follows.
use super::Claim;
use serde::{Deserialize, Serialize};

/// Schema of [`Order`].
pub const SCHEMA: &str = "brinell.comparison/1";
/// Name of its file.
pub const NAME: &str = "comparison.json";

/// A comparison.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Order {
    /// [`SCHEMA`].
    pub schema: String,
    /// `<folder>/<file>` of its scenario without ending.
    pub name: String,
    /// The sentence that it puts to the test.
    pub claim: String,
    /// Seed of its first repeat; repeat `i` (from 0) of every arm has this plus `i`.
    pub seed: u64,
    /// The probe by which the arms are compared.
    pub probe: String,
    /// Repeats planned of every arm and round.
    pub repeats: u64,
    /// The arms, the one without first.
    pub arms: [String; 2],
    /// The rounds planned, in their order.
    pub rounds: Vec<String>,
    /// The table that it is held to.
    pub claims: Vec<Claim>,
    /// Every run that was begun, in the order in which they ran.
    pub runs: Vec<RunOf>,
    /// The command that repeats it.
    pub command: String,
}

/// One run of a comparison.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunOf {
    /// Index of its arm.
    pub arm: usize,
    /// Name of its round: which faults.
    pub round: String,
    /// From 0.
    pub repeat: u64,
    /// Its run folder, below the folder of the comparison.
    pub folder: String,
}
