//! One probe's samples, each judged good or bad against the bound, and missing where our own lateness spoilt it.
//!
//! Good = answered within the bound. Bad = failed, unknown, or late. A late answer counts only where it is more than the
//! baseline's own strays: a band drawn from a baseline leaves about 1 % of it outside by construction, and those are no outage.
//! So `hurts` asks for a window of [`STRAY_WINDOW`] with more bad samples than any such window of the baseline had; a stream whose
//! baseline is clean is hurt by its first bad sample. A window full of strays could never be outdone, so bad samples in a row for
//! longer than it, and longer than any row of the baseline, hurt too. A failed operation is never forgiven in availability.
mod proof;

use crate::{
    band,
    input::Records,
    report::Bounds,
    window::{self, Windows},
};
use model::{
    samples::{Op, Reading},
    system::{Outcome, ProbeKind, ProbeSpec},
    units::{MS, Nanos, S},
};

/// Window in which bad samples of the baseline are counted.
pub const STRAY_WINDOW: Nanos = Nanos(S);

/// What one sample says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// Answered within the bound.
    Good,
    /// Answered, outside the bound.
    Late,
    /// Not answered, or answered with an error.
    Failed,
    /// Sent too late by us to say anything.
    Missing,
}

/// One sample, judged.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sample {
    /// Intended start.
    pub due: Nanos,
    /// Actual start.
    pub sent: Nanos,
    /// End.
    pub ended: Nanos,
    /// Value in the probe's unit; none where failed.
    pub value: Option<f64>,
    /// What it says.
    pub state: State,
    /// Bad, and more than a stray of the baseline.
    pub hurts: bool,
    /// From when it was known not to be good.
    pub known: Nanos,
    /// The latest instant at which it proves the service down.
    pub down: Nanos,
}

impl Sample {
    /// Whether it counts as good time.
    pub fn good(&self) -> bool {
        self.state == State::Good || (self.state == State::Late && !self.hurts)
    }

    /// Whether it counts as bad time.
    pub fn bad(&self) -> bool {
        self.state == State::Failed || (self.state == State::Late && self.hurts)
    }
}

/// A probe with its judged samples.
#[derive(Clone, Debug, PartialEq)]
pub struct Stream {
    /// The probe.
    pub spec: ProbeSpec,
    /// Beyond it a sample is bad (below it for [`ProbeKind::GaugeFull`]); none where the baseline had no answer.
    pub bound: Option<f64>,
    /// In order of their intended start.
    pub samples: Vec<Sample>,
    /// Most bad samples in any window of [`STRAY_WINDOW`] of the baseline.
    pub strays: usize,
    /// From the first to the last of the longest row of bad samples of the baseline, and a period.
    pub stray_row: Nanos,
    /// Answered samples of the baseline.
    pub baseline: usize,
}

/// Of the baseline. A sample that was under way when it ended may have met the fault: it is no stray.
fn calm(quiet: &[Bounds]) -> impl Fn(&Sample) -> bool + '_ {
    |sample| window::within(quiet, sample.due) && window::within(quiet, sample.known)
}

/// How many of these instants, in rising order, lie within [`STRAY_WINDOW`] from each on.
fn crowds(dues: &[Nanos]) -> Vec<usize> {
    let mut until = 0;
    let crowd = |(from, due): (usize, &Nanos)| {
        let limit = due.plus(STRAY_WINDOW);
        while dues.get(until).is_some_and(|due| *due < limit) {
            until += 1;
        }
        until - from
    };
    dues.iter().enumerate().map(crowd).collect()
}

/// How much later than intended a sample may be sent: one period, at least 100 ms.
pub fn slip_limit(spec: &ProbeSpec) -> Nanos {
    Nanos(spec.period_ns.0.max(100 * MS))
}

impl Stream {
    /// Judges the records of a probe. `end`: when the run was over; what was due to end later is no sample.
    pub fn of(spec: &ProbeSpec, records: &Records, windows: &Windows, end: Nanos) -> Self {
        let mut samples: Vec<Sample> = match records {
            Records::Ops(ops) => ops.iter().filter_map(|op| from_op(spec, op, end)).collect(),
            Records::Readings(readings) => readings
                .iter()
                .filter_map(|reading| from_reading(spec, reading, end))
                .collect(),
        };
        for sample in &mut samples {
            if sample.sent.since(sample.due) > slip_limit(spec) {
                sample.state = match (crate::mutant("R8"), crate::mutant("R9")) {
                    (true, _) => State::Good,
                    (_, true) => State::Failed,
                    _ => State::Missing,
                };
            }
        }
        let quiet = if crate::mutant("N3") {
            windows.stretches("whole")
        } else {
            windows.stretches("baseline")
        };
        let mut stream = Self {
            spec: spec.clone(),
            bound: None,
            samples,
            strays: 0,
            stray_row: Nanos(0),
            baseline: 0,
        };
        stream.set_bound(&quiet);
        stream.set_states(&quiet);
        stream.set_hurts(&quiet);
        stream
    }

    fn set_bound(&mut self, quiet: &[Bounds]) {
        let answered =
            |sample: &&Sample| sample.state == State::Good && window::within(quiet, sample.due);
        let values: Vec<f64> = self
            .samples
            .iter()
            .filter(answered)
            .filter_map(|sample| sample.value)
            .collect();
        self.baseline = values.len();
        self.bound = match self.spec.kind {
            ProbeKind::GaugeFull => self.spec.full.or_else(|| crate::median::middle(&values)),
            _ => band::upper_edge(&values, resolution(&self.spec), floor(&self.spec)),
        };
    }

    fn set_states(&mut self, quiet: &[Bounds]) {
        let Some(bound) = self.bound else { return };
        let margin = self.service_time(quiet);
        let (kind, late_after) = (self.spec.kind, Nanos((bound * S as f64) as u64));
        for sample in &mut self.samples {
            let outside = |value: f64| {
                if kind == ProbeKind::GaugeFull {
                    value < bound
                } else {
                    value > bound
                }
            };
            if sample.state == State::Good
                && sample.value.is_some_and(outside)
                && !crate::mutant("R14")
            {
                // Within the bound from when it was really sent: only our own lateness made it late, so it says nothing.
                let ours = kind == ProbeKind::Latency
                    && sample.ended.since(sample.sent) <= late_after
                    && sample.sent > sample.due;
                sample.state = if ours { State::Missing } else { State::Late };
            }
            sample.known = sample.ended;
            sample.down = sample.sent;
            if kind == ProbeKind::Latency {
                // From when it was really sent: what we lost before is no fault of the service.
                let begun = if crate::mutant("R23") {
                    sample.due
                } else {
                    sample.due.max(sample.sent)
                };
                sample.known = sample.ended.min(begun.plus(late_after)).max(sample.due);
            }
        }
        if kind == ProbeKind::Latency {
            proof::prove_down(&mut self.samples, margin);
        }
    }

    /// p99.9 of the baseline's time from sent to ended (its maximum where there are fewer than 1000): a late answer proves the
    /// service down until that long before its end.
    fn service_time(&self, quiet: &[Bounds]) -> Nanos {
        let answered =
            |sample: &&Sample| sample.state == State::Good && window::within(quiet, sample.due);
        let mut times: Vec<Nanos> = self
            .samples
            .iter()
            .filter(answered)
            .map(|sample| sample.ended.since(sample.sent))
            .collect();
        times.sort();
        let rank = (times.len() as f64 * 0.999).ceil() as usize;
        times
            .get(rank.saturating_sub(1))
            .copied()
            .unwrap_or_default()
    }

    fn set_hurts(&mut self, quiet: &[Bounds]) {
        let bad: Vec<usize> =
            self.indices(|sample| matches!(sample.state, State::Late | State::Failed));
        let calm = calm(quiet);
        let due = |index: &usize| self.samples[*index].due;
        let quiet: Vec<Nanos> = bad
            .iter()
            .filter(|index| calm(&self.samples[**index]))
            .map(due)
            .collect();
        self.strays = crowds(&quiet).into_iter().max().unwrap_or(0);
        let crowds = crowds(&bad.iter().map(due).collect::<Vec<_>>());
        let mut marked = 0;
        for (from, size) in crowds.into_iter().enumerate() {
            if size > self.strays {
                for index in &bad[from.max(marked)..from + size] {
                    self.samples[*index].hurts = true;
                }
                marked = from + size;
            }
        }
        self.set_rows(&calm);
    }

    /// Bad samples in a row, longer than [`STRAY_WINDOW`] and than any row of the baseline.
    fn set_rows(&mut self, calm: &dyn Fn(&Sample) -> bool) {
        let told: Vec<usize> = self.indices(|sample| sample.state != State::Missing);
        let is_bad = |index: &usize| self.samples[*index].state != State::Good;
        let rows = told.chunk_by(|a, b| is_bad(a) == is_bad(b));
        let rows: Vec<&[usize]> = rows.filter(|row| is_bad(&row[0])).collect();
        let calm = |row: &&[usize]| {
            row.iter()
                .filter(|index| calm(&self.samples[**index]))
                .count()
        };
        let longest = rows.iter().map(calm).max().unwrap_or(0);
        self.stray_row = Nanos(longest as u64 * self.spec.period_ns.0);
        let lasts = |row: &[usize]| {
            let (first, last) = (row[0], row[row.len() - 1]);
            self.samples[last].due.since(self.samples[first].due) >= STRAY_WINDOW
        };
        let hurt: Vec<usize> = rows
            .into_iter()
            .filter(|row| row.len() > longest && lasts(row))
            .flatten()
            .copied()
            .collect();
        for index in hurt {
            self.samples[index].hurts = true;
        }
    }

    fn indices(&self, holds: impl Fn(&Sample) -> bool) -> Vec<usize> {
        self.samples
            .iter()
            .enumerate()
            .filter(|(_, sample)| holds(sample))
            .map(|(index, _)| index)
            .collect()
    }

    /// The samples due in these stretches.
    pub fn within<'a>(&'a self, stretches: &'a [Bounds]) -> impl Iterator<Item = &'a Sample> {
        self.samples
            .iter()
            .filter(|sample| window::within(stretches, sample.due))
    }

    /// How many samples of these stretches say nothing by our own fault: sent too late, or not at all.
    pub fn missing(&self, stretches: &[Bounds]) -> u64 {
        let late = self
            .within(stretches)
            .filter(|sample| sample.state == State::Missing)
            .count() as u64;
        let absent = if crate::mutant("L8") {
            0
        } else {
            self.expected(stretches)
                .saturating_sub(self.within(stretches).count() as u64)
        };
        late + absent
    }

    /// How many were due in these stretches by the fixed schedule, from the first one that there is.
    pub fn expected(&self, stretches: &[Bounds]) -> u64 {
        let Some(first) = self.samples.first() else {
            return 0;
        };
        let period = self.spec.period_ns.0.max(1);
        let until = |at: u64| at.saturating_sub(first.due.0).div_ceil(period);
        stretches
            .iter()
            .map(|stretch| until(stretch.hi) - until(stretch.lo))
            .sum()
    }

    /// The longest time between two samples sent in one of these stretches.
    pub fn longest_gap(&self, stretches: &[Bounds]) -> Nanos {
        let gap_in = |stretch: &Bounds| {
            let mut sent: Vec<Nanos> = self
                .within(std::slice::from_ref(stretch))
                .map(|sample| sample.sent)
                .collect();
            sent.sort();
            sent.windows(2)
                .map(|pair| pair[1].since(pair[0]))
                .max()
                .unwrap_or_default()
        };
        stretches.iter().map(gap_in).max().unwrap_or_default()
    }
}

/// The least difference that one sample can tell: a wake-up for a latency, the schedule for an age, one for a count.
pub fn resolution(spec: &ProbeSpec) -> f64 {
    match spec.kind {
        ProbeKind::Latency => 0.001,
        _ if spec.unit == "s" => spec.period_ns.as_s(),
        _ => 1.0,
    }
}

/// The least edge of a band that means anything: what is late by less than a period has delayed nobody by one sample.
pub fn floor(spec: &ProbeSpec) -> f64 {
    let timed = spec.kind == ProbeKind::Latency || spec.unit == "s";
    if timed { spec.period_ns.as_s() } else { 0.0 }
}

fn from_op(spec: &ProbeSpec, op: &Op, end: Nanos) -> Option<Sample> {
    let ended = op
        .ended
        .min(op.intended.plus(spec.deadline_ns).max(op.sent));
    let began = if crate::mutant("R7") {
        op.sent
    } else {
        op.intended
    };
    let answered = op.outcome == Outcome::Ok && op.ended.0 != u64::MAX;
    let value = answered.then(|| op.ended.since(began).as_s());
    let ended = if answered { op.ended } else { ended };
    (ended <= end).then(|| sample(op.intended, op.sent, ended, value))
}

fn from_reading(spec: &ProbeSpec, reading: &Reading, end: Nanos) -> Option<Sample> {
    let over = reading.ended.0 != u64::MAX;
    let value = Some(reading.value).filter(|value| over && !value.is_nan());
    let given_up = reading.intended.plus(spec.deadline_ns).max(reading.sent);
    let ended = if over { reading.ended } else { given_up };
    (ended <= end).then(|| sample(reading.intended, reading.sent, ended, value))
}

fn sample(due: Nanos, sent: Nanos, ended: Nanos, value: Option<f64>) -> Sample {
    let state = if value.is_some() {
        State::Good
    } else {
        State::Failed
    };
    Sample {
        due,
        sent,
        ended,
        value,
        state,
        hurts: false,
        known: ended,
        down: sent,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const PERIOD: u64 = S / 2;

    /// An age read twice a second: out of its band for two readings of the baseline's 28, then for `rows` readings from the 40th.
    fn aged(rows: u64) -> Stream {
        let late = |index: u64| (10..12).contains(&index) || (40..40 + rows).contains(&index);
        let one = |index: u64| {
            let at = Nanos(index * PERIOD);
            let told = sample(at, at, at, Some(1.0));
            let state = if late(index) {
                State::Late
            } else {
                State::Good
            };
            Sample { state, ..told }
        };
        let spec = ProbeSpec {
            name: "freshness".into(),
            kind: ProbeKind::GaugeLow,
            unit: "s".into(),
            doc: String::new(),
            period_ns: Nanos(PERIOD),
            deadline_ns: Nanos(S),
            full: None,
        };
        let mut stream = Stream {
            spec,
            bound: Some(1.0),
            samples: (0..90).map(one).collect(),
            strays: 0,
            stray_row: Nanos(0),
            baseline: 28,
        };
        let quiet = Bounds {
            lo: 0,
            hi: 28 * PERIOD,
        };
        stream.set_hurts(&[quiet]);
        stream
    }

    fn bad(stream: &Stream) -> usize {
        stream.samples.iter().filter(|sample| sample.bad()).count()
    }

    #[test]
    fn a_second_full_of_strays_in_the_baseline_hides_no_outage() {
        assert_eq!(bad(&aged(40)), 40);
        assert_eq!(bad(&aged(3)), 3);
    }

    proptest! {
        #[test]
        fn a_crowd_is_what_a_slow_count_finds(gaps in proptest::collection::vec(0_u64..900, 0..60)) {
            let sum = |at: &mut u64, gap: u64| { *at += gap; Some(Nanos::ms(*at)) };
            let dues: Vec<Nanos> = gaps.into_iter().scan(0, sum).collect();
            let slow: Vec<usize> = (0..dues.len())
                .map(|from| dues[from..].iter().filter(|due| due.since(dues[from]) < STRAY_WINDOW).count())
                .collect();
            prop_assert_eq!(crowds(&dues), slow);
        }
    }

    #[test]
    fn what_the_baseline_did_too_is_no_outage() {
        assert_eq!(bad(&aged(2)), 0);
    }
}
