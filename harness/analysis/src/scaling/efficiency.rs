//! Efficiency of n executors against one, and where it stands to the reference band.
use super::{
    Group, LEAST_REPEATS,
    resample::{Pool, TIMES, ends},
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
    let drawn = Drawn {
        pool: Pool::of(groups),
        seed,
    };
    groups
        .iter()
        .map(|group| {
            let efficiency = match one {
                Some(_) if group.n == 1 => reference(group),
                Some(one) => ratio(group, one, &drawn),
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
                throughput: throughput(group, &drawn),
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

fn throughput(group: &Group, drawn: &Drawn) -> Measure {
    drawn.measure(group.mean(), "1/s", &[group], |means| means[0])
}

fn ratio(group: &Group, one: &Group, drawn: &Drawn) -> Measure {
    let n = f64::from(group.n);
    let of = |x: f64, one: f64| {
        if crate::mutant("K2") {
            n * one / x
        } else {
            x / (n * one)
        }
    };
    let value = of(group.mean(), one.mean());
    drawn.measure(value, "1", &[group, one], |means| of(means[0], means[1]))
}

/// Runs to draw from, and the seed.
struct Drawn {
    pool: Pool,
    seed: u64,
}

impl Drawn {
    /// A function of the groups' means with its interval over runs drawn again; none from fewer than [`LEAST_REPEATS`] of any.
    fn measure(
        &self,
        value: f64,
        unit: &str,
        groups: &[&Group],
        of: impl Fn(&[f64]) -> f64,
    ) -> Measure {
        let runs: Vec<String> = groups
            .iter()
            .map(|group| group.x.len().to_string())
            .collect();
        let mut measure = Measure {
            value: Some(value),
            unit: unit.into(),
            n: groups.iter().map(|group| group.x.len() as u64).sum(),
            method: format!("means of {} runs", runs.join(" and ")),
            ..Measure::default()
        };
        if groups.iter().any(|group| group.x.len() < LEAST_REPEATS) {
            measure.method += &format!("; no interval from fewer than {LEAST_REPEATS} of each");
            return measure;
        }
        let mut draw = Draw::new(self.seed, "efficiency");
        let values = (0..TIMES)
            .map(|_| of(&self.pool.means(groups, &mut draw)))
            .collect();
        let (low, high) = ends(values, self.pool.tail(groups));
        measure.method += &format!(", drawn again {TIMES} times, seed {}", self.seed);
        measure.low = low.map(|low| low.min(value));
        measure.high = high.map(|high| high.max(value));
        measure.level = Some(0.95);
        measure
    }
}
