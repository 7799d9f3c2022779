//! Medians of complete data: the ranks promise a coverage that depends on nothing but `n`.
use crate::{
    CLOSE, Row,
    draws::{Draws, Law, Watch, durations, median},
    holds, judge, share,
};

/// Coverage of the widest ranks that hold 95 %, in percent, from Pascal's triangle in whole numbers.
fn attained(n: u32) -> f64 {
    let mut row = vec![1_u128];
    for _ in 0..n {
        let inner = row.windows(2).map(|pair| pair[0] + pair[1]);
        row = std::iter::once(1).chain(inner).chain([1]).collect();
    }
    let all: u128 = row.iter().sum();
    let mut below = 0_u128;
    let mut best = 0.0;
    for count in row {
        below += count;
        // 1 - 2 below / all >= 0.95, without a division.
        if 40 * below > all {
            break;
        }
        best = 100.0 * (all - 2 * below) as f64 / all as f64;
    }
    best
}

fn row(law: Law, n: u32) -> Row {
    let what = format!("{law:?}, n = {n}");
    let mut draws = Draws::of(&what);
    let mut printed = 0.0;
    let (got, valued) = share(|| {
        let measure = durations(&draws.watched(law, Watch::Whole, n as usize)).median();
        printed = 100.0 * measure.level?;
        Some(holds(measure.low, measure.high, median(law)))
    });
    let want = attained(n);
    assert!(
        (printed - want).abs() < 1e-9 && valued == 100.0,
        "{what}: prints {printed} for {want}"
    );
    Row {
        what,
        got,
        want,
        within: CLOSE,
    }
}

#[test]
fn a_median_of_complete_data_is_held_as_often_as_is_printed() {
    let uniform = (6..=30).chain([50, 100]).map(|n| row(Law::Uniform, n));
    let others = [
        (Law::Lognormal(20.0), 6),
        (Law::Lognormal(20.0), 9),
        (Law::Exponential(60.0), 8),
        (Law::Exponential(60.0), 17),
    ];
    let rows: Vec<Row> = uniform.chain(others.map(|(law, n)| row(law, n))).collect();
    judge("median, complete data", "attained", &rows);
}

#[test]
fn the_published_coverages_are_the_counted_ones() {
    for (n, percent) in [
        (5, 0.0),
        (6, 96.88),
        (9, 96.09),
        (10, 97.85),
        (12, 96.14),
        (20, 95.86),
        (30, 95.72),
        (100, 96.48),
    ] {
        assert!(
            (attained(n) - percent).abs() < 0.005,
            "n = {n}: {}",
            attained(n)
        );
    }
}
