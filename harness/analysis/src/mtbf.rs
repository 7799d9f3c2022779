//! How often and for how long: mean times between failures and to repair, under stated rates of faults or as a run had them.
//!
//! The reference formula `MTBF / (MTBF + MTTR)` holds with MTBF read as mean *up* time, here MTTF. Counted from start to start,
//! MTBF is MTTF + MTTR and availability is `1 - MTTR / MTBF`: the same number, told by both names.
use crate::{report::Measure, span::Span};

/// Hours of the month in which rates are stated: 30 days.
pub const MONTH_H: f64 = 720.0;
/// Seconds of a year of 365 days.
pub const YEAR_S: f64 = 365.0 * 86_400.0;
const HOUR_S: f64 = 3_600.0;

/// One class of fault, as often as its user says it strikes.
#[derive(Clone, Debug, PartialEq)]
pub struct Class {
    /// What strikes.
    pub name: String,
    /// How often, per month of up time.
    pub per_month: f64,
    /// For how long it is down each time, s.
    pub down_s: f64,
    /// The same with what is known of it.
    pub bar_s: Span,
}

/// A system that fails and is repaired, in the long run.
#[derive(Clone, Debug, PartialEq)]
pub struct Steady {
    /// Mean up time, s.
    pub mttf_s: f64,
    /// Mean time to repair, s.
    pub mttr_s: f64,
    /// From the start of one failure to the start of the next, s.
    pub mtbf_s: f64,
    /// Share of time that it is up, with the interval that comes of the classes'.
    pub availability: Measure,
    /// Share of each class in all down time, in their order.
    pub shares: Vec<f64>,
}

/// Why there is no steady state; fits after "failed to".
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum Error {
    /// Nothing ever strikes.
    #[error("find a class of fault that strikes at all")]
    Nothing,
    /// A number that cannot be one.
    #[error(
        "use {what} of `{class}`: {got}; it must be a number from 0 on, the down time within its interval"
    )]
    Number {
        /// Which class.
        class: String,
        /// Which number.
        what: &'static str,
        /// What was given.
        got: f64,
    },
}

/// Availability under stated rates: with U = sum of rate times down time per up time, `1 / (1 + U)`.
///
/// # Errors
/// [`Error::Number`] for a rate or a down time that is negative, no number or outside its own interval; [`Error::Nothing`] where
/// all rates are 0.
///
/// ```
/// use analysis::{mtbf::{Class, steady}, span::Span};
/// let class = |name: &str, per_month, down_s| Class { name: name.into(), per_month, down_s, bar_s: Span { lo: down_s, hi: down_s } };
/// let all = [class("kill", 2.0, 12.0), class("partition", 0.5, 70.0), class("disk", 0.1, 600.0)];
/// assert!((steady(&all).unwrap().availability.value.unwrap() - 0.99995409).abs() < 5e-9);
/// ```
pub fn steady(classes: &[Class]) -> Result<Steady, Error> {
    classes.iter().try_for_each(sound)?;
    let per_second = |class: &Class| class.per_month / (MONTH_H * HOUR_S);
    let rate: f64 = classes.iter().map(per_second).sum();
    if rate <= 0.0 {
        return Err(Error::Nothing);
    }
    let down = |of: fn(&Class) -> f64| -> f64 {
        classes
            .iter()
            .map(|class| per_second(class) * of(class))
            .sum()
    };
    let (least, mid, most) = (
        down(|class| class.bar_s.lo),
        down(|class| class.down_s),
        down(|class| class.bar_s.hi),
    );
    let share = |class: &Class| match mid {
        0.0 => 0.0,
        mid => per_second(class) * class.down_s / mid,
    };
    let (mttf_s, mttr_s) = (1.0 / rate, mid / rate);
    Ok(Steady {
        mttf_s,
        mttr_s,
        mtbf_s: mttf_s + mttr_s,
        availability: Measure {
            value: Some(up_share(mttf_s, mttr_s)),
            unit: "1".into(),
            n: classes.len() as u64,
            low: Some(1.0 / (1.0 + most)),
            high: Some(1.0 / (1.0 + least)),
            method: "stated rates times measured down times".into(),
            ..Measure::default()
        },
        shares: classes.iter().map(share).collect(),
    })
}

fn sound(class: &Class) -> Result<(), Error> {
    let wrong = |what, got| Error::Number {
        class: class.name.clone(),
        what,
        got,
    };
    let is_number = |value: f64| value.is_finite() && value >= 0.0;
    let Span { lo, hi } = class.bar_s;
    if !is_number(class.per_month) {
        return Err(wrong("the rate", class.per_month));
    }
    let is_inside = lo <= class.down_s && class.down_s <= hi;
    if !is_number(class.down_s) || !is_inside {
        return Err(wrong("the down time", class.down_s));
    }
    match is_number(lo) && is_number(hi) {
        true => Ok(()),
        false => Err(wrong("the interval of the down time", hi - lo)),
    }
}

/// The reference formula, with MTBF read as mean up time.
pub fn up_share(mttf_s: f64, mttr_s: f64) -> f64 {
    if crate::mutant("M6") {
        let mtbf_s = mttf_s + mttr_s;
        return mtbf_s / (mtbf_s + mttr_s);
    }
    mttf_s / (mttf_s + mttr_s)
}

/// The longest mean repair that still gives `availability` (0 to 1, ends out) at this mean up time; none outside.
///
/// ```
/// let longest = analysis::mtbf::longest_repair(720.0 * 3600.0, 0.999).unwrap();
/// assert!((longest / 3600.0 - 0.7207).abs() < 5e-5);
/// ```
pub fn longest_repair(mttf_s: f64, availability: f64) -> Option<f64> {
    let holds = 0.0 < availability && availability < 1.0 && mttf_s.is_finite() && mttf_s > 0.0;
    holds.then(|| mttf_s * (1.0 - availability) / availability)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn class(per_month: f64, down_s: f64, half: f64) -> Class {
        Class {
            name: "kill".into(),
            per_month,
            down_s,
            bar_s: Span {
                lo: down_s - half,
                hi: down_s + half,
            },
        }
    }

    #[test]
    fn numbers_that_cannot_be_are_refused_by_name() {
        for wrong in [
            class(-1.0, 5.0, 0.0),
            class(f64::NAN, 5.0, 0.0),
            class(1.0, f64::INFINITY, 0.0),
            class(1.0, 5.0, -1.0),
            class(1.0, 5.0, 6.0),
        ] {
            assert!(matches!(steady(&[wrong]), Err(Error::Number { .. })));
        }
        assert_eq!(steady(&[]), Err(Error::Nothing));
        assert_eq!(steady(&[class(0.0, 5.0, 1.0)]), Err(Error::Nothing));
        assert_eq!(longest_repair(1.0, 1.0), None);
        assert_eq!(longest_repair(1.0, f64::NAN), None);
    }

    proptest! {
        /// Told slowly: a long row of ups and downs at exactly the mean times.
        #[test]
        fn it_is_up_time_over_time_of_a_long_row(classes in proptest::collection::vec((0.1..9.0_f64, 0.1..9e4_f64, 0.0..0.1_f64), 1..5)) {
            let classes: Vec<Class> = classes.iter().map(|(rate, down, half)| class(*rate, *down, *half)).collect();
            let got = steady(&classes).unwrap();
            let up = 1e9 / classes.iter().map(|one| one.per_month).sum::<f64>();
            let strikes = up / got.mttf_s;
            let down: f64 = classes.iter().map(|one| up / (MONTH_H * HOUR_S) * one.per_month * one.down_s).sum();
            let share = got.availability.value.unwrap();
            prop_assert!((share - up / (up + down)).abs() < 1e-9);
            prop_assert!((share - (1.0 - got.mttr_s / got.mtbf_s)).abs() < 1e-12);
            prop_assert!((got.mttr_s - down / strikes).abs() < 1e-6 * got.mttr_s);
            prop_assert!(got.availability.low.unwrap() <= share && share <= got.availability.high.unwrap());
            prop_assert!((got.shares.iter().sum::<f64>() - 1.0).abs() < 1e-9);
        }
    }
}
