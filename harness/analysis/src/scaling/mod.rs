//! How throughput grows with the number of executors, what the loss went to, and a law through it.
//!
//! - [`scaling`] start here: efficiencies against the reference band, Amdahl's law and the Universal Scalability Law with intervals.
//! - [`law`] the curve; [`fit`] the curve through points; `resample` how sure it is.
//! - [`slots`] where the slot time went; [`skew`] one stage's tasks against what any schedule could do.
//! ```text
//! (n, repeat, throughput) ──┬─> efficiency = X(n) / (n X(1)) ──> inside the band, or outside with its cause
//!                           └─> runs drawn again ─> law after law ─> interval of each parameter and of X(N)
//! ```
pub mod efficiency;
pub mod fit;
pub mod law;
mod resample;
pub mod skew;
pub mod slots;

pub use efficiency::{BAND, Efficiency};
pub use fit::Kind;
pub use law::Law;

use crate::report::Measure;
use resample::Draws;
use serde::Serialize;

/// One run: how many executors, which repeat, what came out.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Point {
    /// Executors.
    pub n: u32,
    /// Which repeat of this n.
    pub repeat: u32,
    /// Throughput, per s.
    pub throughput: f64,
}

/// Why points were refused; fits after "failed to".
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum Error {
    /// No points.
    #[error(
        "find a measured point: give runs at 4 or more numbers of executors, 3 or more of each"
    )]
    Empty,
    /// More points than a person measures.
    #[error("take {0} points: at most {MOST_POINTS}")]
    TooMany(usize),
    /// No executors.
    #[error("read the point of repeat {0}: n is 0, give at least 1 executor")]
    NoExecutors(u32),
    /// No throughput.
    #[error("read repeat {repeat} of n = {n}: throughput {throughput} is not above 0 and finite")]
    Throughput {
        /// Executors.
        n: u32,
        /// Which repeat.
        repeat: u32,
        /// What stood there.
        throughput: f64,
    },
    /// The same repeat twice.
    #[error("take repeat {repeat} of n = {n} twice")]
    Twice {
        /// Executors.
        n: u32,
        /// Which repeat.
        repeat: u32,
    },
}

/// Most points: bounds the time of the resampling.
pub const MOST_POINTS: usize = 2000;
/// Fewest distinct n of a fit.
pub const LEAST_N: usize = 4;
/// Fewest repeats of an interval.
pub const LEAST_REPEATS: usize = 3;

/// What the points say.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Scaling {
    /// Per n, rising.
    pub efficiency: Vec<Efficiency>,
    /// Amdahl's law.
    pub amdahl: Fitted,
    /// The Universal Scalability Law.
    pub usl: Fitted,
}

/// A law with what is known about it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Fitted {
    /// `amdahl` or `usl`.
    pub name: String,
    /// The law; none where there are too few points.
    pub law: Option<Law>,
    /// Throughput of one executor, per s.
    pub lambda: Measure,
    /// Contention.
    pub sigma: Measure,
    /// Coherence.
    pub kappa: Measure,
    /// Where more executors give less.
    pub peak: Measure,
    /// What no number reaches, per s.
    pub limit: Measure,
    /// Sum of squared differences, (1/s)^2.
    pub rss: Option<f64>,
    /// Parameters that stand at their bound: `sigma = 0`.
    pub at_bound: Vec<String>,
    /// Largest measured n.
    pub measured_to: u32,
    #[serde(skip)]
    draws: Draws,
}

/// What the points say: efficiencies and both laws, with intervals from runs drawn again with this seed.
///
/// Throughput of one n is the mean of its repeats. Fewer than [`LEAST_N`] distinct n or, at any n, fewer than [`LEAST_REPEATS`] repeats
/// make the laws unknown, with the runs that would do.
///
/// # Errors
/// [`Error`]: no points, n = 0, a throughput that is none, the same repeat twice.
pub fn scaling(points: &[Point], seed: u64) -> Result<Scaling, Error> {
    check(points)?;
    let groups = groups(points);
    let lack = lack(&groups);
    let fitted = |kind: Kind| match &lack {
        Some(why) => Fitted::unknown(kind, why, &groups),
        None => Fitted::of(kind, &groups, seed),
    };
    Ok(Scaling {
        efficiency: efficiency::efficiencies(&groups, seed),
        amdahl: fitted(Kind::Amdahl),
        usl: fitted(Kind::Usl),
    })
}

/// Repeats of one n.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Group {
    pub(crate) n: u32,
    pub(crate) x: Vec<f64>,
}

impl Group {
    pub(crate) fn mean(&self) -> f64 {
        self.x.iter().sum::<f64>() / self.x.len() as f64
    }
}

fn check(points: &[Point]) -> Result<(), Error> {
    if points.is_empty() {
        return Err(Error::Empty);
    }
    if points.len() > MOST_POINTS {
        return Err(Error::TooMany(points.len()));
    }
    let mut seen = std::collections::BTreeSet::new();
    for point in points {
        let Point {
            n,
            repeat,
            throughput,
        } = *point;
        if n == 0 {
            return Err(Error::NoExecutors(repeat));
        }
        if !(throughput.is_finite() && throughput > 0.0) {
            return Err(Error::Throughput {
                n,
                repeat,
                throughput,
            });
        }
        if !seen.insert((n, repeat)) {
            return Err(Error::Twice { n, repeat });
        }
    }
    Ok(())
}

/// By rising n, repeats in their order: the order of the points does not matter.
fn groups(points: &[Point]) -> Vec<Group> {
    let mut sorted = points.to_vec();
    sorted.sort_by_key(|point| (point.n, point.repeat));
    let mut groups: Vec<Group> = Vec::new();
    for point in sorted {
        match groups.last_mut() {
            Some(group) if group.n == point.n => group.x.push(point.throughput),
            _ => groups.push(Group {
                n: point.n,
                x: vec![point.throughput],
            }),
        }
    }
    groups
}

/// What is missing for a fit, and what would do.
fn lack(groups: &[Group]) -> Option<String> {
    let few: Vec<String> = groups
        .iter()
        .filter(|group| group.x.len() < LEAST_REPEATS)
        .map(|group| format!("{} at n = {}", group.x.len(), group.n))
        .collect();
    let distinct = groups.len();
    match (distinct < LEAST_N, few.is_empty()) {
        (true, _) => Some(format!(
            "{distinct} distinct n; {LEAST_N} would do (6 are better), {LEAST_REPEATS} repeats of each"
        )),
        (false, false) => Some(format!(
            "repeats: {}; {LEAST_REPEATS} of each n would do",
            few.join(", ")
        )),
        (false, true) => None,
    }
}

fn all(groups: &[Group]) -> Vec<(f64, f64)> {
    groups
        .iter()
        .flat_map(|group| group.x.iter().map(|x| (f64::from(group.n), *x)))
        .collect()
}

impl Fitted {
    fn unknown(kind: Kind, why: &str, groups: &[Group]) -> Self {
        let none = |unit: &str| Measure {
            unit: unit.into(),
            n: groups.iter().map(|group| group.x.len() as u64).sum(),
            why: Some(why.to_owned()),
            ..Measure::default()
        };
        Self {
            name: name(kind).into(),
            law: None,
            lambda: none("1/s"),
            sigma: none("1"),
            kappa: none("1"),
            peak: none("executors"),
            limit: none("1/s"),
            rss: None,
            at_bound: Vec::new(),
            measured_to: groups.last().map_or(0, |group| group.n),
            draws: Draws::default(),
        }
    }

    fn of(kind: Kind, groups: &[Group], seed: u64) -> Self {
        let points = all(groups);
        let Some(found) = fit::fit(&points, kind) else {
            return Self::unknown(kind, "no law fits these points", groups);
        };
        let draws = Draws::of(kind, groups, found.law, seed);
        let law = found.law;
        let mut fitted = Self {
            law: Some(law),
            rss: Some(found.rss),
            at_bound: at_bound(law, kind),
            lambda: draws.measure(law.lambda, "1/s", |law| law.lambda),
            sigma: draws.measure(law.sigma, "1", |law| law.sigma),
            kappa: draws.measure(law.kappa, "1", |law| law.kappa),
            ..Self::unknown(kind, "", groups)
        };
        if kind == Kind::Amdahl {
            fitted.kappa = Measure {
                value: Some(0.0),
                unit: "1".into(),
                n: points.len() as u64,
                method: "0 by Amdahl's law".into(),
                ..Measure::default()
            };
        }
        (fitted.peak, fitted.limit) = (fitted.peak_of(law, &draws), limit_of(law, &draws));
        fitted.draws = draws;
        fitted
    }

    /// Where the curve turns, if that was measured.
    fn peak_of(&self, law: Law, draws: &Draws) -> Measure {
        let n = self.lambda.n;
        let none = |why: String| Measure {
            unit: "executors".into(),
            n,
            why: Some(why),
            ..Measure::default()
        };
        match law.peak() {
            None => none("no peak: kappa = 0".into()),
            Some(peak) if peak > f64::from(self.measured_to) || peak < 1.0 => none(format!(
                "outside the measured range (1 to {}): no finding",
                self.measured_to
            )),
            Some(peak) => {
                draws.measure(peak, "executors", |law| law.peak().unwrap_or(f64::INFINITY))
            }
        }
    }

    /// Throughput of `n` executors, per s: inside the measured range as measured, beyond it labelled as extrapolated, beyond twice of it
    /// as wide as the worst of the laws drawn.
    pub fn at(&self, n: f64) -> Measure {
        let Some(law) = self.law else {
            return Measure {
                unit: "1/s".into(),
                n: self.lambda.n,
                why: self.lambda.why.clone(),
                ..Measure::default()
            };
        };
        let most = f64::from(self.measured_to);
        let mut measure = self.draws.measure(law.at(n), "1/s", |law| law.at(n));
        if n > 2.0 * most {
            (measure.low, measure.high) = self.draws.widest(law.at(n), |law| law.at(n));
            measure.level = None;
            measure.method = format!(
                "{}, extrapolated: more than twice the largest measured n ({most}), from the worst to the best of the laws drawn",
                measure.method
            );
        } else if n > most {
            measure.method = format!("{}, extrapolated beyond n = {most}", measure.method);
        }
        measure
    }

    /// The fewest executors for this throughput: by the law, and by the laws drawn; all of those where it is extrapolated far. None
    /// without a law.
    pub fn least(&self, throughput: f64) -> Option<Needed> {
        let law = self.law?;
        let value = law.least(throughput);
        let far = value.is_none_or(|n| n > 2 * u64::from(self.measured_to));
        let (low, high) = self.draws.counts(far, |law| law.least(throughput));
        Some(Needed {
            value,
            low: low.into_iter().chain(value).min(),
            high: value.and_then(|value| high.map(|high| high.max(value))),
            extrapolated: value.is_none_or(|n| n > u64::from(self.measured_to)),
        })
    }
}

/// How many are needed, none where no number is enough.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Needed {
    /// By the law.
    pub value: Option<u64>,
    /// If the high end of the throughput is the truth.
    pub low: Option<u64>,
    /// If the low end is; none where then no number is enough.
    pub high: Option<u64>,
    /// Beyond the largest measured n.
    pub extrapolated: bool,
}

const fn name(kind: Kind) -> &'static str {
    match kind {
        Kind::Amdahl => "amdahl",
        Kind::Usl => "usl",
    }
}

fn at_bound(law: Law, kind: Kind) -> Vec<String> {
    let hit = [
        (law.sigma == 0.0, "sigma = 0"),
        (law.sigma == 1.0, "sigma = 1"),
        (law.kappa == 0.0 && kind == Kind::Usl, "kappa = 0"),
    ];
    hit.into_iter()
        .filter(|(hit, _)| *hit)
        .map(|(_, text)| text.to_owned())
        .collect()
}

fn limit_of(law: Law, draws: &Draws) -> Measure {
    match law.limit() {
        Some(limit) => draws.measure(limit, "1/s", |law| law.limit().unwrap_or(f64::INFINITY)),
        None => Measure {
            unit: "1/s".into(),
            why: Some(
                if law.kappa > 0.0 {
                    "the curve turns before"
                } else {
                    "no limit: sigma = 0"
                }
                .into(),
            ),
            ..Measure::default()
        },
    }
}

#[cfg(test)]
mod tests;
