//! Samples of a window to one number with its bar. Pure.
//!
//! A sample that was not answered counts as at least its deadline: a quantile among such samples has no upper end, and so can
//! miss an upper bound but never meet it. Where both ends of a sample that was not answered are known (an age between two that
//! were read), a quantile among such samples lies between theirs. An extreme quantile of few samples is not estimable and has no
//! value at all.
use super::Method;
use std::borrow::Cow;

/// The samples of one window, in the unit of the objective.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Sampled {
    /// Values of the samples that were answered, in order of time.
    pub values: Vec<f64>,
    /// Of each that was not, how long it was waited for at least.
    pub unanswered: Vec<f64>,
    /// Of each that was not read itself, but must lie between two known values: least, then most.
    pub between: Vec<(f64, f64)>,
    /// Bar of the instrument, plus or minus.
    pub bar: f64,
}

impl Sampled {
    /// Samples, read or not.
    pub const fn count(&self) -> u64 {
        (self.values.len() + self.between.len() + self.unanswered.len()) as u64
    }

    /// In rising order, what every sample is at least.
    fn least(&self) -> Cow<'_, [f64]> {
        let open = self.unanswered.iter().copied();
        self.with(self.between.iter().map(|ends| ends.0).chain(open))
    }

    /// In rising order, what is known of the samples with two ends: the least of each, then the most of each.
    fn ends(&self) -> [Cow<'_, [f64]>; 2] {
        let between = &self.between;
        [
            self.with(between.iter().map(|ends| ends.0)),
            self.with(between.iter().map(|ends| ends.1)),
        ]
    }

    fn with(&self, others: impl Iterator<Item = f64>) -> Cow<'_, [f64]> {
        let mut others = others.peekable();
        if others.peek().is_none() {
            return sorted(&self.values);
        }
        let mut all: Vec<f64> = self.values.iter().copied().chain(others).collect();
        all.sort_by(f64::total_cmp);
        Cow::Owned(all)
    }
}

/// A number with its bar. No value: `why` says so.
#[derive(Clone, Debug, PartialEq)]
pub struct Estimate {
    /// The number; infinite where only `low` is known.
    pub value: Option<f64>,
    /// Not less than this.
    pub low: f64,
    /// Not more than this; may be infinite.
    pub high: f64,
    /// Samples.
    pub n: u64,
    /// Why there is no value.
    pub why: Option<String>,
}

impl Estimate {
    /// A number with a bar to both sides.
    pub fn with_bar(value: f64, bar: f64, n: u64) -> Self {
        Self {
            value: Some(value),
            low: value - bar,
            high: value + bar,
            n,
            why: None,
        }
    }

    /// A number that lies between two, plus or minus a bar.
    fn between(low: f64, high: f64, bar: f64, n: u64) -> Self {
        Self {
            low: low - bar,
            high: high + bar,
            ..Self::exact(f64::midpoint(low, high), n)
        }
    }

    /// A number that is exactly what it is.
    pub fn exact(value: f64, n: u64) -> Self {
        Self::with_bar(value, 0.0, n)
    }

    /// No number.
    pub fn none(n: u64, why: impl Into<String>) -> Self {
        Self {
            value: None,
            low: f64::NAN,
            high: f64::NAN,
            n,
            why: Some(why.into()),
        }
    }

    fn at_least(low: f64, n: u64) -> Self {
        Self {
            value: Some(f64::INFINITY),
            low,
            high: f64::INFINITY,
            n,
            why: None,
        }
    }
}

/// The number that `method` makes of the samples.
pub fn estimate(method: Method, samples: &Sampled) -> Estimate {
    let n = samples.count();
    match method {
        Method::Count => Estimate::exact(n as f64, n),
        Method::Gap => Estimate::none(n, "a gap is read from the times of the samples"),
        _ if n == 0 => Estimate::none(0, "no samples in this window"),
        Method::Rate => Estimate::exact(samples.values.len() as f64 / n as f64, n),
        Method::Value => samples.values.last().map_or_else(
            || Estimate::none(n, "no sample was answered"),
            |last| Estimate::with_bar(*last, samples.bar, n),
        ),
        Method::Avg => mean(samples, n),
        Method::Min => rank(samples, 1, n),
        Method::Max => rank(samples, n, n),
        Method::Med => median(samples, n),
        Method::P(p) => percentile(samples, p, n),
    }
}

fn mean(samples: &Sampled, n: u64) -> Estimate {
    let answered: f64 = samples.values.iter().sum();
    let least: f64 = samples.between.iter().map(|ends| ends.0).sum();
    let most: f64 = samples.between.iter().map(|ends| ends.1).sum();
    let (low, high) = ((answered + least) / n as f64, (answered + most) / n as f64);
    match samples.unanswered.is_empty() {
        true => Estimate::between(low, high, samples.bar, n),
        false => {
            let waited: f64 = samples.unanswered.iter().sum();
            Estimate::at_least(low + waited / n as f64 - samples.bar, n)
        }
    }
}

fn median(samples: &Sampled, n: u64) -> Estimate {
    if n % 2 == 1 {
        return rank(samples, n.div_ceil(2), n);
    }
    let (a, b) = (rank(samples, n / 2, n), rank(samples, n / 2 + 1, n));
    let low = f64::midpoint(a.low, b.low);
    match (a.value, b.value) {
        (Some(one), Some(two)) if two.is_finite() => Estimate {
            value: Some(f64::midpoint(one, two)),
            low,
            high: f64::midpoint(a.high, b.high),
            n,
            why: None,
        },
        _ => Estimate::at_least(low, n),
    }
}

fn percentile(samples: &Sampled, p: f64, n: u64) -> Estimate {
    let needed = samples_needed(p / 100.0);
    if n < needed {
        return Estimate::none(
            n,
            format!("p({p}) is not estimable from {n} samples: needs {needed}"),
        );
    }
    rank(samples, rank_of(p, n), n)
}

/// The least rank (from 1) with at least `p` percent of `n` at or below it.
fn rank_of(p: f64, n: u64) -> u64 {
    // 99.9 % of 3000 is 2997.0000000000005 in doubles: what is whole but for rounding is whole, else the rank is one too high.
    let share = p / 100.0 * n as f64;
    ((share - n as f64 * 1e-12).ceil() as u64).clamp(1, n)
}

/// Least number of samples that bound a quantile from above with 95 % confidence: the least n with 1 - q^n >= 0.95 (299 for p99).
/// For quantiles below the median the mirrored bound counts; the ends 0 and 1 are the extremes themselves and need one sample.
pub fn samples_needed(q: f64) -> u64 {
    let q = q.max(1.0 - q);
    if q >= 1.0 {
        1
    } else {
        (0.05_f64.ln() / q.ln()).ceil() as u64
    }
}

/// The `k`-th least. An unanswered sample belongs somewhere above the wait at which it was cut off: as low as there, or above all.
fn rank(samples: &Sampled, k: u64, n: u64) -> Estimate {
    let at = k as usize - 1;
    let (low, [below, above]) = (samples.least()[at], samples.ends());
    match (below.get(at), above.get(at)) {
        (Some(below), Some(above)) => Estimate {
            low: low - samples.bar,
            ..Estimate::between(*below, *above, samples.bar, n)
        },
        _ => Estimate::at_least(low - samples.bar, n),
    }
}

/// In rising order; a caller who asks for several quantiles sorts once and pays no copy here.
fn sorted(values: &[f64]) -> Cow<'_, [f64]> {
    if values.is_sorted_by(|a, b| a.total_cmp(b).is_le()) {
        return Cow::Borrowed(values);
    }
    let mut copy = values.to_vec();
    copy.sort_by(f64::total_cmp);
    Cow::Owned(copy)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn of(values: &[f64], unanswered: &[f64]) -> Sampled {
        Sampled {
            values: values.to_vec(),
            unanswered: unanswered.to_vec(),
            ..Sampled::default()
        }
    }

    #[test]
    fn needed_samples_are_those_of_the_exact_bound() {
        assert_eq!(
            [0.5, 0.9, 0.99, 0.999].map(samples_needed),
            [5, 29, 299, 2995]
        );
    }

    #[test]
    fn no_samples_are_no_number_and_never_zero() {
        for method in [
            Method::Med,
            Method::Max,
            Method::Avg,
            Method::Rate,
            Method::P(99.0),
        ] {
            assert_eq!(estimate(method, &of(&[], &[])).value, None, "{method:?}");
        }
        assert_eq!(estimate(Method::Count, &of(&[], &[])).value, Some(0.0));
    }

    #[test]
    fn a_quantile_among_unanswered_samples_has_no_upper_end() {
        let samples = of(&[1.0; 290], &[5.0; 10]);
        let p99 = estimate(Method::P(99.0), &samples);
        assert_eq!((p99.low, p99.high), (5.0, f64::INFINITY));
        assert_eq!(estimate(Method::P(90.0), &samples).value, Some(1.0));
        assert_eq!(estimate(Method::Rate, &samples).value, Some(290.0 / 300.0));
    }

    #[test]
    fn a_rank_is_that_of_whole_numbers_and_not_of_rounding() {
        // In thousandths of a percent: what the doubles stand for.
        for milli in [
            1_000_u64, 50_000, 90_000, 95_000, 99_000, 99_900, 99_990, 100_000,
        ] {
            for n in (1..4_000).chain([10_000, 1_000_000, 100_000_000]) {
                let whole = (milli * n).div_ceil(100_000).max(1);
                assert_eq!(rank_of(milli as f64 / 1_000.0, n), whole, "{milli} of {n}");
            }
        }
    }

    #[test]
    fn a_percentile_of_too_few_samples_says_how_many_it_needs() {
        assert!(
            estimate(Method::P(99.0), &of(&[1.0; 298], &[]))
                .why
                .unwrap()
                .contains("needs 299")
        );
    }

    #[test]
    fn a_sample_between_two_known_values_bounds_the_greatest_from_both_sides() {
        let samples = Sampled {
            between: vec![(1.0, 9.0), (0.0, 2.0)],
            ..of(&[3.0, 4.0], &[])
        };
        let max = estimate(Method::Max, &samples);
        assert_eq!((max.low, max.value, max.high), (4.0, Some(6.5), 9.0));
        let least = estimate(Method::Min, &samples);
        assert_eq!((least.low, least.high), (0.0, 2.0));
        let mean = estimate(Method::Avg, &samples);
        assert_eq!((mean.low, mean.high), (2.0, 4.5));
        assert_eq!(estimate(Method::Rate, &samples).value, Some(0.5));
    }

    proptest! {
        /// Whatever the samples with two ends were, every rank of the truth lies within the bar.
        #[test]
        fn what_lay_between_stays_within_the_bar(values in proptest::collection::vec(0.0..9.0, 0..20), ends in proptest::collection::vec((0.0..9.0, 0.0..5.0, 0.0..1.0), 1..10), open in proptest::collection::vec((0.0..9.0, 0.0..5.0), 0..3)) {
            let between = ends.iter().map(|(lo, wide, _)| (*lo, lo + wide)).collect();
            let known = Sampled { between, ..of(&values, &open.iter().map(|one| one.0).collect::<Vec<f64>>()) };
            let truth = ends.iter().map(|(lo, wide, at)| lo + wide * at).chain(open.iter().map(|(lo, more)| lo + more));
            let truth: Vec<f64> = values.iter().copied().chain(truth).collect();
            for method in [Method::Min, Method::Med, Method::Max, Method::Avg] {
                let (told, is) = (estimate(method, &known), estimate(method, &of(&truth, &[])).value.unwrap());
                prop_assert!(told.low <= is + 1e-9 && is <= told.high + 1e-9, "{method:?}: {told:?} {is}");
            }
        }
        #[test]
        fn more_time_to_answer_stays_within_the_bar(values in proptest::collection::vec(0.0..9.0, 0..40), waits in proptest::collection::vec(0.0..9.0, 1..10), extra in 0.0..9.0) {
            let before = estimate(Method::Med, &of(&values, &waits));
            let answered: Vec<f64> = values.iter().copied().chain(waits.iter().map(|wait| wait + extra)).collect();
            let after = estimate(Method::Med, &of(&answered, &[])).value.unwrap();
            prop_assert!(before.low <= after + 1e-9 && after <= before.high + 1e-9, "{before:?} {after}");
        }
    }
}
