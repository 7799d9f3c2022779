//! How far into the sorted pairs of two samples an interval may reach: the distribution of the Mann-Whitney count.

/// Most pairs whose distribution is summed exactly; beyond them the normal approximation errs by less than one rank in a hundred.
const EXACT: usize = 10_000;

/// What sums of as many probabilities may be off by.
const ROUNDING: f64 = 1e-12;

/// 97.5 % point of the normal distribution.
const Z: f64 = 1.959_963_984_540_054;

/// The rank `c` (from 1) so that the `c`-th least and the `c`-th most of all pairs enclose the shift (or ratio) between two samples
/// with at least 95 %, and the coverage attained; none where even the extremes do not.
///
/// `strata`: how many of each sample may be paired with each other; one of all where nothing keeps them apart. The rank is the largest
/// with `1 - 2 * P(U < c)` at least 0.95, U the sum of the Mann-Whitney counts of strata whose samples are alike.
///
/// Source: Mann & Whitney, Ann. Math. Stat. 18 (1947); the interval by its inversion: Hodges & Lehmann, Ann. Math. Stat. 34 (1963);
/// over strata: van Elteren, Bull. Int. Stat. Inst. 37 (1960), with the same weight for every pair.
/// ```
/// let (c, level) = analysis::compare::mann_whitney::rank(&[(6, 6)]).unwrap();
/// assert!(c == 6 && (level - 0.959).abs() < 5e-4);
/// ```
pub fn rank(strata: &[(usize, usize)]) -> Option<(usize, f64)> {
    let pairs: usize = strata.iter().map(|(m, n)| m * n).sum();
    if pairs > EXACT {
        return Some((by_normal(strata), 0.95));
    }
    let (mut below, mut best) = (0.0, None);
    for (u, p) in summed(strata).into_iter().enumerate() {
        below += p;
        let level = 1.0 - 2.0 * below;
        if level < 0.95 - ROUNDING {
            break;
        }
        best = Some((u + 1, level));
    }
    best.map(|(c, level)| (if crate::mutant("H1") { c + 1 } else { c }, level))
}

/// P(U = u) of the sum over strata.
fn summed(strata: &[(usize, usize)]) -> Vec<f64> {
    strata.iter().fold(vec![1.0], |sum, (m, n)| {
        let one = counts(*m, *n);
        let mut both = vec![0.0; sum.len() + one.len() - 1];
        for (u, p) in sum.iter().enumerate() {
            for (v, q) in one.iter().enumerate() {
                both[u + v] += p * q;
            }
        }
        both
    })
}

/// P(U = u) for u from 0 to `m * n`, by the last of all values in order: it belongs to the first sample and lies above all `n` of the
/// second with `m / (m + n)`, else to the second.
fn counts(m: usize, n: usize) -> Vec<f64> {
    let mut row: Vec<Vec<f64>> = vec![vec![1.0]; n + 1];
    for i in 1..=m {
        let mut next = vec![vec![1.0]];
        for j in 1..=n {
            let of_first = i as f64 / (i + j) as f64;
            let mut p = vec![0.0; i * j + 1];
            for (u, q) in row[j].iter().enumerate() {
                p[u + j] += of_first * q;
            }
            for (u, q) in next[j - 1].iter().enumerate() {
                p[u] += (1.0 - of_first) * q;
            }
            next.push(p);
        }
        row = next;
    }
    row.swap_remove(n)
}

/// How often samples of the same kind lie as far apart, either way: `u` pairs of `m * n` in which the second is larger, a tie as half
/// of one. Ties are decided against the difference.
pub fn p_value(m: usize, n: usize, u: f64) -> f64 {
    let pairs = (m * n) as f64;
    let near = u.min(pairs - u).ceil();
    if m * n <= EXACT {
        let below: f64 = counts(m, n).iter().take(near as usize + 1).sum();
        return (2.0 * below).min(1.0);
    }
    let deviation = (pairs * (m + n + 1) as f64 / 12.0).sqrt();
    let z = ((pairs / 2.0 - near - 0.5) / deviation).max(0.0);
    (2.0 * crate::distribution::normal_above(z)).min(1.0)
}

fn by_normal(strata: &[(usize, usize)]) -> usize {
    let (mut mean, mut variance) = (0.0, 0.0);
    for (m, n) in strata.iter().map(|(m, n)| (*m as f64, *n as f64)) {
        mean += m * n / 2.0;
        variance += m * n * (m + n + 1.0) / 12.0;
    }
    (mean - Z * variance.sqrt()).floor().max(1.0) as usize
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_ranks_are_the_published_ones() {
        for (n, c, level) in [
            (4, 1, 97.1),
            (5, 3, 96.8),
            (6, 6, 95.9),
            (8, 14, 95.0),
            (10, 24, 95.7),
        ] {
            let (got, attained) = rank(&[(n, n)]).unwrap();
            assert_eq!(got, c, "n = {n}");
            assert!(
                (attained * 100.0 - level).abs() < 0.06,
                "n = {n}: {attained}"
            );
        }
    }

    #[test]
    fn three_against_three_have_no_interval() {
        assert_eq!(
            (rank(&[(3, 3)]), rank(&[(0, 9)]), rank(&[])),
            (None, None, None)
        );
        assert_eq!(rank(&[(3, 5)]).unwrap().0, 1);
    }

    /// Two strata of 3 against 3 are as good as none apart, together they are enough: their extremes hold all but 2 in 400.
    #[test]
    fn strata_that_are_too_small_alone_may_do_together() {
        let (c, level) = rank(&[(3, 3), (3, 3)]).unwrap();
        assert!(c >= 1 && level >= 0.95, "{c} {level}");
        let extremes = 1.0 - 2.0 * summed(&[(3, 3), (3, 3)])[0];
        assert!((extremes - (1.0 - 2.0 / 400.0)).abs() < 1e-12);
    }

    #[test]
    fn where_the_normal_takes_over_it_agrees_with_the_sum() {
        let (exact, _) = rank(&[(100, 100)]).unwrap();
        assert!(exact.abs_diff(by_normal(&[(100, 100)])) <= 1, "{exact}");
    }

    proptest! {
        #[test]
        fn the_count_is_a_distribution_and_mirrors(m in 1_usize..12, n in 1_usize..12) {
            let p = counts(m, n);
            prop_assert_eq!(p.len(), m * n + 1);
            prop_assert!((p.iter().sum::<f64>() - 1.0).abs() < 1e-12);
            for (one, other) in p.iter().zip(p.iter().rev()) {
                prop_assert!((one - other).abs() < 1e-12);
            }
            prop_assert_eq!(rank(&[(m, n)]).map(|(c, _)| c), rank(&[(n, m)]).map(|(c, _)| c));
        }
    }
}
