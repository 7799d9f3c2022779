//! The shape of `brinell budget --json`, schema `brinell.budget/1`.
use super::{alert::Alert, left::Gate};
use crate::report::Measure;
use serde::{Deserialize, Serialize};

/// Schema of [`Report`].
pub const SCHEMA: &str = "brinell.budget/1";

/// Runs held against the objectives of a file.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Report {
    /// [`SCHEMA`].
    pub schema: String,
    /// The worst gate of all objectives.
    pub gate: Gate,
    /// Why it is not open; none where it is.
    pub why: Option<String>,
    /// By which number the gates decide.
    pub by: By,
    /// The runs, in order of time.
    pub runs: Vec<Ran>,
    /// One per target, in the order of the file.
    pub budgets: Vec<Budget>,
    /// What was read and is not used.
    pub notes: Vec<String>,
}

/// By which number a gate decides.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum By {
    /// What is left of the budget of the watched part of the window.
    #[default]
    Runs,
    /// What is left of the budget of the whole window, if all that nobody watched was good.
    Window,
    /// What stated fault frequencies leave of the budget of the whole window.
    Forecast,
}

/// One run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Ran {
    /// Id.
    pub id: String,
    /// Scenario.
    pub scenario: String,
    /// Wall time of its begin.
    pub started: String,
    /// Verdict of its own report.
    pub verdict: model::verdict::Verdict,
}

/// One target held against the runs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Budget {
    /// Name of the objective in its file.
    pub slo: String,
    /// The target as people call it.
    pub objective: String,
    /// Of which service.
    pub service: String,
    /// Whose samples.
    pub probe: String,
    /// Share that must be good.
    pub target: f64,
    /// `time`, `samples`, `slices` or `ratios`.
    pub form: String,
    /// Over which time.
    pub window: Span,
    /// Open, blocked or unknown.
    pub gate: Gate,
    /// Why it is not open; none where it is.
    pub why: Option<String>,
    /// What the target allows of what was watched.
    pub allowed: Measure,
    /// What was bad.
    pub spent: Measure,
    /// What is left of it.
    pub left: Measure,
    /// The same as a share of what is allowed.
    pub left_share: Measure,
    /// Good share of what was watched.
    pub availability: Measure,
    /// Good share with a sampling interval, from the runs.
    pub over_runs: Measure,
    /// How fast the budget went over the watched time; 1 spends it exactly over the period.
    pub burn: Measure,
    /// In what time a whole budget of the window is gone at this rate.
    pub exhaustion: Measure,
    /// The least that was ever left, and when.
    pub lowest: Option<Point>,
    /// What was left over time.
    pub burn_down: Vec<Point>,
    /// The rules of two windows.
    pub alerts: Vec<Alert>,
    /// What is left of the whole window, if all that nobody watched was good.
    pub whole_window: Measure,
    /// What stated fault frequencies make of it; none where none were stated.
    pub forecast: Option<Forecast>,
}

/// Over which time a budget was counted.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Span {
    /// `rolling` or `calendar`.
    pub kind: String,
    /// What the file asks for, s.
    pub asked_s: f64,
    /// How much of it was watched, s: the period that the budget is counted over.
    pub watched_s: f64,
    /// Whether the runs stand for the window because they are shorter.
    pub scaled: bool,
}

/// What was left at an instant.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Point {
    /// Since the begin of the window, s.
    pub t_s: f64,
    /// What is printed.
    pub left: f64,
    /// Not less.
    pub low: f64,
    /// Not more.
    pub high: f64,
}

/// What stated fault frequencies make of measured recoveries.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Forecast {
    /// One per class with a stated frequency.
    pub classes: Vec<Class>,
    /// `1 / (1 + sum of frequency * duration)`.
    pub availability: Measure,
    /// `-log10(1 - availability)`.
    pub nines: Measure,
    /// Over a year of 365 days.
    pub downtime_per_year: Measure,
    /// Mean time up between failures, from the stated frequencies.
    pub mttf: Measure,
    /// Duration of a failure, weighted by frequency.
    pub mttr: Measure,
    /// From the start of one failure to the start of the next: MTTF + MTTR.
    pub mtbf_between_starts: Measure,
    /// Over the asked window.
    pub spent: Measure,
    /// Of the budget of the asked window.
    pub left: Measure,
    /// Whether that lets something start.
    pub gate: Gate,
}

/// One class of faults.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Class {
    /// Id of the fault in its scenario.
    pub fault: String,
    /// Stated: faults per month (720 h) of time up.
    pub per_month: f64,
    /// How long one is felt by this probe.
    pub lasts: Measure,
    /// Expected per month, s.
    pub downtime_per_month: Measure,
}
