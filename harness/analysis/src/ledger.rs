//! What became of every record: the sender's own outcomes against what a stage holds, read to a known end.
//!
//! Lost needs that end: where it was not reached, an acknowledged record that is not there is an *unseen tail* and proves nothing.
//! An outcome that is unknown (info) makes no claim either way. The balance of the counts is computed and checked, not assumed.
use crate::{input::Folder, report::Ledger};
use model::{journal::Event, samples::Op, system::Outcome};
use std::collections::{BTreeMap, BTreeSet};

/// A stage as it was read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Stage<'a> {
    /// Name.
    pub name: &'a str,
    /// Numbers as read, copies included.
    pub read: &'a [u64],
    /// Numbers of those with a wrong checksum, once per copy.
    pub corrupted: &'a [u64],
    /// Records whose number could not be read.
    pub illegible: u64,
    /// Why the end was not reached; none where it was.
    pub incomplete: Option<String>,
}

/// A stage's ledger with whether it balances.
#[derive(Clone, Debug, PartialEq)]
pub struct Balanced {
    /// The counts.
    pub ledger: Ledger,
    /// Both identities, or the one that does not hold.
    pub balance: Result<(), String>,
    /// Line of the journal that says so.
    pub line: u64,
}

/// Every stage of the run.
pub fn ledger(folder: &Folder) -> Vec<Balanced> {
    let stages = folder.facts().filter_map(|(line, event)| match event {
        Event::StageRead {
            stage,
            path,
            complete,
            why,
            read,
            corrupted,
            illegible,
        } => {
            let none = Vec::new();
            let numbers = folder.stages.get(path).unwrap_or(&none);
            let mut incomplete = (!complete).then(|| {
                why.clone()
                    .unwrap_or_else(|| "its end was not reached".into())
            });
            if numbers.len() as u64 != *read {
                incomplete = Some(format!(
                    "`{path}` holds {} numbers, the journal says {read}",
                    numbers.len()
                ));
            }
            let stage = Stage {
                name: stage,
                read: numbers,
                corrupted,
                illegible: *illegible,
                incomplete,
            };
            Some(balanced(folder.load(), &stage, line.n))
        }
        _ => None,
    });
    stages.collect()
}

fn balanced(ops: &[Op], stage: &Stage, line: u64) -> Balanced {
    let (ledger, intact, corrupted_ok) = classify(ops, stage);
    let reads = intact
        + ledger.duplicated
        + ledger.resurrected
        + ledger.recovered
        + ledger.phantom
        + ledger.corrupted;
    let oks = intact
        + ledger.lost.unwrap_or(0)
        + corrupted_ok
        + ledger.unseen_tail
        + ledger.dropped
        + ledger.dead_lettered;
    let balance = if reads != ledger.read {
        Err(format!(
            "classes add up to {reads} reads of {}",
            ledger.read
        ))
    } else if oks != ledger.ok {
        Err(format!(
            "classes add up to {oks} acknowledged records of {}",
            ledger.ok
        ))
    } else {
        Ok(())
    };
    Balanced {
        ledger,
        balance,
        line,
    }
}

const EXAMPLES: usize = 20;

/// The counts, the acknowledged records that are there intact, and those that are there only with a wrong checksum.
pub fn classify(ops: &[Op], stage: &Stage) -> (Ledger, u64, u64) {
    let mut copies: BTreeMap<u64, (u64, u64)> = BTreeMap::new();
    stage
        .read
        .iter()
        .for_each(|id| copies.entry(*id).or_default().0 += 1);
    stage
        .corrupted
        .iter()
        .for_each(|id| copies.entry(*id).or_default().1 += 1);
    let mut ledger = Ledger {
        stage: stage.name.into(),
        incomplete: stage.incomplete.clone(),
        illegible: stage.illegible,
        ..Ledger::default()
    };
    ledger.read = stage.read.len() as u64;
    ledger.sent = ops.len() as u64;
    let (mut intact, mut corrupted_ok, mut unseen) = (0, 0, Vec::new());
    let mut known = BTreeSet::new();
    for op in ops {
        let id = u64::from(op.process);
        known.insert(id);
        let (all, wrong) = copies.get(&id).copied().unwrap_or_default();
        let right = all.saturating_sub(wrong);
        let outcome = outcome(op);
        match outcome {
            Outcome::Ok => ledger.ok += 1,
            Outcome::Fail => ledger.fail += 1,
            Outcome::Info => ledger.info += 1,
        }
        note(&mut ledger, "corrupted", id, wrong);
        ledger.corrupted += wrong;
        note(&mut ledger, "duplicated", id, right.saturating_sub(1));
        ledger.duplicated += if crate::mutant("D12") {
            0
        } else {
            right.saturating_sub(1)
        };
        match (outcome, right > 0) {
            (Outcome::Ok, true) => intact += 1,
            (Outcome::Ok, false) if wrong > 0 => corrupted_ok += 1,
            (Outcome::Ok, false) => unseen.push(id),
            (Outcome::Fail, true) => {
                ledger.resurrected += 1;
                note(&mut ledger, "resurrected", id, 1);
            }
            (Outcome::Info, true) => ledger.recovered += 1,
            _ => {}
        }
    }
    strangers(&mut ledger, &copies, &known);
    settle(&mut ledger, &unseen);
    (ledger, intact, corrupted_ok)
}

fn outcome(op: &Op) -> Outcome {
    match op.outcome {
        Outcome::Info if crate::mutant("D10") => Outcome::Fail,
        Outcome::Info if crate::mutant("D11") => Outcome::Ok,
        outcome => outcome,
    }
}

fn strangers(ledger: &mut Ledger, copies: &BTreeMap<u64, (u64, u64)>, known: &BTreeSet<u64>) {
    for (id, (all, wrong)) in copies.iter().filter(|(id, _)| !known.contains(id)) {
        let right = all.saturating_sub(*wrong);
        ledger.corrupted += wrong;
        ledger.phantom += u64::from(right > 0);
        ledger.duplicated += right.saturating_sub(1);
        note(ledger, "phantom", *id, 1);
    }
}

/// Acknowledged and not there: lost where the end was reached, else unseen.
fn settle(ledger: &mut Ledger, unseen: &[u64]) {
    if ledger.incomplete.is_some() && !crate::mutant("D9") {
        ledger.unseen_tail = unseen.len() as u64;
        return;
    }
    ledger.lost = Some(unseen.len() as u64);
    unseen
        .iter()
        .take(EXAMPLES)
        .for_each(|id| note(ledger, "lost", *id, 1));
}

fn note(ledger: &mut Ledger, class: &str, id: u64, times: u64) {
    if times > 0 && ledger.examples.len() < EXAMPLES {
        ledger.examples.push(format!("{class} {id}"));
    }
}
