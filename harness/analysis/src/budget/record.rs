//! What a window holds, in whichever form the objective counts.
use super::{
    counted::{Counted, Total},
    left::{self, Amount},
    track::{Stretches, Track},
};
use crate::report::Bounds;
use model::units::{Nanos, S};

/// How badness is counted.
#[derive(Clone, Debug, PartialEq)]
pub enum Form {
    /// Bad time, s.
    Time(Track),
    /// Bad samples of a fixed schedule.
    Samples(Counted),
    /// Slices of time, each bad or not, or bad by its share of bad samples.
    Slices(Counted),
}

/// What one objective sees of one or more runs.
#[derive(Clone, Debug, PartialEq)]
pub struct Record {
    /// What was watched, ns on the axis of the record.
    pub watched: Stretches,
    /// Time between two samples, or two slices.
    pub step: Nanos,
    /// Time between two samples: how finely anything is seen.
    pub period: Nanos,
    /// What was seen.
    pub form: Form,
}

impl Record {
    /// `s`, `samples` or `slices`.
    pub const fn unit(&self) -> &'static str {
        match self.form {
            Form::Time(_) => "s",
            Form::Samples(_) => "samples",
            Form::Slices(_) => "slices",
        }
    }

    /// Watched time, samples or slices in a window.
    pub fn total(&self, window: Bounds) -> Total {
        match &self.form {
            Form::Time(_) => {
                let all = self.watched.inside(window) as f64 / S as f64;
                Total { told: all, all }
            }
            Form::Samples(counted) | Form::Slices(counted) => counted.total(window),
        }
    }

    /// Bad ones of them.
    pub fn spent(&self, window: Bounds) -> Amount {
        match &self.form {
            Form::Time(track) => track.spent(window),
            Form::Samples(counted) | Form::Slices(counted) => counted.spent(window),
        }
    }

    /// What is left of the budget of a window.
    pub fn left(&self, target: f64, window: Bounds) -> Amount {
        let (total, spent) = (self.total(window), self.spent(window));
        let all = left::left(target, total.all, spent);
        let told = left::left(target, total.told, spent);
        Amount {
            value: told.value,
            ..all
        }
    }

    /// `1 - bad / all`; none of an empty window.
    pub fn availability(&self, window: Bounds) -> Option<Amount> {
        let (total, spent) = (self.total(window), self.spent(window));
        (total.told > 0.0).then(|| Amount {
            value: 1.0 - spent.value / total.told,
            low: (1.0 - spent.high / total.all).max(0.0),
            high: (1.0 - spent.low / total.all).min(1.0),
        })
    }

    /// How much of what was due in a stretch of time of this length, s or number.
    pub fn due(&self, length: Nanos) -> f64 {
        match self.form {
            Form::Time(_) => length.as_s(),
            _ => length.0 as f64 / self.step.0.max(1) as f64,
        }
    }

    /// Bad time as stretches of constant slope: how much of the budget's unit goes per second.
    pub fn slopes(&self) -> Vec<(Bounds, f64)> {
        match &self.form {
            Form::Time(track) => track.bad().all().iter().map(|part| (*part, 1.0)).collect(),
            Form::Samples(counted) | Form::Slices(counted) => slopes(counted, self.step),
        }
    }
}

/// A sample stands for the time until the next: neighbours that are equally bad are one stretch.
fn slopes(counted: &Counted, step: Nanos) -> Vec<(Bounds, f64)> {
    let step = step.0.max(1);
    let per_second = S as f64 / step as f64;
    let mut all: Vec<(Bounds, f64)> = Vec::new();
    for one in counted.all().iter().filter(|one| one.bad.value > 0.0) {
        let (part, slope) = (
            Bounds {
                lo: one.at,
                hi: one.at.saturating_add(step),
            },
            one.bad.value * per_second,
        );
        match all.last_mut() {
            Some((last, same)) if last.hi == part.lo && *same == slope => last.hi = part.hi,
            _ => all.push((part, slope)),
        }
    }
    all
}
