//! What a piece of work adds up, and the intervals that come of it.
use crate::{
    distributions::{chi_squared_quantile, student_two_sided},
    report::Measure,
};

/// One quantity summed over cycles or windows, with what its interval needs.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Total {
    pub(super) sum: f64,
    squares: f64,
    with_time: f64,
    most: f64,
}

impl Total {
    pub(super) fn add(&mut self, value: f64, time: f64) {
        self.sum += value;
        self.squares += value * value;
        self.with_time += value * time;
        self.most = self.most.max(value);
    }

    fn merge(&mut self, other: &Self) {
        self.sum += other.sum;
        self.squares += other.squares;
        self.with_time += other.with_time;
        self.most = self.most.max(other.most);
    }
}

/// Everything that is summed. A sample is one cycle from all up to all up, or one window of fixed length.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Sums {
    pub(super) samples: u64,
    pub(super) lifetimes: u64,
    time: f64,
    time_squares: f64,
    /// Time with any group lost.
    pub(super) lost: Total,
    /// Sum over groups of the time it was lost.
    pub(super) group_lost: Total,
    /// Stretches with any group lost.
    pub(super) losses: Total,
    /// Time until the first loss, or all of the cycle.
    pub(super) before: Total,
    /// Parts down, times time.
    pub(super) down: Total,
    /// Cycles with a loss; in windows, stretches.
    pub(super) hits: u64,
    /// Squares and most of the time lost per hit.
    pub(super) per_hit: Total,
    /// Mean parts down in the second half of a window less that in the first, and its square.
    pub(super) drift: [f64; 2],
}

impl Sums {
    pub(super) fn sample(&mut self, time: f64) {
        self.samples += 1;
        self.time += time;
        self.time_squares += time * time;
    }

    pub(super) fn merge(&mut self, other: &Self) {
        self.samples += other.samples;
        self.lifetimes += other.lifetimes;
        self.hits += other.hits;
        self.time += other.time;
        self.time_squares += other.time_squares;
        for (ours, theirs) in [
            (&mut self.lost, &other.lost),
            (&mut self.group_lost, &other.group_lost),
            (&mut self.losses, &other.losses),
            (&mut self.before, &other.before),
            (&mut self.down, &other.down),
            (&mut self.per_hit, &other.per_hit),
        ] {
            ours.merge(theirs);
        }
        self.drift[0] += other.drift[0];
        self.drift[1] += other.drift[1];
    }

    /// Whether the second halves of the windows differ from the first beyond chance: the fleet had not settled.
    pub(super) fn drifts(&self) -> bool {
        let n = self.samples as f64;
        let mean = self.drift[0] / n;
        let var = (self.drift[1] / n - mean * mean).max(0.0) * n / (n - 1.0);
        // Four standard errors: one false word in 16 000.
        self.samples > 1 && mean.abs() > 4.0 * (var / n).sqrt()
    }

    /// A sum over time with its interval; `per` divides it (groups).
    ///
    /// From 30 hits on by the ratio estimator on the log scale, which never leaves the positive; below that as a sum of so many rare
    /// events, which needs no variance of its own (Fay & Feuer, Stat. Med. 16, 1997).
    pub(super) fn over_time(&self, total: &Total, unit: &str, per: f64) -> Measure {
        let value = total.sum / self.time;
        let mut measure = Measure {
            value: Some(value / per),
            unit: unit.into(),
            n: self.samples,
            level: Some(0.95),
            ..Measure::default()
        };
        let (low, high) = if self.hits >= FEW {
            let factor = (self.quantile() * self.relative_error(total, value)).exp();
            measure.method = format!("ratio estimator over {} samples", self.samples);
            (value / factor, value * factor)
        } else {
            measure.method = format!(
                "{} losses in {} samples, rare events",
                self.hits, self.samples
            );
            let scale = if self.lost.sum > 0.0 {
                total.sum / self.lost.sum
            } else {
                1.0
            };
            let (low, high) = rare(&self.per_hit);
            (low * scale / self.time, high * scale / self.time)
        };
        (measure.low, measure.high) = (Some(low / per), Some(high / per));
        measure
    }

    fn quantile(&self) -> f64 {
        student_two_sided(0.95, self.samples.saturating_sub(1).max(1))
    }

    /// Standard error of a ratio over the ratio.
    fn relative_error(&self, total: &Total, ratio: f64) -> f64 {
        let n = self.samples as f64;
        let off = total.squares - 2.0 * ratio * total.with_time + ratio * ratio * self.time_squares;
        (off.max(0.0) / (n - 1.0) * n).sqrt() / (ratio * self.time)
    }

    /// Mean number of parts down, with no rare event about it.
    pub(super) fn parts_down(&self) -> Measure {
        let value = self.down.sum / self.time;
        let bar = self.quantile() * self.relative_error(&self.down, value) * value;
        Measure {
            value: Some(value),
            unit: "parts".into(),
            n: self.samples,
            low: Some(value - bar),
            high: Some(value + bar),
            level: Some(0.95),
            method: format!("ratio estimator over {} samples", self.samples),
            ..Measure::default()
        }
    }

    /// Mean time from all up to the first loss, h: time before over hits.
    pub(super) fn first_loss(&self) -> Measure {
        let hits = self.hits as f64;
        // The time before is a sum of many cycles: what is unsure is the number of hits.
        let (few, many) = counts(self.hits);
        Measure {
            value: (self.hits > 0).then(|| self.before.sum / hits),
            unit: "h".into(),
            n: self.hits,
            low: Some(self.before.sum / many),
            high: (few > 0.0).then(|| self.before.sum / few),
            level: Some(0.95),
            method: format!("{} losses in {} cycles", self.hits, self.samples),
            why: (self.hits == 0).then(|| self.none()),
            ..Measure::default()
        }
    }

    /// Stretches of loss per h; with none an upper bound.
    pub(super) fn loss_rate(&self) -> Measure {
        if self.hits == 0 {
            return Measure {
                unit: "1/h".into(),
                n: self.samples,
                low: Some(0.0),
                high: Some(THREE / self.time),
                level: Some(0.95),
                why: Some(self.none()),
                method: "no event: 3 over the time".into(),
                ..Measure::default()
            };
        }
        let (few, many) = counts(self.hits);
        let value = self.losses.sum / self.time;
        Measure {
            value: Some(value),
            unit: "1/h".into(),
            n: self.hits,
            low: Some(value * few / self.hits as f64),
            high: Some(value * many / self.hits as f64),
            level: Some(0.95),
            method: format!("{} losses in {} samples", self.hits, self.samples),
            ..Measure::default()
        }
    }

    /// Why there is no number, with the bound there is.
    pub(super) fn none(&self) -> String {
        format!(
            "0 losses in {} samples: at most {:.3e} of them lose it (3/N); more lifetimes, or the exact answer, would tell",
            self.samples,
            1.0 - 0.05_f64.powf(1.0 / self.samples as f64)
        )
    }
}

/// Hits from which the ratio estimator is used.
const FEW: u64 = 30;
/// -ln 0.05: the mean count of which none is seen with a chance of 5 %.
const THREE: f64 = 2.995_732_273_553_991;

/// 95 % interval of the mean of a count; (0, 3.0) of none.
fn counts(hits: u64) -> (f64, f64) {
    if hits == 0 {
        return (0.0, THREE);
    }
    let hits = hits as f64;
    (
        chi_squared_quantile(2.0 * hits, 0.025) / 2.0,
        chi_squared_quantile(2.0 * hits + 2.0, 0.975) / 2.0,
    )
}

/// 95 % interval of a sum of rare events of these weights.
fn rare(hits: &Total) -> (f64, f64) {
    let (sum, squares, most) = (hits.sum, hits.squares, hits.most);
    if sum <= 0.0 {
        return (0.0, f64::INFINITY);
    }
    let low = squares / (2.0 * sum) * chi_squared_quantile(2.0 * sum * sum / squares, 0.025);
    let (up, wide) = (sum + most, squares + most * most);
    let high = wide / (2.0 * up) * chi_squared_quantile(2.0 * up * up / wide, 0.975);
    (low, high)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_seen_is_a_bound_of_three() {
        let sums = Sums {
            samples: 1_000_000,
            time: 5e6,
            ..Sums::default()
        };
        assert!(sums.none().contains("2.996e-6"));
        let rate = sums.loss_rate();
        assert_eq!(rate.value, None);
        assert!((rate.high.unwrap() * 5e6 - 2.9957).abs() < 1e-4);
        assert_eq!(sums.first_loss().value, None);
    }

    /// Equal weights are a Poisson count: its exact interval.
    #[test]
    fn equal_weights_give_the_exact_interval_of_a_count() {
        let mut hits = Total::default();
        (0..10).for_each(|_| hits.add(2.0, 1.0));
        let (low, high) = rare(&hits);
        assert!(
            (low / 2.0 - 4.795_4).abs() < 1e-3 && (high / 2.0 - 18.390_4).abs() < 1e-3,
            "{low} {high}"
        );
        let (few, many) = counts(10);
        assert!((few - 4.795_4).abs() < 1e-3 && (many - 18.390_4).abs() < 1e-3);
    }
}
