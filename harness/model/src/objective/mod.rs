//! Objectives: k6's threshold grammar over our measures, and the pure judgement of one window of samples.
//!
//! `metric{tag:value,...}` names what is measured, `<method> <op> <bound>` what must hold of it. Units are required where there
//! is one. The engine judges the steady state with [`steady`], the analysis everything else with [`judge`].
//! - [`metric`] what can be asked, with which tags, methods and unit; [`explain`] the same for people.   - [`parse`] text to [`Objective`], at its place.
//! - [`estimate`] samples to a number with its bar.   - [`judge`] a number with its bar against a bound.   - [`steady`] windows against each other.
pub mod estimate;
pub mod explain;
pub mod judge;
pub mod metric;
pub mod parse;
pub mod steady;

pub use estimate::{Estimate, Sampled, estimate};
pub use judge::{Judged, judge};
pub use parse::parse;
pub use steady::steady;

use crate::units::Nanos;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// How samples become one number.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Method {
    /// How many.
    Count,
    /// Share of one, 0 to 1.
    Rate,
    /// The last.
    Value,
    /// The mean; refused where runs may be censored.
    Avg,
    /// The least.
    Min,
    /// The most.
    Max,
    /// The middle one.
    Med,
    /// The longest time without a success.
    Gap,
    /// A percentile, 0 to 100.
    P(f64),
}

/// How the number must stand to the bound.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Op {
    /// Less.
    #[serde(rename = "<")]
    Lt,
    /// At most.
    #[serde(rename = "<=")]
    Le,
    /// More.
    #[serde(rename = ">")]
    Gt,
    /// At least.
    #[serde(rename = ">=")]
    Ge,
    /// Exactly.
    #[serde(rename = "==")]
    Eq,
    /// Anything but.
    #[serde(rename = "!=")]
    Ne,
}

/// One thing that must hold.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Objective {
    /// The key as written: `freshness{window:fault}`.
    pub key: String,
    /// The threshold as written: `p(99) < 10s`.
    pub threshold: String,
    /// What is measured: a probe's name or one of [`metric::OURS`].
    pub metric: String,
    /// Which part of it.
    pub tags: BTreeMap<String, String>,
    /// How samples become one number.
    pub method: Method,
    /// How it must stand to the bound.
    pub op: Op,
    /// The bound: seconds for durations, 0 to 1 for shares, else a count or the probe's own unit.
    pub bound: f64,
    /// `s`, `1` for shares, the probe's unit, or `records`, `faults`, `samples` for counts.
    pub unit: String,
}

impl Objective {
    /// The value of a tag.
    pub fn tag(&self, name: &str) -> Option<&str> {
        self.tags.get(name).map(String::as_str)
    }

    /// As one line: `freshness{window:fault}: p(99) < 10s`.
    pub fn text(&self) -> String {
        format!("{}: {}", self.key, self.threshold)
    }
}

/// The longest recovery that the objectives allow for this fault; none where they claim nothing about it.
pub fn claimed_recovery(objectives: &[Objective], fault: &str) -> Option<Nanos> {
    let about = |objective: &&Objective| {
        objective.metric == "recovery" && objective.tag("fault").is_none_or(|tag| tag == fault)
    };
    let upper =
        |objective: &&Objective| objective.unit == "s" && matches!(objective.op, Op::Lt | Op::Le);
    let bounds = objectives
        .iter()
        .filter(about)
        .filter(upper)
        .map(|objective| Nanos((objective.bound * 1e9) as u64));
    bounds.max()
}
