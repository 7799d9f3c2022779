//! Recoveries drawn from laws whose median and mean are known.
use analysis::{median::Durations, span::Span, survival::Watched};
use model::seed::Draw;

/// A law of recovery times, s.
#[derive(Clone, Copy, Debug)]
pub enum Law {
    /// From 0 to 2, all alike.
    Uniform,
    /// Lognormal with this median and sigma 0.5.
    Lognormal(f64),
    /// Exponential with this mean.
    Exponential(f64),
}

/// How long each repeat is watched.
#[derive(Clone, Copy, Debug)]
pub enum Watch {
    /// To the end.
    Whole,
    /// All for as long.
    Until(f64),
    /// Each for a time drawn from 0 to this.
    UpTo(f64),
}

/// A stream of recoveries.
pub struct Draws(Draw);

impl Draws {
    /// The stream of one design.
    pub fn of(design: &str) -> Self {
        Self(Draw::new(20_260_101, design))
    }

    fn time(&mut self, law: Law) -> f64 {
        match law {
            Law::Uniform => 2.0 * self.0.unit(),
            Law::Exponential(mean) => -mean * self.0.unit().ln(),
            Law::Lognormal(median) => median * (0.5 * self.normal()).exp(),
        }
    }

    /// By Box and Muller.
    fn normal(&mut self) -> f64 {
        let (u, v) = (self.0.unit(), self.0.unit());
        (-2.0 * u.ln()).sqrt() * (std::f64::consts::TAU * v).cos()
    }

    /// `n` repeats.
    pub fn watched(&mut self, law: Law, watch: Watch, n: usize) -> Vec<Watched> {
        let mut one = || {
            let t = self.time(law);
            let limit = match watch {
                Watch::Whole => f64::INFINITY,
                Watch::Until(limit) => limit,
                Watch::UpTo(most) => most * self.0.unit(),
            };
            Watched {
                t_s: t.min(limit),
                recovered: t <= limit,
            }
        };
        (0..n).map(|_| one()).collect()
    }
}

/// The median of a law.
pub fn median(law: Law) -> f64 {
    match law {
        Law::Uniform => 1.0,
        Law::Lognormal(median) => median,
        Law::Exponential(mean) => mean * std::f64::consts::LN_2,
    }
}

/// As the analysis takes them.
pub fn durations(watched: &[Watched]) -> Durations {
    let (reached, censored): (Vec<&Watched>, Vec<&Watched>) =
        watched.iter().partition(|one| one.recovered);
    Durations {
        reached: reached
            .iter()
            .map(|one| Span {
                lo: one.t_s,
                hi: one.t_s,
            })
            .collect(),
        censored: censored.iter().map(|one| one.t_s).collect(),
        what: String::new(),
    }
}
