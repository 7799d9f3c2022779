//! Fewer buckets than were recorded, for a picture that has fewer pixels.
use super::seconds;
use analysis::report::Series;

/// Some neighbouring buckets drawn as one: nothing extreme and no gap is lost.
pub(super) struct Bucket {
    pub t: f64,
    pub low: Option<f64>,
    pub high: Option<f64>,
    pub line: Vec<f64>,
    pub bad: bool,
}

impl Bucket {
    /// The value farther beyond the bound.
    pub fn worst(&self, bound: Option<f64>) -> Option<f64> {
        let beyond = bound.unwrap_or(f64::NEG_INFINITY);
        self.high.filter(|h| *h > beyond).or(self.low)
    }
}

/// At most about `most` buckets. A group that holds an empty bucket among filled ones ends the line, so that gaps stay gaps.
pub(super) fn reduce(s: &Series, most: usize) -> Vec<Bucket> {
    let step = s.values.len().div_ceil(most.max(1)).max(1);
    let mut out = Vec::new();
    for from in (0..s.values.len()).step_by(step) {
        let to = (from + step).min(s.values.len());
        let bucket = group(s, from, to);
        let gap = bucket.low.is_some() && s.values[from..to].iter().any(Option::is_none);
        let t = bucket.t;
        out.push(bucket);
        if gap {
            out.push(Bucket {
                t,
                low: None,
                high: None,
                line: Vec::new(),
                bad: false,
            });
        }
    }
    out
}

#[expect(clippy::cast_precision_loss, reason = "buckets of one run")]
fn group(s: &Series, from: usize, to: usize) -> Bucket {
    let extreme = |list: &[Option<f64>], pick: fn(f64, f64) -> f64| {
        list.iter()
            .take(to)
            .skip(from)
            .flatten()
            .copied()
            .filter(|v| v.is_finite())
            .reduce(pick)
    };
    let values: Vec<f64> = s
        .values
        .iter()
        .take(to)
        .skip(from)
        .flatten()
        .copied()
        .filter(|v| v.is_finite())
        .collect();
    let middle = (from + to) as f64 / 2.0;
    Bucket {
        t: seconds(s.start_ns) + seconds(s.bucket_ns) * middle,
        low: extreme(&s.low, f64::min).or(extreme(&s.values, f64::min)),
        high: extreme(&s.high, f64::max).or(extreme(&s.values, f64::max)),
        line: ends(&values),
        bad: s.bad.iter().take(to).skip(from).flatten().any(|b| *b > 0.0),
    }
}

/// Least and most in the order in which they came; one value where they are the same.
fn ends(values: &[f64]) -> Vec<f64> {
    let place = |better: fn(&f64, &f64) -> bool| {
        values
            .iter()
            .enumerate()
            .fold(None, |best: Option<(usize, f64)>, (i, v)| match best {
                Some((_, b)) if !better(v, &b) => best,
                _ => Some((i, *v)),
            })
    };
    match (place(|a, b| a < b), place(|a, b| a > b)) {
        (Some(a), Some(b)) if a.0 == b.0 => vec![a.1],
        (Some(a), Some(b)) if a.0 < b.0 => vec![a.1, b.1],
        (Some(a), Some(b)) => vec![b.1, a.1],
        _ => Vec::new(),
    }
}

#[cfg(test)]
pub(super) fn sample_series(values: Vec<Option<f64>>) -> Series {
    let n = values.len();
    Series {
        id: "p".into(),
        name: "p".into(),
        unit: "s".into(),
        start_ns: 0,
        bucket_ns: 1_000_000_000,
        low: values.clone(),
        high: values.clone(),
        values,
        bad: vec![None; n],
        bound: None,
        outages: vec![],
    }
}

#[cfg(test)]
mod tests {
    use super::{reduce, sample_series as series};

    #[test]
    fn thinning_keeps_the_spike_and_the_gap() {
        let mut values = vec![Some(1.0); 1000];
        values[501] = Some(99.0);
        values[700] = None;
        let buckets = reduce(&series(values), 100);
        assert!(buckets.len() <= 101);
        assert!(
            buckets.iter().any(|b| b.line.contains(&99.0)),
            "the spike survives"
        );
        assert_eq!(
            buckets.split(|b| b.low.is_none()).count(),
            2,
            "the line is cut once"
        );
    }
}
