//! Bad samples, or bad slices of time: what was counted, each at the instant from which it counts.
use super::left::Amount;
use crate::report::Bounds;

/// One thing that was judged.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Judged {
    /// From when it counts, ns.
    pub at: u64,
    /// How bad it was, 0 to 1: what is printed, not less, not more.
    pub bad: Amount,
}

/// Things that were judged, in order of time.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Counted {
    all: Vec<Judged>,
    /// Sums before each; one more than there are.
    sums: Vec<Amount>,
}

impl Counted {
    /// Of things in any order.
    pub fn new(mut all: Vec<Judged>) -> Self {
        all.sort_by_key(|one| one.at);
        let mut sums = vec![Amount::default()];
        for one in &all {
            let before = sums[sums.len() - 1];
            sums.push(Amount {
                value: before.value + one.bad.value,
                low: before.low + one.bad.low,
                high: before.high + one.bad.high,
            });
        }
        Self { all, sums }
    }

    /// The things.
    pub fn all(&self) -> &[Judged] {
        &self.all
    }

    fn range(&self, window: Bounds) -> (usize, usize) {
        let before = |at: u64| self.all.partition_point(|one| one.at < at);
        (before(window.lo), before(window.hi).max(before(window.lo)))
    }

    /// How many lie in a window (begin in, end out).
    pub fn total(&self, window: Bounds) -> u64 {
        let (from, to) = self.range(window);
        (to - from) as u64
    }

    /// How many of them were bad.
    pub fn spent(&self, window: Bounds) -> Amount {
        let (from, to) = self.range(window);
        let (a, b) = (self.sums[from], self.sums[to]);
        // Sums of ones and zeros are exact; of ratios the last digit may be off.
        Amount {
            value: (b.value - a.value).max(0.0),
            low: (b.low - a.low).max(0.0),
            high: (b.high - a.high).max(0.0),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::{collection::vec, prelude::*};

    proptest! {
        #[test]
        fn a_window_holds_what_lies_in_it(things in vec((0_u64..50, any::<bool>()), 0..60), lo in 0_u64..60, long in 0_u64..60) {
            let judged = |(at, bad): &(u64, bool)| Judged { at: *at, bad: Amount::exact(f64::from(*bad)) };
            let counted = Counted::new(things.iter().map(judged).collect());
            let window = Bounds { lo, hi: lo + long };
            let inside = |at: u64| lo <= at && at < lo + long;
            let total = things.iter().filter(|(at, _)| inside(*at)).count() as u64;
            let bad = things.iter().filter(|(at, bad)| inside(*at) && *bad).count() as f64;
            prop_assert_eq!((counted.total(window), counted.spent(window)), (total, Amount::exact(bad)));
        }
    }
}
