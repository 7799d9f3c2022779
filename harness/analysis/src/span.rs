//! Instants that are intervals, and their differences. A difference of intervals is an interval: nothing is known better by subtracting.
use crate::report::Bounds;
use model::units::{Nanos, S};

/// A span of seconds known to lie between two numbers.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Span {
    /// Not less, s.
    pub lo: f64,
    /// Not more, s.
    pub hi: f64,
}

impl Span {
    /// The middle: what is printed.
    pub fn mid(self) -> f64 {
        f64::midpoint(self.lo, self.hi)
    }

    /// The bar to print beside it, plus or minus.
    pub fn half_width(self) -> f64 {
        let half = (self.hi - self.lo) / 2.0;
        if crate::mutant("R12") {
            half / 2.0
        } else {
            half
        }
    }
}

impl Bounds {
    /// Between two instants, whichever comes first.
    pub fn new(a: Nanos, b: Nanos) -> Self {
        Self {
            lo: a.0.min(b.0),
            hi: a.0.max(b.0),
        }
    }

    /// `self - earlier`, as an interval.
    pub fn since(self, earlier: Self) -> Span {
        Span {
            lo: seconds(self.lo, earlier.hi),
            hi: seconds(self.hi, earlier.lo),
        }
    }

    /// The middle.
    pub const fn mid(self) -> Nanos {
        Nanos(self.lo + (self.hi - self.lo) / 2)
    }

    /// The earlier of two instants, as an interval.
    #[must_use]
    pub fn earlier(self, other: Self) -> Self {
        Self {
            lo: self.lo.min(other.lo),
            hi: self.hi.min(other.hi),
        }
    }

    /// The later of two instants, as an interval.
    #[must_use]
    pub fn later(self, other: Self) -> Self {
        Self {
            lo: self.lo.max(other.lo),
            hi: self.hi.max(other.hi),
        }
    }
}

/// `a - b` in seconds, negative where `b` is later.
pub fn seconds(a: u64, b: u64) -> f64 {
    let (span, sign) = if a >= b { (a - b, 1.0) } else { (b - a, -1.0) };
    sign * (span as f64 / S as f64)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_difference_contains_every_difference_of_points(a in 0_u64..99, wa in 0_u64..9, b in 0_u64..99, wb in 0_u64..9, pa in 0_u64..9, pb in 0_u64..9) {
            let (x, y) = (Bounds { lo: a, hi: a + wa }, Bounds { lo: b, hi: b + wb });
            let point = seconds(a + pa.min(wa), b + pb.min(wb));
            let span = x.since(y);
            prop_assert!(span.lo <= point && point <= span.hi);
        }

        #[test]
        fn earlier_and_later_are_ordered(a in 0_u64..99, wa in 0_u64..9, b in 0_u64..99, wb in 0_u64..9) {
            let (x, y) = (Bounds { lo: a, hi: a + wa }, Bounds { lo: b, hi: b + wb });
            let (first, last) = (x.earlier(y), x.later(y));
            prop_assert!(first.lo <= last.lo && first.hi <= last.hi && first.lo <= first.hi && last.lo <= last.hi);
        }
    }
}
