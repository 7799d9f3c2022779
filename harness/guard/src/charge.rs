//! What the guard has in its charge: the journal, the table of undos, and the hands that act. One act at a time passes its gate.
//!
//! Behind the gate the undo reaches the disk before the act begins; once the gate is closed no act begins any more, so nothing
//! lands after "undo everything".
use crate::{
    acts::{Deed, Hands, fuse::Silences},
    clock::Clock,
    journal::{Fact, Identity, Journal, Recorded},
    pending::{Entry, Pending},
    sweep,
};
use model::{
    act::{Act, Undo, fuse},
    guard::{GuardNews, Undone},
    ids::{FaultId, UndoId},
    units::Nanos,
};
use std::{
    sync::{Mutex, MutexGuard, PoisonError},
    thread,
    time::Duration,
};

/// Between two tries of an undo that failed.
const RETRY: Duration = Duration::from_millis(200);

/// Everything that one guard cares for.
pub struct Charge {
    /// The run's clock.
    pub clock: Clock,
    /// What acts.
    pub hands: Hands,
    /// Whether no act may begin any more; held while one is done. Apart from the book, so that the loop reads that meanwhile.
    gate: Mutex<bool>,
    book: Mutex<Book>,
}

struct Book {
    journal: Journal,
    pending: Pending,
    next: u64,
}

/// An act that was done, with its instants.
pub struct Done {
    /// What will undo it.
    pub entry: Entry,
    /// When the undo was on disk.
    pub recorded: Nanos,
    /// Just before the act.
    pub began: Nanos,
    /// Just after its call returned.
    pub acted: Nanos,
}

impl Charge {
    /// Takes charge with an open journal and what it says is pending.
    pub fn of(clock: Clock, hands: Hands, journal: Journal, pending: Pending) -> Self {
        let next = 1 + pending
            .all()
            .iter()
            .map(|entry| entry.id.0)
            .max()
            .unwrap_or(0);
        let book = Mutex::new(Book {
            journal,
            pending,
            next,
        });
        Self {
            clock,
            hands,
            gate: Mutex::new(false),
            book,
        }
    }

    /// Writes the undo to disk, then does the act; `just_before` runs last before it.
    ///
    /// # Errors
    /// Nothing was changed, or what was is undone: the gate is closed, the disk or the machine refused.
    pub fn carry_out(
        &self,
        fault: Option<FaultId>,
        act: &Act,
        deadline: Nanos,
        just_before: impl FnOnce(),
    ) -> Result<(Done, String), String> {
        let mut deed = self.hands.prepare(act)?;
        let closed = self.gate();
        if *closed {
            return Err("act after everything was undone".to_owned());
        }
        let now = self.clock.now();
        let entry = self.book().record(now, fault, act, deed.undo(), deadline)?;
        let recorded = self.clock.now();
        let done = self.go(deed.as_mut(), just_before);
        drop(closed);
        let (began, acted) = done.map_err(|why| self.take_back(&entry, &why))?;
        let done = Done {
            entry,
            recorded,
            began,
            acted,
        };
        Ok((done, deed.backend()))
    }

    fn go(
        &self,
        deed: &mut dyn Deed,
        just_before: impl FnOnce(),
    ) -> Result<(Nanos, Nanos), String> {
        deed.ready()?;
        just_before();
        let began = self.clock.now();
        deed.go()?;
        Ok((began, self.clock.now()))
    }

    fn take_back(&self, entry: &Entry, why: &str) -> String {
        let undone = self.undo(vec![entry.clone()], self.clock.now().plus(Nanos::secs(2)));
        let failed = undone.into_iter().find_map(|one| one.failed);
        failed.map_or_else(
            || why.to_owned(),
            |worse| format!("{why}; and to undo it: {worse}"),
        )
    }

    /// Undoes these in the order given, and those that fail again until `until`.
    pub fn undo(&self, entries: Vec<Entry>, until: Nanos) -> Vec<Undone> {
        let (mut undone, mut left) = (Vec::new(), entries);
        loop {
            let (done, failed) = self.pass(left);
            undone.extend(done);
            if failed.is_empty() || self.clock.now() >= until {
                undone.extend(failed.into_iter().map(|(undone, _)| undone));
                return undone;
            }
            left = failed.into_iter().map(|(_, entry)| entry).collect();
            thread::sleep(RETRY);
        }
    }

    /// One try at each, in the order given: what is undone, and what failed.
    fn pass(&self, entries: Vec<Entry>) -> (Vec<Undone>, Vec<(Undone, Entry)>) {
        let (done, failed): (Vec<_>, Vec<_>) = entries
            .into_iter()
            .map(|entry| (self.try_undo(&entry), entry))
            .partition(|(undone, _)| undone.failed.is_none());
        (done.into_iter().map(|(undone, _)| undone).collect(), failed)
    }

    /// Closes the gate and undoes everything: what hurts first, the testbed last.
    ///
    /// A testbed that is about to be removed is ended at once, beside the heal: its containers hold what they stand on, and the
    /// engine takes its time.
    pub fn undo_all(&self, until: Nanos) -> Vec<Undone> {
        *self.gate() = true;
        let (entries, removes) = {
            let book = self.book();
            (book.pending.all(), book.pending.removes_testbed())
        };
        // What is put right in a container that is about to be removed would only take time that the removal needs.
        let vain = |entry: &Entry| removes && entry.undo.is_of_testbed();
        let (vain, entries): (Vec<_>, Vec<_>) = entries.into_iter().partition(vain);
        let ground = |entry: &Entry| entry.undo.rank() >= Undo::GROUND;
        let (ground, hurts): (Vec<_>, Vec<_>) = entries.into_iter().partition(ground);
        let (mut undone, failed) = thread::scope(|scope| {
            let ends = || sweep::end(&self.hands.engine, &self.hands.run);
            let _ends = removes.then(|| scope.spawn(ends));
            self.pass(hurts)
        });
        let failed = failed.into_iter().map(|(_, entry)| entry);
        undone.extend(self.undo(failed.chain(ground).collect(), until));
        if !self.book().pending.removes_testbed() {
            undone.extend(
                vain.iter()
                    .map(|entry| self.settled(entry, Nanos(0), Ok(()))),
            );
        }
        undone
    }

    /// Kills layers of ours that have been silent for too long, and writes that down. Never waits.
    pub fn tend_layers(&self, silences: &mut Silences) {
        for entry in self.pending().all() {
            let Undo::Fuse(fuse::Undo::Detach { layer }) = &entry.undo else {
                continue;
            };
            if let Some((pid, why, silent)) = silences.look(layer) {
                self.hands.news.tell(GuardNews::WorkerKilled {
                    worker: format!("layer of {}, process {pid}", layer.mount),
                    silent,
                });
                let fact = Fact::WorkerKilled { pid, why };
                let _ = self.book().journal.append(self.clock.now(), &fact);
            }
        }
    }

    /// Kills a packet worker that is silent, and writes that down. Never waits: what is in use now is looked at the next time.
    pub fn tend_queue(&self) {
        let queue = self.hands.queue.try_lock();
        let Some((pid, why, silent)) = queue.ok().and_then(|mut queue| queue.tend()) else {
            return;
        };
        self.hands.news.tell(GuardNews::WorkerKilled {
            worker: format!("packet queue, process {pid}"),
            silent,
        });
        let fact = Fact::WorkerKilled { pid, why };
        let _ = self.book().journal.append(self.clock.now(), &fact);
    }

    /// After another boot: what the kernel held is gone, and needs no undo.
    pub fn forget_volatile(&self) {
        let volatile = |entry: &Entry| entry.undo.is_volatile();
        for entry in self.pending().all().into_iter().filter(volatile) {
            self.settled(&entry, Nanos(0), Ok(()));
        }
    }

    /// What was done on behalf of `fault` and not undone, in the order of heal.
    pub fn of_fault(&self, fault: &FaultId) -> Vec<Entry> {
        self.book().pending.of(fault)
    }

    /// What is not undone, in the order of heal.
    pub fn pending(&self) -> Pending {
        self.book().pending.clone()
    }

    fn try_undo(&self, entry: &Entry) -> Undone {
        let began = self.clock.now();
        let done = self.hands.undo(&entry.undo);
        self.settled(entry, self.clock.now().since(began), done)
    }

    /// Writes down how it went. A full disk must not stop the undoing: what lacks its line is undone once more, later.
    fn settled(&self, entry: &Entry, took: Nanos, done: Result<(), String>) -> Undone {
        let (id, took_ns) = (entry.id, took.0);
        let failed = done.err();
        let mut book = self.book();
        if book.pending.has(id) {
            let fact = match failed.clone() {
                None => Fact::Done { id, took_ns },
                Some(why) => Fact::Failed { id, why },
            };
            let _ = book.journal.append(self.clock.now(), &fact);
            if failed.is_none() {
                book.pending.done(id);
            }
        }
        Undone {
            undo: id,
            took,
            failed,
        }
    }

    fn gate(&self) -> MutexGuard<'_, bool> {
        self.gate.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn book(&self) -> MutexGuard<'_, Book> {
        self.book.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Book {
    fn record(
        &mut self,
        now: Nanos,
        fault: Option<FaultId>,
        act: &Act,
        undo: Undo,
        deadline: Nanos,
    ) -> Result<Entry, String> {
        let id = UndoId(self.next);
        let fact = Recorded {
            id,
            fault: fault.clone(),
            act: act.clone(),
            identity: Identity::of(act),
            restore: undo.clone(),
            deadline_ns: deadline.0,
        };
        let written = self.journal.append(now, &Fact::Undo(Box::new(fact)));
        written.map_err(|error| format!("write the undo journal: {error}"))?;
        self.next += 1;
        let entry = Entry {
            id,
            fault,
            undo,
            deadline,
        };
        self.pending.record(entry.clone());
        Ok(entry)
    }
}
