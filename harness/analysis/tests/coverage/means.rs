//! Means: of exponential recoveries, up to a limit, and why no other has an interval.
use crate::{
    ALIKE, CLOSE, Row,
    draws::{Draws, Law, Watch},
    holds, judge, share,
};
use analysis::{exponential::mean_time, restricted::restricted_mean};

const LONG: Law = Law::Exponential(60.0);

#[test]
fn the_mean_of_exponential_recoveries_is_held_as_often_as_is_printed() {
    let row = |(n, watch, want, within): (usize, Watch, f64, f64)| {
        let what = format!("{LONG:?}, {watch:?}, n = {n}");
        let mut draws = Draws::of(&what);
        let (got, _) = share(|| {
            let measure = mean_time(&draws.watched(LONG, watch, n));
            measure.value?;
            Some(holds(measure.low, measure.high, 60.0))
        });
        Row {
            what,
            got,
            want,
            within,
        }
    };
    // Exact where nothing is cut off; under a common limit as the simulation apart found it.
    let rows = [
        (6, Watch::Whole, 95.0, CLOSE),
        (10, Watch::Whole, 95.0, CLOSE),
        (20, Watch::Whole, 95.0, CLOSE),
        (6, Watch::Until(60.0), 94.75, ALIKE),
        (10, Watch::Until(60.0), 94.13, ALIKE),
        (20, Watch::Until(60.0), 94.53, ALIKE),
    ];
    judge("mean, if exponential", "apart", &rows.map(row));
}

#[test]
fn the_mean_up_to_a_limit_is_held_as_often_as_in_a_simulation_apart() {
    let row = |(law, limit, truth, n, want): (Law, f64, f64, usize, f64)| {
        let what = format!("{law:?}, until {limit} s, n = {n}");
        let mut draws = Draws::of(&what);
        let (got, _) = share(|| {
            let measure = restricted_mean(&draws.watched(law, Watch::Until(limit), n), limit);
            measure.low?;
            Some(holds(measure.low, measure.high, truth))
        });
        Row {
            what,
            got,
            want,
            within: ALIKE,
        }
    };
    let short = Law::Lognormal(20.0);
    let rows = [
        (short, 40.0, 21.7216, 15, 94.68),
        (LONG, 120.0, 51.8799, 15, 94.91),
        (short, 40.0, 21.7216, 20, 94.75),
        (LONG, 120.0, 51.8799, 20, 94.83),
        (short, 40.0, 21.7216, 30, 94.85),
        (LONG, 120.0, 51.8799, 30, 94.84),
    ];
    judge(
        "mean up to a limit, from 10 recoveries on",
        "apart",
        &rows.map(row),
    );
}

/// Five lognormal times with sigma 1: what the usual intervals of a mean would claim as 95 %, as published: 82 and 72 %.
#[test]
fn an_interval_of_a_mean_of_few_skewed_times_would_be_a_false_claim() {
    let mut draws = Draws::of("why not a mean");
    let truth = 0.5_f64.exp();
    // Lognormal(1) has sigma 0.5: squared, sigma 1.
    let mut five = || -> Vec<f64> {
        let drawn = draws.watched(Law::Lognormal(1.0), Watch::Whole, 5);
        drawn.iter().map(|one| one.t_s * one.t_s).collect()
    };
    let (got, _) = share(|| {
        let times = five();
        let mean = times.iter().sum::<f64>() / 5.0;
        let variance = times.iter().map(|t| (t - mean).powi(2)).sum::<f64>() / 4.0;
        let wide = 2.776_445 * (variance / 5.0).sqrt();
        Some((mean - truth).abs() <= wide)
    });
    let rows = [Row {
        what: "Student's t, lognormal, sigma 1, n = 5".into(),
        got,
        want: 82.0,
        within: ALIKE,
    }];
    judge("what a mean would claim as 95 %", "published", &rows);
}
