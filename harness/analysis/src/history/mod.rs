//! The newest run against the comparable ones before it: a regression alarm, and drift too slow for it. Schema `brinell.trend/1`.
//!
//! An alarm needs three things at once: the newest value lies above the robust limit of its history, the Hodges-Lehmann interval of
//! the difference excludes zero, and the difference is large enough to matter. Over several metrics the Benjamini-Hochberg rule keeps
//! the share of false alarms among all alarms at 5 %. A change of scenario, versions or machine starts a new history.
//! - [`comparable`] which runs count. Start here.   - [`metrics`] the numbers of a run.   - [`alarm`] one metric.
//! - [`benjamini_hochberg`] several of them.   - [`theil_sen`] drift.
pub mod alarm;
pub mod benjamini_hochberg;
pub mod comparable;
pub mod metrics;
pub mod theil_sen;

use crate::{budget::take::Taken, report::Measure};
use alarm::State;
use comparable::LeftOut;
use metrics::Metric;
use model::units::S;
use serde::{Deserialize, Serialize};

/// Schema of [`Trend`].
pub const SCHEMA: &str = "brinell.trend/1";
/// Most runs of a history: older ones say little of today.
pub const MOST_RUNS: usize = 30;
/// Share of false alarms among all alarms.
pub const FALSE_DISCOVERIES: f64 = 0.05;

/// A run against its history.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Trend {
    /// [`SCHEMA`].
    pub schema: String,
    /// Id of the newest run; none where there is none.
    pub newest: Option<String>,
    /// Its scenario.
    pub scenario: String,
    /// Ids of those that it is held against, oldest first.
    pub against: Vec<String>,
    /// Those that are not comparable, with the reason.
    pub left_out: Vec<LeftOut>,
    /// The worst of all metrics.
    pub state: State,
    /// One per metric of the newest run.
    pub metrics: Vec<Line>,
}

/// One metric.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Line {
    /// What.
    pub metric: String,
    /// Its unit.
    pub unit: String,
    /// Of the newest run; none where it was not reached.
    pub newest: Option<f64>,
    /// Median of the history.
    pub usual: Option<f64>,
    /// Robust limit of the history.
    pub limit: Option<f64>,
    /// By how much the newest run is worse.
    pub change: Measure,
    /// Two-sided, exact where the samples are few.
    pub p: Option<f64>,
    /// Alarm, quiet or unknown.
    pub state: State,
    /// What the word rests on, or what would do.
    pub why: String,
    /// Change a day over the whole history.
    pub drift: Measure,
}

/// Holds the newest of some runs against those before it; `least` is the change that matters, as a share.
pub fn trend(runs: &[Taken], least: f64) -> Trend {
    let mut order: Vec<&Taken> = runs.iter().collect();
    order.sort_by(|a, b| (a.epoch, &a.analysis.run.id).cmp(&(b.epoch, &b.analysis.run.id)));
    let Some((newest, before)) = order.split_last() else {
        return nothing();
    };
    let (mut kept, left_out) = comparable::comparable(newest, before);
    kept.drain(..kept.len().saturating_sub(MOST_RUNS));
    let of_newest = metrics::metrics(&newest.analysis);
    let histories: Vec<(&Taken, Vec<Metric>)> = kept
        .iter()
        .map(|run| (*run, metrics::metrics(&run.analysis)))
        .collect();
    let mut lines: Vec<Line> = of_newest
        .iter()
        .map(|metric| line(metric, newest, &histories, least))
        .collect();
    discover(&mut lines);
    Trend {
        schema: SCHEMA.into(),
        newest: Some(newest.analysis.run.id.clone()),
        scenario: newest.analysis.run.scenario.clone(),
        against: kept.iter().map(|run| run.analysis.run.id.clone()).collect(),
        left_out,
        state: State::worst(lines.iter().map(|line| line.state)),
        metrics: lines,
    }
}

fn nothing() -> Trend {
    Trend {
        schema: SCHEMA.into(),
        newest: None,
        scenario: String::new(),
        against: Vec::new(),
        left_out: Vec::new(),
        state: State::Unknown,
        metrics: Vec::new(),
    }
}

fn line(metric: &Metric, newest: &Taken, runs: &[(&Taken, Vec<Metric>)], least: f64) -> Line {
    let of = |(run, all): &(&Taken, Vec<Metric>)| {
        let found = all.iter().find(|one| one.name == metric.name)?;
        Some((run.epoch.unwrap_or_default(), found.clone()))
    };
    let history: Vec<(u64, Metric)> = runs.iter().filter_map(of).collect();
    let before: Vec<&Metric> = history.iter().map(|(_, metric)| metric).collect();
    let judged = alarm::alarm(&before, metric, least);
    let mut points: Vec<(f64, f64)> = history
        .iter()
        .map(|(at, one)| (days(*at), one.value))
        .collect();
    points.push((days(newest.epoch.unwrap_or_default()), metric.value));
    Line {
        metric: metric.name.clone(),
        unit: metric.unit.clone(),
        newest: Some(metric.value).filter(|value| value.is_finite()),
        usual: judged.usual,
        limit: judged.limit,
        change: judged.change,
        p: judged.p,
        state: judged.state,
        why: judged.why,
        drift: theil_sen::slope(&points, &format!("{} a day", metric.unit)),
    }
}

fn days(ns: u64) -> f64 {
    ns as f64 / S as f64 / crate::budget::DAY_S
}

/// Takes back the alarms that several metrics together explain as chance.
fn discover(lines: &mut [Line]) {
    let p: Vec<f64> = lines.iter().filter_map(|line| line.p).collect();
    let limit = benjamini_hochberg::limit(&p, FALSE_DISCOVERIES);
    for line in lines {
        let chance = line.p.is_some_and(|p| p > limit);
        if line.state == State::Alarm && chance {
            line.state = State::Quiet;
            line.why = format!(
                "{}; of {} metrics one such is chance (Benjamini-Hochberg)",
                line.why,
                p.len()
            );
        }
    }
}
