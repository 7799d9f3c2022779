//! All partitions of one stage, with the names of what was read.
use super::{Bits, Lane, Quality, Rejects, bits};

/// Remarks kept; more are counted nowhere, for they only say where to look.
const NOTES: usize = 20;

/// Marks the number of a record among the strangers of a partition that is not its own.
pub const MOVED: u64 = 1 << 63;

/// One stage of the ledger as it was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stage {
    /// `log`, `stored`, ...
    pub name: String,
    /// Whether its known end was reached; else why not.
    pub complete: Result<(), String>,
    /// Whether a partition is read in the order in which it was written.
    pub ordered: bool,
    /// Whether its contract allows one copy of a record only; else copies are counted and no harm.
    pub exact: bool,
    /// What becomes of records that were sent malformed on purpose.
    pub rejects: Rejects,
    /// How many records were sent, over all partitions.
    pub sent: u64,
    /// Files, or partitions of a topic: what a position belongs to.
    pub sources: Vec<String>,
    /// By partition.
    pub lanes: Vec<Lane>,
    /// Records whose identity could not be read.
    pub illegible: u64,
    /// Where to look: illegible records, torn files, foreign objects; the first of them.
    pub notes: Vec<String>,
    /// How good its rows are; none where nobody looked.
    pub quality: Option<Quality>,
}

impl Stage {
    /// Nothing read yet, of so many sent in turn to so many partitions: complete, unordered, exact, before any validation.
    pub fn new(name: &str, partitions: u32, sent: u64) -> Self {
        Self {
            name: name.into(),
            complete: Ok(()),
            ordered: false,
            exact: true,
            rejects: Rejects::Nothing,
            sent,
            sources: Vec::new(),
            lanes: vec![Lane::default(); partitions.max(1) as usize],
            illegible: 0,
            notes: Vec::new(),
            quality: None,
        }
    }

    /// The same, read in the order of writing.
    #[must_use]
    pub fn in_order(self) -> Self {
        Self {
            ordered: true,
            ..self
        }
    }

    /// The same, where more than one copy of a record is no harm.
    #[must_use]
    pub fn at_least_once(self) -> Self {
        Self {
            exact: false,
            ..self
        }
    }

    /// The same, of whose records these (by their numbers in the load) were sent malformed on purpose.
    #[must_use]
    pub fn sent_malformed(mut self, numbers: &Bits) -> Self {
        let words = numbers.words().iter().enumerate();
        for number in words.flat_map(|(index, word)| bits::ones(index, *word)) {
            let (partition, seq) = self.identity(number);
            self.lanes[partition as usize].malformed.set(seq);
        }
        self
    }

    /// The same, behind a validation that does this with malformed records.
    #[must_use]
    pub fn validated(self, rejects: Rejects) -> Self {
        Self { rejects, ..self }
    }

    /// The same, of whose rows this is counted.
    #[must_use]
    pub fn rated(self, quality: Quality) -> Self {
        Self {
            quality: Some(quality),
            ..self
        }
    }

    /// The same, whose end was not reached.
    #[must_use]
    pub fn unread(self, why: impl Into<String>) -> Self {
        Self {
            complete: Err(why.into()),
            ..self
        }
    }

    /// A file or the like from which records come; its index is what [`Self::take`] wants.
    pub fn source(&mut self, name: impl Into<String>) -> u32 {
        self.sources.push(name.into());
        self.sources.len() as u32 - 1
    }

    /// How many sequences of a partition were sent at most.
    pub fn limit(&self) -> u64 {
        self.sent.div_ceil(self.lanes.len() as u64)
    }

    /// Partition and sequence of a record by its number in the load.
    pub fn identity(&self, number: u64) -> (u32, u64) {
        let partitions = self.lanes.len() as u64;
        ((number % partitions) as u32, number / partitions)
    }

    /// The number in the load of a sequence of a partition.
    pub fn number(&self, partition: u32, seq: u64) -> u64 {
        seq * self.lanes.len() as u64 + u64::from(partition)
    }

    /// Whether a copy of a record was taken before, in whatever shape; dead letters are none.
    pub fn holds(&self, number: u64) -> bool {
        let (partition, seq) = self.identity(number);
        let lane = &self.lanes[partition as usize];
        lane.intact.has(seq) || lane.damaged.has(seq) || lane.strangers.contains_key(&seq)
    }

    /// Takes a copy of a record by its number in the load.
    pub fn take(&mut self, number: u64, place: (u32, u64), intact: bool) {
        let (partition, seq) = self.identity(number);
        let limit = self.limit();
        self.lanes[partition as usize].take(seq, limit, place, intact);
    }

    /// Takes a dead letter by its record's number in the load, whatever else became of the record.
    pub fn take_dead(&mut self, number: u64, place: (u32, u64)) {
        let (partition, seq) = self.identity(number);
        let limit = self.limit();
        self.lanes[partition as usize].take_dead(seq, limit, place);
    }

    /// Takes a copy that lies in `partition`. One of another partition is a stranger there, and is missed where it belongs.
    pub fn take_in(&mut self, partition: u32, number: u64, place: (u32, u64), intact: bool) {
        let (own, seq) = self.identity(number);
        let limit = self.limit();
        let Some(lane) = self.lanes.get_mut(partition as usize) else {
            return self.take_illegible(place);
        };
        if own == partition {
            lane.take(seq, limit, place, intact);
        } else {
            lane.take(MOVED | number, limit, place, intact);
            self.note(format!(
                "record {number} is of partition {own}: {}",
                self.told(place)
            ));
        }
    }

    /// Takes a record whose identity cannot be read.
    pub fn take_illegible(&mut self, place: (u32, u64)) {
        self.illegible += 1;
        self.note(format!("illegible: {}", self.told(place)));
    }

    /// Remarks on what was met.
    pub fn note(&mut self, remark: String) {
        if self.notes.len() < NOTES {
            self.notes.push(remark);
        }
    }

    /// Copies read in all, illegible ones apart.
    pub fn read(&self) -> u64 {
        self.lanes.iter().map(|lane| lane.read).sum()
    }

    /// Where a record lies, in words: source and position of each copy.
    pub fn places(&self, partition: u32, seq: u64) -> Vec<String> {
        let lane = self.lanes.get(partition as usize);
        let places = lane.into_iter().flat_map(|lane| lane.places(seq));
        places.map(|place| self.told(place)).collect()
    }

    fn told(&self, (source, at): (u32, u64)) -> String {
        let name = self.sources.get(source as usize);
        name.map_or_else(|| at.to_string(), |name| format!("{name} {at}"))
    }

    /// The records of an ordered stage that lie before these positions, one for each partition, as a stage of its own.
    #[must_use]
    pub fn before(&self, name: &str, ends: &[u64]) -> Self {
        let mut part = Self::new(name, self.lanes.len() as u32, self.sent).in_order();
        (part.complete, part.exact) = (self.complete.clone(), self.exact);
        part.rejects = self.rejects;
        part.sources.clone_from(&self.sources);
        let limit = self.limit();
        for (lane, read) in self.lanes.iter().zip(&mut part.lanes) {
            read.malformed.clone_from(&lane.malformed);
        }
        for ((lane, read), end) in self.lanes.iter().zip(&mut part.lanes).zip(ends) {
            for run in &lane.runs {
                let count = end.saturating_sub(run.at).min(run.count);
                for step in 0..count {
                    let seq = run.first + step;
                    let intact = !lane.damaged.has(seq) || lane.intact.has(seq);
                    read.take(seq, limit, (run.source, run.at + step), intact);
                }
            }
        }
        part
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_in_another_partition_is_missed_in_its_own() {
        let mut stage = Stage::new("log", 4, 40).in_order();
        let source = stage.source("t-2, offset");
        stage.take_in(2, 6, (source, 0), true);
        stage.take_in(2, 5, (source, 1), true);
        assert!(stage.lanes[2].intact.has(1));
        assert_eq!(stage.lanes[2].strangers.len(), 1);
        assert!(!stage.lanes[1].intact.has(1));
        assert_eq!(stage.places(2, 1), ["t-2, offset 0"]);
    }

    #[test]
    fn numbers_and_identities_are_each_others_inverse() {
        let stage = Stage::new("x", 3, 100);
        for number in 0..100 {
            let (partition, seq) = stage.identity(number);
            assert_eq!(stage.number(partition, seq), number);
            assert!(seq < stage.limit());
        }
    }

    #[test]
    fn malformed_records_and_dead_letters_are_known_by_their_numbers() {
        let mut numbers = Bits::default();
        for number in [0, 5, 71, 99] {
            numbers.set(number);
        }
        let stage = Stage::new("stored", 3, 100).sent_malformed(&numbers);
        let mut stage = stage.validated(Rejects::SetAside);
        let marked = |stage: &Stage, number| {
            let (partition, seq) = stage.identity(number);
            let lane = &stage.lanes[partition as usize];
            (lane.malformed.has(seq), lane.dead.has(seq))
        };
        let letters = stage.source("dead/a.parquet row");
        stage.take_dead(71, (letters, 4));
        assert_eq!(marked(&stage, 71), (true, true));
        assert_eq!(marked(&stage, 72), (false, false));
        let all: u64 = stage.lanes.iter().map(|lane| lane.malformed.count()).sum();
        assert_eq!((all, stage.read()), (4, 1));
        assert_eq!(stage.places(2, 23), ["dead/a.parquet row 4"]);
        assert_eq!(stage.before("x", &[9; 3]).lanes[2].malformed.count(), 2);
    }

    #[test]
    fn what_lies_before_a_position_is_a_stage_of_its_own() {
        let mut log = Stage::new("log", 2, 20).in_order();
        let sources = [log.source("p0"), log.source("p1")];
        for number in 0..20 {
            let partition = (number % 2) as u32;
            let at = 1 + number / 2;
            log.take_in(
                partition,
                number,
                (sources[partition as usize], at),
                number != 4,
            );
        }
        let part = log.before("consumed", &[4, 1]);
        assert_eq!((part.lanes[0].read, part.lanes[1].read), (3, 0));
        assert_eq!(part.lanes[0].corrupted, 1, "damage stays damage");
        assert_eq!(part.places(0, 1), ["p0 2"]);
    }

    #[test]
    fn a_partition_that_nobody_made_is_illegible() {
        let mut stage = Stage::new("log", 2, 20);
        let source = stage.source("t-7, offset");
        stage.take_in(7, 3, (source, 9), true);
        assert_eq!(
            (stage.illegible, stage.notes[0].as_str()),
            (1, "illegible: t-7, offset 9")
        );
    }
}
