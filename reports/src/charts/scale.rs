//! Axes: from a value to a pixel, with round ticks. plotters' ranges find the ticks and map; here is the choice of range.
use plotters::coord::ranged1d::Ranged;
use plotters::coord::types::RangedCoordf64;
use plotters::prelude::{IntoLogRange, LogCoord};

/// One axis, in CSS pixels.
pub struct Scale {
    range: Kind,
    from: f64,
    to: f64,
}

enum Kind {
    Linear(RangedCoordf64),
    Log(LogCoord<f64>),
}

/// Pixels are mapped at this fineness, since plotters maps to whole numbers.
const STEPS: f64 = 64.0;

impl Scale {
    /// Values `low..high` on pixels `from..to`.
    #[must_use]
    pub fn linear(low: f64, high: f64, from: f64, to: f64) -> Self {
        let high = if high > low { high } else { low + 1.0 };
        Self {
            range: Kind::Linear((low..high).into()),
            from,
            to,
        }
    }

    /// The same on a logarithmic axis of whole decades; both must be above zero.
    #[must_use]
    pub fn log(low: f64, high: f64, from: f64, to: f64) -> Self {
        let (low, high) = (
            10_f64.powf(low.log10().floor()),
            10_f64.powf(high.log10().ceil()),
        );
        let high = if high > low { high } else { low * 10.0 };
        Self {
            range: Kind::Log((low..high).log_scale().into()),
            from,
            to,
        }
    }

    /// Where a value lies; beyond the ends it stays at the end.
    #[must_use]
    #[expect(clippy::cast_possible_truncation, reason = "pixels of a page")]
    pub fn at(&self, value: f64) -> f64 {
        let limit = ((self.from * STEPS) as i32, (self.to * STEPS) as i32);
        let at = match &self.range {
            Kind::Linear(r) => r.map(&value.clamp(r.range().start, r.range().end), limit),
            Kind::Log(r) => r.map(&value.clamp(r.range().start, r.range().end), limit),
        };
        f64::from(at) / STEPS
    }

    /// At most about `most` round values.
    #[must_use]
    pub fn ticks(&self, most: usize) -> Vec<f64> {
        match &self.range {
            Kind::Linear(r) => r.key_points(most),
            Kind::Log(r) => decades(r.range().start, r.range().end, most),
        }
    }
}

fn decades(low: f64, high: f64, most: usize) -> Vec<f64> {
    let all: Vec<f64> = std::iter::successors(Some(low), |v| Some(v * 10.0))
        .take_while(|v| *v <= high * 1.001)
        .take(40)
        .collect();
    let step = all.len().div_ceil(most.max(1)).max(1);
    all.into_iter().step_by(step).collect()
}

/// Ticks of a clock: the smallest round step (1, 2, 5, 10, 15, 30 s, minutes, hours) that leaves at most `most` of them.
#[must_use]
pub fn clock_ticks(begin_s: f64, end_s: f64, most: f64) -> Vec<f64> {
    const STEPS: [f64; 15] = [
        1.0, 2.0, 5.0, 10.0, 15.0, 30.0, 60.0, 120.0, 300.0, 600.0, 900.0, 1800.0, 3600.0, 7200.0,
        14400.0,
    ];
    let step = STEPS
        .into_iter()
        .find(|s| (end_s - begin_s) / s <= most)
        .unwrap_or((end_s - begin_s).max(1.0) / most);
    std::iter::successors(Some((begin_s / step).ceil() * step), |t| Some(t + step))
        .take_while(|t| *t <= end_s)
        .take(1000)
        .collect()
}

/// A tick as short as it can be: `0.5`, `20`, `1 200`.
#[must_use]
pub fn tick(v: f64) -> String {
    if v == 0.0 {
        return "0".into();
    }
    let decimals = (0..6)
        .find(|d| {
            (v * 10_f64.powi(*d) - (v * 10_f64.powi(*d)).round()).abs()
                < 1e-6 * v.abs() * 10_f64.powi(*d)
        })
        .unwrap_or(6);
    crate::number::fixed(v, decimals.unsigned_abs() as usize)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ends_map_to_ends_and_values_beyond_stay_inside() {
        let s = Scale::linear(0.0, 10.0, 100.0, 200.0);
        assert_eq!(
            (s.at(0.0), s.at(5.0), s.at(10.0), s.at(99.0)),
            (100.0, 150.0, 200.0, 200.0)
        );
        let l = Scale::log(0.02, 3.0, 0.0, 300.0);
        assert_eq!((l.at(0.01), l.at(10.0)), (0.0, 300.0));
    }

    #[test]
    fn ticks_are_few_and_round() {
        assert_eq!(
            clock_ticks(22.0, 249.0, 10.0),
            (1..9).map(|i| f64::from(i) * 30.0).collect::<Vec<_>>()
        );
        assert_eq!(
            ["0", "0.5", "20", "0.001"],
            [tick(0.0).as_str(), &tick(0.5), &tick(20.0), &tick(0.001)]
        );
        assert!(Scale::log(0.001, 100.0, 0.0, 1.0).ticks(3).len() <= 3);
    }
}
