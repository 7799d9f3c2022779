//! How good the rows of a table are, second by second of the instants at which their records were due.
//!
//! What is counted is what a reader of the data would count: cells that its contract requires and that are null, rows that are not as
//! its declared schema says, copies beyond the first. A row of which nobody knows when its record was due stands apart, and so does a
//! file that could not be read: neither is guessed. Memory is a few numbers a second and required column, whatever the rows are.
use crate::units::{Nanos, S};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Schema of [`Quality`].
pub const SCHEMA: &str = "brinell.quality/1";

/// Remarks kept; they only say where to look.
const NOTES: usize = 20;
/// More rows than a second can have: sums of counts below it do not run over.
const MOST: u64 = 1 << 40;

/// Rows, and what is wrong with them. A row with several flaws is counted under each, and once in `flawed`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counts {
    /// Rows, copies included.
    pub rows: u64,
    /// Rows in which the cell is null or absent, by required column.
    pub nulls: Vec<u64>,
    /// Rows that are not as declared: a wrong type, an unknown column, a missing one.
    pub wrong: u64,
    /// Rows beyond the first of the same record.
    pub copies: u64,
    /// Rows with any of these.
    pub flawed: u64,
}

/// What is counted of one row.
#[derive(Clone, Copy, Debug)]
pub struct Row<'a> {
    /// When its record was due; none where nobody can tell.
    pub due: Option<Nanos>,
    /// Whether its cell is null or absent, by required column.
    pub absent: &'a [bool],
    /// Whether it is as declared.
    pub conforms: bool,
    /// Whether its record was met before.
    pub copy: bool,
}

/// The rows of one table, as its readers see it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Quality {
    /// [`SCHEMA`].
    pub schema: String,
    /// Columns that must not be null, as the contract names them.
    pub required: Vec<String>,
    /// Declared columns with their types; none where nothing is declared, so that conformity is not judged.
    pub columns: BTreeMap<String, String>,
    /// By second since the run's epoch in which the record was due.
    pub seconds: BTreeMap<u64, Counts>,
    /// Rows of which nobody can tell when their records were due.
    pub timeless: Counts,
    /// Files of the table that could not be read to their ends.
    pub unread: u64,
    /// Where to look: the first rows or files of each kind that are not as declared.
    pub notes: Vec<String>,
}

impl Counts {
    fn take(&mut self, row: &Row<'_>) {
        self.nulls.resize(row.absent.len(), 0);
        let nulls = self.nulls.iter_mut().zip(row.absent);
        nulls.for_each(|(count, absent)| *count += u64::from(*absent));
        let flawed = !row.conforms || row.copy || row.absent.contains(&true);
        self.rows += 1;
        self.wrong += u64::from(!row.conforms);
        self.copies += u64::from(row.copy);
        self.flawed += u64::from(flawed);
    }

    /// Both together.
    pub fn add(&mut self, other: &Self) {
        self.nulls
            .resize(self.nulls.len().max(other.nulls.len()), 0);
        let nulls = self.nulls.iter_mut().zip(&other.nulls);
        nulls.for_each(|(sum, count)| *sum += count);
        self.rows += other.rows;
        self.wrong += other.wrong;
        self.copies += other.copies;
        self.flawed += other.flawed;
    }

    /// Whether these can be counts of rows at all.
    fn sound(&self, required: usize) -> bool {
        let kinds = [self.wrong, self.copies];
        let fits = |count: &u64| *count <= self.flawed;
        let columns = self.nulls.len() == required || self.rows == 0 && self.nulls.is_empty();
        columns
            && self.flawed <= self.rows
            && self.rows < MOST
            && self.nulls.iter().chain(&kinds).all(fits)
    }
}

impl Quality {
    /// Nothing read yet, of a table with this contract.
    pub fn new(required: &[String], columns: BTreeMap<String, String>) -> Self {
        let timeless = Counts {
            nulls: vec![0; required.len()],
            ..Counts::default()
        };
        Self {
            schema: SCHEMA.into(),
            required: required.to_vec(),
            columns,
            seconds: BTreeMap::new(),
            timeless,
            unread: 0,
            notes: Vec::new(),
        }
    }

    /// Takes one row.
    pub fn take(&mut self, row: &Row<'_>) {
        let counts = match row.due {
            Some(due) => self.seconds.entry(due.0 / S).or_default(),
            None => &mut self.timeless,
        };
        counts.take(row);
    }

    /// A remark, once and as long as there is room.
    pub fn note(&mut self, remark: String) {
        if self.notes.len() < NOTES && !self.notes.contains(&remark) {
            self.notes.push(remark);
        }
    }

    /// All rows together.
    pub fn total(&self) -> Counts {
        let mut total = self.timeless.clone();
        self.seconds.values().for_each(|counts| total.add(counts));
        total
    }

    /// Whether what a file says can be true.
    ///
    /// # Errors
    /// Another schema, or counts that contradict each other.
    pub fn checked(self) -> Result<Self, String> {
        if self.schema != SCHEMA {
            return Err(format!(
                "read schema `{}`: this version knows {SCHEMA}; read it with the version that wrote it",
                self.schema
            ));
        }
        let sound = |counts: &Counts| counts.sound(self.required.len());
        let told = self.seconds.keys().all(|second| *second < u64::MAX / S);
        if told && self.seconds.values().all(sound) && sound(&self.timeless) {
            return Ok(self);
        }
        Err("read the quality of its rows: its counts contradict each other".into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn quality() -> Quality {
        Quality::new(&["a".into(), "b".into()], BTreeMap::new())
    }

    /// When it was due, which cells are null, whether it is as declared, whether it is a copy.
    type Told = (Option<u64>, [bool; 2], bool, bool);

    /// Rows told one at a time, without any counting as they come.
    fn slow(rows: &[Told], second: Option<u64>) -> Counts {
        let here = |row: &&Told| row.0.map(|due| due / S) == second;
        let of: Vec<_> = rows.iter().filter(here).collect();
        let count = |flaw: &dyn Fn(&Told) -> bool| of.iter().filter(|row| flaw(row)).count() as u64;
        Counts {
            rows: of.len() as u64,
            nulls: vec![count(&|row| row.1[0]), count(&|row| row.1[1])],
            wrong: count(&|row| !row.2),
            copies: count(&|row| row.3),
            flawed: count(&|row| row.1[0] || row.1[1] || !row.2 || row.3),
        }
    }

    proptest! {
        #[test]
        fn every_second_counts_what_a_slow_reading_finds(
            rows in proptest::collection::vec((proptest::option::of(0..4 * S), any::<[bool; 2]>(), any::<bool>(), any::<bool>()), 0..60)
        ) {
            let mut quality = quality();
            for (due, absent, conforms, copy) in &rows {
                quality.take(&Row { due: due.map(Nanos), absent, conforms: *conforms, copy: *copy });
            }
            for second in 0..4 {
                let read = quality.seconds.get(&second).cloned().unwrap_or_else(|| Counts { nulls: vec![0; 2], ..Counts::default() });
                prop_assert_eq!(read, slow(&rows, Some(second)));
            }
            prop_assert_eq!(&quality.timeless, &slow(&rows, None));
            prop_assert_eq!(quality.total().rows, rows.len() as u64);
            prop_assert!(quality.seconds.len() <= 4);
            let text = serde_json::to_string(&quality).unwrap();
            let read: Quality = serde_json::from_str(&text).unwrap();
            prop_assert_eq!(read.checked(), Ok(quality));
        }
    }

    #[test]
    fn counts_that_contradict_each_other_are_refused() {
        let changes: [fn(&mut Quality); 6] = [
            |quality| drop(quality.seconds.insert(u64::MAX, Counts::default())),
            |quality| quality.timeless.rows = 0,
            |quality| quality.timeless.nulls[1] = 2,
            |quality| quality.timeless.nulls = vec![1],
            |quality| quality.timeless.copies = 2,
            |quality| quality.schema = "brinell.quality/2".into(),
        ];
        let mut sound = quality();
        sound.take(&Row {
            due: None,
            absent: &[true, true],
            conforms: true,
            copy: true,
        });
        assert!(sound.clone().checked().is_ok());
        for change in changes {
            let mut changed = sound.clone();
            change(&mut changed);
            assert!(changed.checked().is_err());
        }
    }

    #[test]
    fn remarks_are_few_and_each_is_said_once() {
        let mut quality = quality();
        (0..100).for_each(|n| quality.note(format!("note {}", n % 50)));
        assert_eq!(quality.notes.len(), NOTES);
    }
}
