//! A number with its bar against a bound: pass if all of the bar meets it, fail if none of it does, else unknown.
use super::{Estimate, Objective, Op};
use crate::verdict::Verdict;

/// What came of one comparison.
#[derive(Clone, Debug, PartialEq)]
pub struct Judged {
    /// Pass, fail or unknown.
    pub verdict: Verdict,
    /// The number it rests on.
    pub measured: Estimate,
    /// Why it is no pass; empty where it is.
    pub why: String,
}

/// Judges a number against an objective.
pub fn judge(objective: &Objective, measured: Estimate) -> Judged {
    let verdict = compare(objective.op, objective.bound, measured.low, measured.high);
    let why = match (verdict, &measured.why) {
        (_, Some(why)) => why.clone(),
        (Verdict::Pass, None) => String::new(),
        (Verdict::Fail, None) => "the whole measured interval misses the bound".into(),
        (Verdict::Unknown, None) => "the measured interval straddles the bound".into(),
    };
    Judged {
        verdict,
        measured,
        why,
    }
}

/// Whether `[low, high]` stands to `bound` as `op` says. What is no interval (NaN, ends swapped) is unknown.
pub fn compare(op: Op, bound: f64, low: f64, high: f64) -> Verdict {
    if low.is_nan() || high.is_nan() || bound.is_nan() || low > high {
        return Verdict::Unknown;
    }
    let (all, some) = match op {
        Op::Lt => (high < bound, low < bound),
        Op::Le => (high <= bound, low <= bound),
        Op::Gt => (low > bound, high > bound),
        Op::Ge => (low >= bound, high >= bound),
        Op::Eq => (low == bound && high == bound, low <= bound && bound <= high),
        Op::Ne => (
            bound < low || high < bound,
            !(low == bound && high == bound),
        ),
    };
    match (all, some) {
        (true, _) => Verdict::Pass,
        (false, true) => Verdict::Unknown,
        (false, false) => Verdict::Fail,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const OPS: [Op; 6] = [Op::Lt, Op::Le, Op::Gt, Op::Ge, Op::Eq, Op::Ne];

    #[test]
    fn what_is_no_number_never_passes() {
        for op in OPS {
            assert_eq!(compare(op, 1.0, f64::NAN, f64::NAN), Verdict::Unknown);
            assert_eq!(compare(op, 1.0, 2.0, 1.0), Verdict::Unknown);
        }
    }

    #[test]
    fn an_open_upper_end_can_fail_but_not_pass_an_upper_bound() {
        assert_eq!(compare(Op::Lt, 3.0, 5.0, f64::INFINITY), Verdict::Fail);
        assert_eq!(compare(Op::Lt, 30.0, 5.0, f64::INFINITY), Verdict::Unknown);
    }

    proptest! {
        #[test]
        fn a_wider_bar_only_ever_moves_to_unknown(op in 0_usize..6, bound in -5..5_i32, low in -5..5_i32, wide in 0..4_i32, more in 0..4_i32) {
            let at = |extra: i32| compare(OPS[op], f64::from(bound), f64::from(low - extra), f64::from(low + wide + extra));
            let (narrow, wider) = (at(0), at(more));
            prop_assert!(wider == narrow || wider == Verdict::Unknown, "{narrow:?} {wider:?}");
        }

        #[test]
        fn an_exact_number_is_always_decided(op in 0_usize..6, bound in -5..5_i32, value in -5..5_i32) {
            let verdict = compare(OPS[op], f64::from(bound), f64::from(value), f64::from(value));
            prop_assert_ne!(verdict, Verdict::Unknown);
        }
    }
}
