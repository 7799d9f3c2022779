//! What happened when, on the run's clock.
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Phases, faults and series on the run's clock, ns since the epoch.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Timeline {
    /// In order, without gap.
    pub phases: Vec<Phase>,
    /// In order of their request.
    pub faults: Vec<FaultMark>,
    /// One per probe, then the load.
    pub series: Vec<Series>,
}

/// One phase.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Phase {
    /// `warm-up`, `baseline`, ...
    pub name: String,
    /// Begin.
    pub from_ns: u64,
    /// End.
    pub to_ns: u64,
}

/// One fault as it happened.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FaultMark {
    /// Id with the number of the repeat: `kill#3`.
    pub id: String,
    /// Fault of the catalog.
    pub fault: String,
    /// Whom it hit.
    pub targets: Vec<String>,
    /// Settings.
    pub settings: Value,
    /// Mechanisms used.
    pub backend: String,
    /// When the plan called for it; none where it was not reached.
    pub requested_ns: Option<u64>,
    /// T0.
    pub effective_ns: Option<Bounds>,
    /// When the heal began.
    pub heal_requested_ns: Option<u64>,
    /// TH.
    pub healed_ns: Option<Bounds>,
    /// Begin and end of the window in which its effects are looked for.
    pub window_ns: Option<Bounds>,
}

/// An instant known to lie between two readings of the clock, or a stretch of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bounds {
    /// Not before.
    pub lo: u64,
    /// Not after.
    pub hi: u64,
}

/// One probe over time, in buckets. The lists are of one length; `null` where a bucket holds no sample.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Series {
    /// Name of the probe, or `load`.
    pub id: String,
    /// What it shows, one sentence.
    pub name: String,
    /// Unit of the values.
    pub unit: String,
    /// Begin of the first bucket.
    pub start_ns: u64,
    /// Width of a bucket.
    pub bucket_ns: u64,
    /// Median of the bucket.
    pub values: Vec<Option<f64>>,
    /// Least.
    pub low: Vec<Option<f64>>,
    /// Most.
    pub high: Vec<Option<f64>>,
    /// Share of bad samples, 0 to 1.
    pub bad: Vec<Option<f64>>,
    /// Bound beyond which a sample is bad (below it, where `full` is the aim).
    pub bound: Option<f64>,
    /// Stretches judged bad: begin and end at the middle of their own bars.
    pub outages: Vec<Bounds>,
}
