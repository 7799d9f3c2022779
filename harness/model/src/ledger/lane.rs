//! One partition of a stage.
use super::Bits;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Runs kept; a stage more scattered than this finds its later records no more.
const RUNS: usize = 1 << 16;
/// Strangers told apart; more than this are only counted.
const STRANGERS: usize = 4096;

/// What one partition of a stage holds.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lane {
    /// Sequences of which at least one copy is there with a right checksum.
    #[serde(skip)]
    pub intact: Bits,
    /// Sequences of which more than one such copy is there, or more than one dead letter.
    #[serde(skip)]
    pub twice: Bits,
    /// Sequences of which a copy is there with a wrong checksum.
    #[serde(skip)]
    pub damaged: Bits,
    /// Sequences that were sent malformed on purpose.
    #[serde(skip)]
    pub malformed: Bits,
    /// Sequences of which at least one copy is among the dead letters.
    #[serde(skip)]
    pub dead: Bits,
    /// Copies read in all, dead letters included.
    pub read: u64,
    /// Of those, with a wrong checksum.
    pub corrupted: u64,
    /// Right copies of a record beyond its first, and dead letters beyond its first.
    pub extra: u64,
    /// First occurrences whose sequence is below that of the first occurrence before.
    pub descents: u64,
    /// Sequences that nobody can have sent, with the number of right copies and dead letters of each.
    pub strangers: BTreeMap<u64, u64>,
    /// Right copies of strangers beyond those told apart.
    pub more_strangers: u64,
    /// Where the records lie, in the order read.
    pub runs: Vec<Run>,
    #[serde(skip)]
    last: Option<u64>,
}

/// Consecutive sequences at consecutive positions of one source.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Run {
    /// Index into the stage's sources.
    pub source: u32,
    /// First sequence.
    pub first: u64,
    /// How many.
    pub count: u64,
    /// Position of the first one.
    pub at: u64,
}

impl Run {
    /// Position of this sequence, where it is part of the run.
    pub fn position(&self, seq: u64) -> Option<u64> {
        let after = seq.checked_sub(self.first)?;
        (after < self.count).then_some(self.at + after)
    }
}

impl Lane {
    /// Takes a copy of `seq` as read at position `at` of `source`; sequences from `limit` on were never sent.
    pub fn take(&mut self, seq: u64, limit: u64, (source, at): (u32, u64), intact: bool) {
        self.read += 1;
        self.place(seq, source, at);
        if !intact {
            self.corrupted += 1;
        }
        match (seq < limit, intact) {
            (true, true) => self.take_right(seq),
            (true, false) => {
                self.damaged.set(seq);
            }
            (false, true) => self.take_stranger(seq),
            (false, false) => {}
        }
    }

    /// Takes a dead letter of `seq`, as [`Self::take`] does a copy; whether it is right is not asked.
    pub fn take_dead(&mut self, seq: u64, limit: u64, (source, at): (u32, u64)) {
        self.read += 1;
        self.place(seq, source, at);
        if seq >= limit {
            self.take_stranger(seq);
        } else if self.dead.set(seq) {
            self.extra += 1;
            self.twice.set(seq);
        }
    }

    fn take_right(&mut self, seq: u64) {
        if self.intact.set(seq) {
            self.extra += 1;
            self.twice.set(seq);
            return;
        }
        self.descents += u64::from(self.last.is_some_and(|last| seq < last));
        self.last = Some(seq);
    }

    fn take_stranger(&mut self, seq: u64) {
        if self.strangers.len() < STRANGERS || self.strangers.contains_key(&seq) {
            *self.strangers.entry(seq).or_default() += 1;
        } else {
            self.more_strangers += 1;
        }
    }

    fn place(&mut self, seq: u64, source: u32, at: u64) {
        if let Some(run) = self.runs.last_mut() {
            let next = (run.source, run.first + run.count, run.at + run.count);
            if next == (source, seq, at) {
                run.count += 1;
                return;
            }
        }
        if self.runs.len() < RUNS {
            self.runs.push(Run {
                source,
                first: seq,
                count: 1,
                at,
            });
        }
    }

    /// Every place at which a sequence lies: source and position, in the order read.
    pub fn places(&self, seq: u64) -> impl Iterator<Item = (u32, u64)> + '_ {
        let found = move |run: &Run| Some((run.source, run.position(seq)?));
        self.runs.iter().filter_map(found)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lane(all: &[(u64, bool)]) -> Lane {
        let mut lane = Lane::default();
        for (at, (seq, intact)) in all.iter().enumerate() {
            lane.take(*seq, 12, (0, at as u64), *intact);
        }
        lane
    }

    #[test]
    fn copies_damage_and_order_are_counted_as_they_come() {
        let right = |seq| (seq, true);
        let read = [0, 1, 2, 4, 3, 5, 5, 7].map(right);
        let lane = lane(&[&read[..], &[(8, false), right(9), right(10), right(42)]].concat());
        assert_eq!((lane.read, lane.corrupted, lane.extra), (12, 1, 1));
        assert_eq!((lane.descents, lane.intact.count()), (1, 9));
        assert_eq!(lane.strangers, [(42, 1)].into());
    }

    #[test]
    fn dead_letters_are_no_copies_of_the_table() {
        let mut lane = lane(&[(0, true), (1, false)]);
        for (seq, at) in [(1, 0), (2, 1), (2, 2), (42, 3)] {
            lane.take_dead(seq, 12, (1, at));
        }
        assert_eq!((lane.read, lane.corrupted, lane.extra), (6, 1, 1));
        assert_eq!((lane.intact.count(), lane.dead.count()), (1, 2));
        assert!(lane.twice.has(2) && !lane.twice.has(1));
        assert_eq!(lane.places(1).collect::<Vec<_>>(), [(0, 1), (1, 0)]);
        assert_eq!(lane.strangers, [(42, 1)].into());
    }

    #[test]
    fn a_record_is_found_again_with_every_copy() {
        let lane = lane(&[(0, true), (1, true), (2, true), (1, true)]);
        assert_eq!(lane.runs.len(), 2, "consecutive records are one run");
        assert_eq!(lane.places(1).collect::<Vec<_>>(), [(0, 1), (0, 3)]);
        assert_eq!(lane.places(7).count(), 0);
    }

    #[test]
    fn a_scattered_stage_stays_bounded() {
        let mut lane = Lane::default();
        for k in 0..2 * RUNS as u64 {
            lane.take(k * 2 + 1_000_000_000, 5, (0, k), true);
        }
        assert_eq!((lane.runs.len(), lane.strangers.len()), (RUNS, STRANGERS));
        assert_eq!(lane.more_strangers, 2 * RUNS as u64 - STRANGERS as u64);
        assert!(lane.intact.words().is_empty());
    }
}
