//! How far two samples lie apart, assuming no distribution: the middle of all pairs, with an interval by rank.
//!
//! What is only known to be longer than something enters as that: a pair is an interval of its own, with the middle that the
//! convention gives it (0 where the first is censored, without end where the second is). A pair in which nothing is known is left
//! out of the middle; for the interval it may be anything, so it widens both ends. Nothing is dropped.
use super::mann_whitney;
use crate::{report::Measure, span::Span};

/// One value as far as it is known.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Known {
    /// Not less.
    pub lo: f64,
    /// What is printed; infinite where only `lo` is known.
    pub mid: f64,
    /// Not more; may be infinite.
    pub hi: f64,
}

impl Known {
    /// A value that is exactly what it is.
    pub const fn exact(value: f64) -> Self {
        Self {
            lo: value,
            mid: value,
            hi: value,
        }
    }

    /// Longer than `limit`: censored there.
    pub const fn above(limit: f64) -> Self {
        Self {
            lo: limit,
            mid: f64::INFINITY,
            hi: f64::INFINITY,
        }
    }
}

impl From<Span> for Known {
    fn from(span: Span) -> Self {
        Self {
            lo: span.lo.max(0.0),
            mid: span.mid().max(0.0),
            hi: span.hi.max(0.0),
        }
    }
}

/// One pair: between what, and its middle where it has one.
struct Pair {
    lo: f64,
    mid: Option<f64>,
    hi: f64,
    /// Whether `hi` is all that is known, because the first value is only known to be longer.
    open: bool,
}

/// What may be paired with each other: the values of the first arm and of the second under the same fault.
pub type Stratum = (Vec<Known>, Vec<Known>);

/// Ratio of medians: the median of all `b / a` with its interval. `a` is the first arm; below 1 the second has less. No value is
/// negative.
///
/// An end without bound is none and `method` says so; a median that is not finite is no value and `why` says so.
///
/// Source: Hodges & Lehmann, Ann. Math. Stat. 34 (1963), on the logarithms; the interval inverts the Mann-Whitney test.
/// ```
/// use analysis::compare::hodges_lehmann::{Known, ratio};
/// let a = [21.0, 24.0, 27.0, 31.0, 35.0, 60.0].map(Known::exact).to_vec();
/// let b = [3.0, 4.0, 5.0, 6.0, 8.0, 9.0].map(Known::exact).to_vec();
/// let ratio = ratio(&[(a, b)]);
/// assert!((ratio.value.unwrap() - 0.1783).abs() < 5e-5 && (ratio.high.unwrap() - 0.2963).abs() < 5e-5);
/// ```
pub fn ratio(strata: &[Stratum]) -> Measure {
    if crate::mutant("A2") {
        let swapped: Vec<Stratum> = strata.iter().cloned().map(|(a, b)| (b, a)).collect();
        return of(&swapped, quotient);
    }
    of(strata, quotient)
}

/// Shift between medians: the median of all `b - a` with its interval, in `unit`.
///
/// As [`ratio`] in all else.
pub fn difference(strata: &[Stratum], unit: &str) -> Measure {
    Measure {
        unit: unit.into(),
        ..of(strata, minus)
    }
}

fn quotient(a: Known, b: Known) -> Pair {
    let mid = match (a.mid, b.mid) {
        (a, b) if a.is_infinite() && b.is_infinite() => None,
        (a, b) if a == 0.0 && b == 0.0 => None,
        (a, _) if a.is_infinite() => Some(0.0),
        (a, b) => Some(if a == 0.0 { f64::INFINITY } else { b / a }),
    };
    let divide = |over: f64, under: f64, none: f64| {
        let value = over / under;
        if value.is_nan() { none } else { value }
    };
    Pair {
        lo: divide(b.lo, a.hi, 0.0),
        mid,
        hi: divide(b.hi, a.lo, f64::INFINITY),
        open: a.mid.is_infinite(),
    }
}

fn minus(a: Known, b: Known) -> Pair {
    let mid = b.mid - a.mid;
    Pair {
        lo: b.lo - a.hi,
        mid: (!mid.is_nan()).then_some(mid),
        hi: b.hi - a.lo,
        open: a.mid.is_infinite(),
    }
}

fn of(strata: &[Stratum], compare: fn(Known, Known) -> Pair) -> Measure {
    let of_stratum = |(a, b): &Stratum| -> Vec<Pair> {
        let row = |a: &Known| b.iter().map(|b| compare(*a, *b)).collect::<Vec<_>>();
        a.iter().flat_map(row).collect()
    };
    let told = |pair: &Pair| !crate::mutant("H10") || pair.mid.is_some();
    let pairs: Vec<Pair> = strata.iter().flat_map(of_stratum).filter(told).collect();
    let mids: Vec<f64> = pairs.iter().filter_map(|pair| pair.mid).collect();
    let (interval, ends) = interval(strata, &pairs);
    let mut measure = Measure {
        n: mids.len() as u64,
        method: format!(
            "Hodges-Lehmann over {}, {ends}",
            counted(pairs.len(), mids.len(), strata)
        ),
        ..interval
    };
    match crate::median::middle(&mids) {
        Some(value) if is_open(&pairs, value) => measure.why = Some(below(&pairs)),
        Some(value) if value.is_finite() => measure.value = Some(value),
        Some(_) => {
            measure.why = Some(
                "no upper bound: in most pairs the first arm has 0 or the second did not end"
                    .into(),
            );
        }
        None => measure.why = Some(nothing(strata)),
    }
    measure
}

/// Whether the middle falls among pairs of which only an upper bound is known: 0 would be read as a measurement.
fn is_open(pairs: &[Pair], middle: f64) -> bool {
    let at_most = |pair: &&Pair| pair.mid.is_some_and(|mid| mid <= middle);
    middle.is_finite() && pairs.iter().filter(at_most).any(|pair| pair.open) && middle <= 0.0
}

/// The middle of the upper bounds.
fn below(pairs: &[Pair]) -> String {
    let bounds: Vec<f64> = pairs
        .iter()
        .filter(|pair| pair.mid.is_some())
        .map(|pair| pair.hi)
        .collect();
    match crate::median::middle(&bounds).filter(|bound| bound.is_finite()) {
        Some(bound) => {
            format!("less than {bound:.3}: in most pairs the first arm is only known to be longer")
        }
        None => "in most pairs the first arm is only known to be longer".into(),
    }
}

fn counted(pairs: usize, told: usize, strata: &[Stratum]) -> String {
    let apart = match strata.len() {
        0 | 1 => String::new(),
        n => format!(" within {n} faults"),
    };
    match pairs - told {
        0 => format!("{told} pairs{apart}"),
        out => format!(
            "{told} pairs{apart} ({out} more in which neither side is known or both are 0: left out of the middle, in the interval as anything)"
        ),
    }
}

fn nothing(strata: &[Stratum]) -> String {
    let all = |arm: fn(&Stratum) -> &Vec<Known>| strata.iter().flat_map(arm);
    let (a, b) = (all(|one| &one.0), all(|one| &one.1));
    match (a.clone().count(), b.clone().count()) {
        (0, 0) => "no value in either arm".into(),
        (0, _) => "no value in the first arm".into(),
        (_, 0) => "no value in the second arm".into(),
        _ if a.chain(b).all(|one| one.hi == 0.0) => "none in either arm".into(),
        _ => "no pair of which one side is known and not 0".into(),
    }
}

/// The ends by rank, and words for them.
fn interval(strata: &[Stratum], pairs: &[Pair]) -> (Measure, String) {
    let sizes: Vec<(usize, usize)> = strata.iter().map(|(a, b)| (a.len(), b.len())).collect();
    let found = mann_whitney::rank(&sizes).filter(|(c, _)| *c <= pairs.len());
    let Some((c, level)) = found else {
        let words: Vec<String> = sizes
            .iter()
            .map(|(m, n)| format!("{m} against {n}"))
            .collect();
        return (
            Measure::default(),
            format!("no 95 % interval from {}", words.join(" and ")),
        );
    };
    let low = nth(pairs.iter().map(|pair| pair.lo), c - 1);
    let high = nth(pairs.iter().map(|pair| pair.hi), pairs.len() - c);
    let open = if high.is_finite() {
        ""
    } else {
        ", upper end not reached"
    };
    let measure = Measure {
        low: Some(low).filter(|low| low.is_finite()),
        high: Some(high).filter(|high| high.is_finite()),
        level: Some(level),
        ..Measure::default()
    };
    (
        measure,
        format!("ranks {c} and {}{open}", pairs.len() + 1 - c),
    )
}

fn nth(values: impl Iterator<Item = f64>, index: usize) -> f64 {
    let mut sorted: Vec<f64> = values.collect();
    sorted.sort_by(f64::total_cmp);
    sorted[index]
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn exact(values: &[f64]) -> Vec<Known> {
        values.iter().copied().map(Known::exact).collect()
    }

    fn one(a: &[f64], b: &[f64]) -> [Stratum; 1] {
        [(exact(a), exact(b))]
    }

    #[test]
    fn what_neither_arm_has_is_left_out_and_said() {
        let same = ratio(&one(&[0.0; 6], &[0.0; 6]));
        assert_eq!((same.value, same.high, same.n), (None, None, 0));
        assert_eq!(same.why.as_deref(), Some("none in either arm"));
        assert!(same.method.contains("36 more"), "{}", same.method);
    }

    #[test]
    fn both_censored_widens_both_ends_and_moves_no_middle() {
        let a = [exact(&[20.0; 5]), vec![Known::above(60.0)]].concat();
        let b = [exact(&[2.0; 5]), vec![Known::above(60.0)]].concat();
        let got = ratio(&[(a, b)]);
        assert_eq!((got.value, got.n), (Some(0.1), 35));
        assert_eq!((got.low, got.high), (Some(0.0), None));
        assert!(
            got.method.ends_with("upper end not reached"),
            "{}",
            got.method
        );
    }

    #[test]
    fn a_difference_has_the_unit_that_it_is_given() {
        let got = difference(&one(&[1.0, 2.0, 3.0, 4.0], &[11.0, 12.0, 13.0, 14.0]), "s");
        assert_eq!(
            (got.value, got.low, got.high, got.unit.as_str()),
            (Some(10.0), Some(7.0), Some(13.0), "s")
        );
    }

    /// Under a slow and a quick fault alike the second arm has half; across them the pairs would say anything.
    #[test]
    fn faults_are_compared_with_themselves() {
        let quick = (exact(&[1.0, 1.1, 1.2, 1.3]), exact(&[0.5, 0.55, 0.6, 0.65]));
        let slow = (
            exact(&[100.0, 110.0, 120.0, 130.0]),
            exact(&[50.0, 55.0, 60.0, 65.0]),
        );
        let pooled = (
            [quick.0.clone(), slow.0.clone()].concat(),
            [quick.1.clone(), slow.1.clone()].concat(),
        );
        let (apart, mixed) = (ratio(&[quick, slow]), ratio(&[pooled]));
        assert!(
            apart.high.unwrap() < 0.7 && apart.method.contains("within 2 faults"),
            "{apart:?}"
        );
        assert!(mixed.high.unwrap() > 1.0, "{mixed:?}");
    }

    fn values() -> impl Strategy<Value = Vec<Known>> {
        let one = (0.0..50.0_f64, 0.0..1.0_f64, any::<bool>()).prop_map(|(mid, half, censored)| {
            match censored {
                true => Known::above(mid),
                false => Known::from(Span {
                    lo: mid - half,
                    hi: mid + half,
                }),
            }
        });
        proptest::collection::vec(one, 0..12)
    }

    proptest! {
        #[test]
        fn no_input_makes_a_number_that_is_none_and_the_interval_holds_the_value(strata in proptest::collection::vec((values(), values()), 0..3)) {
            for got in [ratio(&strata), difference(&strata, "s")] {
                for value in [got.value, got.low, got.high].into_iter().flatten() {
                    prop_assert!(value.is_finite());
                }
                prop_assert!(got.value.is_some() != got.why.is_some());
                if let (Some(value), Some(low)) = (got.value, got.low) {
                    prop_assert!(low <= value + 1e-9, "{:?}", got);
                }
                if let (Some(value), Some(high)) = (got.value, got.high) {
                    prop_assert!(value <= high + 1e-9, "{:?}", got);
                }
            }
        }

        #[test]
        fn arms_swapped_give_the_ratio_upside_down(a in proptest::collection::vec(1.0..50.0_f64, 4..9), b in proptest::collection::vec(1.0..50.0_f64, 4..9)) {
            let (there, back) = (ratio(&one(&a, &b)), ratio(&one(&b, &a)));
            prop_assert!((there.low.unwrap() * back.high.unwrap() - 1.0).abs() < 1e-9);
        }

        #[test]
        fn a_value_known_less_well_never_narrows_the_interval(a in proptest::collection::vec(5.0..50.0_f64, 6..7), b in proptest::collection::vec(5.0..50.0_f64, 6..7), bar in 0.0..4.0_f64) {
            let blurred = |values: &[f64]| values.iter().map(|v| Known::from(Span { lo: v - bar, hi: v + bar })).collect::<Vec<_>>();
            let (sharp, wide) = (ratio(&one(&a, &b)), ratio(&[(blurred(&a), blurred(&b))]));
            prop_assert!(wide.low <= sharp.low && sharp.high <= wide.high);
        }
    }
}
