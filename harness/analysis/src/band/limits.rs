//! Upper limits of what is normal, as named rules: the reference's, and those that hold where it does not.
//!
//! - `mu + 3 sigma` is one-sided and means .00135 false alarms a check for normal values of which mean and deviation are *known*.
//!   Estimated from n values it alarms more often, for skewed values much more, and one outlier in the baseline blinds it.
//! - The prediction limit keeps the .00135 with estimated mean and deviation of normal values.
//! - `median + 3 * 1.4826 * MAD` is not moved by outliers; few values make it alarm more often.
//! - The distribution-free limit keeps its rate for values of any shape, and needs many of them.
//!
//! The value that is tested must not be among those that make the limit: of n values with itself among them none is ever further
//! than (n - 1) / sqrt n deviations from the mean, so that with n up to 10 three of them are never reached.
use super::median;
use crate::distribution::{normal_above, student_above, student_quantile};
use serde::{Deserialize, Serialize};

/// How many deviations are still normal.
pub const SIGMAS: f64 = 3.0;

/// A named rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Rule {
    /// `mu + 3 sigma`, both estimated.
    ThreeSigma,
    /// `mu + t * s * sqrt(1 + 1 / n)`.
    Prediction,
    /// `median + 3 * 1.4826 * MAD`.
    Robust,
    /// The `ceil((n + 1) (1 - a))`-th value.
    Free,
}

/// False alarms a check that the distribution-free limit is asked for.
pub const FREE: f64 = 0.01;

/// A limit with what is known of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Limit {
    /// By which rule.
    pub rule: Rule,
    /// The limit in the values' unit; none where there are too few.
    pub limit: Option<f64>,
    /// False alarms a check: of independent normal values, of any values for the distribution-free limit. None where no formula says it.
    pub false_alarms: Option<f64>,
    /// Values that it rests on.
    pub n: usize,
    /// Why there is no limit, and how many values would do; only then.
    pub why: Option<String>,
}

impl Rule {
    /// Every rule.
    pub const ALL: [Self; 4] = [Self::ThreeSigma, Self::Prediction, Self::Robust, Self::Free];

    /// The least number of values.
    pub const fn least(self) -> usize {
        match self {
            Self::ThreeSigma | Self::Prediction => 2,
            Self::Robust => 1,
            // n >= 1 / a - 1
            Self::Free => 99,
        }
    }

    /// The limit of these values, none of which is the one that is tested. `resolution` stands in for the scatter where all are alike.
    pub fn limit(self, values: &[f64], resolution: f64) -> Limit {
        let (n, least) = (values.len(), self.least());
        let finite = values.iter().all(|value| value.is_finite());
        let known = n >= least && finite;
        let why = || match finite {
            true => format!("{n} values, at least {least} would do"),
            false => "a value is no number".into(),
        };
        Limit {
            rule: self,
            limit: known.then(|| self.of(values, resolution)).flatten(),
            false_alarms: known.then(|| self.false_alarms(n)).flatten(),
            n,
            why: (!known).then(why),
        }
    }

    fn of(self, values: &[f64], resolution: f64) -> Option<f64> {
        let n = values.len() as f64;
        match self {
            Self::ThreeSigma => mean_and_deviation(values).map(|(mean, s)| mean + SIGMAS * s),
            Self::Prediction => {
                let (mean, s) = mean_and_deviation(values)?;
                let t = student_quantile(normal_above(SIGMAS), n - 1.0);
                Some(mean + t * s * (1.0 + 1.0 / n).sqrt())
            }
            Self::Robust => super::robust(values, resolution),
            Self::Free => {
                let mut sorted = values.to_vec();
                sorted.sort_by(f64::total_cmp);
                sorted.get(free_rank(sorted.len()).checked_sub(1)?).copied()
            }
        }
    }

    /// How often one more value of the same kind lies above, where a formula says it.
    pub fn false_alarms(self, n: usize) -> Option<f64> {
        let many = n as f64;
        match self {
            Self::ThreeSigma => {
                (n >= 2).then(|| student_above(SIGMAS / (1.0 + 1.0 / many).sqrt(), many - 1.0))
            }
            Self::Prediction => (n >= 2).then(|| normal_above(SIGMAS)),
            // Only in the limit of many values; few make it alarm more often.
            Self::Robust => None,
            Self::Free => (n >= self.least()).then(|| 1.0 - free_rank(n) as f64 / (many + 1.0)),
        }
    }
}

fn free_rank(n: usize) -> usize {
    // 0.99 * 100 is 99.00000000000001 in doubles, and is meant as 99.
    (((n + 1) as f64 * (1.0 - FREE)) - 1e-9).ceil() as usize
}

/// Mean and standard deviation of a sample; none of fewer than two.
pub fn mean_and_deviation(values: &[f64]) -> Option<(f64, f64)> {
    let n = values.len() as f64;
    let mean = values.iter().sum::<f64>() / n;
    let squares: f64 = values
        .iter()
        .map(|value| (value - mean) * (value - mean))
        .sum();
    (values.len() >= 2).then(|| (mean, (squares / (n - 1.0)).sqrt()))
}

/// Whether the last of these values lies above the limit of those before it; none where there are too few.
pub fn alerts(rule: Rule, values: &[f64], resolution: f64) -> Option<bool> {
    let (tested, before) = values.split_last()?;
    let baseline = if crate::mutant("N1") { values } else { before };
    Some(*tested > rule.limit(baseline, resolution).limit?)
}

/// The most deviations that any of `n` values can lie from the mean of all of them.
pub fn most_deviations(n: usize) -> f64 {
    (n as f64 - 1.0) / (n as f64).sqrt()
}

/// The middle of some values, for those who have no limit yet.
pub fn center(values: &[f64]) -> Option<f64> {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    median(&sorted)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::{collection::vec, prelude::*};

    #[test]
    fn few_values_say_how_many_would_do() {
        let limit = Rule::Free.limit(&[1.0; 98], 0.0);
        assert_eq!(
            (limit.limit, limit.why.as_deref()),
            (None, Some("98 values, at least 99 would do"))
        );
        assert_eq!(Rule::Free.limit(&[1.0; 99], 0.0).limit, Some(1.0));
        assert_eq!(Rule::ThreeSigma.limit(&[f64::NAN, 1.0], 0.0).limit, None);
        assert_eq!(alerts(Rule::Robust, &[], 0.0), None);
    }

    proptest! {
        /// Of any values the largest lies no further than the published bound.
        #[test]
        fn no_value_lies_further_than_it_can(values in vec(-1e3..1e3_f64, 2..40)) {
            let (mean, s) = mean_and_deviation(&values).unwrap();
            let most = values.iter().map(|value| (value - mean).abs()).fold(0.0, f64::max);
            prop_assert!(most <= most_deviations(values.len()) * s + 1e-9);
        }

        /// The prediction limit is never below three deviations, since its mean and deviation are estimates.
        #[test]
        fn the_prediction_limit_is_the_wider_one(values in vec(-1e3..1e3_f64, 2..60)) {
            let of = |rule: Rule| rule.limit(&values, 0.0).limit.unwrap();
            prop_assert!(of(Rule::Prediction) >= of(Rule::ThreeSigma) - 1e-9);
        }

        /// As many values lie above the distribution-free limit as its rank says.
        #[test]
        fn the_free_limit_leaves_one_in_a_hundred_above(values in vec(-1e3..1e3_f64, 99..400)) {
            let limit = Rule::Free.limit(&values, 0.0).limit.unwrap();
            let above = values.iter().filter(|value| **value > limit).count();
            prop_assert!(above as f64 <= FREE * (values.len() + 1) as f64);
        }
    }
}
