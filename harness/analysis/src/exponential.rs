//! Mean time to recovery under the one assumption that lets cut-off repeats have a mean: a constant rate of recovery.
//!
//! Only where that is defensible; the median needs no such assumption and stays the headline.
use crate::{report::Measure, survival::Watched};

/// Mean time to recovery of exponential recoveries, s: time at risk over recoveries, with its 95 % interval.
///
/// The interval is exact where watching ended with a recovery or nothing was cut off, and close to it under a common limit. Where
/// nobody recovered there is no mean, only a lower end (one-sided 95 %): the time at risk over 2.9957.
///
/// Source: Epstein & Sobel, J. Am. Stat. Assoc. 48 (1953): twice the time at risk over the mean is chi-square with `2n` degrees.
/// ```
/// use analysis::{exponential::mean_time, survival::Watched};
/// let at = |t_s, recovered| Watched { t_s, recovered };
/// let mean = mean_time(&[at(10.0, true), at(20.0, true), at(30.0, false)]);
/// assert_eq!(mean.value, Some(30.0));         // 60 s at risk, 2 recoveries
/// ```
pub fn mean_time(repeats: &[Watched]) -> Measure {
    let counts = |one: &&Watched| one.recovered || !crate::mutant("M1");
    let at_risk: f64 = repeats.iter().filter(counts).map(|one| one.t_s).sum();
    let recovered = repeats
        .iter()
        .filter(|one| one.recovered || crate::mutant("M2"))
        .count() as u64;
    let mut measure = Measure {
        unit: "s".into(),
        n: repeats.len() as u64,
        method: format!(
            "time at risk {at_risk:.3} s over {recovered} recoveries, if recoveries are exponential"
        ),
        ..Measure::default()
    };
    if at_risk <= 0.0 || !at_risk.is_finite() {
        measure.why = Some("no time at risk".into());
        return measure;
    }
    measure.level = Some(0.95);
    if recovered == 0 {
        let low = at_risk / -(0.05_f64.ln());
        measure.low = Some(low);
        measure.why = Some(format!(
            "nobody recovered in {at_risk:.1} s at risk: the mean is at least {low:.1} s"
        ));
        return measure;
    }
    let (below, above) = if crate::mutant("M3") {
        (0.025, 0.975)
    } else {
        (0.975, 0.025)
    };
    measure.value = Some(at_risk / recovered as f64);
    measure.low = Some(at_risk / gamma(recovered, below));
    measure.high = Some(at_risk / gamma(recovered, above));
    measure
}

/// The value below which a gamma variable of whole `shape` and scale 1 lies with probability `p`: half of chi-square's with twice
/// the shape as degrees of freedom.
fn gamma(shape: u64, p: f64) -> f64 {
    let mean = shape as f64;
    let (mut lo, mut hi) = (0.0, mean + 20.0 * mean.sqrt() + 20.0);
    // 80 halvings of at most some thousands: below the spacing of doubles.
    for _ in 0..80 {
        let mid = f64::midpoint(lo, hi);
        if 1.0 - fewer(shape, mid) < p {
            lo = mid;
        } else {
            hi = mid;
        }
    }
    f64::midpoint(lo, hi)
}

/// P(fewer than `n` events) where `mean` are expected, after Poisson.
fn fewer(n: u64, mean: f64) -> f64 {
    // Far below the least double that exp can give, the terms are summed by their logarithms.
    if mean > 600.0 {
        return by_logarithm(n, mean);
    }
    let (mut term, mut sum) = ((-mean).exp(), 0.0);
    for i in 1..=n {
        sum += term;
        term *= mean / i as f64;
    }
    sum.min(1.0)
}

fn by_logarithm(n: u64, mean: f64) -> f64 {
    let (mut ln_term, mut sum) = (-mean, 0.0);
    for i in 1..=n {
        sum += ln_term.exp();
        ln_term += mean.ln() - (i as f64).ln();
    }
    sum.min(1.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn nothing_watched_has_a_reason_and_no_number() {
        let none = mean_time(&[]);
        assert_eq!((none.value, none.low, none.high), (None, None, None));
        assert_eq!(none.why.as_deref(), Some("no time at risk"));
    }

    #[test]
    fn one_recovery_is_the_exponential_itself() {
        for p in [0.025_f64, 0.5, 0.975] {
            assert!((gamma(1, p) + (1.0 - p).ln()).abs() < 1e-9);
        }
    }

    #[test]
    fn many_recoveries_come_close_to_the_normal() {
        // Wilson and Hilferty's cube, 1e-4 at this size.
        let (n, z): (f64, f64) = (2_000.0, 1.959_964);
        let cube = n * (1.0 - 1.0 / (9.0 * n) + z / (3.0 * n.sqrt())).powi(3);
        assert!((gamma(2_000, 0.975) / cube - 1.0).abs() < 1e-4);
    }

    proptest! {
        #[test]
        fn both_ways_to_sum_agree(n in 1_u64..400, mean in 0.01..600.0_f64) {
            prop_assert!((fewer(n, mean) - by_logarithm(n, mean)).abs() < 1e-9);
        }

        #[test]
        fn the_interval_holds_the_mean_and_scales_with_it(times in proptest::collection::vec((0.1..90.0_f64, any::<bool>()), 1..20), by in 0.5..4.0_f64) {
            let repeats = |by: f64| -> Vec<Watched> { times.iter().map(|(t, recovered)| Watched { t_s: t * by, recovered: *recovered }).collect() };
            let (one, other) = (mean_time(&repeats(1.0)), mean_time(&repeats(by)));
            prop_assert!(one.value.is_none_or(|value| one.low.unwrap() < value && value < one.high.unwrap()));
            prop_assert!((one.low.unwrap() * by / other.low.unwrap() - 1.0).abs() < 1e-9);
        }
    }
}
