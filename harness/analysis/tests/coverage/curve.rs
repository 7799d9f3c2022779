//! The median of the survival curve under censoring.
use crate::{
    ALIKE, Row,
    draws::{Draws, Law, Watch, durations, median},
    holds, judge, share,
};
use analysis::survival::{Watched, median_interval, survival};

/// A design, and what the other simulation found of it in percent: coverage of the curve's interval, of what is printed (ranks
/// where nothing was cut off), and how often the curve's upper end is reached.
struct Design {
    law: Law,
    watch: Watch,
    n: usize,
    curve: f64,
    printed: f64,
    finite: f64,
}

const fn design(law: Law, watch: Watch, n: usize, [curve, printed, finite]: [f64; 3]) -> Design {
    Design {
        law,
        watch,
        n,
        curve,
        printed,
        finite,
    }
}

const SHORT: Law = Law::Lognormal(20.0);
const LONG: Law = Law::Exponential(60.0);
const LATE: Watch = Watch::Until(40.0);
const EARLY: Watch = Watch::Until(25.0);
const RANDOM: Watch = Watch::UpTo(240.0);

const DESIGNS: [Design; 12] = [
    design(SHORT, LATE, 6, [98.41, 96.86, 0.00]),
    design(SHORT, LATE, 8, [96.10, 98.73, 86.20]),
    design(SHORT, LATE, 10, [94.45, 97.31, 95.67]),
    design(SHORT, LATE, 12, [97.76, 97.48, 92.89]),
    design(SHORT, LATE, 20, [97.32, 97.23, 99.54]),
    design(SHORT, LATE, 30, [95.76, 95.76, 99.99]),
    design(SHORT, EARLY, 8, [96.15, 97.20, 20.32]),
    design(SHORT, EARLY, 15, [93.71, 93.77, 42.25]),
    design(SHORT, EARLY, 30, [95.74, 95.74, 45.69]),
    design(LONG, RANDOM, 8, [95.65, 96.72, 33.44]),
    design(LONG, RANDOM, 15, [95.08, 95.30, 83.83]),
    design(LONG, RANDOM, 30, [95.15, 95.15, 99.58]),
];

impl Design {
    fn what(&self) -> String {
        format!("{:?}, {:?}, n = {}", self.law, self.watch, self.n)
    }

    /// Percent of sets for which this holds.
    fn count(&self, holds: impl Fn(&[Watched]) -> bool) -> f64 {
        let mut draws = Draws::of(&self.what());
        share(|| Some(holds(&draws.watched(self.law, self.watch, self.n)))).0
    }

    fn row(&self, want: f64, holds: impl Fn(&[Watched]) -> bool) -> Row {
        Row {
            what: self.what(),
            got: self.count(holds),
            want,
            within: ALIKE,
        }
    }
}

#[test]
fn the_median_of_a_curve_is_held_as_often_as_in_a_simulation_apart() {
    let held = |design: &Design| {
        let true_median = median(design.law);
        design.row(design.curve, |watched| {
            let (low, high) = median_interval(&survival(watched));
            low.is_some() && holds(low, high, true_median)
        })
    };
    judge(
        "median, Kaplan-Meier",
        "apart",
        &DESIGNS.each_ref().map(held),
    );
}

#[test]
fn the_median_as_printed_is_held_as_often_as_in_a_simulation_apart() {
    let held = |design: &Design| {
        let true_median = median(design.law);
        design.row(design.printed, |watched| {
            let measure = durations(watched).median();
            measure.low.is_some() && holds(measure.low, measure.high, true_median)
        })
    };
    judge("median, as printed", "apart", &DESIGNS.each_ref().map(held));
}

#[test]
fn the_upper_end_is_reached_as_often_as_in_a_simulation_apart() {
    let reached = |design: &Design| {
        design.row(design.finite, |watched| {
            median_interval(&survival(watched)).1.is_some()
        })
    };
    judge(
        "upper end of the curve's median reached",
        "apart",
        &DESIGNS.each_ref().map(reached),
    );
}
