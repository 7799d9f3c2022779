//! One row of the table after another, counted by the second in which its record was due.
//!
//! A row is told by its number, and its record's time by our own record of what was sent: a cell of the row may be what went wrong.
//! Marks of ours are no rows, and neither is a malformed record that the job set aside where it was told to.
use super::{
    mutants::mutant,
    rows::{Contract, Record, Shape},
};
use model::{
    ledger::{
        Stage,
        quality::{Quality, Row},
    },
    units::Nanos,
};
use std::collections::BTreeSet;

/// Due instants by number, of what our own producer sent.
pub(super) type Due<'a> = &'a (dyn Fn(u64) -> Option<Nanos> + Sync);

impl Contract {
    /// Nothing counted yet.
    pub(super) fn unrated(&self) -> Quality {
        Quality::new(&self.required, self.declared())
    }
}

/// Counts the rows of one file.
pub(super) struct Rater<'a> {
    contract: &'a Contract,
    due: Due<'a>,
    file: &'a str,
    said: BTreeSet<String>,
}

impl<'a> Rater<'a> {
    pub(super) const fn new(contract: &'a Contract, due: Due<'a>, file: &'a str) -> Self {
        Self {
            contract,
            due,
            file,
            said: BTreeSet::new(),
        }
    }

    /// Counts row `at` before the stage takes it, so that a copy is told from a first one.
    pub(super) fn take(&mut self, stage: &mut Stage, record: &Record, shape: &Shape, at: u64) {
        let number = match record {
            Record::Canary(_) if !mutant("T9") => return,
            Record::Canary(_) => None,
            Record::Illegible => None,
            Record::Load { number, .. } => Some(*number),
        };
        let copy = number.is_some_and(|number| stage.holds(number)) && !mutant("T5");
        let Some(quality) = &mut stage.quality else {
            return;
        };
        quality.take(&Row {
            due: self.due_of(number),
            absent: &shape.absent,
            conforms: shape.breaks.is_none(),
            copy,
        });
        if shape.breaks.is_some() || shape.absent.contains(&true) {
            self.say(quality, shape, at);
        }
    }

    fn due_of(&self, number: Option<u64>) -> Option<Nanos> {
        let due = number.and_then(self.due);
        due.or(mutant("T4").then_some(Nanos(0)))
    }

    /// The first row of the file that has each flaw.
    fn say(&mut self, quality: &mut Quality, shape: &Shape, at: u64) {
        let nulls = self.contract.required.iter().zip(&shape.absent);
        let nulls = nulls.filter(|(_, absent)| **absent);
        let nulls = nulls.map(|(name, _)| format!("`{name}` is null"));
        let broken = shape.breaks.iter().map(ToString::to_string);
        for flaw in broken.chain(nulls) {
            if self.said.insert(flaw.clone()) {
                quality.note(format!("{flaw}: {} row {at}", self.file));
            }
        }
    }
}
