//! How a measure is printed: value, unit, n, interval, bar of the instrument; or the reason why there is no value.
//!
//! Seconds below one are printed as ms and shares as %. Value and interval share unit and decimals: three digits of the
//! value, never finer than the second digit of the instrument's bar.
use crate::text::clean;
use analysis::report::{Bounds, Measure, Share};

/// No-break space: between digits of a large number and before a unit.
const NBSP: char = '\u{a0}';

/// The parts of a printed measure; an absent part is empty.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Shown {
    /// `1.31`, or `unknown`.
    pub value: String,
    /// `s`, `ms`, `%`, `records`.
    pub unit: String,
    /// `[0.92, 2.18]`, `[0.92, not reached]`.
    pub interval: String,
    /// `n = 8`.
    pub n: String,
    /// `±0.05`.
    pub error: String,
    /// Why there is no value.
    pub why: String,
}

impl Shown {
    /// Value and unit.
    #[must_use]
    pub fn figure(&self) -> String {
        join(&[&self.value, &self.unit], NBSP)
    }

    /// Interval, bar and n: what stands below or behind the figure.
    #[must_use]
    pub fn detail(&self) -> String {
        let bar = if self.error.is_empty() {
            String::new()
        } else {
            format!("{}{NBSP}{}", self.error, self.unit)
        };
        join_with(&[&self.interval, bar.trim(), &self.n], ", ")
    }

    /// All in one line: `1.31 s [0.92, 2.18], ±0.05 s, n = 8`, or `unknown: why`.
    #[must_use]
    pub fn line(&self) -> String {
        if self.why.is_empty() {
            join(&[&self.figure(), &self.detail()], ' ')
        } else {
            format!("{}: {}", self.value, self.why)
        }
    }
}

/// The parts of a measure.
#[must_use]
pub fn show(m: &Measure) -> Shown {
    let Some(value) = m.value.filter(|v| v.is_finite()) else {
        return Shown {
            value: "unknown".into(),
            why: clean(m.why.as_deref().unwrap_or("no reason given")),
            ..Shown::default()
        };
    };
    let all: Vec<f64> = [m.value, m.low, m.high].into_iter().flatten().collect();
    let (factor, unit) = scale(&m.unit, &all);
    let digits = decimals(
        value * factor,
        m.error.map(|e| e * factor),
        &unit,
        &all,
        factor,
    );
    let number = |v: f64| fixed(v * factor, digits);
    Shown {
        value: number(value),
        interval: interval(m, &number),
        n: if m.n == 0 {
            String::new()
        } else {
            format!("n{NBSP}={NBSP}{}", count(m.n))
        },
        error: m
            .error
            .filter(|e| *e > 0.0 && !said(m))
            .map(|e| bar(e * factor))
            .unwrap_or_default(),
        unit,
        why: String::new(),
    }
}

/// An interval without a level is the bar of the instrument itself: it is not said twice.
const fn said(m: &Measure) -> bool {
    m.level.is_none() && m.low.is_some() && m.high.is_some()
}

fn interval(m: &Measure, number: &dyn Fn(f64) -> String) -> String {
    match (m.low, m.high) {
        (None, None) => String::new(),
        (low, high) => {
            let end = |v: Option<f64>| v.map_or_else(|| format!("not{NBSP}reached"), number);
            format!("[{},{NBSP}{}]", end(low), end(high))
        }
    }
}

fn scale(unit: &str, all: &[f64]) -> (f64, String) {
    let most = all.iter().fold(0.0_f64, |a, v| a.max(v.abs()));
    match unit {
        "s" if most > 0.0 && most < 1.0 => (1000.0, "ms".into()),
        "1" => (100.0, "%".into()),
        other => (1.0, clean(other)),
    }
}

fn decimals(value: f64, error: Option<f64>, unit: &str, all: &[f64], factor: f64) -> usize {
    if unit == "%" {
        let gap = all
            .iter()
            .map(|v| (100.0 - v * factor).abs())
            .filter(|g| *g > 1e-9)
            .fold(100.0_f64, f64::min);
        let bar = error.filter(|e| *e > 0.0).map_or(0, |e| place(e, 1));
        return place(gap, 2).max(bar).clamp(0, 4).unsigned_abs() as usize;
    }
    if value.fract() == 0.0
        && all.iter().all(|v| (v * factor).fract() == 0.0)
        && !matches!(unit, "s" | "ms")
    {
        return 0;
    }
    let fine = error.filter(|e| *e > 0.0).map_or(i32::MAX, |e| place(e, 2));
    let biggest = all.iter().fold(value.abs(), |a, v| {
        if value == 0.0 {
            a.max((v * factor).abs())
        } else {
            a
        }
    });
    place(biggest, 3).min(fine).clamp(0, 6).unsigned_abs() as usize
}

/// Decimals needed to show `digits` significant digits of `v`.
#[expect(
    clippy::cast_possible_truncation,
    reason = "the logarithm of a finite double is below 400"
)]
fn place(v: f64, digits: i32) -> i32 {
    if v == 0.0 {
        digits - 1
    } else {
        digits - 1 - v.abs().log10().floor() as i32
    }
}

/// `v` with a fixed number of decimals, groups of three set apart from 10 000 on, and a true minus sign.
#[must_use]
pub fn fixed(v: f64, decimals: usize) -> String {
    let text = format!("{:.decimals$}", v.abs());
    let (whole, rest) = text
        .split_once('.')
        .map_or((text.as_str(), String::new()), |(w, r)| {
            (w, format!(".{r}"))
        });
    let minus = if v < 0.0 && text.chars().any(|c| ('1'..='9').contains(&c)) {
        "−"
    } else {
        ""
    };
    format!("{minus}{}{rest}", grouped(whole))
}

/// A count with groups of three set apart from 10 000 on.
#[must_use]
pub fn count(n: u64) -> String {
    grouped(&n.to_string())
}

fn grouped(digits: &str) -> String {
    let mut out = String::new();
    for (i, c) in digits.chars().enumerate() {
        if digits.len() > 4 && i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(NBSP);
        }
        out.push(c);
    }
    out
}

/// The bar of an instrument with one digit, or two where the first is a one: `±0.05`, `±0.13`.
fn bar(error: f64) -> String {
    let first = error / 10_f64.powf(error.log10().floor());
    format!(
        "±{}",
        fixed(
            error,
            place(error, if first < 2.0 { 2 } else { 1 })
                .clamp(0, 6)
                .unsigned_abs() as usize
        )
    )
}

/// `8 of 8`.
#[must_use]
pub fn share(s: &Share) -> String {
    format!("{}{NBSP}of{NBSP}{}", count(s.k), count(s.n))
}

/// Seconds between two instants, as midpoint and half width: subtracted as intervals.
#[must_use]
#[expect(
    clippy::cast_precision_loss,
    reason = "ns since the epoch of a run are exact for 104 days"
)]
pub fn apart(from: Bounds, to: Bounds) -> (f64, f64) {
    let (lo, hi) = (to.lo as f64 - from.hi as f64, to.hi as f64 - from.lo as f64);
    ((lo + hi) / 2e9, (hi - lo) / 2e9)
}

/// The middle of an instant, seconds since the epoch of the run.
#[must_use]
#[expect(
    clippy::cast_precision_loss,
    reason = "ns since the epoch of a run are exact for 104 days"
)]
pub fn middle(b: Bounds) -> f64 {
    (b.lo as f64 + b.hi as f64) / 2e9
}

/// A moment of the run as `2:04` (or `1:02:04`), with `decimals` of the second.
#[must_use]
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "seconds of a run, not negative"
)]
pub fn moment(seconds: f64, decimals: usize) -> String {
    let unit = 10_u64.pow(u32::try_from(decimals.min(9)).unwrap_or(9));
    let ticks = (seconds.max(0.0) * unit as f64).round() as u64;
    let (whole, part) = (ticks / unit, ticks % unit);
    let tail = if decimals == 0 {
        String::new()
    } else {
        format!(".{part:0decimals$}")
    };
    match whole / 3600 {
        0 => format!("{}:{:02}{tail}", whole / 60, whole % 60),
        h => format!("{h}:{:02}:{:02}{tail}", whole / 60 % 60, whole % 60),
    }
}

fn join(parts: &[&str], by: char) -> String {
    join_with(parts, by.encode_utf8(&mut [0; 4]))
}

fn join_with(parts: &[&str], by: &str) -> String {
    parts
        .iter()
        .filter(|p| !p.is_empty())
        .copied()
        .collect::<Vec<_>>()
        .join(by)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn measure(value: f64, unit: &str, low: f64, high: f64, error: f64) -> Measure {
        Measure {
            value: Some(value),
            unit: unit.into(),
            n: 8,
            low: Some(low),
            high: Some(high),
            level: Some(0.95),
            error: Some(error),
            ..Measure::default()
        }
    }

    fn line(m: &Measure) -> String {
        show(m).line().replace(NBSP, " ")
    }

    #[test]
    fn a_measure_prints_unit_interval_bar_and_n() {
        assert_eq!(
            line(&measure(1.314, "s", 0.92, 2.181, 0.05)),
            "1.31 s [0.92, 2.18], ±0.05 s, n = 8"
        );
    }

    #[test]
    fn short_times_are_ms_and_shares_are_percent() {
        assert_eq!(
            line(&measure(0.0123, "s", 0.011, 0.02, 0.001)),
            "12.3 ms [11.0, 20.0], ±1.0 ms, n = 8"
        );
        assert_eq!(
            line(&measure(0.99433, "1", 0.9921, 0.9961, 0.0)),
            "99.43 % [99.21, 99.61], n = 8"
        );
        assert_eq!(
            line(&measure(1.0, "1", 0.99994, 1.0, 0.0)),
            "100.0000 % [99.9940, 100.0000], n = 8"
        );
    }

    #[test]
    fn no_value_prints_its_reason_and_never_a_zero() {
        let m = Measure {
            why: Some("the journal ends early".into()),
            n: 0,
            ..Measure::default()
        };
        assert_eq!(line(&m), "unknown: the journal ends early");
    }

    #[test]
    fn an_end_that_is_not_reached_says_so() {
        let m = Measure {
            high: None,
            ..measure(21.0, "s", 8.0, 0.0, 0.05)
        };
        assert_eq!(line(&m), "21.0 s [8.0, not reached], ±0.05 s, n = 8");
    }

    #[test]
    fn large_counts_are_grouped_and_minus_is_a_minus() {
        assert_eq!(count(72_000).replace(NBSP, " "), "72 000");
        assert_eq!(fixed(-1.25, 1), "−1.2");
        assert_eq!(fixed(-0.01, 1), "0.0");
    }

    #[test]
    fn moments_carry_into_minutes_and_hours() {
        assert_eq!(moment(124.12, 2), "2:04.12");
        assert_eq!(moment(3724.0, 0), "1:02:04");
        assert_eq!(moment(59.999, 1), "1:00.0");
    }

    #[test]
    fn instants_subtract_as_intervals() {
        let at = |lo, hi| Bounds { lo, hi };
        assert_eq!(
            apart(
                at(1_000_000_000, 1_200_000_000),
                at(2_000_000_000, 2_400_000_000)
            ),
            (1.1, 0.3)
        );
    }
}
