//! What stated fault frequencies make of measured recoveries over a whole period.
//!
//! In a game day the failures are ours, so how often they come is an input; how long they last is measured. Of unavailability U and
//! availability A, `U / A` is the sum over classes of frequency times duration, frequencies per time *up*.
//! - [`availability`] of classes.   - [`of_mttf`], [`of_mtbf_between_starts`] the two readings of MTBF.   - [`nines`], [`downtime_s`].
use super::{MONTH_S, left::Amount};

/// One class of faults.
#[derive(Clone, Debug, PartialEq)]
pub struct Class {
    /// Faults per month (720 h) of time up; an input.
    pub per_month: f64,
    /// How long one is felt, s; measured.
    pub lasts_s: Amount,
}

/// `1 / (1 + sum of frequency * duration)`. An end at infinity gives the end 0.
///
/// Source: steady state of an alternating renewal process; Barlow & Proschan, Statistical Theory of Reliability (1975), chapter 7.
/// ```
/// use analysis::budget::{forecast::{Class, availability}, left::Amount};
/// let class = |per_month, lasts_s| Class { per_month, lasts_s: Amount::exact(lasts_s) };
/// let a = availability(&[class(2.0, 12.0), class(0.5, 70.0), class(0.1, 600.0)]);
/// assert!((a.value - 0.999_954_09).abs() < 5e-9);
/// ```
pub fn availability(classes: &[Class]) -> Amount {
    let load = |lasts: fn(&Amount) -> f64| -> f64 {
        let one = |class: &Class| class.per_month / MONTH_S * lasts(&class.lasts_s);
        classes
            .iter()
            .filter(|class| class.per_month > 0.0)
            .map(one)
            .sum()
    };
    let share = |load: f64| 1.0 / (1.0 + load);
    Amount {
        value: share(load(|lasts| lasts.value)),
        low: share(load(|lasts| lasts.high)),
        high: share(load(|lasts| lasts.low)),
    }
}

/// `MTTF / (MTTF + MTTR)`: the reference's formula, with its MTBF read as mean time *up* between failures.
pub fn of_mttf(mttf: f64, mttr: f64) -> f64 {
    mttf / (mttf + mttr)
}

/// `1 - MTTR / MTBF`, with MTBF from the start of one failure to the start of the next, so that it holds the repair; none where a
/// repair would last longer than that.
pub fn of_mtbf_between_starts(mtbf: f64, mttr: f64) -> Option<f64> {
    if crate::mutant("B9") {
        return Some(of_mttf(mtbf, mttr));
    }
    (mtbf > 0.0 && mttr <= mtbf).then(|| 1.0 - mttr / mtbf)
}

/// The longest MTTR, in the unit of `mttf`, with which an availability is still reached; none where it is not between 0 and 1.
pub fn most_mttr(availability: f64, mttf: f64) -> Option<f64> {
    (availability > 0.0 && availability <= 1.0).then(|| mttf * (1.0 - availability) / availability)
}

/// `-log10(1 - a)`; none of a perfect availability, of which no number of nines is enough.
pub fn nines(availability: f64) -> Option<f64> {
    (availability < 1.0).then(|| -(1.0 - availability).log10())
}

/// Downtime in a period of this availability, in the period's unit.
pub fn downtime_s(availability: f64, period_s: f64) -> f64 {
    (1.0 - availability) * period_s
}

/// Downtime in a year of 365 days, s.
pub fn downtime_per_year_s(availability: f64) -> f64 {
    let year = if crate::mutant("B5") {
        12.0 * MONTH_S
    } else {
        super::YEAR_S
    };
    downtime_s(availability, year)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_longest_repair_is_the_published_one() {
        assert!((most_mttr(0.999, 720.0).unwrap() - 0.7207).abs() < 5e-5);
    }

    #[test]
    fn a_repair_longer_than_the_time_between_failures_is_no_availability() {
        assert_eq!(of_mtbf_between_starts(1.0, 2.0), None);
        assert_eq!(nines(1.0), None);
    }

    #[test]
    fn a_duration_without_upper_end_leaves_no_lower_end() {
        let open = Amount {
            value: 10.0,
            low: 1.0,
            high: f64::INFINITY,
        };
        let a = availability(&[Class {
            per_month: 2.0,
            lasts_s: open,
        }]);
        assert_eq!(a.low, 0.0);
        assert!(a.value > 0.0 && a.high < 1.0);
        // A fault that never comes costs nothing, however long it would last.
        let never = availability(&[Class {
            per_month: 0.0,
            lasts_s: open,
        }]);
        assert_eq!(never, Amount::exact(1.0));
    }

    proptest! {
        /// The two conventions agree where MTBF is read as each of them says.
        #[test]
        fn both_readings_of_mtbf_agree(mttf in 1.0..1e4_f64, mttr in 0.0..1e4_f64) {
            let (a, b) = (of_mttf(mttf, mttr), of_mtbf_between_starts(mttf + mttr, mttr).unwrap());
            prop_assert!((a - b).abs() < 1e-12);
        }

        /// One class is the reference's formula with MTTF = month / frequency.
        #[test]
        fn one_class_is_the_formula_of_the_reference(per_month in 0.01..100.0_f64, lasts in 0.0..1e5_f64) {
            let a = availability(&[Class { per_month, lasts_s: Amount::exact(lasts) }]);
            prop_assert!((a.value - of_mttf(MONTH_S / per_month, lasts)).abs() < 1e-12);
            prop_assert!((downtime_s(a.value, MONTH_S) - (1.0 - a.value) * MONTH_S).abs() < 1e-9);
        }
    }
}
