//! At least k of n alike parts up: independent, and with a common cause that takes all of them at once.
use super::odds::{Error, Odds, counts, share};
use crate::distributions::ln_gamma;

/// At least `k` of `n` up, where each is up by itself.
///
/// # Errors
/// `k` is not from 1 to `n`, or `n` is beyond [`super::odds::MOST_NODES`].
/// ```
/// use analysis::capacity::{Odds, k_of_n};
/// let two_of_three = k_of_n(2, 3, Odds::of(0.99)?)?;
/// assert!((two_of_three.down - 2.980e-4).abs() < 5e-8);
/// # Ok::<(), analysis::capacity::odds::Error>(())
/// ```
pub fn k_of_n(k: u64, n: u64, each: Odds) -> Result<Odds, Error> {
    counts(k, n)?;
    let k = if crate::mutant("K4") { k - 1 } else { k };
    if each.down == 0.0 || each.up == 0.0 {
        return Ok(each);
    }
    // Both tails grow towards the most likely count, so each is summed from its far end without loss.
    let ln_choose = |i: u64| {
        ln_gamma(n as f64 + 1.0) - ln_gamma(i as f64 + 1.0) - ln_gamma((n - i) as f64 + 1.0)
    };
    let log = |i: u64| ln_choose(i) + i as f64 * each.up.ln() + (n - i) as f64 * each.down.ln();
    // Around the largest term of either tail; what is below 1e-40 of it adds nothing to a double.
    let mode = ((n as f64 + 1.0) * each.up).floor().min(n as f64) as u64;
    let tail = |from: u64, to: u64| -> f64 {
        if from > to {
            return 0.0;
        }
        let peak = mode.clamp(from, to);
        let ratio = each.up / each.down;
        let (mut sum, mut term) = (1.0, 1.0);
        for i in peak..to {
            term *= (n - i) as f64 / (i + 1) as f64 * ratio;
            sum += term;
            if term < sum * 1e-40 {
                break;
            }
        }
        term = 1.0;
        for i in (from + 1..=peak).rev() {
            term *= i as f64 / (n - i + 1) as f64 / ratio;
            sum += term;
            if term < sum * 1e-40 {
                break;
            }
        }
        (log(peak) + sum.ln()).exp()
    };
    let (up, down) = (tail(k, n), if k == 0 { 0.0 } else { tail(0, k - 1) });
    // The smaller is exact to its last digits; the larger is its complement.
    Ok(if up < down {
        Odds { up, down: 1.0 - up }
    } else {
        Odds {
            up: 1.0 - down,
            down,
        }
    })
}

/// The same where a share `beta` of each part's unavailability strikes all together: (1 - beta q) R(a' = 1 - (1 - beta) q).
///
/// # Errors
/// As [`k_of_n`], or `beta` is no share.
pub fn common_cause(k: u64, n: u64, each: Odds, beta: f64) -> Result<Odds, Error> {
    share("beta", beta)?;
    let beta = if crate::mutant("K3") { 0.0 } else { beta };
    let alone = Odds {
        up: each.up + beta * each.down,
        down: (1.0 - beta) * each.down,
    };
    let together = floor(each, beta);
    Ok(Odds {
        up: 1.0 - together,
        down: together,
    }
    .and(k_of_n(k, n, alone)?))
}

/// The unavailability below which no number of parts comes: beta q.
pub fn floor(each: Odds, beta: f64) -> f64 {
    beta * each.down
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn near(got: f64, want: f64, digit: f64) {
        assert!(
            (got - want).abs() <= 0.51 * digit,
            "got {got:e}, want {want:e}"
        );
    }

    #[test]
    fn the_worked_spares_come_out() {
        for (n, r) in [(9, 0.955_890), (10, 0.998_905), (11, 0.999_980)] {
            near(k_of_n(9, n, Odds::of(0.995).unwrap()).unwrap().up, r, 1e-6);
        }
        let each = Odds::of(0.995).unwrap();
        near(k_of_n(8, 9, each).unwrap().up, 0.999_121, 1e-6);
        near(common_cause(8, 9, each, 0.05).unwrap().up, 0.998_956, 1e-6);
        near(common_cause(8, 10, each, 0.05).unwrap().up, 0.999_737, 1e-6);
        near(
            k_of_n(4, 6, Odds::of(0.85).unwrap()).unwrap().up,
            0.952_661_406_3,
            1e-10,
        );
    }

    #[test]
    fn the_worked_common_causes_come_out() {
        let each = Odds::of(0.99).unwrap();
        for (beta, down, digit) in [
            (0.0, 2.980e-4, 1e-7),
            (0.01, 3.920_602e-4, 1e-10),
            (0.05, 7.689_007e-4, 1e-10),
            (0.1, 1.241_300e-3, 1e-9),
            (0.2, 2.190_594e-3, 1e-9),
        ] {
            near(common_cause(2, 3, each, beta).unwrap().down, down, digit);
        }
    }

    #[test]
    fn no_number_of_parts_beats_the_floor() {
        let each = Odds::of(0.99).unwrap();
        let many = common_cause(2, 100_000, each, 0.05).unwrap();
        assert!(many.down >= floor(each, 0.05));
        near(many.down, 5e-4, 1e-12);
    }

    #[test]
    fn rare_outages_keep_their_digits() {
        let each = Odds {
            up: 1.0 - 1e-9,
            down: 1e-9,
        };
        near(k_of_n(2, 4, each).unwrap().down, 4e-27, 2e-35);
    }

    #[test]
    fn what_is_no_structure_is_refused() {
        let each = Odds::of(0.9).unwrap();
        assert_eq!(k_of_n(4, 3, each), Err(Error::KOfN { k: 4, n: 3 }));
        assert!(k_of_n(0, 3, each).is_err() && k_of_n(1, 2_000_000, each).is_err());
        assert!(
            common_cause(1, 3, each, 1.01).is_err() && common_cause(1, 3, each, f64::NAN).is_err()
        );
        assert!(Odds::of(1.1).is_err() && Odds::of(-0.1).is_err());
    }

    /// One part after the other: the chance of each count.
    fn slowly(k: u64, n: u64, each: Odds) -> Odds {
        let mut counts = vec![1.0];
        for _ in 0..n {
            let mut next = vec![0.0; counts.len() + 1];
            for (i, p) in counts.iter().enumerate() {
                next[i + 1] += p * each.up;
                next[i] += p * each.down;
            }
            counts = next;
        }
        let k = k as usize;
        Odds {
            up: counts[k..].iter().sum(),
            down: counts[..k].iter().sum(),
        }
    }

    proptest! {
        /// The sum is what adding one part after the other gives, in both tails, to nine digits.
        #[test]
        fn the_sum_is_one_part_after_the_other((n, k) in (1..60_u64).prop_flat_map(|n| (Just(n), 1..=n)), down in prop_oneof![1e-9..1e-3, 0.0..=1.0_f64]) {
            let each = Odds { up: 1.0 - down, down };
            let (got, want) = (k_of_n(k, n, each).unwrap(), slowly(k, n, each));
            prop_assert!((got.up - want.up).abs() <= 1e-9 * want.up.max(1e-280), "{:?} {:?}", got, want);
            prop_assert!((got.down - want.down).abs() <= 1e-9 * want.down.max(1e-280), "{:?} {:?}", got, want);
        }

        /// A common cause never helps where parts are spare, and shares stay shares.
        #[test]
        fn a_common_cause_never_makes_shares_leave_their_bounds((n, k) in (1..40_u64).prop_flat_map(|n| (Just(n), 1..=n)), up in 0.0..=1.0_f64, beta in 0.0..=1.0_f64) {
            let odds = common_cause(k, n, Odds::of(up).unwrap(), beta).unwrap();
            prop_assert!((0.0..=1.0).contains(&odds.up) && (0.0..=1.0).contains(&odds.down) && (odds.up + odds.down - 1.0).abs() < 1e-9);
        }
    }
}
