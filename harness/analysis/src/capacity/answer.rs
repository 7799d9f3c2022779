//! The shape of the answer, schema `brinell.capacity/1`.
use super::{file::Ranged, monte_carlo::Outcome, shape::Shape};
use crate::{
    report::Measure,
    scaling::{Needed, Scaling},
};
use model::verdict::Verdict;
use serde::Serialize;

/// Schema of [`Answer`].
pub const SCHEMA: &str = "brinell.capacity/1";

/// What the load and the objective need.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Answer {
    /// [`SCHEMA`].
    pub schema: &'static str,
    /// As the file asks it.
    pub question: String,
    /// Seed of resampling and simulation.
    pub seed: u64,
    /// Whether the plan keeps the objective: all of its interval, none of it, or it cannot be told.
    pub verdict: Verdict,
    /// Why not, where it does not.
    pub why: Option<String>,
    /// Records a second.
    pub load: f64,
    /// Share of time, 0 to 1.
    pub slo: f64,
    /// Share kept free.
    pub headroom: f64,
    /// What the measured points say; none where a law was given.
    pub scaling: Option<Scaling>,
    /// How many carry the load, before spares.
    pub needed: Option<Needed>,
    /// Throughput of the plan.
    pub throughput: Vec<Carried>,
    /// Per group of the file.
    pub groups: Vec<GroupAnswer>,
    /// All groups together.
    pub whole: Whole,
    /// Every assumption that a number above rests on.
    pub assumptions: Vec<String>,
}

/// What so many executors carry.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Carried {
    /// `all up`, `fewest that carry the load`, `most that any number carries`.
    pub what: &'static str,
    /// Executors.
    pub n: u64,
    /// Their throughput, per s.
    pub throughput: Measure,
    /// 1 - load over throughput.
    pub headroom: Measure,
    /// Time to work off the backlog of the outage, s.
    pub catch_up: Measure,
}

/// One group.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct GroupAnswer {
    /// Its name.
    pub name: String,
    /// Name of its class.
    pub class: String,
    /// What to have; none where nothing keeps the objective or it cannot be told.
    pub plan: Option<Shape>,
    /// What the numbers themselves ask for, without their intervals.
    pub by_the_numbers: Option<Shape>,
    /// What the helpful ends of all intervals ask for.
    pub at_best: Option<Shape>,
    /// One part by itself, 0 to 1.
    pub part: Measure,
    /// The plan, 0 to 1.
    pub availability: Measure,
    /// 1 less that, with digits of its own.
    pub unavailability: Measure,
    /// Everything readable, where reads need less than writes.
    pub reads: Option<Measure>,
    /// One partition writable, beside all of them.
    pub one_partition: Option<Measure>,
    /// Unavailability that no number of parts beats.
    pub floor: f64,
    /// Mean time from all up to the first loss of one copy, h.
    pub first_loss: Measure,
    /// The plan simulated at the numbers themselves, beside the exact answer or in its place.
    pub simulated: Option<Outcome>,
}

/// All groups together.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Whole {
    /// Parts in all.
    pub parts: Option<u64>,
    /// 0 to 1.
    pub availability: Measure,
    /// 1 less that.
    pub unavailability: Measure,
    /// Downtime in a year of 365 days, h.
    pub downtime_year: Measure,
    /// Length of the outage whose backlog is worked off, h.
    pub outage: Ranged,
}
