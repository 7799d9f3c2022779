//! The shape of `report.json`, schema `brinell.report/1`: what the analysis says and what every report format renders.
//!
//! Members stand in the order of the file. What could not be measured is a [`Measure`] without value and with a reason,
//! never a zero. Members for measures that this version does not have (throughput, structure, retries, breakers) are
//! left out and named in `not_measured`.
//!
//! - [`timeline`] phases, faults and series.   - [`measures`] recovery, availability, latency, load, ledger.
//! - [`quality`] the rows of the table.
pub mod measures;
pub mod quality;
pub mod timeline;

pub use measures::{
    Availability, ErrorCount, Latency, Ledger, Load, Percentile, Recovery, Repeat, Share, Step,
};
pub use quality::{Check, Quality, QualityCheck, QualityWindow};
pub use timeline::{Bounds, FaultMark, Phase, Series, Timeline};

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
    /// The rows of the workload's table; none where nobody counted them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quality: Option<Quality>,
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
