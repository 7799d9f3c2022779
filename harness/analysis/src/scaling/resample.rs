//! How sure a number is: the runs of each n are drawn again, seeded, and the number is computed anew each time.
//!
//! Of r runs r - 1 are drawn with replacement, so that the variance of a drawn mean is that of the mean itself (drawing all r would
//! make it too small by (r - 1) / r, a third at r = 3). The quantiles are those that Student's distribution with the degrees of freedom
//! of the repeats has at 95 %, not the normal's: with few runs the ends lie further out.
//!
//! Source: Hesterberg, Am. Stat. 69 (2015), bootstrap with reduced size and expanded percentiles.
use super::{Group, Kind, Law, fit};
use crate::{
    distributions::{normal_below, student_two_sided},
    report::Measure,
};
use model::seed::Draw;

/// How many times the runs are drawn: the 1.5 % quantile then rests on 30 of them.
pub(super) const TIMES: usize = 2000;

/// A mean per group, each from runs drawn again.
pub(super) fn means(groups: &[&Group], draw: &mut Draw) -> Vec<f64> {
    let mean = |group: &&Group| {
        let take = group.x.len() - 1;
        let sum: f64 = (0..take)
            .map(|_| group.x[draw.below(group.x.len() as u64) as usize])
            .sum();
        sum / take as f64
    };
    groups.iter().map(mean).collect()
}

/// Share of the draws beyond each end of a 95 % interval.
pub(super) fn tail(groups: &[&Group]) -> f64 {
    let freedom = groups.iter().map(|group| group.x.len() as u64 - 1).sum();
    normal_below(-student_two_sided(0.95, freedom))
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
    pub(super) fn of(kind: Kind, groups: &[Group], seed: u64) -> Self {
        let refs: Vec<&Group> = groups.iter().collect();
        let mut draw = Draw::new(seed, "scaling");
        let law = |_| {
            let means = means(&refs, &mut draw);
            // Groups of more runs weigh more: each mean stands for as many points.
            let points: Vec<(f64, f64)> = groups
                .iter()
                .zip(&means)
                .flat_map(|(group, x)| std::iter::repeat_n((f64::from(group.n), *x), group.x.len()))
                .collect();
            fit::fit(&points, kind).map(|fit| fit.law)
        };
        Self {
            laws: (0..TIMES).filter_map(law).collect(),
            tail: tail(&refs),
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
