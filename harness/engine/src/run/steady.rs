//! The steady-state gate: medians of consecutive windows close to each other, and every probe answering. Pure.
use model::{
    journal::event::SteadyCheck,
    objective::{self, Sampled},
    plan::Plan,
    system::{Outcome, ProbeKind, ProbeSpec},
    units::Nanos,
    verdict::Verdict,
};
use std::collections::BTreeMap;

/// One sample as far as the gate needs it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sample {
    /// When it was due.
    pub intended: Nanos,
    /// Done, not done, unknown.
    pub outcome: Outcome,
    /// Latency in s from the intended start, or the gauge's value.
    pub value: f64,
}

/// Judges every probe of the plan over these windows, from samples by probe name.
///
/// A probe without one good sample in a window does not answer: not steady. A gauge that must be full must be full throughout.
pub fn judge(
    plan: &Plan,
    samples: &BTreeMap<String, Vec<Sample>>,
    windows: &[(Nanos, Nanos)],
) -> Vec<SteadyCheck> {
    let none = Vec::new();
    plan.probes
        .iter()
        .map(|probe| {
            of_probe(
                probe,
                samples.get(&probe.name).unwrap_or(&none),
                windows,
                plan.steady.within,
            )
        })
        .collect()
}

fn of_probe(
    probe: &ProbeSpec,
    samples: &[Sample],
    windows: &[(Nanos, Nanos)],
    within: f64,
) -> SteadyCheck {
    let check = |held, measured| SteadyCheck {
        name: probe.name.clone(),
        held,
        measured,
    };
    let inside = |(from, to): &(Nanos, Nanos)| -> Vec<Sample> {
        samples
            .iter()
            .filter(|s| s.intended >= *from && s.intended < *to)
            .copied()
            .collect()
    };
    let per_window: Vec<Vec<Sample>> = windows.iter().map(inside).collect();
    let bad = per_window
        .iter()
        .flatten()
        .filter(|sample| sample.outcome != Outcome::Ok)
        .count();
    let total = per_window.iter().flatten().count();
    if per_window
        .iter()
        .any(|window| !window.iter().any(|sample| sample.outcome == Outcome::Ok))
    {
        return check(
            false,
            format!(
                "no answer in at least one of {} windows ({} of {total} operations failed)",
                windows.len(),
                bad
            ),
        );
    }
    if let (ProbeKind::GaugeFull, Some(full)) = (probe.kind, probe.full) {
        let least = per_window
            .iter()
            .flatten()
            .filter(|s| s.outcome == Outcome::Ok)
            .map(|s| s.value)
            .fold(f64::INFINITY, f64::min);
        return check(
            least >= full,
            format!("least {least} of {full} {}", probe.unit),
        );
    }
    let windows: Vec<Sampled> = per_window.iter().map(|window| sampled(window)).collect();
    let (verdict, measured) = objective::steady(&windows, within, resolution(probe));
    check(
        verdict == Verdict::Pass,
        format!("{measured} {}", probe.unit),
    )
}

fn sampled(window: &[Sample]) -> Sampled {
    let (ok, bad): (Vec<&Sample>, Vec<&Sample>) = window
        .iter()
        .partition(|sample| sample.outcome == Outcome::Ok);
    let waited = |sample: &Sample| {
        if sample.value.is_finite() {
            sample.value
        } else {
            f64::INFINITY
        }
    };
    Sampled {
        values: ok.iter().map(|sample| sample.value).collect(),
        unanswered: bad.into_iter().map(waited).collect(),
        ..Sampled::default()
    }
}

/// Differences below a twentieth of the period are noise of our own schedule, not a trend.
fn resolution(probe: &ProbeSpec) -> f64 {
    probe.period_ns.as_s() / 20.0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn probe(kind: ProbeKind, full: Option<f64>) -> ProbeSpec {
        let period_ns = Nanos::ms(100);
        ProbeSpec {
            name: "p".into(),
            kind,
            unit: "s".into(),
            doc: String::new(),
            period_ns,
            deadline_ns: Nanos::secs(5),
            full,
        }
    }

    fn samples(values: &[f64]) -> Vec<Sample> {
        let one = |(k, value): (usize, &f64)| Sample {
            intended: Nanos::secs(k as u64),
            outcome: if value.is_nan() {
                Outcome::Fail
            } else {
                Outcome::Ok
            },
            value: *value,
        };
        values.iter().enumerate().map(one).collect()
    }

    fn held(kind: ProbeKind, full: Option<f64>, values: &[f64]) -> bool {
        let windows = [
            (Nanos::secs(0), Nanos::secs(2)),
            (Nanos::secs(2), Nanos::secs(4)),
            (Nanos::secs(4), Nanos::secs(6)),
        ];
        of_probe(&probe(kind, full), &samples(values), &windows, 0.25).held
    }

    #[test]
    fn level_medians_are_steady_and_a_trend_is_not() {
        assert!(held(
            ProbeKind::Latency,
            None,
            &[1.0, 1.1, 1.0, 1.2, 0.9, 1.0]
        ));
        assert!(!held(
            ProbeKind::Latency,
            None,
            &[1.0, 1.0, 1.5, 1.5, 2.0, 2.0]
        ));
    }

    #[test]
    fn a_window_without_an_answer_is_not_steady() {
        assert!(!held(
            ProbeKind::Latency,
            None,
            &[1.0, 1.0, f64::NAN, f64::NAN, 1.0, 1.0]
        ));
        assert!(!held(ProbeKind::Latency, None, &[]));
    }

    #[test]
    fn a_gauge_below_its_full_number_once_is_not_steady() {
        assert!(held(ProbeKind::GaugeFull, Some(2.0), &[2.0; 6]));
        assert!(!held(
            ProbeKind::GaugeFull,
            Some(2.0),
            &[2.0, 2.0, 1.0, 2.0, 2.0, 2.0]
        ));
    }
}
