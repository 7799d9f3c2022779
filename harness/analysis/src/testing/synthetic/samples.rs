//! The samples of a synthetic run: what each probe and the load saw, given where it was hurt.
use super::*;

fn inside(stretches: &[Stretch], at: u64) -> Option<Stretch> {
    stretches
        .iter()
        .copied()
        .find(|(from, to)| *from <= at && at < *to)
}

/// A small repeatable scatter, 0 to 4.
const fn scatter(k: u64) -> u64 {
    (k * 7 + k / 3) % 5
}

impl Synthetic {
    /// Operations of `ack`.
    pub fn ack(&self) -> Vec<Op> {
        let dues = (0..)
            .map(|k| 1_000 + k * PERIOD)
            .take_while(|due| *due < self.end() + 5_000);
        dues.enumerate()
            .filter(|(_, due)| inside(&self.silent, *due).is_none())
            .map(|(k, due)| self.ack_at(k as u64, due))
            .collect()
    }

    fn ack_at(&self, k: u64, due: u64) -> Op {
        let sent = inside(&self.stalled, due).map_or(due, |(_, to)| to);
        let base = sent + 5 + scatter(k);
        let (ended, outcome) = match (inside(&self.refused, due), inside(&self.hangs, due)) {
            (Some(_), _) => (sent + 1, Outcome::Fail),
            (_, Some((_, to))) if to < due + 5_000 => (to + 5 + scatter(k), Outcome::Ok),
            (_, Some(_)) => (due + 5_000, Outcome::Info),
            _ => (base, Outcome::Ok),
        };
        Op {
            intended: self.at(due),
            sent: self.at(sent),
            ended: self.at(ended),
            outcome,
            class: u8::from(outcome != Outcome::Ok),
            kind: 0,
            process: k as u32,
        }
    }

    pub(super) fn freshness(&self) -> Vec<Reading> {
        let dues = (0..)
            .map(|k| 1_000 + k * PERIOD)
            .take_while(|due| *due < self.end() + 5_000);
        let age = |due: u64| {
            let base = 500 + due % 2_000;
            let accident = if self.outlier && due == BASELINE + 10_000 {
                60_000
            } else {
                0
            };
            inside(&self.stale, due).map_or(base, |(from, _)| base + 3_000 + due - from) + accident
        };
        dues.map(|due| self.reading(due, age(due) as f64 / 1e3))
            .collect()
    }

    pub(super) fn executors(&self) -> Vec<Reading> {
        let dues = (0..)
            .map(|k| 1_000 + k * 250)
            .take_while(|due| *due < self.end() + 5_000);
        dues.map(|due| {
            self.reading(
                due,
                if inside(&self.short, due).is_some() {
                    1.0
                } else {
                    2.0
                },
            )
        })
        .collect()
    }

    fn reading(&self, due: u64, value: f64) -> Reading {
        Reading {
            intended: self.at(due),
            sent: self.at(due),
            ended: self.at(due + 3),
            value,
        }
    }

    /// Operations of the load: every one acknowledged, but number 10 unknown and number 11 known not written.
    pub fn load(&self) -> Vec<Op> {
        let dues = (0..)
            .map(|k| 1_000 + k * 100)
            .take_while(|due| *due < self.end());
        let one = |(k, due): (usize, u64)| {
            let sent = inside(&self.load_stalled, due).map_or(due, |(_, to)| to);
            let outcome = match k {
                10 => Outcome::Info,
                11 => Outcome::Fail,
                _ => Outcome::Ok,
            };
            Op {
                intended: self.at(due),
                sent: self.at(sent),
                ended: self.at(sent + 4),
                outcome,
                class: 0,
                kind: 0,
                process: k as u32,
            }
        };
        dues.enumerate().map(one).collect()
    }
}

/// One open-loop probe on a schedule of 10 ms for 30 s with one stall of 1.4 s: the published worked case of coordinated omission.
pub fn stall_at(period_ns: u64, service_ns: u64, stall: (u64, u64), count: u64) -> Vec<Op> {
    let one = |k: u64| {
        let due = k * period_ns;
        let free = if (stall.0..stall.1).contains(&due) {
            stall.1
        } else {
            due
        };
        Op {
            intended: Nanos(due),
            sent: Nanos(free),
            ended: Nanos(free + service_ns),
            outcome: Outcome::Ok,
            class: 0,
            kind: 0,
            process: k as u32,
        }
    };
    (0..count).map(one).collect()
}

/// One millisecond and one second, for stalls.
pub const UNITS: (u64, u64) = (MS, S);
