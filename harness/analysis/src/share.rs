//! `k` of `n` with its exact interval.
use crate::report::Share;

/// `k` of `n` with the two-sided exact (Clopper-Pearson) 95 % interval; 0 to 1 where `n` is zero.
///
/// Source: Clopper & Pearson, Biometrika 26 (1934). The ends solve the binomial tails for 2.5 % by bisection.
/// ```
/// let share = analysis::share::share(19, 20);
/// assert!((share.low - 0.7513).abs() < 5e-5 && (share.high - 0.9987).abs() < 5e-5);
/// ```
pub fn share(k: u64, n: u64) -> Share {
    let low = if k == 0 {
        0.0
    } else {
        solve(|p| 1.0 - at_most(k - 1, n, p) >= 0.025)
    };
    let high = if k >= n {
        1.0
    } else {
        solve(|p| at_most(k, n, p) < 0.025)
    };
    Share { k, n, low, high }
}

/// The least `p` in 0 to 1 where `holds` turns true; it must be monotone.
fn solve(holds: impl Fn(f64) -> bool) -> f64 {
    let (mut lo, mut hi) = (0.0, 1.0);
    // 60 halvings: below the spacing of doubles near 1.
    for _ in 0..60 {
        let mid = f64::midpoint(lo, hi);
        if holds(mid) { hi = mid } else { lo = mid }
    }
    f64::midpoint(lo, hi)
}

/// P(X <= k) for X binomial(n, p).
pub fn at_most(k: u64, n: u64, p: f64) -> f64 {
    if p <= 0.0 {
        return 1.0;
    }
    if p >= 1.0 {
        return if k >= n { 1.0 } else { 0.0 };
    }
    let (mut ln_choose, mut sum) = (0.0, 0.0);
    for i in 0..=k.min(n) {
        if i > 0 {
            ln_choose += ((n - i + 1) as f64).ln() - (i as f64).ln();
        }
        sum += (ln_choose + i as f64 * p.ln() + (n - i) as f64 * (1.0 - p).ln()).exp();
    }
    sum.min(1.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_worked_intervals_come_out() {
        for (k, n, low, high) in [
            (19, 20, 0.7513, 0.9987),
            (59, 59, 0.9394, 1.0),
            (72, 72, 0.9501, 1.0),
            (0, 30, 0.0, 0.1157),
            (3, 40, 0.0157, 0.2039),
        ] {
            let got = share(k, n);
            assert!(
                (got.low - low).abs() < 5e-5 && (got.high - high).abs() < 5e-5,
                "{k} of {n}: {got:?}"
            );
        }
    }

    #[test]
    fn nothing_tried_is_nothing_known() {
        assert_eq!(
            share(0, 0),
            Share {
                k: 0,
                n: 0,
                low: 0.0,
                high: 1.0
            }
        );
    }

    proptest! {
        #[test]
        fn the_interval_holds_the_share_and_mirrors(n in 1_u64..200, k in 0_u64..200) {
            let k = k.min(n);
            let (one, other) = (share(k, n), share(n - k, n));
            let point = k as f64 / n as f64;
            prop_assert!(one.low <= point + 1e-12 && point <= one.high + 1e-12);
            prop_assert!((one.low - (1.0 - other.high)).abs() < 1e-9);
        }
    }
}
