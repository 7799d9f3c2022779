//! What is left of a budget, and the gate.
use crate::span::Span;
use serde::{Deserialize, Serialize};

/// An amount known to lie between two numbers, with the one to print.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Amount {
    /// What is printed.
    pub value: f64,
    /// Not less.
    pub low: f64,
    /// Not more.
    pub high: f64,
}

impl Amount {
    /// Exactly this.
    pub const fn exact(value: f64) -> Self {
        Self {
            value,
            low: value,
            high: value,
        }
    }

    /// Each of its three numbers changed by a rising function.
    #[must_use]
    pub fn map(self, rising: impl Fn(f64) -> f64) -> Self {
        Self {
            value: rising(self.value),
            low: rising(self.low),
            high: rising(self.high),
        }
    }

    /// Its ends.
    pub const fn span(self) -> Span {
        Span {
            lo: self.low,
            hi: self.high,
        }
    }
}

/// Share of the total that sums of doubles may be off by: an allowance that is spent to the last nanosecond is spent.
const ROUNDING: f64 = 1e-12;

/// `(1 - target) * total - spent`, in the unit of both. `target` from 0 to below 1.
///
/// The reference's B(T), with T = `total` and downtime = `spent`; in its other form valid requests and bad ones.
/// ```
/// use analysis::budget::left::{Amount, left};
/// let month = 30.0 * 86_400.0;
/// let after = |minutes: f64| left(0.999, month, Amount::exact(minutes * 60.0)).value / 60.0;
/// assert!((after(30.0) - 13.2).abs() < 1e-9 && (after(50.0) + 6.8).abs() < 1e-9);
/// ```
pub fn left(target: f64, total: f64, spent: Amount) -> Amount {
    let allowed = allowed(target, total);
    let snap = |left: f64| {
        if left.abs() <= ROUNDING * total.max(1.0) {
            0.0
        } else {
            left
        }
    };
    Amount {
        value: snap(allowed - spent.value),
        low: snap(allowed - spent.high),
        high: snap(allowed - spent.low),
    }
}

/// What the target allows of a total.
pub fn allowed(target: f64, total: f64) -> f64 {
    total - target * total
}

/// Whether a budget lets something start.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Gate {
    /// Something is left, whatever the truth within the interval is.
    Open,
    /// It could not be told; treated as blocked.
    Unknown,
    /// Nothing is left.
    Blocked,
}

impl Gate {
    /// The word as reports print it.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Open => "OPEN",
            Self::Unknown => "UNKNOWN",
            Self::Blocked => "BLOCKED",
        }
    }

    /// The worst of all: blocked over unknown over open; unknown where there is none.
    pub fn worst(all: impl IntoIterator<Item = Self>) -> Self {
        all.into_iter().max().unwrap_or(Self::Unknown)
    }
}

/// Blocked where nothing is left even at best, open where something is left even at worst, else unknown; so is what is no number.
pub fn gate(left: Amount) -> Gate {
    let open = if crate::mutant("B1") {
        left.low >= 0.0
    } else {
        left.low > 0.0
    };
    match (open, left.high <= 0.0) {
        (true, _) => Gate::Open,
        (false, true) => Gate::Blocked,
        (false, false) => Gate::Unknown,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_budget_spent_to_the_last_nanosecond_is_blocked() {
        // 1 - 0.99 is 0.010000000000000009 in doubles: taken naively 5e-15 s would be left.
        assert_eq!(gate(left(0.99, 600.0, Amount::exact(6.0))), Gate::Blocked);
        assert_eq!(
            gate(left(0.99, 600.0, Amount::exact(5.999_999_999))),
            Gate::Open
        );
        assert_eq!(
            gate(left(0.999, 2_592_000.0, Amount::exact(2_592.0))),
            Gate::Blocked
        );
    }

    #[test]
    fn what_is_no_number_is_unknown() {
        let nothing = Amount::exact(f64::NAN);
        assert_eq!(gate(nothing), Gate::Unknown);
        assert_eq!(Gate::worst([]), Gate::Unknown);
    }

    proptest! {
        /// The gate is open or blocked only where every amount within the interval says the same.
        #[test]
        fn the_gate_speaks_for_the_whole_interval(low in -50_i32..50, wide in 0_i32..50, part in 0.0..=1.0) {
            let left = Amount { value: f64::from(low), low: f64::from(low), high: f64::from(low + wide) };
            let inside = left.low + part * (left.high - left.low);
            match gate(left) {
                Gate::Open => prop_assert!(inside > 0.0),
                Gate::Blocked => prop_assert!(inside <= 0.0),
                Gate::Unknown => prop_assert!(left.low <= 0.0 && left.high > 0.0),
            }
        }
    }
}
