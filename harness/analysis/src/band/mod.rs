//! The normal band of a probe: what it did while nothing was hurt. Only outside it is impact.
//!
//! The upper edge is the larger of two limits, because each fails where the other holds:
//! - `median + 3 * 1.4826 * MAD` is not moved by an outlier in the baseline, but too tight for skewed values;
//! - the distribution-free limit (the `ceil((n + 1) * 0.99)`-th value, from 99 values on) follows any shape.
//!
//! [`limits`] has these and the reference's `mu + 3 sigma` as named rules, each with how often it alarms for nothing.
//! Where all values are alike (MAD 0) the resolution of the measure stands in for their scatter; and the edge is never below `floor`.

pub mod limits;

/// Upper edge of the band of these baseline values, same unit; none without values. `resolution` is the least difference that
/// one value can tell, `floor` the least edge that means anything for the probe.
///
/// Source: Leys et al., J. Exp. Soc. Psychol. 49 (2013) for the robust limit; Wilks (1941) for the other.
/// ```
/// let edge = analysis::band::upper_edge(&[98.0, 101.0, 100.0, 99.0, 102.0, 100.0, 97.0, 103.0, 100.0, 180.0], 0.0, 0.0);
/// assert!((edge.unwrap() - 106.672).abs() < 5e-4);
/// ```
pub fn upper_edge(baseline: &[f64], resolution: f64, floor: f64) -> Option<f64> {
    let mut sorted = baseline.to_vec();
    sorted.sort_by(f64::total_cmp);
    if crate::mutant("N2") {
        return sorted.last().copied();
    }
    let robust = robust(&sorted, resolution)?;
    Some(
        free_limit(&sorted)
            .map_or(robust, |limit| limit.max(robust))
            .max(floor),
    )
}

/// `median + 3 * 1.4826 * MAD`, with `resolution` for the scatter where all values are alike; none of nothing.
pub fn robust(values: &[f64], resolution: f64) -> Option<f64> {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let center = median(&sorted)?;
    let mut away: Vec<f64> = sorted.iter().map(|value| (value - center).abs()).collect();
    away.sort_by(f64::total_cmp);
    let sigma = 1.4826 * median(&away)?;
    let sigma = if sigma > 0.0 { sigma } else { resolution };
    Some(center + 3.0 * sigma)
}

fn free_limit(sorted: &[f64]) -> Option<f64> {
    let n = sorted.len();
    let rank = ((n + 1) as f64 * 0.99).ceil() as usize;
    (n >= 99).then(|| sorted[rank.min(n) - 1])
}

fn median(sorted: &[f64]) -> Option<f64> {
    let n = sorted.len();
    match n {
        0 => None,
        n if n % 2 == 1 => Some(sorted[n / 2]),
        n => Some(f64::midpoint(sorted[n / 2 - 1], sorted[n / 2])),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_all_alike_get_the_resolution_as_their_scatter() {
        assert_eq!(upper_edge(&[2.0; 20], 0.1, 0.0), Some(2.3));
        assert_eq!(upper_edge(&[], 0.1, 0.0), None);
    }

    #[test]
    fn a_skewed_baseline_stays_almost_whole_inside_its_own_band() {
        let skewed: Vec<f64> = (1..=300)
            .map(|k| 1.0 / (1.0 - f64::from(k) / 301.0))
            .collect();
        let edge = upper_edge(&skewed, 0.0, 0.0).unwrap();
        assert!(skewed.iter().filter(|value| **value > edge).count() <= 3);
    }
}
