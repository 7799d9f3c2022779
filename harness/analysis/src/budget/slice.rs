//! Time cut into slices, each judged by the samples in it.
use super::{counted::Judged, left::Amount};
use crate::report::Bounds;
use model::units::{Nanos, show};

/// Most slices of a run: bounds the work where a plan was damaged.
const MOST_SLICES: u64 = 10_000_000;

/// What one slice of time holds.
#[derive(Clone, Copy, Default)]
pub(super) struct Slice {
    good: f64,
    bad: f64,
    untold: f64,
}

impl Slice {
    /// Whether its share of good samples is below a target.
    pub(super) fn under(&self, target: f64) -> Amount {
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
    pub(super) fn ratio(&self) -> Amount {
        let (told, all) = (self.good + self.bad, self.good + self.bad + self.untold);
        Amount {
            value: self.bad / told,
            low: self.bad / all,
            high: (self.bad + self.untold) / all,
        }
    }
}

/// The whole slices from the begin of the window; what is left over at its end is none.
pub(super) fn slices(
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
