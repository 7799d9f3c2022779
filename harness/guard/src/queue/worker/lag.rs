//! How late this machine wakes us, learned from the timers that we set.
//!
//! A sleeping processor needs its time to come back: 0.05 to 0.15 ms on virtual ones. A packet pays it twice, when it comes in
//! and when it is due, so the timer is set ahead by twice of it, and a packet may go when only the first is left.

/// A lag beyond this is a busy machine, not the way it wakes.
const MOST_NS: u64 = 150_000;
/// Share of a new sample, as a divisor.
const SLOWLY: u64 = 8;

/// The usual lag, in ns.
#[derive(Clone, Copy, Debug, Default)]
pub struct Lag(u64);

impl Lag {
    /// A timer for `asked_ns` woke us at `now_ns`.
    pub fn learn(&mut self, asked_ns: u64, now_ns: u64) {
        let late = now_ns.saturating_sub(asked_ns).min(MOST_NS);
        self.0 = self.0 - self.0 / SLOWLY + late / SLOWLY;
    }

    /// When to ask for, so that what is due then is not late.
    pub const fn before(self, due_ns: u64) -> u64 {
        due_ns.saturating_sub(2 * self.0)
    }

    /// What was due by this instant came in late, and may go.
    pub const fn horizon(self, now_ns: u64) -> u64 {
        now_ns.saturating_add(self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A machine that wakes `late_ns` after every instant asked for, packets too: how far from its delay each goes.
    fn errors(late_ns: u64) -> Vec<i64> {
        let mut lag = Lag::default();
        let one = |round: u64| {
            let (sent, delay) = (round * 1_000_000_000, 20_000_000);
            let due = sent + late_ns + delay;
            let asked = lag.before(due);
            let woken = asked + late_ns;
            lag.learn(asked, woken);
            let goes = woken.max(due.saturating_sub(lag.0));
            goes.cast_signed() - (sent + delay).cast_signed()
        };
        (1..100).map(one).collect()
    }

    #[test]
    fn a_usual_lag_is_learned_and_taken_off() {
        for late in [0, 40_000, 120_000] {
            let errors = errors(late);
            let last = errors.last().unwrap();
            assert!(
                last.abs() < 2_000,
                "late {late}: off by {last} ns in the end"
            );
        }
    }

    #[test]
    fn a_busy_machine_is_not_taken_for_a_slow_clock() {
        let mut lag = Lag::default();
        for round in 0..100 {
            lag.learn(round * 1_000_000_000, round * 1_000_000_000 + 50_000_000);
        }
        assert!(lag.0 <= MOST_NS, "{lag:?}");
    }
}
