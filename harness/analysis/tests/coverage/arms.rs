//! Two arms: the ratio after Hodges and Lehmann, and two medians apart.
use crate::{
    ALIKE, CLOSE, Row,
    draws::{Draws, Law, Watch, durations},
    holds, judge, share,
};
use analysis::{
    compare::{
        hodges_lehmann::{Known, ratio},
        medians::difference,
    },
    survival::Watched,
};

fn known(watched: &[Watched]) -> Vec<Known> {
    let one = |one: &Watched| match one.recovered {
        true => Known::exact(one.t_s),
        false => Known::above(one.t_s),
    };
    watched.iter().map(one).collect()
}

/// Both arms of a design in which the second has `ratio` of the first's times.
fn arms(draws: &mut Draws, ratio: f64, watch: Watch, n: usize) -> [Vec<Watched>; 2] {
    [1.0, ratio].map(|scale| draws.watched(Law::Lognormal(20.0 * scale), watch, n))
}

/// Coverage of the least and the most of all pairs by rank, in percent: every order of both samples told one by one.
fn attained(n: u32) -> f64 {
    let mut counts = vec![0_u64; (n * n) as usize + 1];
    for labels in 0_u32..1 << (2 * n) {
        if labels.count_ones() == n {
            let below = |at: u32| (!labels & ((1_u32 << at) - 1)).count_ones();
            let u: u32 = (0..2 * n)
                .filter(|at| (labels >> at) & 1 == 1)
                .map(below)
                .sum();
            counts[u as usize] += 1;
        }
    }
    let all: u64 = counts.iter().sum();
    let (mut below, mut best) = (0, 0.0);
    for count in counts {
        below += count;
        if 40 * below > all {
            break;
        }
        best = 100.0 * (all - 2 * below) as f64 / all as f64;
    }
    best
}

#[test]
fn a_ratio_is_held_as_often_as_is_printed() {
    let row = |n: u32| {
        let what = format!("ratio 0.4, {n} a side");
        let mut draws = Draws::of(&what);
        let mut printed = 0.0;
        let (got, _) = share(|| {
            let [a, b] = arms(&mut draws, 0.4, Watch::Whole, n as usize);
            let measure = ratio(&[(known(&a), known(&b))]);
            printed = 100.0 * measure.level?;
            Some(holds(measure.low, measure.high, 0.4))
        });
        let want = attained(n);
        assert!(
            (printed - want).abs() < 1e-9,
            "{what}: prints {printed} for {want}"
        );
        Row {
            what,
            got,
            want,
            within: CLOSE,
        }
    };
    judge(
        "ratio of medians, complete data",
        "attained",
        &[4, 5, 6, 8, 10].map(row),
    );
}

/// Censoring may only widen it: never less than attained, whatever share is cut off.
#[test]
fn a_ratio_of_censored_arms_is_held_at_least_as_often() {
    let mut rows = Vec::new();
    for (n, limit) in [(6, 40.0), (6, 22.0), (8, 22.0)] {
        let what = format!("ratio 0.4, {n} a side, until {limit} s");
        let mut draws = Draws::of(&what);
        let (got, valued) = share(|| {
            let [a, b] = arms(&mut draws, 0.4, Watch::Until(limit), n as usize);
            let measure = ratio(&[(known(&a), known(&b))]);
            Some(holds(measure.low, measure.high, 0.4))
        });
        assert_eq!(valued, 100.0);
        let want = attained(n as u32);
        rows.push(Row {
            what,
            got: got.min(want),
            want,
            within: CLOSE,
        });
        println!("{:44} {got:8.3}", rows[rows.len() - 1].what);
    }
    judge(
        "ratio of medians, censored (no more than attained shown)",
        "attained",
        &rows,
    );
}

/// Of the sets in which both arms have a median; the other simulation's figures.
const APART: [(usize, f64, Watch, f64); 12] = [
    (6, 0.4, Watch::Whole, 98.34),
    (6, 1.0, Watch::Whole, 98.99),
    (6, 0.4, Watch::Until(25.0), 98.78),
    (8, 0.4, Watch::Whole, 99.69),
    (8, 1.0, Watch::Whole, 99.85),
    (8, 0.4, Watch::Until(25.0), 98.80),
    (10, 0.4, Watch::Whole, 98.78),
    (10, 1.0, Watch::Whole, 99.28),
    (10, 0.4, Watch::Until(25.0), 97.11),
    (20, 0.4, Watch::Whole, 97.00),
    (20, 1.0, Watch::Whole, 97.79),
    (20, 0.4, Watch::Until(25.0), 98.21),
];

#[test]
fn two_medians_apart_are_held_at_least_as_often_as_is_printed() {
    let row = |(n, ratio, watch, want): (usize, f64, Watch, f64)| {
        let what = format!("ratio {ratio}, {n} a side, {watch:?}");
        let mut draws = Draws::of(&what);
        let (got, _) = share(|| {
            let [a, b] = arms(&mut draws, ratio, watch, n).map(|arm| durations(&arm).median());
            let measure = difference(&a, &b);
            measure.value?;
            Some(holds(measure.low, measure.high, 20.0 * ratio - 20.0))
        });
        assert!(got > 95.0 - CLOSE, "{what}: {got}");
        Row {
            what,
            got,
            want,
            within: ALIKE,
        }
    };
    judge("difference of medians", "apart", &APART.map(row));
}
