//! The shape of `report.json`, schema `brinell.report/1`: what the analysis says and what every report format renders.
//!
//! Members stand in the order of the file. What could not be measured is a [`Measure`] without value and with a reason,
//! never a zero. Members for measures that this version does not have (budget, throughput, structure, retries, breakers) are
//! left out and named in `not_measured`.
use model::{system::Version, verdict::Verdict};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Schema of [`Analysis`].
pub const SCHEMA: &str = "brinell.report/1";

/// All that one run showed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Analysis {
    /// [`SCHEMA`].
    pub schema: String,
    /// Which run.
    pub run: Run,
    /// The one word, with its sentence.
    pub verdict: Judgement,
    /// What the word rests on; failures and unknowns first.
    pub findings: Vec<Finding>,
    /// What ran, on what.
    pub environment: Environment,
    /// Phases, faults and every probe over time.
    pub timeline: Timeline,
    /// Per fault: one row over all probes (`probe` = [`ALL_PROBES`]), then one per probe.
    pub recovery: Vec<Recovery>,
    /// Per probe and window.
    pub availability: Vec<Availability>,
    /// Per source and window.
    pub latency: Vec<Latency>,
    /// The load; none where the run had none.
    pub load: Option<Load>,
    /// Per stage.
    pub ledger: Vec<Ledger>,
    /// What a reader might expect here and does not get.
    pub not_measured: Vec<NotMeasured>,
    /// Measures without a member of their own, as tables.
    pub sections: Vec<Section>,
}

/// `probe` of the row that joins all probes of a fault: T1 the first, T3 the last of them.
pub const ALL_PROBES: &str = "all probes";

/// A number with what is known about it. `low` and `high` bound the value at confidence `level`; `error` is the
/// instrument's own bar (plus or minus, same unit), present even where no sampling interval can be had.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Measure {
    /// The number; none where it could not be had.
    pub value: Option<f64>,
    /// `s`, `1` (a share of one), `records`, ...
    pub unit: String,
    /// How many samples it rests on.
    pub n: u64,
    /// Lower end; none where there is no interval.
    pub low: Option<f64>,
    /// Upper end; none where there is no interval or it is not reached (`method` says which).
    pub high: Option<f64>,
    /// Attained coverage of the interval, 0 to 1; none where it is the measurement bar only.
    pub level: Option<f64>,
    /// How it was computed, in a few words: `median of 8 kills in 1 run, ranks 1-8`, `measured`.
    pub method: String,
    /// Bar of the instrument, plus or minus.
    pub error: Option<f64>,
    /// Why there is no value; only then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
}

/// Which run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Run {
    /// Run id.
    pub id: String,
    /// Name of the scenario.
    pub scenario: String,
    /// What it claims.
    pub claim: String,
    /// Seed.
    pub seed: u64,
    /// Wall time of the epoch, RFC 3339, UTC.
    pub started: String,
    /// From the epoch to the last line of the journal, s.
    pub duration_s: f64,
    /// What cut it short; none where it went through all its phases.
    pub interrupted: Option<String>,
    /// The command that repeats it.
    pub command: String,
}

/// The worst of all findings.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Judgement {
    /// Pass, fail or unknown.
    pub value: Verdict,
    /// One line: the numbers that matter, or the reason where there is no pass.
    pub headline: String,
    /// Ids of the findings that decide.
    pub reasons: Vec<String>,
}

/// What a finding is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FindingKind {
    /// Whether the system was steady before anything was hurt.
    SteadyState,
    /// Whether a fault was proved to hurt.
    Effective,
    /// Whether a fault was proved to be over.
    Healed,
    /// An objective of the scenario.
    Objective,
    /// Whether the record ledger balances.
    Ledger,
    /// Whether the run itself can be trusted: journal, probes, generator, end.
    Measurement,
    /// Whether something of ours remains.
    Cleanup,
}

/// One thing that was examined.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Finding {
    /// Unique in the report, kebab-case.
    pub id: String,
    /// About what.
    pub kind: FindingKind,
    /// What was examined.
    pub name: String,
    /// What came of it.
    pub verdict: Verdict,
    /// What would pass.
    pub expected: String,
    /// What was seen, with interval and n.
    pub measured: String,
    /// The reason where it is no pass, and what would make an unknown known; else empty.
    pub why: String,
    /// Where it can be looked up.
    pub evidence: Vec<Evidence>,
}

/// A line or file of the run folder.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Evidence {
    /// Below the run folder.
    pub file: String,
    /// Line number `n` of the journal; none for whole files.
    pub n: Option<u64>,
}

/// What ran, on what.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Environment {
    /// Everything of `versions.json` as dotted names, then what the systems said of themselves.
    pub versions: Vec<Version>,
    /// The nodes.
    pub nodes: Vec<Node>,
    /// Faults carried by a lesser mechanism than the best.
    pub degraded: Vec<Degraded>,
}

/// One node of the testbed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Node {
    /// Name.
    pub node: String,
    /// Role.
    pub role: String,
    /// Image and digest; empty for a process inside another node.
    pub image: String,
    /// Addresses.
    pub addresses: Vec<String>,
}

/// A fault that the machine could carry only in a lesser way.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Degraded {
    /// Fault.
    pub fault: String,
    /// The best mechanism.
    pub from: String,
    /// The one used.
    pub to: String,
    /// What that costs.
    pub lost: String,
}

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

/// Recovery of one fault (all its repeats) as one probe saw it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Recovery {
    /// Id of the fault in the scenario, without repeat number.
    pub fault: String,
    /// Probe, or [`ALL_PROBES`].
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
    /// Acknowledged.
    pub ok: u64,
    /// Known not written.
    pub fail: u64,
    /// Unknown.
    pub info: u64,
    /// Acknowledged and not there, although the end was reached.
    pub lost: Option<u64>,
    /// Extra copies.
    pub duplicated: u64,
    /// Wrong checksum.
    pub corrupted: u64,
    /// Descents in the order of a key; none where the stage has no order.
    pub reordered: Option<u64>,
    /// Known not written, and there.
    pub resurrected: u64,
    /// Unknown, and there.
    pub recovered: u64,
    /// Never sent, and there.
    pub phantom: u64,
    /// Left out as declared.
    pub dropped: u64,
    /// Sent aside as declared.
    pub dead_lettered: u64,
    /// Acknowledged and not there, where the end was not reached.
    pub unseen_tail: u64,
    /// Records whose number could not be read.
    pub illegible: u64,
    /// Records read, copies included.
    pub read: u64,
    /// Why the end was not reached; none where it was.
    pub incomplete: Option<String>,
    /// Up to 20 numbers of records that went wrong, as `lost 17`.
    pub examples: Vec<String>,
}

/// What a reader might expect and does not get.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NotMeasured {
    /// What.
    pub what: String,
    /// Why.
    pub why: String,
}

/// A table for measures without a member of their own.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Section {
    /// Kebab-case.
    pub id: String,
    /// Sentence case.
    pub title: String,
    /// Columns.
    pub columns: Vec<Column>,
    /// Rows of strings and numbers.
    pub rows: Vec<Vec<Value>>,
}

/// One column of a [`Section`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Column {
    /// Heading.
    pub name: String,
    /// Unit, empty for words.
    pub unit: String,
}
