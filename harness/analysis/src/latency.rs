//! Quantiles from the intended start, exact from every operation: nothing is averaged, nothing clamped.
//!
//! What was not answered stays in at its deadline as a lower bound; an extreme quantile of few samples is not estimable.
use crate::{
    report::{Bounds, Latency, Measure, Percentile},
    stream::{Sample, State, Stream},
    window::{self, Windows},
};
use model::{
    objective::{Estimate, Method, Sampled, estimate},
    system::ProbeKind,
};

/// Percentiles that every row has.
pub const PERCENTILES: [f64; 5] = [50.0, 90.0, 99.0, 99.9, 100.0];

/// The rows of all probes with a time or an age, and of the load.
pub fn latency(windows: &Windows, streams: &[Stream], load: Option<&Stream>) -> Vec<Latency> {
    let timed = streams
        .iter()
        .filter(|stream| stream.spec.kind != ProbeKind::GaugeFull)
        .chain(load);
    timed
        .flat_map(|stream| window::NAMES.map(|name| row(stream, name, &windows.stretches(name))))
        .collect()
}

/// The samples of a stream in these stretches; `only_answered` leaves out what was not.
pub fn sampled(stream: &Stream, stretches: &[Bounds], only_answered: bool) -> Sampled {
    let mut samples = Sampled {
        bar: bar(stream, stretches),
        ..Sampled::default()
    };
    let read = Ages::of(stream);
    for sample in stream
        .within(stretches)
        .filter(|sample| sample.state != State::Missing)
    {
        match sample.value {
            Some(value) => samples.values.push(value),
            None if only_answered || crate::mutant("L7") => {}
            None if crate::mutant("L2") => samples.values.push(stream.spec.deadline_ns.as_s()),
            None => match read.around(sample) {
                Some(ends) => samples.between.push(ends),
                None => samples.unanswered.push(least_wait(stream)),
            },
        }
    }
    samples
}

/// The readings of an age, in order of time; none of a probe of another kind.
struct Ages<'a>(Vec<&'a Sample>);

impl<'a> Ages<'a> {
    fn of(stream: &'a Stream) -> Self {
        let is_age = stream.spec.kind != ProbeKind::Latency && stream.spec.unit == "s";
        let read = stream
            .samples
            .iter()
            .filter(|sample| sample.value.is_some());
        Self(read.filter(|_| is_age).collect())
    }

    /// Least and most of an age that was not read, between two that were: an age grows by one second in a second and falls at a
    /// commit. So it is at most the one before it and the time since, and at least the one after it less the time until then.
    fn around(&self, sample: &Sample) -> Option<(f64, f64)> {
        let at = self.0.partition_point(|read| read.due < sample.due);
        let (before, after) = (self.0.get(at.checked_sub(1)?)?, self.0.get(at)?);
        let most = before.value? + sample.ended.since(before.sent).as_s();
        let least = after.value? - after.ended.since(sample.sent).as_s();
        Some((least.max(0.0).min(most), most))
    }
}

/// What a failed operation was waited for at least: its client had nothing until the deadline. A gauge that was not read says nothing of its value.
fn least_wait(stream: &Stream) -> f64 {
    if stream.spec.kind == ProbeKind::Latency {
        stream.spec.deadline_ns.as_s()
    } else {
        0.0
    }
}

/// A latency is timed by its own client. A reading of an age was true at some instant of its own duration: the 99th percentile of that.
fn bar(stream: &Stream, stretches: &[Bounds]) -> f64 {
    if stream.spec.kind == ProbeKind::Latency || stream.spec.unit != "s" {
        return 0.0;
    }
    let mut took: Vec<f64> = stream
        .within(stretches)
        .filter(|sample| sample.value.is_some())
        .map(|sample| sample.ended.since(sample.sent).as_s())
        .collect();
    took.sort_by(f64::total_cmp);
    let rank = (took.len() as f64 * 0.99).ceil() as usize;
    took.get(rank.saturating_sub(1)).copied().unwrap_or(0.0)
}

fn row(stream: &Stream, name: &str, stretches: &[Bounds]) -> Latency {
    let samples = sampled(stream, stretches, false);
    Latency {
        source: stream.spec.name.clone(),
        window: name.into(),
        outcome: "all".into(),
        percentiles: percentiles(&samples, unit(stream)),
        count: samples.count(),
        saturated: (samples.between.len() + samples.unanswered.len()) as u64,
    }
}

fn unit(stream: &Stream) -> &str {
    if stream.spec.kind == ProbeKind::Latency {
        "s"
    } else {
        &stream.spec.unit
    }
}

/// The usual percentiles of some samples.
pub fn percentiles(samples: &Sampled, unit: &str) -> Vec<Percentile> {
    // Sorted once here; each estimate sorts what is sorted, which is one pass.
    let mut sorted = samples.clone();
    sorted.values.sort_by(f64::total_cmp);
    let one = |p: f64| {
        let method = if p == 100.0 {
            Method::Max
        } else {
            Method::P(p)
        };
        Percentile {
            p,
            value_s: measure(&estimate(method, &sorted), unit),
        }
    };
    PERCENTILES.map(one).to_vec()
}

/// An estimate as the report prints it. An open upper end has a value only as "at least".
pub fn measure(estimate: &Estimate, unit: &str) -> Measure {
    let mut measure = Measure {
        unit: unit.into(),
        n: estimate.n,
        method: "measured in 1 run".into(),
        why: estimate.why.clone(),
        ..Measure::default()
    };
    match estimate.value {
        Some(value) if value.is_finite() => {
            measure.value = Some(value);
            measure.error = Some((estimate.high - value).max(0.0));
            (measure.low, measure.high) = (Some(estimate.low), Some(estimate.high));
        }
        Some(_) => {
            measure.low = Some(estimate.low);
            measure.why = Some(format!(
                "at least {} {unit}: falls among samples that were not answered",
                estimate.low
            ));
        }
        None if crate::mutant("L3") => measure.value = Some(0.0),
        None => {}
    }
    if measure.value.is_some() {
        measure.why = None;
    }
    measure
}
