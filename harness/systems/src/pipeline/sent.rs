//! What the load sent: when each record was due, and which record stands at which offset. Nobody is asked but our own producer.
//!
//! 16 bytes a record. Only our producer writes the topic, so offsets are dense and a plain list by offset is enough.
use std::sync::{Mutex, MutexGuard, PoisonError};

/// No record of the load: a canary, or an ack not seen yet.
const NONE: u64 = u64::MAX;

/// The send record.
pub(super) struct Sent(Mutex<Inner>);

struct Inner {
    /// By number.
    due: Vec<u64>,
    parts: Vec<Partition>,
}

#[derive(Clone, Default)]
struct Partition {
    /// Due instant of its first record of the load.
    first: Option<u64>,
    /// Number by offset.
    numbers: Vec<u64>,
}

fn put(list: &mut Vec<u64>, at: usize, value: u64) {
    if list.len() <= at {
        list.resize(at + 1, NONE);
    }
    list[at] = value;
}

impl Sent {
    pub(super) fn new(partitions: u32) -> Self {
        let parts = vec![Partition::default(); partitions as usize];
        Self(Mutex::new(Inner {
            due: Vec::new(),
            parts,
        }))
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        // A panic elsewhere leaves a list a few entries short, which ages read as "not acknowledged yet".
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Record `number` goes to `partition`, due at `due` ns.
    pub(super) fn sends(&self, number: u64, partition: u32, due: u64) {
        let mut inner = self.inner();
        put(&mut inner.due, number as usize, due);
        let part = &mut inner.parts[partition as usize];
        part.first = Some(part.first.map_or(due, |first| first.min(due)));
    }

    /// Record `number` stands at `offset`.
    pub(super) fn acked(&self, number: u64, partition: u32, offset: i64) {
        if let Ok(offset) = usize::try_from(offset) {
            put(
                &mut self.inner().parts[partition as usize].numbers,
                offset,
                number,
            );
        }
    }

    /// When record `number` was due, ns; none where it was not sent.
    pub(super) fn due(&self, number: u64) -> Option<u64> {
        let inner = self.inner();
        let due = usize::try_from(number)
            .ok()
            .and_then(|at| inner.due.get(at));
        due.copied().filter(|due| *due != NONE)
    }

    /// Due instant of the newest committed record of the partition that is furthest behind; `ends` are its committed end offsets.
    /// A partition of which nothing is committed yet counts from its first record; none where nothing was sent.
    pub(super) fn oldest_due(&self, ends: &[i64]) -> Option<u64> {
        let inner = self.inner();
        let ends = ends.iter().copied().chain(std::iter::repeat(0));
        let newest = inner.parts.iter().zip(ends).filter_map(|(part, end)| {
            let end = usize::try_from(end).unwrap_or(0).min(part.numbers.len());
            let known = part.numbers[..end]
                .iter()
                .rev()
                .find(|number| **number != NONE);
            known
                .map(|number| inner.due[*number as usize])
                .or(part.first)
        });
        newest.min()
    }

    /// The same where it is known which record of each partition is the newest one that is in.
    pub(super) fn oldest_of(&self, newest: &[Option<u64>]) -> Option<u64> {
        let inner = self.inner();
        let due = |number: &u64| inner.due.get(*number as usize).copied();
        let parts = inner.parts.iter().zip(newest);
        parts
            .filter_map(|(part, newest)| newest.as_ref().and_then(due).or(part.first))
            .min()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Two partitions, a canary at offset 0 of each, record `k` due at `k`.
    fn sent(count: u64) -> Sent {
        let sent = Sent::new(2);
        for number in 0..count {
            let partition = (number % 2) as u32;
            sent.sends(number, partition, number);
            sent.acked(number, partition, 1 + (number / 2).cast_signed());
        }
        sent
    }

    #[test]
    fn the_partition_furthest_behind_decides() {
        assert_eq!(sent(10).oldest_due(&[6, 3]), Some(3));
        assert_eq!(sent(10).oldest_due(&[2, 6]), Some(0));
    }

    #[test]
    fn nothing_committed_counts_from_the_first_record() {
        assert_eq!(sent(10).oldest_due(&[1, 6]), Some(0));
        assert_eq!(sent(10).oldest_due(&[]), Some(0));
    }

    #[test]
    fn a_partition_without_load_is_not_late() {
        assert_eq!(Sent::new(2).oldest_due(&[1, 1]), None);
        assert_eq!(sent(1).oldest_due(&[2, 1]), Some(0));
    }

    #[test]
    fn by_newest_record_the_partition_furthest_behind_decides_too() {
        assert_eq!(sent(10).oldest_of(&[Some(8), Some(5)]), Some(5));
        assert_eq!(sent(10).oldest_of(&[Some(8), None]), Some(1));
        assert_eq!(Sent::new(2).oldest_of(&[None, None]), None);
    }

    #[test]
    fn a_commit_ahead_of_its_ack_falls_back_to_the_last_known() {
        assert_eq!(sent(4).oldest_due(&[9, 9]), Some(2));
    }
}
