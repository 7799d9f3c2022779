//! Drift: the median of all slopes between two runs, with an interval by rank. A few odd runs do not move it.
use crate::{median::middle, report::Measure};

/// Room for sums of probabilities.
const ROUNDING: f64 = 1e-12;

/// Median slope of `(x, y)` points with its interval, in `unit`; n from 5 for an interval. Points of the same x make no pair; what is
/// not finite is left out and said.
///
/// Source: Theil (1950); Sen, J. Am. Stat. Assoc. 63 (1968); ranks from the exact distribution of Kendall's count.
/// ```
/// let points: Vec<(f64, f64)> = (0..8).map(|k| (f64::from(k), 3.0 + 0.5 * f64::from(k))).collect();
/// let slope = analysis::history::theil_sen::slope(&points, "s a day");
/// assert_eq!((slope.value, slope.low, slope.high), (Some(0.5), Some(0.5), Some(0.5)));
/// ```
pub fn slope(points: &[(f64, f64)], unit: &str) -> Measure {
    let told: Vec<(f64, f64)> = points
        .iter()
        .copied()
        .filter(|(x, y)| x.is_finite() && y.is_finite())
        .collect();
    let n = told.len();
    let mut slopes = Vec::new();
    for (at, a) in told.iter().enumerate() {
        slopes.extend(
            told[at + 1..]
                .iter()
                .filter(|b| b.0 != a.0)
                .map(|b| (b.1 - a.1) / (b.0 - a.0)),
        );
    }
    slopes.sort_by(f64::total_cmp);
    let out = match points.len() - n {
        0 => String::new(),
        out => format!(", {out} more without a value"),
    };
    let Some(value) = middle(&slopes) else {
        return Measure {
            unit: unit.into(),
            n: n as u64,
            why: Some(format!(
                "{n} runs{out}: at least 2 at different times would do"
            )),
            ..Measure::default()
        };
    };
    let mut measure = Measure {
        value: Some(value),
        unit: unit.into(),
        n: n as u64,
        method: format!("Theil-Sen over {n} runs{out}"),
        ..Measure::default()
    };
    match rank(n).filter(|_| slopes.len() == n * (n - 1) / 2) {
        Some((c, level)) => {
            (measure.low, measure.high) = (Some(slopes[c - 1]), Some(slopes[slopes.len() - c]));
            measure.level = Some(level);
            measure.method += &format!(", ranks {c} and {}", slopes.len() + 1 - c);
        }
        None => measure.method += "; no 95 % interval below 5 runs at different times",
    }
    measure
}

/// The rank `c` (from 1) so that the `c`-th least and most of all slopes enclose the true one with at least 95 %, and the coverage
/// attained; none below five points. The largest with `1 - 2 * P(D < c)` at least 0.95, D the number of pairs in falling order.
pub fn rank(n: usize) -> Option<(usize, f64)> {
    let (mut below, mut best) = (0.0, None);
    for (d, p) in falling(n).into_iter().enumerate() {
        below += p;
        let level = 1.0 - 2.0 * below;
        if level < 0.95 - ROUNDING {
            break;
        }
        best = Some((d + 1, level));
    }
    best
}

/// P(D = d) over all orders of `n` points.
fn falling(n: usize) -> Vec<f64> {
    let mut p = vec![1.0];
    for size in 2..=n {
        let mut next = vec![0.0; p.len() + size - 1];
        for (d, q) in p.iter().enumerate() {
            // The next point may stand before 0 to size - 1 of those already in order.
            next[d..d + size]
                .iter_mut()
                .for_each(|sum| *sum += q / size as f64);
        }
        p = next;
    }
    p
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::{collection::vec, prelude::*};

    #[test]
    fn the_ranks_follow_kendalls_table() {
        // Of 120 orders of five points one has no falling pair: 1 - 2/120.
        let (c, level) = rank(5).unwrap();
        assert!(c == 1 && (level - (1.0 - 2.0 / 120.0)).abs() < 1e-12);
        assert_eq!((rank(4), rank(0), rank(1)), (None, None, None));
        // The two-sided 5 % point of Kendall's S for 10 points is 23: at most 11 falling pairs of 45 hold.
        assert_eq!(rank(10).unwrap().0, 12);
    }

    #[test]
    fn points_at_one_time_have_no_slope() {
        assert!(
            slope(&[(1.0, 2.0), (1.0, 3.0)], "s")
                .why
                .unwrap()
                .contains("different times")
        );
    }

    proptest! {
        /// Turning the values around turns the slope around, and adding a line adds its slope.
        #[test]
        fn it_moves_with_a_line(values in vec(-10.0..10.0_f64, 5..20), by in -3.0..3.0_f64) {
            let points: Vec<(f64, f64)> = values.iter().zip(0..).map(|(y, x)| (f64::from(x), *y)).collect();
            let moved: Vec<(f64, f64)> = points.iter().map(|(x, y)| (*x, y + by * x)).collect();
            let turned: Vec<(f64, f64)> = points.iter().map(|(x, y)| (*x, -y)).collect();
            let (a, b, c) = (slope(&points, "s"), slope(&moved, "s"), slope(&turned, "s"));
            prop_assert!((a.value.unwrap() + by - b.value.unwrap()).abs() < 1e-9);
            prop_assert!((a.low.unwrap() + c.high.unwrap()).abs() < 1e-9);
            prop_assert!(a.low <= a.value && a.value <= a.high);
        }
    }
}
