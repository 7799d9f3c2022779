//! The stages in the order in which records pass them: a loss belongs to the first stage that lacks the record, a copy to the first
//! that holds two.
use super::{
    Balanced, examples,
    judge::{self, Counts},
    sent::Sent,
    terms::Terms,
    word::Word,
};
use crate::report::Ledger;
use model::ledger::Stage;

/// All stages of a run beside what was sent.
pub struct Chain<'a> {
    pub(super) stages: &'a [Stage],
    /// By stage: the same outcomes, in as many partitions as it has.
    sent: Vec<Sent>,
    /// By stage and partition.
    terms: Vec<Vec<Terms>>,
}

impl<'a> Chain<'a> {
    /// These stages, and the outcomes by number of partitions.
    pub fn of(stages: &'a [Stage], sent: impl Fn(u32) -> Sent) -> Self {
        let sent = stages.iter().map(|stage| sent(stage.lanes.len() as u32));
        let mut chain = Self {
            stages,
            sent: sent.collect(),
            terms: Vec::new(),
        };
        // In their order: what a stage may drop is what came through those before it.
        for at in 0..stages.len() {
            let terms = chain.terms(at);
            chain.terms.push(terms);
        }
        chain
    }

    fn terms(&self, at: usize) -> Vec<Terms> {
        let stage = &self.stages[at];
        let lanes = stage.lanes.iter().enumerate();
        let terms = lanes.map(|(partition, lane)| {
            Terms::of(stage, lane, |index| self.lost_before(at, partition, index))
        });
        terms.collect()
    }

    /// The ledger of one stage.
    pub fn balanced(&self, at: usize) -> Balanced {
        let stage = &self.stages[at];
        let counts: Vec<Counts> = (0..stage.lanes.len())
            .map(|lane| self.judged(at, lane))
            .collect();
        let mut total = counts.iter().fold(Counts::default(), add);
        total.ledger.illegible = stage.illegible;
        total.ledger.incomplete = stage.complete.clone().err();
        total.ledger.examples = examples::of(self, at);
        let balances = counts.iter().chain([&total]).map(judge::balance);
        let balance = balances.collect();
        let named = |counts: Counts, partition| Ledger {
            stage: stage.name.clone(),
            partition,
            copies_allowed: !stage.exact,
            ..counts.ledger
        };
        Balanced {
            ledger: named(total, None),
            partitions: counts
                .into_iter()
                .zip(0..)
                .map(|(counts, partition)| named(counts, Some(partition)))
                .collect(),
            balance,
            line: 0,
        }
    }

    fn judged(&self, at: usize, partition: usize) -> Counts {
        let (stage, sent) = (&self.stages[at], self.sent[at].partition(partition));
        let lane = &stage.lanes[partition];
        let mut counts = judge::judge(sent, lane, &self.terms[at][partition]);
        counts.ledger.reordered = stage.ordered.then_some(lane.descents);
        let (mut lost, mut doubled) = (0, 0);
        for index in 0..Word::count(sent, lane) {
            lost += u64::from(self.lost_here(at, partition, index).count_ones());
            doubled += u64::from(self.doubled_here(at, partition, index).count_ones());
        }
        counts.ledger.lost_here = counts.ledger.lost.map(|_| lost);
        counts.ledger.doubled_here = doubled;
        counts
    }

    /// 64 records of a partition of a stage.
    pub(super) fn word(&self, at: usize, partition: usize, index: usize) -> Word {
        let (lane, sent) = (
            &self.stages[at].lanes[partition],
            self.sent[at].partition(partition),
        );
        Word::of(sent, lane, self.terms[at][partition].validated, index)
    }

    /// How many words a partition of a stage has.
    pub(super) fn words(&self, at: usize, partition: usize) -> usize {
        let lane = &self.stages[at].lanes[partition];
        Word::count(self.sent[at].partition(partition), lane)
    }

    /// The stages before this one that tell of the same partition.
    fn before(&self, at: usize) -> impl Iterator<Item = usize> {
        let width = self.stages[at].lanes.len();
        let earlier = if crate::mutant("D15") { 0..0 } else { 0..at };
        earlier.filter(move |one| self.stages[*one].lanes.len() == width)
    }

    /// Acknowledged records of a word that are nowhere in this stage, and whose absence is not declared.
    pub(super) fn missing(&self, at: usize, partition: usize, index: usize) -> u64 {
        let declared = self.terms[at][partition].declared.word(index);
        self.word(at, partition, index).absent() & !declared
    }

    /// Records of a word that a stage before lost, as far as those were read to their ends.
    fn lost_before(&self, at: usize, partition: usize, index: usize) -> u64 {
        let whole = |one: &usize| self.stages[*one].complete.is_ok();
        let earlier = self.before(at).filter(whole);
        earlier.fold(0, |all, one| all | self.missing(one, partition, index))
    }

    /// Records of a word that are lost in this stage and were there in every stage before that was read to its end.
    fn lost_here(&self, at: usize, partition: usize, index: usize) -> u64 {
        let gone = self.missing(at, partition, index);
        if gone == 0 || self.stages[at].complete.is_err() {
            return 0;
        }
        gone & !self.lost_before(at, partition, index)
    }

    /// Records of a word of which this stage holds two and no stage before did.
    fn doubled_here(&self, at: usize, partition: usize, index: usize) -> u64 {
        let twice = |at: usize| self.word(at, partition, index).doubled();
        twice(at) & !self.before(at).fold(0, |all, one| all | twice(one))
    }
}

fn add(mut all: Counts, one: &Counts) -> Counts {
    let (sum, of) = (&mut all.ledger, &one.ledger);
    sum.sent += of.sent;
    sum.malformed += of.malformed;
    sum.ok += of.ok;
    sum.fail += of.fail;
    sum.info += of.info;
    sum.read += of.read;
    sum.duplicated += of.duplicated;
    sum.corrupted += of.corrupted;
    sum.accepted_malformed += of.accepted_malformed;
    sum.dropped += of.dropped;
    sum.dead_lettered += of.dead_lettered;
    sum.good_dead_lettered += of.good_dead_lettered;
    sum.resurrected += of.resurrected;
    sum.recovered += of.recovered;
    sum.phantom += of.phantom;
    sum.unseen_tail += of.unseen_tail;
    sum.doubled_here += of.doubled_here;
    sum.lost = plus(sum.lost, of.lost);
    sum.lost_here = plus(sum.lost_here, of.lost_here);
    sum.reordered = plus(sum.reordered, of.reordered);
    all.intact += one.intact;
    all.damaged += one.damaged;
    all
}

/// What one part does not know is left out; none where no part knows.
fn plus(one: Option<u64>, other: Option<u64>) -> Option<u64> {
    one.into_iter()
        .chain(other)
        .reduce(|one, other| one + other)
}
