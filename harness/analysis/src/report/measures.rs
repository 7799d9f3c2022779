//! One type per measure of a run.
use super::{Bounds, Measure};
use serde::{Deserialize, Serialize};

/// Recovery of one fault (all its repeats) as one probe saw it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Recovery {
    /// Id of the fault in the scenario, without repeat number.
    pub fault: String,
    /// Probe, or [`super::ALL_PROBES`].
    pub probe: String,
    /// One per repeat that was proved effective.
    pub runs: Vec<Repeat>,
    /// T1 - T0.
    pub detect: Measure,
    /// T3 - T0.
    pub recover: Measure,
    /// T3 - TH; absent for faults that are over at once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recover_after_heal: Option<Measure>,
    /// T4 - T3.
    pub catch_up: Measure,
    /// T5 - T3.
    pub reprotect: Measure,
    /// How many of the repeats with impact recovered while watched.
    pub reached: Share,
    /// How many repeats had no impact on this probe: they have no recovery time.
    pub absorbed: Share,
    /// Share not yet recovered over time (Kaplan-Meier).
    pub survival: Vec<Step>,
}

/// The instants of one repeat.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Repeat {
    /// Id with the number of the repeat.
    pub id: String,
    /// Effective.
    pub t0_ns: Option<Bounds>,
    /// First bad sample.
    pub t1_ns: Option<Bounds>,
    /// First success after it.
    pub t2_ns: Option<Bounds>,
    /// Sustained.
    pub t3_ns: Option<Bounds>,
    /// Backlog back in its band.
    pub t4_ns: Option<Bounds>,
    /// Redundancy full again.
    pub t5_ns: Option<Bounds>,
    /// Heal proved.
    pub th_ns: Option<Bounds>,
    /// Had impact and did not recover while watched.
    pub censored: bool,
    /// Nothing left the band.
    pub absorbed: bool,
    /// For how long a recovery could have been recognised: end of watching - settle - T0, s.
    pub watched_s: f64,
    /// How often it seemed recovered and was not.
    pub relapses: u32,
    /// Probes with impact, of how many (1 of 1 in the row of one probe).
    pub affected: (u32, u32),
}

/// `k` of `n` with its exact (Clopper-Pearson) 95 % interval.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Share {
    /// How many.
    pub k: u64,
    /// Of how many.
    pub n: u64,
    /// Lower end, 0 to 1.
    pub low: f64,
    /// Upper end, 0 to 1.
    pub high: f64,
}

/// One step of a survival curve.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Step {
    /// Time since T0, s.
    pub t_s: f64,
    /// Share not yet recovered just after it.
    pub share: f64,
    /// Lower end, log-log 95 %.
    pub low: Option<f64>,
    /// Upper end.
    pub high: Option<f64>,
    /// Number at risk just before it.
    pub at_risk: u64,
}

/// Good time and good requests of one probe in one window. One run carries the measurement bar only.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Availability {
    /// Probe.
    pub probe: String,
    /// `baseline`, `fault`, `recovery` or `whole`.
    pub window: String,
    /// Good time over all time, 0 to 1.
    pub availability: Measure,
    /// Bad time, s.
    pub downtime: Measure,
    /// Good samples over good and bad ones, 0 to 1.
    pub requests: Measure,
    /// Samples that were not taken in time by our own fault: neither good nor bad.
    pub missing: u64,
}

/// Quantiles of one source in one window, from the intended start.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Latency {
    /// Probe, or `load`.
    pub source: String,
    /// `baseline`, `fault`, `recovery` or `whole`.
    pub window: String,
    /// `all`: failures count at their deadline.
    pub outcome: String,
    /// 50, 90, 99, 99.9 and 100 (the maximum).
    pub percentiles: Vec<Percentile>,
    /// Samples.
    pub count: u64,
    /// Of them not answered: a quantile among them is a lower bound.
    pub saturated: u64,
}

/// One quantile.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Percentile {
    /// 0 to 100.
    pub p: f64,
    /// Seconds (for a gauge: its own unit).
    pub value_s: Measure,
}

/// The load from the start of the baseline to the end of the recovery.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Load {
    /// Due.
    pub asked: u64,
    /// Sent.
    pub sent: u64,
    /// Known done.
    pub ok: u64,
    /// Known not done.
    pub fail: u64,
    /// Unknown.
    pub info: u64,
    /// Actual minus intended start: 50, 99 and 100.
    pub slip: Vec<Percentile>,
    /// By class.
    pub errors: Vec<ErrorCount>,
    /// CPU of the harness itself, s.
    pub harness_cpu_s: Option<f64>,
    /// Most memory of the harness itself, bytes.
    pub harness_rss_bytes: Option<u64>,
}

/// How often one class of error was seen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ErrorCount {
    /// Kebab-case.
    pub class: String,
    /// How often.
    pub count: u64,
}

/// The records of one stage. Counts that rest on an end that was not reached are none.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Ledger {
    /// Stage.
    pub stage: String,
    /// Partition; none where all are taken together.
    pub partition: Option<u32>,
    /// Sent: ok, fail and info.
    pub sent: u64,
    /// Of those, malformed on purpose.
    #[serde(default)]
    pub malformed: u64,
    /// Acknowledged.
    pub ok: u64,
    /// Known not written.
    pub fail: u64,
    /// Unknown.
    pub info: u64,
    /// Acknowledged and not there, although the end was reached; of an ordered stage that was not read to its end, those that were
    /// passed over.
    pub lost: Option<u64>,
    /// Of the lost, those that every stage before still has.
    pub lost_here: Option<u64>,
    /// Extra copies: in the table, among the dead letters, or one in each.
    pub duplicated: u64,
    /// Records of which this stage has copies and no stage before does.
    pub doubled_here: u64,
    /// Whether extra copies are within the contract of the stage.
    pub copies_allowed: bool,
    /// Wrong checksum, or sent malformed on purpose and taken into the table all the same.
    pub corrupted: u64,
    /// Sent malformed on purpose and taken into the table all the same.
    #[serde(default)]
    pub accepted_malformed: u64,
    /// Descents in the order of a key; none where the stage has no order.
    pub reordered: Option<u64>,
    /// Known not written, and there.
    pub resurrected: u64,
    /// Unknown, and there.
    pub recovered: u64,
    /// Never sent, and there.
    pub phantom: u64,
    /// Acknowledged, malformed and not there, as declared.
    pub dropped: u64,
    /// Acknowledged and only among the dead letters.
    pub dead_lettered: u64,
    /// Of those, the ones that were sent as good records: none of them belongs there.
    #[serde(default)]
    pub good_dead_lettered: u64,
    /// Acknowledged and not there, where the end was not reached.
    pub unseen_tail: u64,
    /// Records whose number could not be read.
    pub illegible: u64,
    /// Records read, copies included.
    pub read: u64,
    /// Why the end was not reached; none where it was.
    pub incomplete: Option<String>,
    /// Up to 20 records that went wrong, as `lost 17`, with the places where they lie or lay last.
    pub examples: Vec<String>,
}
