//! The stages in the order in which records pass them: a loss belongs to the first stage that lacks the record, a copy to the first
//! that holds two.
use super::{
    Balanced,
    judge::{self, Counts, Missing},
    sent::{Outcomes, Sent},
};
use crate::report::Ledger;
use model::ledger::{Lane, Stage, bits, stage::MOVED};

/// Records named in a row.
const EXAMPLES: usize = 20;

/// All stages of a run beside what was sent.
pub struct Chain<'a> {
    stages: &'a [Stage],
    /// By stage: the same outcomes, in as many partitions as it has.
    sent: Vec<Sent>,
}

impl<'a> Chain<'a> {
    /// These stages, and the outcomes by number of partitions.
    pub fn of(stages: &'a [Stage], sent: impl Fn(u32) -> Sent) -> Self {
        let sent = stages.iter().map(|stage| sent(stage.lanes.len() as u32));
        Self {
            stages,
            sent: sent.collect(),
        }
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
        total.ledger.examples = self.examples(at);
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
        let mut counts = judge::judge(sent, lane, rule(stage, lane));
        counts.ledger.reordered = stage.ordered.then_some(lane.descents);
        let (mut lost, mut doubled) = (0, 0);
        for index in 0..judge::words(sent, lane) {
            lost += u64::from(self.lost_here(at, partition, index).count_ones());
            doubled += u64::from(self.doubled_here(at, partition, index).count_ones());
        }
        counts.ledger.lost_here = counts.ledger.lost.map(|_| lost);
        counts.ledger.doubled_here = doubled;
        counts
    }

    /// The stages before this one that tell of the same partition.
    fn before(&self, at: usize) -> impl Iterator<Item = usize> {
        let width = self.stages[at].lanes.len();
        let earlier = if crate::mutant("D15") { 0..0 } else { 0..at };
        earlier.filter(move |one| self.stages[*one].lanes.len() == width)
    }

    fn missing(&self, at: usize, partition: usize, index: usize) -> u64 {
        let (stage, sent) = (&self.stages[at], self.sent[at].partition(partition));
        judge::missing(sent, &stage.lanes[partition], index)
    }

    /// Records of a word that are lost in this stage and were there in every stage before that was read to its end.
    fn lost_here(&self, at: usize, partition: usize, index: usize) -> u64 {
        let gone = self.missing(at, partition, index);
        if gone == 0 || self.stages[at].complete.is_err() {
            return 0;
        }
        let whole = |one: &usize| self.stages[*one].complete.is_ok();
        let earlier = self.before(at).filter(whole);
        gone & !earlier.fold(0, |all, one| all | self.missing(one, partition, index))
    }

    /// Records of a word of which this stage holds two and no stage before did.
    fn doubled_here(&self, at: usize, partition: usize, index: usize) -> u64 {
        let twice = |at: usize| self.stages[at].lanes[partition].twice.word(index);
        twice(at) & !self.before(at).fold(0, |all, one| all | twice(one))
    }

    /// The first records of each class that is no good, with the places where they lie or lay last, and what else was met.
    fn examples(&self, at: usize) -> Vec<String> {
        let stage = &self.stages[at];
        let wrong = (0..stage.lanes.len()).flat_map(|partition| self.wrong(at, partition));
        let all = wrong.chain(stage.notes.iter().cloned());
        all.take(EXAMPLES).collect()
    }

    fn wrong(&self, at: usize, partition: usize) -> impl Iterator<Item = String> {
        let (stage, sent) = (&self.stages[at], self.sent[at].partition(partition));
        let lane = &stage.lanes[partition];
        let whole = stage.complete.is_ok();
        let of_word = move |index| {
            let classes = classes(sent, lane, index, whole).into_iter();
            classes
                .flat_map(move |(class, word)| bits::ones(index, word).map(move |seq| (class, seq)))
        };
        let partition = partition as u32;
        let words = (0..judge::words(sent, lane)).flat_map(of_word);
        let strangers = lane.strangers.keys().filter(|seq| **seq < MOVED);
        let strangers =
            strangers.map(move |seq| format!("phantom {}", stage.number(partition, *seq)));
        words
            .map(move |(class, seq)| self.example(at, class, partition, seq))
            .chain(strangers)
    }

    fn example(&self, at: usize, class: &str, partition: u32, seq: u64) -> String {
        let stage = &self.stages[at];
        let mut text = format!("{class} {}", stage.number(partition, seq));
        if stage.lanes.len() > 1 {
            text.push_str(&format!(" (partition {partition}, sequence {seq})"));
        }
        let here = stage.places(partition, seq);
        if !here.is_empty() {
            return format!("{text}: {}", here.join(" and "));
        }
        let last = self.stages[..at].iter().rev().find_map(|earlier| {
            let places = earlier.places(partition, seq);
            (earlier.lanes.len() == stage.lanes.len() && !places.is_empty())
                .then(|| format!("{}: {}", earlier.name, places.join(" and ")))
        });
        last.map_or(text.clone(), |last| format!("{text}, last seen in {last}"))
    }
}

fn classes(sent: &Outcomes, lane: &Lane, index: usize, whole: bool) -> [(&'static str, u64); 5] {
    let known = sent.ok.word(index) | sent.fail.word(index) | sent.info.word(index);
    let intact = lane.intact.word(index);
    let missing = if whole {
        judge::missing(sent, lane, index)
    } else {
        0
    };
    [
        ("lost", missing),
        ("duplicated", lane.twice.word(index)),
        ("corrupted", lane.damaged.word(index)),
        ("resurrected", intact & sent.fail.word(index)),
        ("phantom", intact & !known),
    ]
}

fn rule(stage: &Stage, lane: &Lane) -> Missing {
    let highest = lane.intact.words().len().max(lane.damaged.words().len());
    match (&stage.complete, stage.ordered) {
        _ if crate::mutant("D9") => Missing::Lost,
        (Ok(()), _) => Missing::Lost,
        (Err(_), true) if highest > 0 => Missing::LostBelow(highest_of(lane)),
        (Err(_), _) => Missing::Unseen,
    }
}

fn highest_of(lane: &Lane) -> u64 {
    let last = |words: &[u64]| {
        let word = words.last().copied().unwrap_or(0);
        (words.len() as u64 * 64).saturating_sub(u64::from(word.leading_zeros()) + 1)
    };
    last(lane.intact.words()).max(last(lane.damaged.words()))
}

fn add(mut all: Counts, one: &Counts) -> Counts {
    let (sum, of) = (&mut all.ledger, &one.ledger);
    sum.sent += of.sent;
    sum.ok += of.ok;
    sum.fail += of.fail;
    sum.info += of.info;
    sum.read += of.read;
    sum.duplicated += of.duplicated;
    sum.corrupted += of.corrupted;
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
