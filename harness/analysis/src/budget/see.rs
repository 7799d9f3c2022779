//! Single samples as an objective sees them, and the time of which none tells.
use super::{counted::Judged, left::Amount};
use crate::{
    availability::Outage,
    report::Bounds,
    stream::{Sample, State},
};
use model::{
    objective::{Op, judge::compare},
    slo::Good,
    units::Nanos,
    verdict::Verdict,
};

/// Where samples were due and are not there at all.
pub(super) fn holes(seen: &[&Sample], whole: Bounds, period: Nanos) -> Vec<Bounds> {
    let period = period.0.max(1);
    let dues = seen.iter().map(|sample| sample.due.0);
    // As if one had been due a period before the window, and one at its end.
    let mut before = whole.lo.saturating_sub(period);
    let mut all = Vec::new();
    for due in dues.chain([whole.hi]) {
        let next = before.saturating_add(period);
        // What is off by less than half a period is the schedule's own phase.
        if due > next.saturating_add(period / 2) {
            all.push(Bounds {
                lo: next.max(whole.lo),
                hi: due,
            });
        }
        before = due;
    }
    all
}

/// Time of which nothing is known: samples not taken, or missing by our own lateness, and what follows an outage without end.
pub(super) fn unmeasured(
    seen: &[&Sample],
    holes: &[Bounds],
    outages: &[Outage],
    whole: Bounds,
    period: Nanos,
) -> Vec<Bounds> {
    let missing = seen.iter().filter(|sample| sample.state == State::Missing);
    let stands = |sample: &&Sample| Bounds {
        lo: sample.due.0,
        hi: sample.due.plus(period).0,
    };
    let mut all: Vec<Bounds> = missing.map(stands).chain(holes.iter().copied()).collect();
    let last_good = seen
        .iter()
        .filter(|sample| sample.good())
        .map(|sample| sample.due.0)
        .max();
    if let Some(last) = outages.last()
        && last_good.is_none_or(|good| good < last.to.lo)
    {
        all.push(Bounds {
            lo: last.to.lo,
            hi: whole.hi.max(last.to.lo),
        });
    }
    all
}

/// Each sample as good, bad or not measured; what is not there at all is not measured either.
pub(super) fn samples(
    seen: &[&Sample],
    holes: &[Bounds],
    good: Good,
    period: Nanos,
) -> Vec<Judged> {
    let one = |sample: &&Sample| match (sample.state, good) {
        (State::Missing, _) => Judged::untold(sample.due.0, 1.0),
        (_, Good::Available) => Judged::one(sample.due.0, bad(sample.bad())),
        (state, Good::Answered) => Judged::one(sample.due.0, bad(state == State::Failed)),
        (_, Good::Value(op, bound)) => {
            Judged::one(sample.due.0, bad(!meets(sample.value, op, bound)))
        }
    };
    let absent = holes.iter().flat_map(|hole| absent(*hole, period));
    seen.iter().map(one).chain(absent).collect()
}

/// Most absent samples of a hole that are told one by one: bounds the work where a plan was damaged.
const MOST_ABSENT: u64 = 1_000_000;

/// The samples that were due in a hole.
fn absent(hole: Bounds, period: Nanos) -> Vec<Judged> {
    let period = period.0.max(1);
    let due = ((hole.hi - hole.lo) + period / 2) / period;
    if due > MOST_ABSENT {
        return vec![Judged::untold(hole.lo, due as f64)];
    }
    (0..due.max(1))
        .map(|k| Judged::untold(hole.lo + k * period, 1.0))
        .collect()
}

fn bad(is: bool) -> Amount {
    Amount::exact(f64::from(u8::from(is)))
}

/// What is not answered has no value, and meets nothing.
fn meets(value: Option<f64>, op: Op, bound: f64) -> bool {
    value.is_some_and(|value| compare(op, bound, value, value) == Verdict::Pass)
}
