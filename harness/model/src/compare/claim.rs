//! One line of a before/after table that somebody believes: what it says, and what of a run can hold it to that.
use serde::{Deserialize, Serialize};

/// A claim.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Claim {
    /// What it is about, in its author's words: `mean time to recovery`.
    pub metric: String,
    /// What it says of the first arm.
    pub without: String,
    /// What it says of the second arm.
    pub with: String,
    /// The improvement that it promises, in its author's words.
    pub claimed: String,
    /// The same as a share of one: 0.9 where the second arm is to have a tenth of the first.
    pub reduction: Option<f64>,
    /// What measures it; none where nothing here does.
    pub measure: Option<Measured>,
    /// Why nothing does; only then, else empty.
    pub why: String,
}

/// What a comparison measures of every run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Measured {
    /// Time from a fault's effect to sustained good at the comparison's probe, s; censored where it is not reached.
    Recovery,
    /// Objectives missed in a run.
    Violations,
    /// Records lost, doubled or damaged in what a reader of the data gets, per million acknowledged.
    Quality,
    /// Share of the watched time in which the comparison's probe was good.
    Availability,
    /// Records lost, per million acknowledged.
    Lost,
    /// Greatest age of the data while faults were watched, s.
    Freshness,
    /// Records that are where they belong at the end of a run, over those sent: the share of the load that was kept.
    Throughput,
}

impl Measured {
    /// Every one.
    pub const ALL: [Self; 7] = [
        Self::Recovery,
        Self::Violations,
        Self::Quality,
        Self::Availability,
        Self::Lost,
        Self::Freshness,
        Self::Throughput,
    ];

    /// As it is written.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Recovery => "recovery",
            Self::Violations => "violations",
            Self::Quality => "quality",
            Self::Availability => "availability",
            Self::Lost => "lost",
            Self::Freshness => "freshness",
            Self::Throughput => "throughput",
        }
    }
}
