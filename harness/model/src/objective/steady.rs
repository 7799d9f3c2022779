//! Whether windows before the fault look alike. Used by the engine as its gate, and by the analysis to say it again.
use super::{Method, Sampled, estimate};
use crate::verdict::Verdict;

/// Whether the medians of these windows lie within `within` (a share) of their own middle one, or within `floor` of it (the
/// resolution of the measure: values that small cannot be told apart). A window where nothing was answered is unknown.
///
/// Returns the verdict and what was measured, in words.
pub fn steady(windows: &[Sampled], within: f64, floor: f64) -> (Verdict, String) {
    let medians: Vec<Option<f64>> = windows
        .iter()
        .map(|window| estimate(Method::Med, window).value)
        .collect();
    let Some(medians) = medians
        .into_iter()
        .collect::<Option<Vec<f64>>>()
        .filter(|all| !all.is_empty())
    else {
        return (Verdict::Unknown, "a window without samples".into());
    };
    if medians.iter().any(|median| !median.is_finite()) {
        return (
            Verdict::Fail,
            "a window in which half of the samples were not answered".into(),
        );
    }
    let middle = estimate(
        Method::Med,
        &Sampled {
            values: medians.clone(),
            ..Sampled::default()
        },
    )
    .value
    .unwrap_or(f64::NAN);
    let allowed = (middle.abs() * within).max(floor);
    let apart = medians
        .iter()
        .map(|median| (median - middle).abs())
        .fold(0.0, f64::max);
    let shown: Vec<String> = medians
        .iter()
        .map(|median| format!("{median:.4}"))
        .collect();
    let words = format!(
        "medians {} (at most {allowed:.4} apart from the middle one)",
        shown.join(", ")
    );
    (
        if apart <= allowed {
            Verdict::Pass
        } else {
            Verdict::Fail
        },
        words,
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn windows(medians: &[f64]) -> Vec<Sampled> {
        medians
            .iter()
            .map(|median| Sampled {
                values: vec![*median; 3],
                ..Sampled::default()
            })
            .collect()
    }

    #[test]
    fn windows_alike_are_steady_and_a_drift_is_not() {
        assert_eq!(
            steady(&windows(&[1.0, 1.1, 0.9]), 0.25, 0.0).0,
            Verdict::Pass
        );
        assert_eq!(
            steady(&windows(&[1.0, 1.3, 1.7]), 0.25, 0.0).0,
            Verdict::Fail
        );
        assert_eq!(
            steady(&windows(&[0.001, 0.004, 0.002]), 0.25, 0.01).0,
            Verdict::Pass
        );
    }

    #[test]
    fn a_silent_window_is_unknown_and_an_unanswered_one_is_not_steady() {
        let silent = [Sampled::default()];
        let hung = [Sampled {
            unanswered: vec![5.0; 3],
            ..Sampled::default()
        }];
        assert_eq!(steady(&silent, 0.25, 0.0).0, Verdict::Unknown);
        assert_eq!(steady(&[], 0.25, 0.0).0, Verdict::Unknown);
        assert_eq!(steady(&hung, 0.25, 0.0).0, Verdict::Fail);
    }
}
