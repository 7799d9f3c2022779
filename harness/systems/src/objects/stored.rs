//! What the store acknowledged, and how often it did not give it back. Nobody is asked but our own clients.
use model::seed::Draw;
use std::sync::{
    Mutex, MutexGuard, PoisonError,
    atomic::{AtomicU64, Ordering},
};

/// The acknowledged objects.
#[derive(Default)]
pub(super) struct Stored {
    acked: Mutex<Vec<u64>>,
    broken: AtomicU64,
}

impl Stored {
    fn list(&self) -> MutexGuard<'_, Vec<u64>> {
        // A panic elsewhere leaves a list that is short by one, which is then not asked for.
        self.acked.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The store said that it has object `number`.
    pub(super) fn acked(&self, number: u64) {
        self.list().push(number);
    }

    /// Those whose number is a multiple of `step`.
    pub(super) fn every(&self, step: u64) -> Vec<u64> {
        let list = self.list();
        let of_step = list.iter().filter(|number| number.is_multiple_of(step));
        of_step.copied().collect()
    }

    /// All of them, in the order of their acknowledgements.
    pub(super) fn all(&self) -> Vec<u64> {
        self.list().clone()
    }

    /// Whom read `read` asks for: by turns the newest, where a store that answers from a stale copy shows first, and any, drawn
    /// from the seed. None before the first.
    pub(super) fn choice(&self, seed: u64, read: u64) -> Option<u64> {
        let list = self.list();
        if read.is_multiple_of(2) {
            return list.last().copied();
        }
        let drawn = Draw::new(seed, &format!("read {read}")).below(list.len() as u64);
        list.get(drawn as usize).copied()
    }

    /// An acknowledged object was denied, or came back as other bytes.
    pub(super) fn broke(&self) {
        self.broken.fetch_add(1, Ordering::Relaxed);
    }

    /// How often that happened since it was asked last.
    pub(super) fn broken(&self) -> u64 {
        self.broken.swap(0, Ordering::Relaxed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_acknowledged_objects_are_asked_for_and_the_newest_by_turns() {
        let stored = Stored::default();
        assert_eq!(stored.choice(7, 0), None);
        assert_eq!(stored.choice(7, 1), None);
        [4, 9, 6]
            .into_iter()
            .for_each(|number| stored.acked(number));
        assert_eq!(stored.choice(7, 2), Some(6));
        let drawn: Vec<u64> = (1..40)
            .step_by(2)
            .filter_map(|read| stored.choice(7, read))
            .collect();
        assert!([4, 9, 6].iter().all(|number| drawn.contains(number)));
        assert_eq!(stored.choice(7, 3), stored.choice(7, 3));
    }

    #[test]
    fn what_broke_is_told_once() {
        let stored = Stored::default();
        stored.broke();
        assert_eq!((stored.broken(), stored.broken()), (1, 0));
    }
}
