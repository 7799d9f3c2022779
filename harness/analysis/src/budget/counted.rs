//! Bad samples, or bad slices of time: what was counted, each at the instant from which it counts.
use super::left::Amount;
use crate::report::Bounds;

/// One thing that was judged.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Judged {
    /// From when it counts, ns.
    pub at: u64,
    /// How many of them.
    pub count: f64,
    /// How many of those were bad: what is printed, not less, not more.
    pub bad: Amount,
    /// Whether it was measured; what was not is in the interval, as good and as bad.
    pub told: bool,
}

impl Judged {
    /// One that was bad to this degree, 0 to 1.
    pub const fn one(at: u64, bad: Amount) -> Self {
        Self {
            at,
            count: 1.0,
            bad,
            told: true,
        }
    }

    /// So many that nobody measured.
    pub const fn untold(at: u64, count: f64) -> Self {
        Self {
            at,
            count,
            bad: Amount {
                value: 0.0,
                low: 0.0,
                high: count,
            },
            told: false,
        }
    }
}

/// How many there are.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Total {
    /// Measured.
    pub told: f64,
    /// With those that nobody measured.
    pub all: f64,
}

/// Things that were judged, in order of time.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Counted {
    all: Vec<Judged>,
    /// Sums before each; one more than there are.
    sums: Vec<(Total, Amount)>,
}

impl Counted {
    /// Of things in any order.
    pub fn new(mut all: Vec<Judged>) -> Self {
        if crate::mutant("B4") {
            all.retain(|one| one.told);
        }
        all.sort_by_key(|one| one.at);
        let mut sums = vec![(Total::default(), Amount::default())];
        for one in &all {
            let (total, bad) = sums[sums.len() - 1];
            let told = if one.told { one.count } else { 0.0 };
            let total = Total {
                told: total.told + told,
                all: total.all + one.count,
            };
            let bad = Amount {
                value: bad.value + one.bad.value,
                low: bad.low + one.bad.low,
                high: bad.high + one.bad.high,
            };
            sums.push((total, bad));
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
    pub fn total(&self, window: Bounds) -> Total {
        let (from, to) = self.range(window);
        let (a, b) = (self.sums[from].0, self.sums[to].0);
        Total {
            told: b.told - a.told,
            all: b.all - a.all,
        }
    }

    /// How many of them were bad.
    pub fn spent(&self, window: Bounds) -> Amount {
        let (from, to) = self.range(window);
        let (a, b) = (self.sums[from].1, self.sums[to].1);
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
            let judged = |(at, bad): &(u64, bool)| Judged::one(*at, Amount::exact(f64::from(*bad)));
            let counted = Counted::new(things.iter().map(judged).collect());
            let window = Bounds { lo, hi: lo + long };
            let inside = |at: u64| lo <= at && at < lo + long;
            let n = things.iter().filter(|(at, _)| inside(*at)).count() as f64;
            let bad = things.iter().filter(|(at, bad)| inside(*at) && *bad).count() as f64;
            prop_assert_eq!((counted.total(window), counted.spent(window)), (Total { told: n, all: n }, Amount::exact(bad)));
        }
    }
}
