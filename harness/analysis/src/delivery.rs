//! Delivery figures from recorded deployments: how often, how fast from commit to production, how often it fails.
//!
//! The reference says `deployment_frequency = 1 / cycle_time` with cycle = build + test + deploy: that is the most the pipeline could
//! do, one change after the other. What was really deployed over the recorded time stands beside it.
use crate::{
    median::Durations,
    report::{Measure, Share},
    share::share,
    span::Span,
};
use model::delivery::Deployment;
use serde::{Deserialize, Serialize};

/// Schema of [`Delivery`].
pub const SCHEMA: &str = "brinell.delivery/1";

const DAY_S: f64 = 86_400.0;

/// The figures of a file.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Delivery {
    /// [`SCHEMA`].
    pub schema: String,
    /// How many deployments.
    pub deployments: u64,
    /// Build, test and deploy: median.
    pub cycle_time: Measure,
    /// One over the cycle time: the most that the pipeline could deploy a day.
    pub possible_a_day: Measure,
    /// What was deployed a day, from the first to the last deployment.
    pub deployed_a_day: Measure,
    /// From commit to deployment: median.
    pub lead_time: Measure,
    /// Deployments that failed, with the exact interval.
    pub change_failures: Option<Share>,
}

/// The figures of some deployments, in order of time.
pub fn delivery(all: &[Deployment]) -> Delivery {
    let what = |n: usize| format!("{n} deployment{}", if n == 1 { "" } else { "s" });
    let median = |times: Vec<f64>| {
        let what = what(times.len());
        let reached = times.into_iter().map(|s| Span { lo: s, hi: s }).collect();
        let median = Durations {
            reached,
            what,
            ..Durations::default()
        }
        .median();
        Measure {
            error: None,
            ..median
        }
    };
    let cycle = median(
        all.iter()
            .filter_map(|one| Some(one.cycle?.as_s()))
            .collect(),
    );
    let cycle = match cycle.value {
        Some(_) => cycle,
        None => Measure {
            why: Some("no deployment records build, test and deploy".into()),
            ..cycle
        },
    };
    Delivery {
        schema: SCHEMA.into(),
        deployments: all.len() as u64,
        possible_a_day: over(&cycle),
        cycle_time: cycle,
        deployed_a_day: deployed(all),
        lead_time: median(
            all.iter()
                .map(|one| one.deployed_s - one.committed_s)
                .collect(),
        ),
        change_failures: (!all.is_empty()).then(|| {
            share(
                all.iter().filter(|one| one.failed).count() as u64,
                all.len() as u64,
            )
        }),
    }
}

/// A day over a cycle.
fn over(cycle: &Measure) -> Measure {
    let per_day = |s: Option<f64>| s.filter(|s| *s > 0.0).map(|s| DAY_S / s);
    let value = per_day(cycle.value);
    let none = || {
        cycle
            .why
            .clone()
            .unwrap_or_else(|| "a cycle of no time".into())
    };
    Measure {
        value,
        unit: "a day".into(),
        low: per_day(cycle.high),
        high: per_day(cycle.low),
        method: "1 / cycle time".into(),
        why: value.is_none().then(none),
        ..cycle.clone()
    }
}

/// Gaps between deployments are what is counted: n of them need n - 1.
fn deployed(all: &[Deployment]) -> Measure {
    let n = all.len();
    let days = match all {
        [first, .., last] => (last.deployed_s - first.deployed_s) / DAY_S,
        _ => 0.0,
    };
    if days <= 0.0 {
        return Measure {
            unit: "a day".into(),
            why: Some(format!(
                "{n} deployment{} at one instant: 2 at different ones would do",
                if n == 1 { "" } else { "s" }
            )),
            ..Measure::default()
        };
    }
    Measure {
        value: Some((n - 1) as f64 / days),
        unit: "a day".into(),
        n: n as u64,
        method: format!("{} gaps in {days:.1} days", n - 1),
        ..Measure::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::{
        scenario::{Place, Placed},
        units::Nanos,
    };
    use proptest::{collection::vec, prelude::*};

    fn deployment(at_days: f64, lead_s: f64, failed: bool, cycle: Option<u64>) -> Deployment {
        Deployment {
            id: Placed {
                value: format!("{at_days}"),
                at: Place::default(),
            },
            committed_s: at_days * DAY_S - lead_s,
            deployed_s: at_days * DAY_S,
            failed,
            cycle: cycle.map(Nanos::secs),
        }
    }

    #[test]
    fn the_worked_figures_come_out() {
        let all: Vec<Deployment> = (0..40_u32)
            .map(|k| {
                deployment(
                    f64::from(k) / 2.0,
                    3_600.0 * f64::from(k + 1),
                    k < 3,
                    Some(8 * 3_600),
                )
            })
            .collect();
        let got = delivery(&all);
        assert_eq!(got.possible_a_day.value, Some(3.0));
        assert!((got.deployed_a_day.value.unwrap() - 2.0).abs() < 1e-12);
        assert_eq!(got.lead_time.value, Some(20.5 * 3_600.0));
        let failures = got.change_failures.unwrap();
        assert!((failures.low - 0.0157).abs() < 5e-5 && (failures.high - 0.2039).abs() < 5e-5);
    }

    #[test]
    fn nothing_recorded_is_nothing_known() {
        let got = delivery(&[]);
        assert_eq!(
            (
                got.lead_time.value,
                got.deployed_a_day.value,
                got.change_failures
            ),
            (None, None, None)
        );
        assert!(got.cycle_time.why.is_some() && got.possible_a_day.why.is_some());
        assert!(
            delivery(&[deployment(1.0, 1.0, false, None)])
                .deployed_a_day
                .why
                .unwrap()
                .contains("2 at different")
        );
    }

    proptest! {
        #[test]
        fn the_lead_time_lies_among_the_lead_times(leads in vec(0.0..1e6_f64, 1..40)) {
            let all: Vec<Deployment> = leads.iter().map(|lead| deployment(1.0, *lead, false, None)).collect();
            let lead = delivery(&all).lead_time;
            let (least, most) = (leads.iter().copied().fold(f64::INFINITY, f64::min), leads.iter().copied().fold(0.0, f64::max));
            prop_assert!(least - 1e-6 <= lead.value.unwrap() && lead.value.unwrap() <= most + 1e-6);
            prop_assert_eq!(lead.low.is_some(), leads.len() >= 6);
        }
    }
}
