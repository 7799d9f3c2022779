//! One partition of one stage against what was sent there: every record in exactly one class, 64 records a step.
use super::sent::Outcomes;
use crate::report::Ledger;
use model::ledger::Lane;

/// The counts of a partition, with those that only the balance needs.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Counts {
    /// As reported.
    pub ledger: Ledger,
    /// Acknowledged and there intact.
    pub intact: u64,
    /// Acknowledged and there only with a wrong checksum.
    pub damaged: u64,
}

/// What is not there, as far as one can know.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Missing {
    /// Read to its end: what is not there is lost.
    Lost,
    /// Not read to its end, in order: lost below the highest sequence read, unseen above it.
    LostBelow(u64),
    /// Not read to its end: unseen.
    Unseen,
}

/// Acknowledged records of word `index` of which no copy is there.
pub fn missing(sent: &Outcomes, lane: &Lane, index: usize) -> u64 {
    sent.ok.word(index) & !lane.intact.word(index) & !lane.damaged.word(index)
}

/// How many words have a bit in any of the maps.
pub fn words(sent: &Outcomes, lane: &Lane) -> usize {
    let maps = [
        &sent.ok,
        &sent.fail,
        &sent.info,
        &lane.intact,
        &lane.damaged,
    ];
    maps.map(|bits| bits.words().len())
        .into_iter()
        .max()
        .unwrap_or(0)
}

/// Counts one partition.
pub fn judge(sent: &Outcomes, lane: &Lane, rule: Missing) -> Counts {
    let mut counts = Counts::default();
    for index in 0..words(sent, lane) {
        word(&mut counts, sent, lane, index);
        let gone = missing(sent, lane, index);
        let lost = gone & below(rule, index);
        *counts.ledger.lost.get_or_insert_default() += ones(lost);
        counts.ledger.unseen_tail += ones(gone & !lost);
    }
    let ledger = &mut counts.ledger;
    let strangers = lane.strangers.values();
    ledger.phantom += lane.strangers.len() as u64 + lane.more_strangers;
    let copies: u64 = strangers.map(|copies| copies - 1).sum();
    ledger.duplicated = if crate::mutant("D12") {
        0
    } else {
        lane.extra + copies
    };
    ledger.corrupted = lane.corrupted;
    ledger.read = lane.read;
    // Without the end, nothing found proves nothing; what is found is a lower bound.
    let found = ledger.lost.filter(|lost| *lost > 0);
    ledger.lost = found.or((rule == Missing::Lost).then_some(0));
    counts
}

fn word(counts: &mut Counts, sent: &Outcomes, lane: &Lane, index: usize) {
    let (ok, fail, info) = (
        sent.ok.word(index),
        sent.fail.word(index),
        sent.info.word(index),
    );
    let (intact, damaged) = (lane.intact.word(index), lane.damaged.word(index));
    counts.intact += ones(ok & intact);
    counts.damaged += ones(ok & !intact & damaged);
    let ledger = &mut counts.ledger;
    ledger.sent += ones(ok | fail | info);
    ledger.ok += ones(ok);
    ledger.fail += ones(fail);
    ledger.info += ones(info);
    ledger.resurrected += ones(fail & intact);
    ledger.recovered += ones(info & intact);
    ledger.phantom += ones(intact & !(ok | fail | info));
}

const fn ones(word: u64) -> u64 {
    word.count_ones() as u64
}

/// The sequences of word `index` whose absence proves a loss.
const fn below(rule: Missing, index: usize) -> u64 {
    match rule {
        Missing::Lost => u64::MAX,
        Missing::Unseen => 0,
        Missing::LostBelow(highest) => {
            let first = index as u64 * 64;
            match highest.saturating_sub(first) {
                0 => 0,
                some if some >= 64 => u64::MAX,
                some => (1 << some) - 1,
            }
        }
    }
}

/// The two identities of SCIENCE 6 with those of DECISIONS 11: every copy read and every acknowledged record is in one class.
///
/// # Errors
/// The identity that does not hold, in numbers.
pub fn balance(counts: &Counts) -> Result<(), String> {
    let ledger = &counts.ledger;
    let reads = counts.intact
        + ledger.duplicated
        + ledger.resurrected
        + ledger.recovered
        + ledger.phantom
        + ledger.corrupted;
    let acked = counts.intact
        + ledger.lost.unwrap_or(0)
        + counts.damaged
        + ledger.unseen_tail
        + ledger.dropped
        + ledger.dead_lettered;
    if reads != ledger.read {
        return Err(format!(
            "classes add up to {reads} reads of {}",
            ledger.read
        ));
    }
    if acked != ledger.ok {
        return Err(format!(
            "classes add up to {acked} acknowledged records of {}",
            ledger.ok
        ));
    }
    if ledger.ok + ledger.fail + ledger.info != ledger.sent {
        return Err(format!(
            "outcomes do not add up to {} records sent",
            ledger.sent
        ));
    }
    Ok(())
}
