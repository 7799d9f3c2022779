//! Several tests at once: which p-values are small enough that of those taken for real only a given share is chance.

/// The largest p-value that still counts, at a share `q` of false ones among those that count; below zero where none does.
///
/// Source: Benjamini & Hochberg, J. R. Stat. Soc. B 57 (1995): the largest k with p(k) <= k q / m.
/// ```
/// use analysis::history::benjamini_hochberg::limit;
/// let p = [0.001, 0.008, 0.039, 0.041, 0.042, 0.06, 0.074, 0.205, 0.212, 0.216];
/// assert_eq!(limit(&p, 0.05), 0.008);
/// assert!(limit(&[0.2, 0.9], 0.05) < 0.0);
/// ```
pub fn limit(p: &[f64], q: f64) -> f64 {
    let mut sorted: Vec<f64> = p.iter().copied().filter(|p| !p.is_nan()).collect();
    sorted.sort_by(f64::total_cmp);
    let m = sorted.len() as f64;
    let holds = |(at, p): &(usize, &f64)| **p <= (at + 1) as f64 * q / m;
    let last = sorted.iter().enumerate().rfind(holds);
    last.map_or(-1.0, |(_, p)| *p)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::{collection::vec, prelude::*};

    proptest! {
        /// The slow reading: the largest set of smallest values whose largest member is within its share.
        #[test]
        fn it_is_the_largest_set_that_fits(p in vec(0.0..1.0_f64, 0..20), q in 0.01..0.3_f64) {
            let mut sorted = p.clone();
            sorted.sort_by(f64::total_cmp);
            let fits = |k: usize| sorted[k - 1] <= k as f64 * q / sorted.len() as f64;
            let most = (1..=sorted.len()).rev().find(|k| fits(*k)).unwrap_or(0);
            let counted = p.iter().filter(|p| **p <= limit(&p_all(&sorted), q)).count();
            prop_assert_eq!(counted, most);
        }
    }

    fn p_all(sorted: &[f64]) -> Vec<f64> {
        sorted.iter().rev().copied().collect()
    }
}
