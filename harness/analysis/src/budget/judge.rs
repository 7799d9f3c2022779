//! Runs against one target of an objective.
//!
//! Where the runs are shorter than the window they stand for it: the budget is that of the watched time, the windows of the rules
//! shrink with it. What the runs leave of the whole window, if all that nobody watched was good, stands beside it and is named so.
use super::{
    alert, burn, expect,
    left::{self, Amount, Gate, gate},
    numbers::{exhaustion, measure, method, nothing, points, span, untold, whole_window},
    over_runs, part,
    record::{Form, Record},
    report::{Budget, By, Span},
    take::Taken,
};
use crate::report::{Bounds, Measure};
use model::{
    slo::{Goal, Slo},
    units::S,
};
use std::collections::BTreeMap;

/// What is asked of the runs.
#[derive(Clone, Debug)]
pub struct Asked<'a> {
    /// The objective.
    pub slo: &'a Slo,
    /// Its target.
    pub goal: &'a Goal,
    /// Over which time.
    pub period: Period,
    /// Stated fault frequencies by fault, per month of time up.
    pub per_month: &'a BTreeMap<String, f64>,
    /// By which number the gate decides.
    pub by: By,
}

/// Over which time.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Period {
    /// The last so many ns.
    Rolling(u64),
    /// Between two instants of wall time, ns since 1970 UTC.
    Calendar(Bounds),
}

impl Period {
    /// How long, s.
    pub fn length_s(self) -> f64 {
        let ns = match self {
            Self::Rolling(ns) => ns,
            Self::Calendar(bounds) => bounds.hi.saturating_sub(bounds.lo),
        };
        ns as f64 / S as f64
    }

    /// `rolling` or `calendar`.
    pub const fn kind(self) -> &'static str {
        match self {
            Self::Rolling(_) => "rolling",
            Self::Calendar(_) => "calendar",
        }
    }
}

/// Holds the runs, in order of time, against the target.
pub fn budget(asked: &Asked, runs: &[Taken]) -> Budget {
    match seen(asked, runs) {
        Ok(seen) => told(asked, runs, &seen),
        Err(why) => Budget {
            forecast: expect::forecast(&stated(asked), runs),
            ..untold(asked, why)
        },
    }
}

fn stated<'a>(asked: &Asked<'a>) -> expect::Stated<'a> {
    expect::Stated {
        probe: &asked.goal.probe.value,
        target: asked.goal.target.value,
        asked_s: asked.period.length_s(),
        per_month: asked.per_month,
    }
}

/// What the runs show, and the part of it that lies in the window.
struct Seen {
    record: Record,
    /// Bad and all of each run.
    each: Vec<(f64, f64)>,
    window: Bounds,
}

fn seen(asked: &Asked, runs: &[Taken]) -> Result<Seen, String> {
    if runs.is_empty() {
        return Err("no run was given".into());
    }
    // One run needs no wall clock; several lie on it, and so does a calendar.
    let placed = runs.len() > 1 || matches!(asked.period, Period::Calendar(_));
    let mut parts = Vec::new();
    for run in runs {
        let id = &run.analysis.run.id;
        let shift = match (placed, run.epoch) {
            (false, _) => 0,
            (true, Some(epoch)) => epoch,
            (true, None) => return Err(format!("run {id} does not say when it began")),
        };
        parts.push(
            run.part(asked.goal, shift)
                .map_err(|why| format!("run {id}: {why}"))?,
        );
    }
    let form = asked.goal.form;
    let each = parts.iter().map(|part| {
        let alone = part::record(vec![part.clone()], form)?;
        Ok((
            alone.spent(part.watched).value,
            alone.total(part.watched).told,
        ))
    });
    let each = each.collect::<Result<Vec<_>, String>>()?;
    let record = part::record(parts, form)?;
    let window = window(asked.period, &record)?;
    Ok(Seen {
        record,
        each,
        window,
    })
}

/// The part of the period that reaches from the first to the last watched instant.
fn window(period: Period, record: &Record) -> Result<Bounds, String> {
    let (first, last) = match record.watched.all() {
        [] => return Err("nothing was watched".into()),
        [first, ..] => (
            first.lo,
            record.watched.all()[record.watched.all().len() - 1].hi,
        ),
    };
    let window = match period {
        Period::Rolling(ns) => Bounds {
            lo: last.saturating_sub(ns).max(first),
            hi: last,
        },
        Period::Calendar(bounds) => Bounds {
            lo: bounds.lo.max(first),
            hi: bounds.hi.min(last),
        },
    };
    if window.lo < window.hi && record.watched.inside(window) > 0 {
        Ok(window)
    } else {
        Err("none of the runs lies in the window".into())
    }
}

fn told(asked: &Asked, runs: &[Taken], seen: &Seen) -> Budget {
    let (record, window, target) = (&seen.record, seen.window, asked.goal.target.value);
    let (total, spent) = (record.total(window), record.spent(window));
    if total.told <= 0.0 {
        return untold(asked, "nothing of the window was measured".into());
    }
    let left = record.left(target, window);
    let allowed = left::allowed(target, total.told);
    let watched_s = record.watched.inside(window) as f64 / S as f64;
    let burn = burn::burn(target, total.told, spent);
    let points = points(record, target, window);
    let n = counted(record, window, runs.len());
    let of = |value: Amount, unit: &str, method: &str| measure(value, unit, n, method);
    let mut budget = Budget {
        window: Span {
            watched_s,
            scaled: watched_s < asked.period.length_s() * (1.0 - 1e-9),
            ..span(asked)
        },
        allowed: of(
            Amount::exact(allowed),
            record.unit(),
            "(1 - target) of what was watched",
        ),
        spent: of(spent, record.unit(), method(asked.goal.form)),
        left: of(left, record.unit(), "allowed less spent"),
        left_share: of(left.map(|left| left / allowed), "1", "left of allowed"),
        availability: record
            .availability(window)
            .map_or_else(nothing, |a| of(a, "1", "good of what was watched")),
        over_runs: over_runs::availability(&seen.each, runs[0].analysis.run.seed),
        burn: burn.map_or_else(nothing, |burn| {
            of(burn, "times", "spent of allowed, over the watched time")
        }),
        exhaustion: exhaustion(asked, burn),
        lowest: points
            .iter()
            .copied()
            .min_by(|a, b| a.left.total_cmp(&b.left)),
        burn_down: points,
        alerts: alert::alerts(record, target, window, watched_s),
        whole_window: whole_window(asked, record, window, n),
        forecast: expect::forecast(&stated(asked), runs),
        ..untold(asked, String::new())
    };
    (budget.gate, budget.why) = decide(asked, runs, &budget, left);
    budget
}

/// What a number rests on: samples or slices; of time the runs, since its seconds are no samples.
fn counted(record: &Record, window: Bounds, runs: usize) -> u64 {
    match record.form {
        Form::Time(_) => runs as u64,
        Form::Samples(_) | Form::Slices(_) => record.total(window).told as u64,
    }
}

/// The gate, and why it is not open.
fn decide(asked: &Asked, runs: &[Taken], budget: &Budget, left: Amount) -> (Gate, Option<String>) {
    let found = match asked.by {
        By::Runs => gate(left),
        By::Window => of_measure(&budget.whole_window),
        By::Forecast => budget
            .forecast
            .as_ref()
            .map_or(Gate::Unknown, |one| one.gate),
    };
    let shown = match asked.by {
        By::Runs => Some(&budget.left),
        By::Window => Some(&budget.whole_window),
        By::Forecast => budget.forecast.as_ref().map(|one| &one.left),
    };
    let ends = shown
        .and_then(|one| one.low.zip(one.high))
        .map_or_else(String::new, |(low, high)| format!(" [{low:.3}, {high:.3}]"));
    let unit = shown.map_or("", |one| &one.unit);
    let value = shown.and_then(|one| one.value);
    let why = match (found, value) {
        (Gate::Blocked, Some(value)) => Some(format!(
            "{value:.3} {unit}{ends} left: nothing, even at best"
        )),
        (Gate::Unknown, Some(value)) => Some(format!(
            "{value:.3} {unit}{ends} left: whether anything is cannot be told; a shorter probe period, a longer run or fewer missing samples would do"
        )),
        (Gate::Unknown | Gate::Blocked, None) => {
            Some(shown.and_then(|one| one.why.clone()).unwrap_or_else(|| {
                "no fault frequencies were stated: add `--faults-per-month FAULT=NUMBER`".into()
            }))
        }
        (Gate::Open, _) => None,
    };
    if found != Gate::Open {
        return (found, why);
    }
    // What cannot be believed opens nothing; what it shows to be spent stays spent.
    let doubt = runs.iter().find_map(|run| {
        let doubt = run.doubts(&asked.goal.probe.value).next()?;
        Some(format!(
            "run {}: {}: {}",
            run.analysis.run.id, doubt.name, doubt.why
        ))
    });
    match doubt {
        Some(why) => (Gate::Unknown, Some(why)),
        None => (Gate::Open, None),
    }
}

/// The gate of a measure with both ends.
pub(super) fn of_measure(left: &Measure) -> Gate {
    match (left.value, left.low, left.high) {
        (Some(value), Some(low), Some(high)) => gate(Amount { value, low, high }),
        _ => Gate::Unknown,
    }
}
