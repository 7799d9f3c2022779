//! What runs add to one record, each later by when it began.
use super::{
    counted::{Counted, Judged},
    record::{Form, Record},
    track::{Stretches, Track},
};
use crate::{availability::Outage, report::Bounds};
use model::{
    slo,
    units::{Nanos, show},
};

/// What a run adds to a record; times on the axis of the record.
#[derive(Clone, Debug, PartialEq)]
pub struct Part {
    /// What was watched.
    pub watched: Bounds,
    /// Time between two samples.
    pub period: Nanos,
    /// Bad time.
    pub outages: Vec<Outage>,
    /// Time of which nothing is known.
    pub unmeasured: Vec<Bounds>,
    /// Samples or slices.
    pub judged: Vec<Judged>,
}

impl Part {
    /// Later by so many ns.
    #[must_use]
    pub fn later(mut self, shift: u64) -> Self {
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
