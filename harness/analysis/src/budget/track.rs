//! Bad time on one axis, ns: what was watched, what was bad, what nobody measured. Only the part inside a window counts.
//!
//! An outage begins and ends somewhere within two intervals. It lasts at least from the end of the first to the begin of the
//! second, at most from begin to end; printed is middle to middle. Each of the three is a union, not a sum: what overlaps counts once.
//! Time that nobody measured may have been bad: it stands in the most only.
use super::left::Amount;
use crate::{availability::Outage, report::Bounds};
use model::units::S;

/// Stretches in order, none touching the next, with the time before each.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Stretches {
    all: Vec<Bounds>,
    /// Sum of the lengths before each, ns; one more than there are.
    before: Vec<u64>,
}

impl Stretches {
    /// The union of some stretches, in any order; empty ones are none.
    pub fn union(mut parts: Vec<Bounds>) -> Self {
        parts.retain(|part| part.hi > part.lo);
        parts.sort_by_key(|part| (part.lo, part.hi));
        let mut all: Vec<Bounds> = Vec::new();
        for part in parts {
            match all.last_mut() {
                Some(last) if part.lo <= last.hi && !crate::mutant("B3") => {
                    last.hi = last.hi.max(part.hi);
                }
                _ => all.push(part),
            }
        }
        let mut before = vec![0];
        for part in &all {
            before.push(before[before.len() - 1] + (part.hi - part.lo));
        }
        Self { all, before }
    }

    /// The stretches.
    pub fn all(&self) -> &[Bounds] {
        &self.all
    }

    /// Time of them before an instant, ns.
    pub fn until(&self, at: u64) -> u64 {
        let begun = self.all.partition_point(|part| part.lo < at);
        let Some(last) = begun.checked_sub(1) else {
            return 0;
        };
        let part = self.all[last];
        self.before[last] + part.hi.min(at) - part.lo
    }

    /// Time of them inside a window, ns.
    pub fn inside(&self, window: Bounds) -> u64 {
        if crate::mutant("B2") {
            let touched = |part: &&Bounds| part.lo < window.hi && window.lo < part.hi;
            let lengths = self
                .all
                .iter()
                .filter(touched)
                .map(|part| part.hi - part.lo);
            return lengths.sum();
        }
        self.until(window.hi) - self.until(window.lo.min(window.hi))
    }
}

/// The time of one probe, as an objective sees it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Track {
    /// What was watched.
    pub watched: Stretches,
    /// Bad without doubt.
    least: Stretches,
    /// Bad from middle to middle.
    middle: Stretches,
    /// Bad, or possibly so.
    most: Stretches,
}

impl Track {
    /// `outages` and `unmeasured` in any order; what lies outside of `watched` does not count.
    pub fn new(watched: Vec<Bounds>, outages: &[Outage], unmeasured: &[Bounds]) -> Self {
        let part = |lo: u64, hi: u64| Bounds { lo, hi: hi.max(lo) };
        let of = |ends: &dyn Fn(&Outage) -> Bounds| outages.iter().map(ends).collect::<Vec<_>>();
        let mut most = of(&|one| part(one.from.lo, one.to.hi));
        if !crate::mutant("B4") {
            most.extend(unmeasured);
        }
        let watched = Stretches::union(watched);
        let clip =
            |parts: Vec<Bounds>| Stretches::union(clipped(&Stretches::union(parts), &watched));
        Self {
            least: clip(of(&|one| part(one.from.hi, one.to.lo))),
            middle: clip(of(&|one| part(one.from.mid().0, one.to.mid().0))),
            most: clip(most),
            watched,
        }
    }

    /// Bad time inside a window, s.
    pub fn spent(&self, window: Bounds) -> Amount {
        let of = |part: &Stretches| part.inside(window) as f64 / S as f64;
        Amount {
            value: of(&self.middle),
            low: of(&self.least),
            high: of(&self.most),
        }
    }

    /// Bad time, middle to middle.
    pub fn bad(&self) -> &Stretches {
        &self.middle
    }
}

/// The parts of some stretches that lie in others; both in order.
fn clipped(parts: &Stretches, within: &Stretches) -> Vec<Bounds> {
    let mut inside = Vec::new();
    let mut from = 0;
    for part in parts.all() {
        while within.all.get(from).is_some_and(|one| one.hi <= part.lo) {
            from += 1;
        }
        let near = within.all[from..].iter().take_while(|one| one.lo < part.hi);
        inside.extend(near.map(|one| Bounds {
            lo: part.lo.max(one.lo),
            hi: part.hi.min(one.hi),
        }));
    }
    inside
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::{collection::vec, prelude::*};

    fn parts(pairs: &[(u64, u64)]) -> Vec<Bounds> {
        let one = |(lo, long): &(u64, u64)| Bounds {
            lo: *lo,
            hi: lo + long,
        };
        pairs.iter().map(one).collect()
    }

    fn any_parts(most: u64) -> impl Strategy<Value = Vec<(u64, u64)>> {
        vec((0..most, 0_u64..9), 0..12)
    }

    proptest! {
        /// Told second by second.
        #[test]
        fn a_second_counts_once_and_only_inside(pairs in any_parts(60), lo in 0_u64..70, long in 0_u64..70) {
            let (window, all) = (Bounds { lo, hi: lo + long }, parts(&pairs));
            let told = (window.lo..window.hi).filter(|at| all.iter().any(|part| part.lo <= *at && *at < part.hi)).count() as u64;
            prop_assert_eq!(Stretches::union(all).inside(window), told);
        }

        /// The three lengths are ordered, and each is what a slow reading of single seconds finds.
        #[test]
        fn least_middle_and_most_are_told_second_by_second(
            watched in any_parts(60), unmeasured in any_parts(60),
            outages in vec((0_u64..60, 0_u64..4, 0_u64..8, 0_u64..4), 0..8), lo in 0_u64..70, long in 0_u64..70,
        ) {
            let outage = |&(at, wide, long, last): &(u64, u64, u64, u64)| Outage {
                from: Bounds { lo: at * S, hi: (at + 2 * wide) * S },
                to: Bounds { lo: (at + 2 * wide + long) * S, hi: (at + 2 * wide + long + 2 * last) * S },
            };
            let all: Vec<Outage> = outages.iter().map(outage).collect();
            let seconds = |pairs: &[(u64, u64)]| -> Vec<Bounds> { parts(pairs).iter().map(|part| Bounds { lo: part.lo * S, hi: part.hi * S }).collect() };
            let track = Track::new(seconds(&watched), &all, &seconds(&unmeasured));
            let holds = |parts: &[Bounds], at: u64| parts.iter().any(|part| part.lo <= at * S && at * S < part.hi);
            let (seen, dark) = (seconds(&watched), seconds(&unmeasured));
            let count = |bad: &dyn Fn(u64) -> bool| (lo..lo + long).filter(|at| holds(&seen, *at) && bad(*at)).count() as f64;
            let within = |ends: fn(&Outage) -> (u64, u64), at: u64| all.iter().any(|one| { let (from, to) = ends(one); from <= at * S && at * S < to });
            let spent = track.spent(Bounds { lo: lo * S, hi: (lo + long) * S });
            prop_assert_eq!(spent.low, count(&|at| within(|one| (one.from.hi, one.to.lo), at)));
            prop_assert_eq!(spent.value, count(&|at| within(|one| (one.from.mid().0, one.to.mid().0), at)));
            prop_assert_eq!(spent.high, count(&|at| within(|one| (one.from.lo, one.to.hi), at) || holds(&dark, at)));
            prop_assert!(spent.low <= spent.value && spent.value <= spent.high);
        }
    }
}
