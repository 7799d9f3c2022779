//! Survival of recovery, for repeats that may not have recovered while they were watched. Nothing unrecovered is dropped or clamped.
use crate::report::Step;

/// How long one repeat was watched, s, and whether it recovered then; else it was censored there.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Watched {
    /// From T0 to T3, or to the end of what could be recognised.
    pub t_s: f64,
    /// Whether T3 was reached.
    pub recovered: bool,
}

/// 97.5 % point of the normal distribution.
const Z: f64 = 1.959_963_984_540_054;

/// The share of repeats not yet recovered `t` after the fault took effect: steps in rising `t`, one per distinct recovery time,
/// each with the number at risk just before it and the log-log 95 % interval from Greenwood's variance.
///
/// All censored is no error: a curve without steps, at 1.
///
/// Source: Kaplan & Meier, J. Am. Stat. Assoc. 53 (1958), product-limit estimate; variance after Greenwood (1926); log-log
/// interval after Kalbfleisch & Prentice. Recoveries come before censorings at the same time.
/// ```
/// use analysis::survival::{Watched, median, survival};
/// let at = |t_s, recovered| Watched { t_s, recovered };
/// let curve = survival(&[at(1.0, true), at(2.0, true), at(3.0, false)]);
/// assert_eq!(median(&curve), Some(2.0));      // 1 -> 2/3 -> 1/3: first step below one half
/// ```
pub fn survival(repeats: &[Watched]) -> Vec<Step> {
    let mut times: Vec<f64> = repeats
        .iter()
        .filter(|repeat| repeat.recovered)
        .map(|repeat| repeat.t_s)
        .collect();
    times.sort_by(f64::total_cmp);
    times.dedup();
    let (mut share, mut greenwood, mut steps) = (1.0, 0.0, Vec::new());
    for t in times {
        let at_risk = repeats
            .iter()
            .filter(|repeat| is_at_risk(repeat, t))
            .count() as f64;
        let events = repeats
            .iter()
            .filter(|repeat| repeat.recovered && repeat.t_s == t)
            .count() as f64;
        share *= 1.0 - events / at_risk;
        greenwood += events / (at_risk * (at_risk - events));
        let (low, high) = log_log(share, greenwood);
        steps.push(Step {
            t_s: t,
            share,
            low,
            high,
            at_risk: at_risk as u64,
        });
    }
    steps
}

fn is_at_risk(repeat: &Watched, t: f64) -> bool {
    if crate::mutant("R18") {
        return repeat.t_s > t || (repeat.t_s == t && repeat.recovered);
    }
    repeat.t_s >= t
}

/// None at 0 and 1, where the variance of the logarithm does not exist.
fn log_log(share: f64, greenwood: f64) -> (Option<f64>, Option<f64>) {
    if share <= 0.0 || share >= 1.0 || !greenwood.is_finite() {
        return (None, None);
    }
    let root = if crate::mutant("R19") {
        greenwood
    } else {
        greenwood.sqrt()
    };
    let wide = Z * root / share.ln();
    let (a, b) = (share.powf(wide.exp()), share.powf((-wide).exp()));
    (Some(a.min(b)), Some(a.max(b)))
}

/// The least time at which less than half is unrecovered; the middle of the step where exactly half is. None where that is not reached.
pub fn median(curve: &[Step]) -> Option<f64> {
    // A product of k/n that is one half may be off by rounding.
    let at = curve.iter().position(|step| step.share < 0.5 + 1e-12)?;
    let step = &curve[at];
    match curve.get(at + 1) {
        Some(next) if (step.share - 0.5).abs() <= 1e-12 => Some(f64::midpoint(step.t_s, next.t_s)),
        _ => Some(step.t_s),
    }
}

/// The times whose interval holds one half: least, and the end (none where it is not reached).
pub fn median_interval(curve: &[Step]) -> (Option<f64>, Option<f64>) {
    let low = curve
        .iter()
        .find(|step| step.low.is_none_or(|low| low <= 0.5))
        .map(|step| step.t_s);
    let high = curve
        .iter()
        .find(|step| step.high.is_some_and(|high| high < 0.5))
        .map(|step| step.t_s);
    (low, high)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn without_censoring_it_is_the_empirical_share(times in proptest::collection::vec(1_u32..20, 1..30)) {
            let repeats: Vec<Watched> = times.iter().map(|t| Watched { t_s: f64::from(*t), recovered: true }).collect();
            for step in survival(&repeats) {
                let left = times.iter().filter(|t| f64::from(**t) > step.t_s).count() as f64 / times.len() as f64;
                prop_assert!((step.share - left).abs() < 1e-9);
            }
        }

        #[test]
        fn the_curve_falls_and_its_interval_holds_it(repeats in proptest::collection::vec((1_u32..20, any::<bool>()), 1..30)) {
            let repeats: Vec<Watched> = repeats.into_iter().map(|(t, recovered)| Watched { t_s: f64::from(t), recovered }).collect();
            let mut before = 1.0;
            for step in survival(&repeats) {
                prop_assert!(step.share < before);
                before = step.share;
                prop_assert!(step.low.is_none_or(|low| low <= step.share) && step.high.is_none_or(|high| high >= step.share));
            }
        }
    }
}
