//! 64 records of one partition of a stage, as masks: what each is, and where it lies.
//!
//! What lies in the table decides; a dead letter counts only for a record that is not there, and is a copy too many for one that is.
//! A malformed record in the table is wrong however its checksum fits: the job let it in.
use super::sent::Outcomes;
use model::ledger::Lane;

/// One word of each map.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Word {
    /// Acknowledged.
    pub ok: u64,
    /// Known not written.
    pub fail: u64,
    /// Unknown.
    pub info: u64,
    /// There with a right checksum.
    pub right: u64,
    /// There with a wrong one.
    pub wrong: u64,
    /// Among the dead letters.
    pub dead: u64,
    /// More than once in the table, or more than once among the dead letters.
    pub twice: u64,
    /// Sent malformed on purpose, so that the table must not hold it; none before any validation.
    pub malformed: u64,
}

impl Word {
    /// Word `index` of each; `validated` as the stage is.
    pub fn of(sent: &Outcomes, lane: &Lane, validated: bool, index: usize) -> Self {
        let mut word = Self {
            ok: sent.ok.word(index),
            fail: sent.fail.word(index),
            info: sent.info.word(index),
            right: lane.intact.word(index),
            wrong: lane.damaged.word(index),
            dead: lane.dead.word(index),
            twice: lane.twice.word(index),
            malformed: 0,
        };
        if validated || crate::mutant("D23") {
            word.malformed = lane.malformed.word(index) & word.known();
        }
        if crate::mutant("D20") {
            word.malformed &= !word.right;
        }
        word
    }

    /// How many words have a bit in any of the maps.
    pub fn count(sent: &Outcomes, lane: &Lane) -> usize {
        let ours = [&sent.ok, &sent.fail, &sent.info];
        let theirs = [&lane.intact, &lane.damaged, &lane.dead];
        let words = ours.into_iter().chain(theirs);
        words.map(|bits| bits.words().len()).max().unwrap_or(0)
    }

    /// Sent.
    pub const fn known(&self) -> u64 {
        self.ok | self.fail | self.info
    }

    /// In the table with a right checksum, and rightly there.
    pub const fn good(&self) -> u64 {
        self.right & !self.malformed
    }

    /// In the table, in whatever shape.
    pub const fn in_table(&self) -> u64 {
        self.right | self.wrong
    }

    /// In the table although it was sent malformed.
    pub const fn accepted(&self) -> u64 {
        self.in_table() & self.malformed
    }

    /// Among the dead letters and nowhere else.
    pub fn set_aside(&self) -> u64 {
        if crate::mutant("D18") {
            return 0;
        }
        self.dead & !self.in_table()
    }

    /// In the table and among the dead letters.
    pub const fn both(&self) -> u64 {
        self.dead & self.in_table()
    }

    /// More than once in all.
    pub fn doubled(&self) -> u64 {
        if crate::mutant("D22") {
            return self.twice;
        }
        self.twice | self.both()
    }

    /// Acknowledged and nowhere.
    pub fn absent(&self) -> u64 {
        self.ok & !self.in_table() & !self.set_aside()
    }
}
