//! One metric of the newest run against its history.
use super::metrics::Metric;
use crate::{
    band,
    compare::{
        hodges_lehmann::{Known, Stratum, difference},
        mann_whitney,
    },
    median::middle,
    report::Measure,
};
use serde::{Deserialize, Serialize};

/// Fewest runs for a robust limit: below it a single odd run moves the median of their distances.
pub const LEAST_RUNS: usize = 6;

/// What came of a metric.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum State {
    /// Within what it did before, or not enough to matter.
    Quiet,
    /// Too little to tell.
    Unknown,
    /// Worse, by all three rules.
    Alarm,
}

impl State {
    /// The word as reports print it.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Quiet => "QUIET",
            Self::Unknown => "UNKNOWN",
            Self::Alarm => "ALARM",
        }
    }

    /// The worst of all; unknown where there is none.
    pub fn worst(all: impl IntoIterator<Item = Self>) -> Self {
        all.into_iter().max().unwrap_or(Self::Unknown)
    }
}

/// A metric, judged.
#[derive(Clone, Debug, PartialEq)]
pub struct Judged {
    /// Median of the history.
    pub usual: Option<f64>,
    /// Robust limit of the history.
    pub limit: Option<f64>,
    /// Hodges-Lehmann difference to the history.
    pub change: Measure,
    /// Two-sided.
    pub p: Option<f64>,
    /// The word.
    pub state: State,
    /// What it rests on, or what would do.
    pub why: String,
}

/// Judges the newest run; `history` oldest first, `least` the change that matters as a share of the usual value.
///
/// A metric with one value a run cannot be told from chance by one run against 30 (at best 93.5 % of intervals would hold): there the
/// newest two runs stand against those before.
pub fn alarm(history: &[&Metric], newest: &Metric, least: f64) -> Judged {
    let single = newest.samples.len() == 1;
    let (before, recent): (&[&Metric], Vec<&Metric>) = match (single, history) {
        (true, [before @ .., last]) => (before, vec![*last, newest]),
        _ => (history, vec![newest]),
    };
    let values: Vec<f64> = before.iter().map(|one| one.value).collect();
    let usual = middle(&values).filter(|usual| usual.is_finite());
    let open = values.iter().filter(|value| !value.is_finite()).count();
    let enough = values.len() >= LEAST_RUNS && open == 0;
    let resolution = before
        .iter()
        .map(|one| one.resolution)
        .fold(newest.resolution, f64::max);
    let limit = band::robust(&values, resolution).filter(|_| enough);
    let stratum = stratum(before, &recent);
    let change = difference(std::slice::from_ref(&stratum), &newest.unit);
    let p = p_value(&stratum);
    let mut judged = Judged {
        usual,
        limit,
        p: p.filter(|_| limit.is_some()),
        change,
        state: State::Unknown,
        why: String::new(),
    };
    (judged.state, judged.why) = match (limit, usual) {
        (Some(limit), Some(usual)) => decide(
            &judged,
            newest.value,
            usual,
            limit,
            least.max(0.0),
            resolution,
            &stratum,
        ),
        _ if open > 0 => (
            State::Unknown,
            format!(
                "in {open} of {} runs before the median was not reached",
                values.len()
            ),
        ),
        _ => (State::Unknown, too_few(values.len(), single)),
    };
    judged
}

fn too_few(n: usize, single: bool) -> String {
    let (needs, newest) = if single {
        (runs_needed(2), "the newest two")
    } else {
        (LEAST_RUNS, "the newest")
    };
    format!(
        "{n} comparable run{} before {newest}: {} would do",
        if n == 1 { "" } else { "s" },
        needs.max(LEAST_RUNS)
    )
}

/// The least number of values against which `m` newest ones can be told from chance at 95 %.
pub fn runs_needed(m: usize) -> usize {
    (1..=100)
        .find(|n| mann_whitney::rank(&[(*n, m)]).is_some())
        .unwrap_or(100)
}

fn stratum(before: &[&Metric], recent: &[&Metric]) -> Stratum {
    let of = |all: &[&Metric]| all.iter().flat_map(|one| one.samples.clone()).collect();
    (of(before), of(recent))
}

fn decide(
    judged: &Judged,
    newest: f64,
    usual: f64,
    limit: f64,
    least: f64,
    resolution: f64,
    stratum: &Stratum,
) -> (State, String) {
    if newest <= limit {
        return (State::Quiet, format!("at most the robust limit {limit:.4}"));
    }
    let above = format!("above the robust limit {limit:.4}");
    let Some(low) = judged.change.low else {
        let needs = runs_needed(stratum.1.len());
        let why = format!(
            "{above}, but no interval of the difference from {} against {}: {needs} against {} would do",
            stratum.0.len(),
            stratum.1.len(),
            stratum.1.len()
        );
        return (State::Unknown, why);
    };
    if low <= 0.0 {
        return (
            State::Quiet,
            format!("{above}, but the interval of the difference holds 0"),
        );
    }
    // Where the usual value is 0 a share of it means nothing: what the instrument can tell matters.
    let matters = if usual == 0.0 {
        resolution
    } else {
        least * usual.abs()
    };
    let change = judged.change.value.unwrap_or(f64::INFINITY);
    if change < matters {
        return (
            State::Quiet,
            format!("{above}, but by {change:.4}, less than the {matters:.4} that matter"),
        );
    }
    (
        State::Alarm,
        format!(
            "{above}, the interval of the difference excludes 0, and it is more than the {matters:.4} that matter"
        ),
    )
}

/// Two-sided Mann-Whitney; what did not end is above all that did.
fn p_value((a, b): &Stratum) -> Option<f64> {
    if a.is_empty() || b.is_empty() {
        return None;
    }
    let pair = |a: &Known, b: &Known| match b.mid.total_cmp(&a.mid) {
        std::cmp::Ordering::Greater => 1.0,
        std::cmp::Ordering::Equal => 0.5,
        std::cmp::Ordering::Less => 0.0,
    };
    let above: f64 = a
        .iter()
        .flat_map(|a| b.iter().map(move |b| pair(a, b)))
        .sum();
    Some(mann_whitney::p_value(a.len(), b.len(), above))
}
