//! How sure a number is: the runs of each n are drawn again, seeded, and the number is computed anew each time.
//!
//! With 6 runs or more of an n, r - 1 of its own r are drawn with replacement, so that the variance of a drawn mean is that of the mean
//! itself. With fewer there is not enough to draw from (three runs: simulated intervals held the truth 81 % of the time instead of
//! 95 %): there the relative deviations of all runs from the mean of their n are pooled and drawn, taking their spread for the same at
//! every n. The quantiles are those that Student's distribution with the degrees of freedom of the repeats has at 95 %: with few runs
//! the ends lie further out than the normal's.
//!
//! Source: Hesterberg, Am. Stat. 69 (2015), bootstrap with reduced size and expanded percentiles; Davison & Hinkley, Bootstrap Methods
//! and their Application (1997), 3.3 and 6.2, pooled and modified residuals.
use super::{Group, Kind, Law, fit};
use crate::{
    distributions::{normal_below, student_two_sided},
    report::Measure,
};
use model::seed::Draw;

/// How many times the runs are drawn: the 1.5 % quantile then rests on 30 of them.
pub(super) const TIMES: usize = 2000;

/// Runs of one n from which on its own are drawn.
const OWN: usize = 6;

/// The relative deviations of all runs from the mean of their n, each made as wide as one run's from the true mean.
pub(super) struct Pool {
    deviations: Vec<f64>,
    freedom: u64,
}

impl Pool {
    pub(super) fn of(groups: &[Group]) -> Self {
        let of = |group: &Group| {
            let (mean, r) = (group.mean(), group.x.len() as f64);
            let wide = (r / (r - 1.0)).sqrt();
            let apart = group.x.iter().map(|x| (x / mean - 1.0) * wide);
            apart.collect::<Vec<f64>>()
        };
        let many = groups.iter().filter(|group| group.x.len() > 1);
        Self {
            deviations: many.clone().flat_map(of).collect(),
            freedom: many.map(|group| group.x.len() as u64 - 1).sum(),
        }
    }

    /// A mean per group, each from runs drawn again.
    pub(super) fn means(&self, groups: &[&Group], draw: &mut Draw) -> Vec<f64> {
        let mut any = |from: &[f64], times: usize| -> f64 {
            let drawn = (0..times).map(|_| from[draw.below(from.len() as u64) as usize]);
            drawn.sum::<f64>() / times as f64
        };
        groups
            .iter()
            .map(|group| {
                if group.x.len() >= OWN {
                    any(&group.x, group.x.len() - 1)
                } else {
                    group.mean() * (1.0 + any(&self.deviations, group.x.len()))
                }
            })
            .collect()
    }

    /// Share of the draws beyond each end of a 95 % interval.
    pub(super) fn tail(&self, groups: &[&Group]) -> f64 {
        let own = groups.iter().all(|group| group.x.len() >= OWN);
        let freedom = if own {
            groups.iter().map(|group| group.x.len() as u64 - 1).sum()
        } else {
            self.freedom
        };
        normal_below(-student_two_sided(0.95, freedom))
    }
}

/// The values at both tails; infinite ones are none.
pub(super) fn ends(mut values: Vec<f64>, tail: f64) -> (Option<f64>, Option<f64>) {
    values.sort_by(f64::total_cmp);
    let skip = (tail * values.len() as f64).floor() as usize;
    let finite = |x: Option<&f64>| x.copied().filter(|x| x.is_finite());
    (
        finite(values.get(skip)),
        finite(
            values
                .len()
                .checked_sub(1 + skip)
                .and_then(|at| values.get(at)),
        ),
    )
}

/// The laws through runs drawn again.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Draws {
    laws: Vec<Law>,
    tail: f64,
    runs: u64,
    seed: u64,
}

impl Draws {
    pub(super) fn of(kind: Kind, groups: &[Group], from: Law, seed: u64) -> Self {
        let refs: Vec<&Group> = groups.iter().collect();
        let (mut draw, pool) = (Draw::new(seed, "scaling"), Pool::of(groups));
        let law = |_| {
            let points: Vec<fit::Weighted> = groups
                .iter()
                .zip(pool.means(&refs, &mut draw))
                .map(|(group, x)| (f64::from(group.n), x, group.x.len() as f64))
                .collect();
            fit::again(&points, from, kind)
        };
        Self {
            laws: (0..TIMES).map(law).collect(),
            tail: pool.tail(&refs),
            runs: groups.iter().map(|group| group.x.len() as u64).sum(),
            seed,
        }
    }

    /// A number of the law with its interval over the draws.
    pub(super) fn measure(&self, value: f64, unit: &str, of: impl Fn(&Law) -> f64) -> Measure {
        let (low, high) = ends(self.laws.iter().map(of).collect(), self.tail);
        Measure {
            value: Some(value),
            unit: unit.into(),
            n: self.runs,
            low: low.map(|low| low.min(value)),
            high: high.map(|high| high.max(value)),
            level: Some(0.95),
            method: format!(
                "least squares, {} runs drawn again {} times, seed {}",
                self.runs,
                self.laws.len(),
                self.seed
            ),
            ..Measure::default()
        }
    }

    /// Fewest and most of a count over the draws, tails cut unless `all`; a draw without any is more than every count.
    pub(super) fn counts(
        &self,
        all: bool,
        of: impl Fn(&Law) -> Option<u64>,
    ) -> (Option<u64>, Option<u64>) {
        let mut counts: Vec<u64> = self
            .laws
            .iter()
            .map(|law| of(law).unwrap_or(u64::MAX))
            .collect();
        counts.sort_unstable();
        let skip = if all {
            0
        } else {
            (self.tail * counts.len() as f64).floor() as usize
        };
        let known = |count: Option<&u64>| count.copied().filter(|count| *count < u64::MAX);
        (
            known(counts.get(skip)),
            known(
                counts
                    .len()
                    .checked_sub(1 + skip)
                    .and_then(|at| counts.get(at)),
            ),
        )
    }

    /// From the least to the most of all draws.
    pub(super) fn widest(
        &self,
        value: f64,
        of: impl Fn(&Law) -> f64,
    ) -> (Option<f64>, Option<f64>) {
        let (low, high) = self
            .laws
            .iter()
            .map(of)
            .fold((value, value), |(low, high), x| (low.min(x), high.max(x)));
        (Some(low), Some(high))
    }
}
