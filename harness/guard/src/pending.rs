//! What must still be undone, and in which order. Pure: the same table is filled by a running guard and from its journal.
use model::{
    act::Undo,
    ids::{FaultId, UndoId},
    units::Nanos,
};
use std::collections::BTreeMap;

/// One recorded undo.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// Its number.
    pub id: UndoId,
    /// On whose behalf; none for the testbed itself.
    pub fault: Option<FaultId>,
    /// How to put back what was changed.
    pub undo: Undo,
    /// The guard undoes it by itself once this instant passes.
    pub deadline: Nanos,
}

/// The undos that are recorded and not done.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Pending {
    entries: BTreeMap<UndoId, Entry>,
}

impl Pending {
    /// Adds what was just written to the journal.
    pub fn record(&mut self, entry: Entry) {
        self.entries.insert(entry.id, entry);
    }

    /// Forgets what is undone; twice is once.
    pub fn done(&mut self, id: UndoId) {
        self.entries.remove(&id);
    }

    /// Whether this is still to be undone.
    pub fn has(&self, id: UndoId) -> bool {
        self.entries.contains_key(&id)
    }

    /// Everything, in the order of heal: by rank, and newest first within a rank.
    pub fn all(&self) -> Vec<Entry> {
        self.ordered(|_| true)
    }

    /// What was done on behalf of `fault`, in the order of heal.
    pub fn of(&self, fault: &FaultId) -> Vec<Entry> {
        self.ordered(|entry| entry.fault.as_ref() == Some(fault))
    }

    /// What should have been undone by `now`, in the order of heal.
    pub fn due(&self, now: Nanos) -> Vec<Entry> {
        self.ordered(|entry| entry.deadline <= now)
    }

    /// The next instant at which something is due.
    pub fn next_deadline(&self) -> Option<Nanos> {
        self.entries.values().map(|entry| entry.deadline).min()
    }

    /// Whether the testbed will be removed, so that starting one of its containers again would be in vain.
    pub fn removes_testbed(&self) -> bool {
        let removes = |entry: &Entry| matches!(entry.undo, Undo::Remove { .. });
        self.entries.values().any(removes)
    }

    fn ordered(&self, wanted: impl Fn(&Entry) -> bool) -> Vec<Entry> {
        let chosen = self.entries.values().rev().filter(|entry| wanted(entry));
        let mut chosen: Vec<Entry> = chosen.cloned().collect();
        chosen.sort_by_key(|entry| entry.undo.rank());
        chosen
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(id: u64, fault: &str, undo: Undo) -> Entry {
        Entry {
            id: UndoId(id),
            fault: Some(fault.into()),
            undo,
            deadline: Nanos(id * 10),
        }
    }

    #[test]
    fn heals_newest_first_within_a_rank_and_the_testbed_last() {
        let mut pending = Pending::default();
        pending.record(entry(1, "t", Undo::Remove { run: "r".into() }));
        pending.record(entry(2, "a", Undo::Nothing));
        let start = Undo::Start {
            container: "c".into(),
        };
        pending.record(entry(3, "b", start));
        pending.record(entry(4, "c", Undo::Nothing));
        let order: Vec<u64> = pending.all().iter().map(|entry| entry.id.0).collect();
        assert_eq!(order, [4, 2, 3, 1]);
        assert!(pending.removes_testbed());
    }

    #[test]
    fn only_what_is_due_is_due() {
        let mut pending = Pending::default();
        pending.record(entry(1, "a", Undo::Nothing));
        pending.record(entry(2, "a", Undo::Nothing));
        assert_eq!(pending.due(Nanos(10)).len(), 1);
        assert_eq!(pending.next_deadline(), Some(Nanos(10)));
        pending.done(UndoId(1));
        pending.done(UndoId(1));
        assert_eq!(pending.next_deadline(), Some(Nanos(20)));
        assert!(pending.of(&"other".into()).is_empty());
    }
}
