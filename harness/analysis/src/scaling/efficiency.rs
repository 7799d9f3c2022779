//! Efficiency of n executors against one, and where it stands to the reference band.
use super::{
    Group, LEAST_REPEATS,
    resample::{TIMES, ends, means, tail},
};
use crate::report::Measure;
use model::seed::Draw;
use serde::Serialize;

/// The reference band of efficiency. Outside it is reported with its cause and fails nothing.
pub const BAND: [f64; 2] = [0.6, 0.9];

/// Efficiency of one n.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Efficiency {
    /// Executors.
    pub n: u32,
    /// Mean throughput of its repeats, per s.
    pub throughput: Measure,
    /// X(n) / (n X(1)), 1 at n = 1.
    pub efficiency: Measure,
    /// Where it stands to [`BAND`].
    pub stands: Stands,
    /// Why it is outside, as far as throughput alone can say; empty inside.
    pub cause: String,
}

/// Where an efficiency stands to the reference band.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Stands {
    /// One executor: 1 by definition, not judged.
    Reference,
    /// The whole interval below it.
    Below,
    /// The whole interval inside it.
    Inside,
    /// The whole interval above it.
    Above,
    /// The interval reaches over an end of the band, or there is none.
    Unknown,
}

impl Stands {
    /// Where an interval stands.
    pub fn of(low: Option<f64>, high: Option<f64>) -> Self {
        match (low, high) {
            (Some(low), Some(_)) if low > BAND[1] => Self::Above,
            (Some(_), Some(high)) if high < BAND[0] => Self::Below,
            (Some(low), Some(high)) if low >= BAND[0] && high <= BAND[1] => Self::Inside,
            _ => Self::Unknown,
        }
    }

    /// What may have put it there.
    pub const fn cause(self) -> &'static str {
        match self {
            Self::Above => "not saturated, n too small, or the throughput of one measured too low",
            Self::Below => "see where the slot time went: shuffle, skew, serial share",
            Self::Unknown => "not told apart: more repeats narrow the interval",
            Self::Reference | Self::Inside => "",
        }
    }
}

/// One row per n.
pub(super) fn efficiencies(groups: &[Group], seed: u64) -> Vec<Efficiency> {
    let one = groups.iter().find(|group| group.n == 1);
    groups
        .iter()
        .map(|group| {
            let efficiency = match one {
                Some(_) if group.n == 1 => reference(group),
                Some(one) => ratio(group, one, seed),
                None => Measure {
                    unit: "1".into(),
                    n: group.x.len() as u64,
                    why: Some("X(1) was not measured: 3 runs at n = 1 would do".into()),
                    ..Measure::default()
                },
            };
            let stands = if one.is_some() && group.n == 1 {
                Stands::Reference
            } else {
                Stands::of(efficiency.low, efficiency.high)
            };
            Efficiency {
                n: group.n,
                throughput: throughput(group, seed),
                cause: stands.cause().into(),
                stands,
                efficiency,
            }
        })
        .collect()
}

fn reference(group: &Group) -> Measure {
    Measure {
        value: Some(1.0),
        unit: "1".into(),
        n: group.x.len() as u64,
        method: "1 by definition".into(),
        ..Measure::default()
    }
}

fn throughput(group: &Group, seed: u64) -> Measure {
    drawn(group.mean(), "1/s", &[group], seed, |means| means[0])
}

fn ratio(group: &Group, one: &Group, seed: u64) -> Measure {
    let n = f64::from(group.n);
    let of = |x: f64, one: f64| {
        if crate::mutant("K2") {
            n * one / x
        } else {
            x / (n * one)
        }
    };
    drawn(
        of(group.mean(), one.mean()),
        "1",
        &[group, one],
        seed,
        |means| of(means[0], means[1]),
    )
}

/// A function of the groups' means with its interval over runs drawn again; none from fewer than [`LEAST_REPEATS`] of any.
fn drawn(
    value: f64,
    unit: &str,
    groups: &[&Group],
    seed: u64,
    of: impl Fn(&[f64]) -> f64,
) -> Measure {
    let runs: Vec<usize> = groups.iter().map(|group| group.x.len()).collect();
    let mut measure = Measure {
        value: Some(value),
        unit: unit.into(),
        n: runs.iter().sum::<usize>() as u64,
        method: format!(
            "means of {} runs",
            runs.iter()
                .map(usize::to_string)
                .collect::<Vec<_>>()
                .join(" and ")
        ),
        ..Measure::default()
    };
    if runs.iter().any(|runs| *runs < LEAST_REPEATS) {
        measure.method += &format!("; no interval from fewer than {LEAST_REPEATS} of each");
        return measure;
    }
    let mut draw = Draw::new(seed, "efficiency");
    let values = (0..TIMES).map(|_| of(&means(groups, &mut draw))).collect();
    let (low, high) = ends(values, tail(groups));
    measure.method += &format!(", drawn again {TIMES} times, seed {seed}");
    (measure.low, measure.high) = (
        low.map(|low| low.min(value)),
        high.map(|high| high.max(value)),
    );
    measure.level = Some(0.95);
    measure
}
