//! Good time over time, and good samples over samples, of each probe in each window. One run carries the measurement bar only:
//! seconds of one run are no independent samples.
use crate::{
    report::{Availability, Bounds, Measure},
    span::seconds,
    stream::{self, Sample, State, Stream},
    window::{self, Windows},
};
use model::units::Nanos;

/// A stretch of bad samples; begin and end are intervals.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Outage {
    /// Between the last good sample and the first known bad one.
    pub from: Bounds,
    /// Between the last proof of being down and the next good answer.
    pub to: Bounds,
}

/// The rows of all probes and windows.
pub fn availability(windows: &Windows, streams: &[Stream]) -> Vec<Availability> {
    let mut rows = Vec::new();
    for stream in streams {
        let outages = outages(stream);
        for name in window::NAMES {
            rows.push(of(stream, &outages, name, &windows.stretches(name)));
        }
    }
    rows
}

/// The stretches of consecutive bad samples. Samples that say nothing neither begin nor end one.
pub fn outages(stream: &Stream) -> Vec<Outage> {
    let telling: Vec<&Sample> = stream
        .samples
        .iter()
        .filter(|sample| sample.good() || sample.bad())
        .collect();
    let (mut all, mut at) = (Vec::new(), 0);
    for run in telling.chunk_by(|a, b| a.bad() == b.bad()) {
        let (before, after) = (&telling[..at], &telling[at + run.len()..]);
        at += run.len();
        if run[0].bad() {
            let slip = stream::slip_limit(&stream.spec);
            all.push(outage(before, run, after, slip));
        }
    }
    joined(all)
}

/// One stretch of bad samples between good ones, all in order of their due times.
fn outage(before: &[&Sample], run: &[&Sample], after: &[&Sample], slip: Nanos) -> Outage {
    let first = run
        .iter()
        .map(|sample| sample.known.0)
        .min()
        .unwrap_or_default();
    let last_due = run.last().map_or(Nanos(0), |sample| sample.due);
    let from = Bounds {
        lo: last_sent(before, first, slip).unwrap_or(first).min(first),
        hi: first,
    };
    let back = after
        .iter()
        .find(|sample| sample.good() && sample.due > last_due)
        .map(|sample| sample.ended.0);
    let ends = || run.iter().map(|sample| sample.ended.0).max();
    let hi = back.or_else(ends).unwrap_or(first).max(first);
    let over = |sample: &&&Sample| {
        sample.ended.0 < hi || (sample.state == State::Late && sample.down.0 <= hi)
    };
    let down = run.iter().filter(over).map(|sample| sample.down.0).max();
    Outage {
        from,
        to: Bounds {
            lo: down.unwrap_or(first).clamp(from.lo, hi),
            hi,
        },
    }
}

/// When the last of these good samples was sent that had ended by then. None is sent later than `slip` after it is due, so it is
/// soon found from the end.
fn last_sent(before: &[&Sample], by: u64, slip: Nanos) -> Option<u64> {
    let mut last = None;
    for sample in before.iter().rev() {
        if last.is_some_and(|last| sample.due.plus(slip).0 < last) {
            break;
        }
        if sample.good() && sample.ended.0 <= by {
            last = last.max(Some(sample.sent.0));
        }
    }
    last
}

/// Overlapping stretches as one: downtime is a union, not a sum.
pub(crate) fn joined(all: Vec<Outage>) -> Vec<Outage> {
    let mut union: Vec<Outage> = Vec::new();
    for outage in all {
        match union.last_mut() {
            Some(last) if outage.from.mid() <= last.to.mid() && !crate::mutant("B3") => {
                last.to = last.to.later(outage.to)
            }
            _ => union.push(outage),
        }
    }
    union
}

/// Bad time inside the stretches, from middle to middle of its ends, and its bar (plus or minus), s.
fn downtime(outages: &[Outage], stretches: &[Bounds]) -> (f64, f64) {
    let (mut sum, mut bar) = (0.0, 0.0);
    for stretch in stretches {
        for outage in outages {
            let (from, to) = (
                outage.from.mid().0.max(stretch.lo),
                outage.to.mid().0.min(stretch.hi),
            );
            if from < to {
                sum += seconds(to, from);
                bar += half_inside(outage.from, stretch) + half_inside(outage.to, stretch);
            }
        }
    }
    (sum, bar)
}

/// How many outages reach into these stretches, their time inside, s, and its bar (plus or minus), s.
pub(crate) fn down_within(outages: &[Outage], stretches: &[Bounds]) -> (usize, f64, f64) {
    let reaches = |outage: &&Outage| {
        let (from, to) = (outage.from.mid().0, outage.to.mid().0);
        stretches
            .iter()
            .any(|stretch| from.max(stretch.lo) < to.min(stretch.hi))
    };
    let count = outages.iter().filter(reaches).count();
    let (down, bar) = downtime(outages, stretches);
    (count, down, bar)
}

/// Half the width of an end that lies in the stretch; a clipped end is exact.
fn half_inside(end: Bounds, stretch: &Bounds) -> f64 {
    if stretch.lo <= end.mid().0 && end.mid().0 < stretch.hi {
        seconds(end.hi, end.lo) / 2.0
    } else {
        0.0
    }
}

fn of(stream: &Stream, outages: &[Outage], name: &str, stretches: &[Bounds]) -> Availability {
    let total: f64 = stretches
        .iter()
        .map(|stretch| seconds(stretch.hi, stretch.lo))
        .sum();
    let good = stream
        .within(stretches)
        .filter(|sample| sample.good())
        .count() as u64;
    let bad = stream
        .within(stretches)
        .filter(|sample| sample.bad())
        .count() as u64;
    let missing = stream.missing(stretches);
    let unmeasured = if crate::mutant("B4") {
        0.0
    } else {
        missing as f64 * stream.spec.period_ns.as_s()
    };
    let (sum, bar) = downtime(outages, stretches);
    let (availability, downtime) = if good + bad == 0 || total <= 0.0 {
        (nothing("1"), nothing("s"))
    } else {
        (
            by_time(total, sum, bar, unmeasured),
            seconds_down(sum, bar, unmeasured),
        )
    };
    Availability {
        probe: stream.spec.name.clone(),
        window: name.into(),
        availability,
        downtime,
        requests: by_requests(good, bad, missing),
        missing,
    }
}

fn by_time(total: f64, sum: f64, bar: f64, unmeasured: f64) -> Measure {
    Measure {
        value: Some(1.0 - sum / total),
        unit: "1".into(),
        n: 1,
        low: Some((1.0 - (sum + bar + unmeasured) / total).max(0.0)),
        high: Some((1.0 - (sum - bar).max(0.0) / total).min(1.0)),
        method: "measured: good time over time of 1 run".into(),
        error: Some(bar / total),
        ..Measure::default()
    }
}

fn seconds_down(sum: f64, bar: f64, unmeasured: f64) -> Measure {
    Measure {
        value: Some(sum),
        unit: "s".into(),
        n: 1,
        low: Some((sum - bar).max(0.0)),
        high: Some(sum + bar + unmeasured),
        method: "measured: union of bad stretches of 1 run".into(),
        error: Some(bar),
        ..Measure::default()
    }
}

fn by_requests(good: u64, bad: u64, missing: u64) -> Measure {
    let (told, all) = ((good + bad) as f64, (good + bad + missing) as f64);
    if good + bad == 0 {
        return nothing("1");
    }
    Measure {
        value: Some(good as f64 / told),
        unit: "1".into(),
        n: good + bad,
        low: Some(good as f64 / all),
        high: Some((good + missing) as f64 / all),
        method: "measured: good over good and bad samples of 1 run".into(),
        error: Some(0.0),
        ..Measure::default()
    }
}

fn nothing(unit: &str) -> Measure {
    Measure {
        unit: unit.into(),
        why: Some("no samples in this window".into()),
        ..Measure::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unmeasured_time_lies_on_the_bad_side_as_published() {
        let got = by_time(3_600.0, 12.4, 0.0, 8.0);
        let (low, high) = (got.low.unwrap(), got.high.unwrap());
        assert!((low - 0.994333).abs() < 5e-7 && (high - 0.996556).abs() < 5e-7);
        assert_eq!(got.value, Some(high));
    }
}
