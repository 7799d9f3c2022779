//! Medians with intervals that assume no distribution: ranks of the order statistics where every repeat recovered, the survival
//! curve where some were censored. Never a mean, and no interval from fewer than six.
use crate::{
    report::{Measure, Step},
    span::Span,
    survival::{self, Watched},
};

/// The durations of one measure over the repeats of a fault.
#[derive(Clone, Debug, Default)]
pub struct Durations {
    /// Of the repeats that got there.
    pub reached: Vec<Span>,
    /// Of those that did not: for how long it was looked, s.
    pub censored: Vec<f64>,
    /// What they are, for the reader: `8 kills in 1 run`.
    pub what: String,
}

/// The rank `k` (from 1) so that the `k`-th least and the `k`-th most of `n` enclose the median with at least 95 %, and the
/// coverage attained; none below six.
///
/// The largest `k` with `1 - 2 * sum of C(n, i) / 2^n for i < k` at least 0.95.
pub fn ranks(n: usize) -> Option<(usize, f64)> {
    let tail = |k: usize| crate::share::at_most(k as u64 - 1, n as u64, 0.5);
    let holds = |k: &usize| 1.0 - 2.0 * tail(*k) >= 0.95;
    let k = (1..=n / 2)
        .take_while(holds)
        .last()
        .or_else(|| (crate::mutant("R16") && n == 5).then_some(1))?;
    let k = if crate::mutant("R17") { k + 1 } else { k };
    Some((k, 1.0 - 2.0 * tail(k)))
}

/// The middle of some numbers; none of nothing.
pub fn middle(values: &[f64]) -> Option<f64> {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let n = sorted.len();
    if crate::mutant("R15") && n > 0 {
        return Some(sorted.iter().sum::<f64>() / n as f64);
    }
    match n {
        0 => None,
        n if n % 2 == 1 => Some(sorted[n / 2]),
        n => Some(f64::midpoint(sorted[n / 2 - 1], sorted[n / 2])),
    }
}

impl Durations {
    /// How many.
    pub fn n(&self) -> usize {
        self.reached.len() + self.censored.len()
    }

    /// The curve of those not yet there.
    pub fn survival(&self) -> Vec<Step> {
        survival::survival(&self.watched())
    }

    /// Every repeat: how long it was watched and whether it got there.
    pub fn watched(&self) -> Vec<Watched> {
        let reached = self.reached.iter().map(|span| Watched {
            t_s: span.mid(),
            recovered: true,
        });
        let censored = self.censored.iter().map(|t_s| Watched {
            t_s: *t_s,
            recovered: crate::mutant("R2"),
        });
        reached.chain(censored).collect()
    }

    /// The largest bar of any of them.
    pub fn bar(&self) -> Option<f64> {
        self.reached
            .iter()
            .map(|span| span.half_width())
            .reduce(f64::max)
    }

    /// The median in seconds with its interval.
    pub fn median(&self) -> Measure {
        let censored = !self.censored.is_empty() && !crate::mutant("R1");
        let mut measure = if censored {
            self.by_survival()
        } else {
            self.by_ranks()
        };
        measure.unit = "s".into();
        measure.n = self.n() as u64;
        measure.error = self.bar().filter(|_| measure.value.is_some());
        measure
    }

    fn by_ranks(&self) -> Measure {
        let mids: Vec<f64> = self.reached.iter().map(|span| span.mid()).collect();
        let Some(value) = middle(&mids) else {
            return Measure {
                why: Some(format!("none of {} has one", self.what)),
                ..Measure::default()
            };
        };
        let Some((k, level)) = ranks(mids.len()) else {
            let method = format!(
                "median of {}; no 95 % interval from fewer than 6",
                self.what
            );
            return Measure {
                value: Some(value),
                method,
                ..Measure::default()
            };
        };
        let (low, high) = (
            nth(self.reached.iter().map(|span| span.lo), k),
            nth(self.reached.iter().map(|span| span.hi), mids.len() + 1 - k),
        );
        let method = format!(
            "median of {}, ranks {k} and {} with their bars",
            self.what,
            mids.len() + 1 - k
        );
        Measure {
            value: Some(value),
            low,
            high,
            level: Some(level),
            method,
            ..Measure::default()
        }
    }

    fn by_survival(&self) -> Measure {
        let curve = self.survival();
        let tally = format!("{} of {} recovered", self.reached.len(), self.n());
        let (low, high) = survival::median_interval(&curve);
        let value = survival::median(&curve);
        let longest = self.censored.iter().copied().fold(0.0, f64::max);
        let why = value
            .is_none()
            .then(|| format!("not reached within {longest:.1} s ({tally})"));
        let enough = self.n() >= 6;
        let ends = match (enough, high) {
            (false, _) => "no 95 % interval from fewer than 6",
            (true, None) => "upper end not reached",
            (true, Some(_)) => "log-log interval",
        };
        let method = format!("Kaplan-Meier median of {}, {tally}, {ends}", self.what);
        let half = self.bar().unwrap_or(0.0);
        let (low, high) = (low.map(|low| low - half), high.map(|high| high + half));
        Measure {
            value,
            low: low.filter(|_| enough),
            high: high.filter(|_| enough),
            level: (enough && low.is_some()).then_some(0.95),
            method,
            why,
            ..Measure::default()
        }
    }
}

/// The `k`-th least, from 1.
fn nth(values: impl Iterator<Item = f64>, k: usize) -> Option<f64> {
    let mut sorted: Vec<f64> = values.collect();
    sorted.sort_by(f64::total_cmp);
    sorted.get(k - 1).copied()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_median_of_five_has_points_and_no_interval() {
        let spans = [1.0, 2.0, 3.0, 4.0, 5.0].map(|t| Span { lo: t, hi: t });
        let measure = Durations {
            reached: spans.to_vec(),
            what: "5 kills in 1 run".into(),
            ..Durations::default()
        }
        .median();
        assert_eq!(
            (measure.value, measure.low, measure.level),
            (Some(3.0), None, None)
        );
        assert!(measure.method.contains("no 95 % interval"));
    }

    #[test]
    fn with_censoring_nothing_is_a_mean_and_an_open_end_is_said() {
        let measure = Durations {
            reached: vec![Span { lo: 1.0, hi: 1.0 }],
            censored: vec![9.0; 7],
            what: "8 kills in 1 run".into(),
        }
        .median();
        assert_eq!(measure.value, None);
        assert_eq!(
            measure.why.as_deref(),
            Some("not reached within 9.0 s (1 of 8 recovered)")
        );
    }

    proptest! {
        /// The interval of a simulated design covers the true median as often as is printed (a symmetric two-point draw is the worst case).
        #[test]
        fn the_interval_encloses_the_median_of_its_own_points(values in proptest::collection::vec(0.0..100.0, 6..60)) {
            let reached = values.iter().map(|t| Span { lo: t - 0.05, hi: t + 0.05 }).collect();
            let measure = Durations { reached, ..Durations::default() }.median();
            prop_assert!(measure.low <= measure.value && measure.value <= measure.high);
            prop_assert!(measure.level.unwrap() >= 0.95);
        }
    }
}
