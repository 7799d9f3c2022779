//! The shape of `comparison-report.json`: what the two arms of a comparison showed beside each other.
//!
//! Of every pair the first arm (without) stands first. A ratio is second over first: below 1 the second arm has less. An end that
//! is not bounded is none, never infinite, and `method` or `why` says so.
use crate::report::{Judgement, Measure, Step};
use model::{compare::Measured, verdict::Verdict};
use serde::{Deserialize, Serialize};

/// Schema of [`Comparison`].
pub const SCHEMA: &str = "brinell.comparison-report/1";

/// Two arms beside each other.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Comparison {
    /// [`SCHEMA`].
    pub schema: String,
    /// `<folder>/<file>` of its scenario without ending.
    pub name: String,
    /// The sentence that it puts to the test.
    pub claim: String,
    /// Seed of its first repeat.
    pub seed: u64,
    /// The probe by which the arms are compared.
    pub probe: String,
    /// Repeats planned of every arm and round.
    pub repeats: u64,
    /// The arms, the one without first.
    pub arms: [String; 2],
    /// The worst of all lines that have a verdict, with its sentence; unknown where none has.
    pub verdict: Judgement,
    /// The before/after table, one line a claim.
    pub lines: Vec<Line>,
    /// Per round and fault, in the order in which they ran first.
    pub faults: Vec<Fault>,
    /// Median of the probe in the baselines of each arm: where they differ, more than the hardening may have changed.
    pub baseline: [Measure; 2],
    /// Every run that was begun, in the order in which they ran.
    pub runs: Vec<Ran>,
    /// What a reader must know before believing a number: too few runs, runs that could not be used.
    pub notes: Vec<String>,
    /// The command that repeats it.
    pub command: String,
}

/// One line of the before/after table: what was claimed, what was measured.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Line {
    /// What it is about, in its author's words.
    pub metric: String,
    /// What was claimed of the first arm.
    pub without: String,
    /// What was claimed of the second arm.
    pub with: String,
    /// The improvement claimed.
    pub claimed: String,
    /// The same as a share of one.
    pub reduction: Option<f64>,
    /// What measures it; none where nothing here does.
    pub measure: Option<Measured>,
    /// What exactly was measured, in words; empty where nothing was.
    pub what: String,
    /// The value of each arm.
    pub arms: [Measure; 2],
    /// The arms against each other; the first is the one that is judged.
    pub effects: Vec<Effect>,
    /// Whether the claim holds; none where it is not measured or promises no number.
    pub verdict: Option<Verdict>,
    /// Why there is that verdict, or none.
    pub reason: String,
}

/// One arm against the other.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Effect {
    /// `ratio of medians`, `ratio of bad time`, `difference`.
    pub what: String,
    /// How much, with its interval; `n` counts the pairs it rests on.
    pub value: Measure,
}

/// One fault of one round, over all runs and repeats.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Fault {
    /// Name of the round.
    pub round: String,
    /// Id of the fault in the scenario, without repeat number.
    pub fault: String,
    /// Each arm by itself.
    pub arms: [Side; 2],
    /// Ratio of the median recoveries after Hodges and Lehmann.
    pub ratio: Measure,
    /// Whether the curves differ.
    pub log_rank: LogRank,
}

/// What one arm did under one fault.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Side {
    /// Runs that could be used.
    pub runs: u64,
    /// Injections planned in all analysed runs.
    pub injections: u64,
    /// Of them left out: not proved effective, or of a run that cannot be used.
    pub left_out: u64,
    /// Of them proved effective in a run that can be used.
    pub effective: u64,
    /// Effective without any impact on the probe: they have no recovery time.
    pub absorbed: u64,
    /// Recovered while watched.
    pub recovered: u64,
    /// Not recovered while watched.
    pub censored: u64,
    /// Median of recovery, s, over the recovered and the censored.
    pub median: Measure,
    /// For how long the censored were watched, s.
    pub limits: Vec<f64>,
    /// Share not yet recovered over time (Kaplan-Meier).
    pub survival: Vec<Step>,
}

/// The log-rank test of two curves.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct LogRank {
    /// Recoveries of the first arm.
    pub observed: f64,
    /// Recoveries of the first arm that were to be expected if the arms were alike.
    pub expected: f64,
    /// Variance of their difference.
    pub variance: f64,
    /// Square of the difference over its variance; none where nothing can be told apart.
    pub chi2: Option<f64>,
    /// Share of all ways to label the repeats that differ at least as much; none where nothing can be told apart.
    pub p: Option<f64>,
    /// How `p` was computed, or why there is none.
    pub method: String,
}

/// One run of the comparison.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Ran {
    /// Index of its arm.
    pub arm: usize,
    /// Its round.
    pub round: String,
    /// From 0.
    pub repeat: u64,
    /// Its run folder, below the folder of the comparison.
    pub folder: String,
    /// Run id; empty where it could not be analysed.
    pub run: String,
    /// Its own verdict; none where it could not be analysed.
    pub verdict: Option<Verdict>,
    /// Median of the probe in its baseline.
    pub baseline: Measure,
    /// Why it is left out; none where it is used.
    pub left_out: Option<String>,
}
