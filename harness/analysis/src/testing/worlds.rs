//! Random worlds of one stage: what became of each record is told one by one, slowly, and must be what the masks say.
use crate::{ledger::balanced, report::Ledger};
use model::{
    ledger::{Bits, Rejects, Stage},
    samples::Op,
    system::Outcome,
    units::Nanos,
};
use proptest::{collection::vec, prelude::*};

/// What happened to one record.
#[derive(Clone, Copy, Debug)]
struct Fate {
    /// None where it was never sent.
    outcome: Option<Outcome>,
    malformed: bool,
    right: u64,
    wrong: u64,
    dead: u64,
}

#[derive(Clone, Debug)]
struct World {
    partitions: u32,
    rejects: Rejects,
    complete: bool,
    ordered: bool,
    /// By number.
    fates: Vec<Fate>,
}

fn fate() -> impl Strategy<Value = Fate> {
    let outcome = prop_oneof![
        12 => Just(Some(Outcome::Ok)),
        2 => Just(Some(Outcome::Info)),
        1 => Just(Some(Outcome::Fail)),
        1 => Just(None),
    ];
    let copies = || prop_oneof![6 => Just(0_u64), 2 => Just(1), 1 => Just(2)];
    let malformed = prop_oneof![4 => Just(false), 1 => Just(true)];
    let right = prop_oneof![2 => Just(0_u64), 6 => Just(1), 1 => Just(3)];
    (outcome, malformed, right, copies(), copies()).prop_map(
        |(outcome, malformed, right, wrong, dead)| Fate {
            outcome,
            malformed,
            right,
            wrong,
            dead,
        },
    )
}

fn world() -> impl Strategy<Value = World> {
    let rejects = prop_oneof![
        Just(Rejects::Nothing),
        Just(Rejects::SetAside),
        Just(Rejects::Dropped)
    ];
    let fates = vec(fate(), 0..300);
    (1_u32..4, rejects, any::<bool>(), any::<bool>(), fates).prop_map(
        |(partitions, rejects, complete, ordered, fates)| World {
            partitions,
            rejects,
            complete,
            ordered,
            fates,
        },
    )
}

impl World {
    fn stage(&self) -> Stage {
        let mut numbers = Bits::default();
        let malformed = self
            .fates
            .iter()
            .zip(0..)
            .filter(|(fate, _)| fate.malformed);
        malformed.for_each(|(_, number)| {
            numbers.set(number);
        });
        let stage = Stage::new("x", self.partitions, self.fates.len() as u64);
        let mut stage = Stage {
            ordered: self.ordered,
            complete: self.complete.then_some(()).ok_or("cut".into()),
            ..stage.sent_malformed(&numbers).validated(self.rejects)
        };
        for (fate, number) in self.fates.iter().zip(0..) {
            (0..fate.right).for_each(|_| stage.take(number, (0, 0), true));
            (0..fate.wrong).for_each(|_| stage.take(number, (0, 0), false));
            (0..fate.dead).for_each(|_| stage.take_dead(number, (0, 0)));
        }
        stage
    }

    fn ops(&self) -> Vec<Op> {
        let op = |(fate, process): (&Fate, u32)| {
            Some(Op {
                intended: Nanos(0),
                sent: Nanos(0),
                ended: Nanos(1),
                outcome: fate.outcome?,
                class: 0,
                kind: 0,
                process,
            })
        };
        self.fates.iter().zip(0..).filter_map(op).collect()
    }

    /// Whether a record that is not there can be known to be lost.
    fn settled(&self, number: usize) -> bool {
        let partitions = self.partitions as usize;
        let later = self.fates.iter().skip(number).step_by(partitions);
        let passed = later.skip(1).any(|fate| fate.right + fate.wrong > 0);
        self.complete || self.ordered && passed
    }

    /// The counts, told one by one.
    fn told(&self) -> Ledger {
        let mut told = Ledger::default();
        let mut lost = 0;
        for (number, fate) in self.fates.iter().enumerate() {
            lost += self.tell(&mut told, number, fate);
        }
        told.lost = (self.complete || lost > 0).then_some(lost);
        told
    }

    /// Tells of one record, and whether it was lost.
    fn tell(&self, told: &mut Ledger, number: usize, fate: &Fate) -> u64 {
        let known = fate.outcome.is_some();
        let bad = fate.malformed && known && self.rejects != Rejects::Nothing;
        let table = fate.right + fate.wrong;
        told.malformed += u64::from(fate.malformed && known);
        told.read += table + fate.dead;
        told.accepted_malformed += u64::from(bad && table > 0);
        told.corrupted += fate.wrong + u64::from(bad && fate.right > 0);
        let more = fate.right.saturating_sub(1) + fate.dead.saturating_sub(1);
        told.duplicated += more + u64::from(table > 0 && fate.dead > 0);
        let is_good = fate.right > 0 && !bad;
        let is_aside = table == 0 && fate.dead > 0;
        match fate.outcome {
            None => told.phantom += u64::from(is_good || is_aside),
            Some(Outcome::Fail) => told.resurrected += u64::from(is_good || is_aside),
            Some(Outcome::Info) => told.recovered += u64::from(is_good || is_aside),
            Some(Outcome::Ok) if table > 0 => {}
            Some(Outcome::Ok) if is_aside => {
                told.dead_lettered += 1;
                told.good_dead_lettered += u64::from(!bad);
            }
            Some(Outcome::Ok) if !self.settled(number) => told.unseen_tail += 1,
            Some(Outcome::Ok) if fate.malformed && self.rejects == Rejects::Dropped => {
                told.dropped += 1;
            }
            Some(Outcome::Ok) => return 1,
        }
        0
    }
}

/// What the told counts do not say.
fn only_told(of: &Ledger) -> Ledger {
    let (malformed, read, lost) = (of.malformed, of.read, of.lost);
    Ledger {
        malformed,
        read,
        lost,
        duplicated: of.duplicated,
        corrupted: of.corrupted,
        accepted_malformed: of.accepted_malformed,
        resurrected: of.resurrected,
        recovered: of.recovered,
        phantom: of.phantom,
        dropped: of.dropped,
        dead_lettered: of.dead_lettered,
        good_dead_lettered: of.good_dead_lettered,
        unseen_tail: of.unseen_tail,
        ..Ledger::default()
    }
}

proptest! {
    /// The balance holds too: every acknowledged record and every copy read is in one class.
    #[test]
    fn every_record_is_in_the_class_that_a_slow_reading_finds(world in world()) {
        let found = balanced(&world.ops(), &[world.stage()]).remove(0);
        prop_assert_eq!(&found.balance, &Ok(()));
        prop_assert_eq!(only_told(&found.ledger), world.told());
        let lost_here = found.ledger.lost_here.unwrap_or(0);
        prop_assert_eq!(lost_here, if world.complete { found.ledger.lost.unwrap_or(0) } else { 0 });
    }
}
