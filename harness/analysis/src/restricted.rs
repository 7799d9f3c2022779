//! Mean time spent unrecovered within a limit: the one mean that censored repeats have without any assumption on their shape.
use crate::{
    report::Measure,
    survival::{Watched, survival},
};

/// Least recoveries for an interval: with fewer, simulated coverage of skewed recoveries falls below 93 %.
const LEAST: u64 = 10;

/// Mean of `min(recovery, limit_s)`, s: the area under the survival curve up to the limit, with its 95 % interval (none from fewer
/// than ten recoveries). No value where a repeat was still out when the longest watching ended before the limit: what came after
/// was not seen.
///
/// Source: Irwin, J. Hyg. 47 (1949); variance after Kaplan & Meier (1958), Greenwood's with the area that is left and their factor
/// `m / (m - 1)` for `m` recoveries; Student's t with `m - 1` degrees, since the normal covers 85 % at 6 and 92 % at 20.
/// ```
/// use analysis::{restricted::restricted_mean, survival::Watched};
/// let at = |t_s, recovered| Watched { t_s, recovered };
/// let mean = restricted_mean(&[at(10.0, true), at(20.0, true), at(60.0, false)], 60.0);
/// assert!((mean.value.unwrap() - 30.0).abs() < 1e-9);     // (10 + 20 + 60) / 3
/// ```
pub fn restricted_mean(repeats: &[Watched], limit_s: f64) -> Measure {
    let mut measure = Measure {
        unit: "s".into(),
        n: repeats.len() as u64,
        method: format!("area under the Kaplan-Meier curve up to {limit_s} s"),
        ..Measure::default()
    };
    let longest = repeats.iter().map(|one| one.t_s).fold(0.0, f64::max);
    let out_last = repeats
        .iter()
        .any(|one| !one.recovered && one.t_s >= longest);
    measure.why = match limit_s {
        _ if repeats.is_empty() => Some("no repeat with impact".into()),
        limit if !(limit > 0.0 && limit.is_finite()) => {
            Some(format!("the limit must be more than 0 s, not {limit}"))
        }
        limit if limit > longest && out_last && !crate::mutant("M4") => Some(format!(
            "nobody was watched for {limit} s: the longest for {longest:.1} s"
        )),
        _ => None,
    };
    if measure.why.is_some() {
        return measure;
    }
    let (area, variance) = area(repeats, limit_s);
    measure.value = Some(area);
    let within = |one: &&Watched| one.recovered && one.t_s < limit_s;
    let recovered = repeats.iter().filter(within).count() as u64;
    if recovered < LEAST {
        measure.method += "; no 95 % interval from fewer than 10 recoveries";
        return measure;
    }
    let m = recovered as f64;
    let wide = student(recovered - 1) * (variance * m / (m - 1.0)).sqrt();
    (measure.low, measure.high) = (Some(area - wide), Some(area + wide));
    measure.level = Some(0.95);
    measure
}

/// The area up to the limit and the variance of its estimate.
fn area(repeats: &[Watched], limit_s: f64) -> (f64, f64) {
    let curve = survival(repeats);
    let steps = curve.iter().filter(|step| step.t_s < limit_s);
    let (mut left, mut variance, mut until) = (0.0, 0.0, limit_s);
    // From the limit backwards: the area behind a step is what its Greenwood term is weighted with.
    for step in steps.rev() {
        left += step.share * (until - step.t_s);
        until = step.t_s;
        let at_risk = step.at_risk as f64;
        let events = repeats
            .iter()
            .filter(|one| one.recovered && one.t_s == step.t_s)
            .count() as f64;
        if at_risk > events {
            variance += left * left * events / (at_risk * (at_risk - events));
        }
    }
    (left + until, variance)
}

/// 97.5 % point of Student's t with whole degrees of freedom, from 1 on.
fn student(degrees: u64) -> f64 {
    let (mut lo, mut hi) = (0.0, 20.0);
    // 60 halvings: below the spacing of doubles. The point of 1 degree is 12.7.
    for _ in 0..60 {
        let mid = f64::midpoint(lo, hi);
        if below(mid, degrees) < 0.975 {
            lo = mid;
        } else {
            hi = mid;
        }
    }
    f64::midpoint(lo, hi)
}

/// P(T <= t) for `t` from 0 on: the finite series of Abramowitz & Stegun, 26.7.3 and 26.7.4.
fn below(t: f64, degrees: u64) -> f64 {
    let angle = (t / (degrees as f64).sqrt()).atan();
    let (sin, cos) = angle.sin_cos();
    let odd = degrees % 2 == 1;
    let first = if odd { 3 } else { 2 };
    let (mut term, mut sum) = if odd { (cos, cos) } else { (1.0, 1.0) };
    for k in (first..degrees.saturating_sub(1)).step_by(2) {
        term *= cos * cos * (k - 1) as f64 / k as f64;
        sum += term;
    }
    let both = match (odd, degrees) {
        (true, 1) => angle * std::f64::consts::FRAC_2_PI,
        (true, _) => (angle + sin * sum) * std::f64::consts::FRAC_2_PI,
        (false, _) => sin * sum,
    };
    0.5 + both / 2.0
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn of(times: &[(f64, bool)]) -> Vec<Watched> {
        let one = |(t_s, recovered): &(f64, bool)| Watched {
            t_s: *t_s,
            recovered: *recovered,
        };
        times.iter().map(one).collect()
    }

    #[test]
    fn the_points_of_student_are_the_published_ones() {
        for (degrees, point) in [
            (1, 12.7062),
            (2, 4.302_65),
            (4, 2.776_45),
            (9, 2.262_16),
            (29, 2.045_23),
            (100, 1.983_97),
        ] {
            assert!(
                (student(degrees) - point).abs() < 1e-4,
                "{degrees}: {}",
                student(degrees)
            );
        }
    }

    #[test]
    fn nine_recoveries_have_a_mean_and_no_interval() {
        let nine: Vec<(f64, bool)> = (1..=9).map(|t| (f64::from(t), true)).collect();
        let got = restricted_mean(&of(&nine), 60.0);
        assert_eq!((got.value, got.low, got.level), (Some(5.0), None, None));
        assert!(got.method.contains("fewer than 10 recoveries"));
    }

    #[test]
    fn what_cannot_be_had_says_why() {
        let short = restricted_mean(&of(&[(5.0, true), (20.0, false)]), 60.0);
        assert_eq!(
            short.why.as_deref(),
            Some("nobody was watched for 60 s: the longest for 20.0 s")
        );
        for limit in [0.0, -1.0, f64::NAN, f64::INFINITY] {
            assert!(restricted_mean(&of(&[(5.0, true)]), limit).why.is_some());
        }
        assert!(restricted_mean(&[], 60.0).why.is_some());
    }

    proptest! {
        /// Under one common limit it is the plain mean of what was clamped, told slowly.
        #[test]
        fn under_a_common_limit_it_is_the_mean_of_the_clamped(times in proptest::collection::vec(0.1..90.0_f64, 1..30)) {
            let watched: Vec<(f64, bool)> = times.iter().map(|t| (t.min(60.0), *t <= 60.0)).collect();
            let got = restricted_mean(&of(&watched), 60.0).value.unwrap();
            let plain = times.iter().map(|t| t.min(60.0)).sum::<f64>() / times.len() as f64;
            prop_assert!((got - plain).abs() < 1e-9, "{got} {plain}");
        }

        /// Complete data: the plain t interval of a mean.
        #[test]
        fn its_interval_is_that_of_a_mean_where_nothing_is_cut_off(times in proptest::collection::vec(0.1..50.0_f64, 10..30)) {
            let complete: Vec<(f64, bool)> = times.iter().map(|t| (*t, true)).collect();
            let got = restricted_mean(&of(&complete), 60.0);
            let (n, mean) = (times.len() as f64, got.value.unwrap());
            let variance = times.iter().map(|t| (t - mean).powi(2)).sum::<f64>() / (n - 1.0);
            let wide = got.high.unwrap() - mean;
            prop_assert!((wide - student(times.len() as u64 - 1) * (variance / n).sqrt()).abs() < 1e-6, "{got:?}");
        }
    }
}
