//! One run as an objective sees it. What cannot be seen is said, with what would do.
use super::{
    counted::{Counted, Judged},
    left::Amount,
    record::{Form, Record},
    track::{Stretches, Track},
};
use crate::{
    Analysis, Error, RunInput,
    availability::{Outage, outages},
    input::Folder,
    report::{Bounds, Finding},
    stream::{Sample, State, Stream},
    window::Windows,
};
use model::{
    delivery::rfc3339,
    objective::{Objective, Op, judge::compare},
    slo::{self, Goal, Good},
    units::{Nanos, S, show},
    verdict::Verdict,
};

/// A run, ready to be held against any objective.
#[derive(Clone, Debug)]
pub struct Taken {
    /// What it shows by itself.
    pub analysis: Analysis,
    /// Wall time of its epoch, ns since 1970 UTC; none where it says none.
    pub epoch: Option<u64>,
    /// Digest of its scenario file.
    pub scenario_sha256: String,
    /// Names of its probes.
    pub probes: Vec<String>,
    /// What its scenario claims.
    pub objectives: Vec<Objective>,
    windows: Windows,
    streams: Vec<Stream>,
}

/// What a run adds to a record; times on the axis of the record.
#[derive(Clone, Debug, PartialEq)]
pub struct Part {
    /// What was watched.
    pub watched: Bounds,
    /// Time between two samples.
    pub period: Nanos,
    outages: Vec<Outage>,
    unmeasured: Vec<Bounds>,
    judged: Vec<Judged>,
}

/// Most slices of a run: bounds the work where a plan was damaged.
const MOST_SLICES: u64 = 10_000_000;

impl Taken {
    /// Reads and analyses a run folder.
    ///
    /// # Errors
    /// As [`crate::analyze`].
    pub fn of(input: &RunInput) -> Result<Self, Error> {
        let folder = Folder::read(input)?;
        let windows = Windows::of(&folder);
        let streams = crate::streams(&folder, &windows);
        let analysis = crate::of(&folder, &windows, &streams);
        let epoch = rfc3339(&analysis.run.started).map(|s| (s * S as f64).round() as u64);
        Ok(Self {
            analysis,
            epoch,
            probes: folder
                .plan
                .probes
                .iter()
                .map(|spec| spec.name.clone())
                .collect(),
            scenario_sha256: folder.plan.scenario_sha256,
            objectives: folder.plan.objectives,
            windows,
            streams,
        })
    }

    /// What the run shows of a goal, later by `shift` ns.
    ///
    /// # Errors
    /// Why it shows nothing, with what would do.
    pub fn part(&self, goal: &Goal, shift: u64) -> Result<Part, String> {
        let stream = self.stream(&goal.probe.value)?;
        let whole = self.windows.whole().filter(|whole| whole.hi > whole.lo);
        let whole = whole.ok_or("it has no baseline phase, so nothing of it is judged; a run that reaches its baseline would do")?;
        if goal.good == Good::Available && stream.bound.is_none() {
            return Err(format!(
                "probe `{}` had no answer in the baseline, so it has no bound; a longer or calmer baseline would do",
                stream.spec.name
            ));
        }
        let seen: Vec<&Sample> = stream.within(std::slice::from_ref(&whole)).collect();
        if !seen.iter().any(|sample| sample.state != State::Missing) {
            return Err(format!(
                "probe `{}` left no sample in the judged part of the run",
                stream.spec.name
            ));
        }
        let holes = holes(&seen, whole, stream.spec.period_ns);
        let mut part = Part {
            watched: whole,
            period: stream.spec.period_ns,
            outages: Vec::new(),
            unmeasured: Vec::new(),
            judged: Vec::new(),
        };
        match goal.form {
            slo::Form::Time => {
                part.outages = outages(stream);
                part.unmeasured = unmeasured(&seen, &holes, &part.outages, whole, part.period);
            }
            slo::Form::Samples => part.judged = samples(&seen, &holes, goal.good, part.period),
            slo::Form::Slices { length, target } => {
                let all = samples(&seen, &holes, goal.good, part.period);
                part.judged = slices(&all, whole, length, part.period, &|one| one.under(target))?;
            }
            slo::Form::Ratios { length } => {
                let all = samples(&seen, &holes, goal.good, part.period);
                part.judged = slices(&all, whole, length, part.period, &Slice::ratio)?;
            }
        }
        Ok(part.later(shift))
    }

    /// Length of its judged part; none where it did not come to that.
    pub fn watched(&self) -> Option<Nanos> {
        let whole = self.windows.whole()?;
        Some(Nanos(whole.hi.saturating_sub(whole.lo)))
    }

    /// Wall time of the end of its judged part, ns since 1970 UTC.
    pub fn ended(&self) -> Option<u64> {
        Some(self.epoch?.saturating_add(self.windows.whole()?.hi))
    }

    fn stream(&self, probe: &str) -> Result<&Stream, String> {
        let found = self.streams.iter().find(|stream| stream.spec.name == probe);
        found.ok_or_else(|| match self.probes.iter().any(|name| name == probe) {
            true => format!("probe `{probe}` left no samples: its file is missing"),
            false => format!(
                "probe `{probe}` is not in its plan; known there: {}",
                self.probes.join(", ")
            ),
        })
    }

    /// What keeps the run from being believed, where this probe is concerned.
    pub fn doubts<'a>(&'a self, probe: &'a str) -> impl Iterator<Item = &'a Finding> {
        let of_probe = format!("probe-{probe}");
        let decides = move |id: &str| ["journal", "plan", "end", of_probe.as_str()].contains(&id);
        let findings = self.analysis.findings.iter();
        findings.filter(move |one| decides(&one.id) && one.verdict != Verdict::Pass)
    }
}

impl Part {
    fn later(mut self, shift: u64) -> Self {
        let by = |at: u64| at.saturating_add(shift);
        let bounds = |one: Bounds| Bounds {
            lo: by(one.lo),
            hi: by(one.hi),
        };
        self.watched = bounds(self.watched);
        for one in &mut self.outages {
            (one.from, one.to) = (bounds(one.from), bounds(one.to));
        }
        self.unmeasured
            .iter_mut()
            .for_each(|one| *one = bounds(*one));
        self.judged.iter_mut().for_each(|one| one.at = by(one.at));
        self
    }
}

/// Parts of one or more runs as one record.
///
/// # Errors
/// Runs that were watched at the same time, or whose probes differ in their period.
pub fn record(parts: Vec<Part>, form: slo::Form) -> Result<Record, String> {
    let mut stretches: Vec<Bounds> = parts.iter().map(|part| part.watched).collect();
    stretches.sort_by_key(|one| one.lo);
    if stretches.windows(2).any(|pair| pair[1].lo < pair[0].hi) {
        return Err(
            "two of the runs were watched at the same time: give runs that follow each other"
                .into(),
        );
    }
    let periods: Vec<Nanos> = parts.iter().map(|part| part.period).collect();
    let period = periods.iter().copied().max().unwrap_or_default();
    if let Some(other) = periods.iter().find(|other| **other != period) {
        return Err(format!(
            "the probe's period is {} in one run and {} in another: give runs of one period",
            show(*other),
            show(period)
        ));
    }
    let all = |of: fn(&Part) -> &[Bounds]| parts.iter().flat_map(of).copied().collect::<Vec<_>>();
    let judged = || {
        Counted::new(
            parts
                .iter()
                .flat_map(|part| part.judged.iter().copied())
                .collect(),
        )
    };
    let (step, form) = match form {
        slo::Form::Time => {
            let outages: Vec<Outage> = parts
                .iter()
                .flat_map(|part| part.outages.iter().copied())
                .collect();
            let unmeasured = all(|part| &part.unmeasured);
            (
                period,
                Form::Time(Track::new(stretches.clone(), &outages, &unmeasured)),
            )
        }
        slo::Form::Samples => (period, Form::Samples(judged())),
        slo::Form::Slices { length, .. } | slo::Form::Ratios { length } => {
            (length, Form::Slices(judged()))
        }
    };
    Ok(Record {
        watched: Stretches::union(stretches),
        step,
        period,
        form,
    })
}

/// Where samples were due and are not there at all.
fn holes(seen: &[&Sample], whole: Bounds, period: Nanos) -> Vec<Bounds> {
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
fn unmeasured(
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

fn samples(seen: &[&Sample], holes: &[Bounds], good: Good, period: Nanos) -> Vec<Judged> {
    let one = |sample: &&Sample| match (sample.state, good) {
        (State::Missing, _) => Judged::untold(sample.due.0, 1.0),
        (_, Good::Available) => Judged::one(sample.due.0, bad(sample.bad())),
        (state, Good::Answered) => Judged::one(sample.due.0, bad(state == State::Failed)),
        (_, Good::Value(op, bound)) => {
            Judged::one(sample.due.0, bad(!meets(sample.value, op, bound)))
        }
    };
    let absent = holes.iter().map(|hole| {
        let due = ((hole.hi - hole.lo) as f64 / period.0.max(1) as f64)
            .round()
            .max(1.0);
        Judged::untold(hole.lo, due)
    });
    seen.iter().map(one).chain(absent).collect()
}

fn bad(is: bool) -> Amount {
    Amount::exact(f64::from(u8::from(is)))
}

/// What is not answered has no value, and meets nothing.
fn meets(value: Option<f64>, op: Op, bound: f64) -> bool {
    value.is_some_and(|value| compare(op, bound, value, value) == Verdict::Pass)
}

/// What one slice of time holds.
#[derive(Clone, Copy, Default)]
struct Slice {
    good: f64,
    bad: f64,
    untold: f64,
}

impl Slice {
    /// Whether its share of good samples is below a target.
    fn under(&self, target: f64) -> Amount {
        let (told, all) = (self.good + self.bad, self.good + self.bad + self.untold);
        // A share of 9 of 10 meets 0.9, whatever the last bit says.
        let below = |good: f64, all: f64| f64::from(u8::from(good < target * all * (1.0 - 1e-12)));
        Amount {
            value: below(self.good, told),
            low: below(self.good + self.untold, all),
            high: below(self.good, all),
        }
    }

    /// Its share of bad samples.
    fn ratio(&self) -> Amount {
        let (told, all) = (self.good + self.bad, self.good + self.bad + self.untold);
        Amount {
            value: self.bad / told,
            low: self.bad / all,
            high: (self.bad + self.untold) / all,
        }
    }
}

/// The whole slices from the begin of the window; what is left over at its end is none.
fn slices(
    all: &[Judged],
    whole: Bounds,
    length: Nanos,
    period: Nanos,
    judge: &dyn Fn(&Slice) -> Amount,
) -> Result<Vec<Judged>, String> {
    let count = (whole.hi - whole.lo) / length.0.max(1);
    if length < period {
        return Err(format!(
            "a slice of {} holds less than one sample; slices of at least {} would do",
            show(length),
            show(period)
        ));
    }
    if count == 0 || count > MOST_SLICES {
        let seen = show(Nanos(whole.hi - whole.lo));
        return Err(format!(
            "{count} slices of {} fit into {seen}; 1 to {MOST_SLICES} would do",
            show(length)
        ));
    }
    let mut slices = vec![Slice::default(); count as usize];
    for one in all {
        let at = one.at.saturating_sub(whole.lo) / length.0;
        let Some(slice) = slices.get_mut(at as usize) else {
            continue;
        };
        if one.told {
            slice.bad += one.bad.value;
            slice.good += one.count - one.bad.value;
        } else {
            slice.untold += one.count;
        }
    }
    let judged = |(slice, at): (&Slice, u64)| {
        let begin = whole.lo + at * length.0;
        match slice.good + slice.bad > 0.0 {
            true => Judged::one(begin, judge(slice)),
            false => Judged::untold(begin, 1.0),
        }
    };
    Ok(slices.iter().zip(0..).map(judged).collect())
}
