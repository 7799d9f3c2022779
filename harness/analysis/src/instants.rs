//! T1, T2 and T3 of one fault as one stream saw them, each as an interval.
//!
//! A bad answer proves the service down at some instant of its own duration only, so a timeout gives a wide interval and a late
//! answer a narrow one. T3 must last for the settle time; what comes too late to last before the end of watching is censored.
use crate::{
    report::Bounds,
    stream::{STRAY_WINDOW, Sample, State, Stream},
};
use model::units::Nanos;

/// What one stream saw of one fault.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Seen {
    /// First sample known to be bad; none where nothing left the band.
    pub t1: Option<Bounds>,
    /// First success after it.
    pub t2: Option<Bounds>,
    /// Begin of good that lasted.
    pub t3: Option<Bounds>,
    /// How often good did not last.
    pub relapses: u32,
}

/// Looks for the instants of a fault effective at `t0` and watched until `end`; good must last for `settle`.
pub fn instants(stream: &Stream, t0: Bounds, end: Nanos, settle: Nanos) -> Seen {
    let scope: Vec<&Sample> = stream
        .samples
        .iter()
        .filter(|sample| sample.ended.0 > t0.lo && sample.due < end)
        .collect();
    let hurting: Vec<&Sample> = scope
        .iter()
        .copied()
        .filter(|sample| sample.hurts && sample.known.0 > t0.lo && sample.known <= end)
        .collect();
    let Some(first) = hurting
        .iter()
        .min_by_key(|sample| (sample.known, sample.due))
    else {
        return Seen::default();
    };
    let t1 = first_bad(stream, &hurting, first, t0);
    let t2 = first_success(stream, &scope, &hurting, t0, (t1, first.due));
    let settle = if crate::mutant("R5") {
        Nanos(0)
    } else {
        settle
    };
    let (t3, relapses) = sustained(&scope, &hurting, t1, end, settle, stream.spec.period_ns);
    Seen {
        t1: Some(t1),
        t2,
        t3,
        relapses,
    }
}

fn first_bad(stream: &Stream, hurting: &[&Sample], first: &Sample, t0: Bounds) -> Bounds {
    let hi = if stream.strays == 0 {
        first.known
    } else {
        beyond_strays(stream, hurting, first)
    };
    // A good answer to what was due later may be of the time after the outage: it says nothing of its begin.
    let before = |sample: &&Sample| {
        sample.ended < first.known && (sample.due < first.due || crate::mutant("R21"))
    };
    let good = stream
        .samples
        .iter()
        .filter(|sample| sample.good())
        .filter(before)
        .map(|sample| sample.sent.0);
    let lo = good.max().unwrap_or(0).max(t0.lo);
    Bounds {
        lo: lo.min(hi.0),
        hi: hi.0,
    }
}

/// Where the baseline has strays, the first bad sample may be one more: the impact is certain only once they are outnumbered.
fn beyond_strays(stream: &Stream, hurting: &[&Sample], first: &Sample) -> Nanos {
    let window = STRAY_WINDOW.max(stream.stray_row.plus(stream.spec.period_ns));
    let mut known: Vec<Nanos> = hurting
        .iter()
        .filter(|sample| sample.due < first.due.plus(window))
        .map(|sample| sample.known)
        .collect();
    known.sort();
    known
        .get(stream.strays)
        .or(known.last())
        .copied()
        .unwrap_or(first.known)
}

fn first_success(
    stream: &Stream,
    scope: &[&Sample],
    hurting: &[&Sample],
    t0: Bounds,
    (t1, first_due): (Bounds, Nanos),
) -> Option<Bounds> {
    let gauge = stream.spec.kind != model::system::ProbeKind::Latency;
    // A late answer of a service is an answer; a reading outside its band is no recovery.
    let success = |sample: &&&Sample| {
        if gauge {
            sample.good()
        } else {
            matches!(sample.state, State::Good | State::Late)
        }
    };
    // What was due before the first bad one may have passed before the outage and be slow to come back.
    let after = |sample: &&&Sample| {
        sample.ended.0 > t1.hi && sample.sent.0 > t0.lo && sample.due >= first_due
    };
    let hi = scope
        .iter()
        .filter(success)
        .filter(after)
        .map(|sample| sample.ended)
        .min()?;
    Some(Bounds {
        lo: last_down(hurting, hi).max(t1.lo).min(hi.0),
        hi: hi.0,
    })
}

/// The latest proof of being down before `at`. A failed operation was down somewhere up to its end; a late answer proves it for all
/// the time until its own service began, so it counts even where it came a moment after the first good one.
fn last_down(hurting: &[&Sample], at: Nanos) -> u64 {
    let over =
        |sample: &&&Sample| sample.ended < at || (sample.state == State::Late && sample.down <= at);
    hurting
        .iter()
        .filter(over)
        .map(|sample| sample.down.0)
        .max()
        .unwrap_or(0)
}

fn sustained(
    scope: &[&Sample],
    hurting: &[&Sample],
    t1: Bounds,
    end: Nanos,
    settle: Nanos,
    period: Nanos,
) -> (Option<Bounds>, u32) {
    let mut relapses = 0;
    let last_due = scope.last().map_or(Nanos(0), |sample| sample.due);
    let mut dues: Vec<Nanos> = hurting.iter().map(|sample| sample.due).collect();
    dues.sort();
    for (index, bad) in dues.iter().enumerate() {
        let next_bad = dues.get(index + 1).copied().unwrap_or(end);
        // Samples stand in the order of their due times.
        let after = scope.partition_point(|sample| sample.due <= *bad);
        let Some(good) = scope[after..]
            .iter()
            .take_while(|sample| sample.due < next_bad)
            .find(|sample| sample.good())
        else {
            continue;
        };
        let lasts = good.due.plus(settle);
        let unbroken = dues.get(index + 1).is_none_or(|next| *next > lasts);
        // Silence after the good sample proves nothing: the stream must have been watched through the settle time.
        let watched = lasts <= end && (settle.0 == 0 || last_due.plus(period) >= lasts);
        if unbroken && watched {
            let hi = good.ended.0.max(t1.lo);
            return (
                Some(Bounds {
                    lo: last_down(hurting, Nanos(hi)).max(t1.lo).min(hi),
                    hi,
                }),
                relapses,
            );
        }
        relapses += u32::from(!unbroken);
    }
    (None, relapses)
}
