//! One partition of one stage against what was sent there: every record in exactly one class, 64 records a step.
use super::{
    sent::Outcomes,
    terms::{Missing, Terms},
    word::Word,
};
use crate::report::Ledger;
use model::ledger::Lane;

/// The counts of a partition, with those that only the balance needs.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Counts {
    /// As reported.
    pub ledger: Ledger,
    /// Acknowledged and there intact.
    pub intact: u64,
    /// Acknowledged and in the table, but no copy there is good: a wrong checksum, or sent malformed.
    pub damaged: u64,
}

/// Counts one partition.
pub fn judge(sent: &Outcomes, lane: &Lane, terms: &Terms) -> Counts {
    let mut counts = Counts::default();
    for index in 0..Word::count(sent, lane) {
        let word = Word::of(sent, lane, terms.validated, index);
        outcomes(&mut counts.ledger, &word);
        there(&mut counts, &word);
        away(&mut counts.ledger, &word, terms, index);
        counts.ledger.malformed += ones(lane.malformed.word(index) & word.known());
    }
    let ledger = &mut counts.ledger;
    let strangers = lane.strangers.values();
    ledger.phantom += lane.strangers.len() as u64 + lane.more_strangers;
    let copies: u64 = strangers.map(|copies| copies - 1).sum();
    ledger.duplicated += lane.extra + copies;
    if crate::mutant("D12") {
        ledger.duplicated = 0;
    }
    ledger.corrupted += lane.corrupted;
    ledger.read = lane.read;
    // Without the end, nothing found proves nothing; what is found is a lower bound.
    let found = ledger.lost.filter(|lost| *lost > 0);
    ledger.lost = found.or((terms.missing == Missing::Lost).then_some(0));
    counts
}

fn outcomes(ledger: &mut Ledger, word: &Word) {
    ledger.sent += ones(word.known());
    ledger.ok += ones(word.ok);
    ledger.fail += ones(word.fail);
    ledger.info += ones(word.info);
}

/// What lies in the table, and what lies among the dead letters.
fn there(counts: &mut Counts, word: &Word) {
    let (good, aside) = (word.good(), word.set_aside());
    counts.intact += ones(word.ok & good);
    counts.damaged += ones(word.ok & word.in_table() & !good);
    let ledger = &mut counts.ledger;
    ledger.corrupted += ones(word.right & word.malformed);
    ledger.accepted_malformed += ones(word.accepted());
    ledger.duplicated += ones(word.both());
    ledger.dead_lettered += ones(word.ok & aside);
    if !crate::mutant("D19") {
        ledger.good_dead_lettered += ones(word.ok & aside & !word.malformed);
    }
    ledger.resurrected += ones(word.fail & (good | aside));
    ledger.recovered += ones(word.info & (good | aside));
    ledger.phantom += ones((good | aside) & !word.known());
}

/// What is nowhere.
fn away(ledger: &mut Ledger, word: &Word, terms: &Terms, index: usize) {
    let (absent, declared) = (word.absent(), terms.declared.word(index));
    let mut settled = absent & terms.settled(index);
    if crate::mutant("D25") {
        settled |= absent & declared;
    }
    ledger.dropped += ones(settled & declared);
    *ledger.lost.get_or_insert_default() += ones(settled & !declared);
    ledger.unseen_tail += ones(absent & !settled);
}

const fn ones(word: u64) -> u64 {
    word.count_ones() as u64
}

/// The two identities of SCIENCE 6 with those of DECISIONS 11: every copy read and every acknowledged record is in one class.
///
/// # Errors
/// The identity that does not hold, in numbers.
pub fn balance(counts: &Counts) -> Result<(), String> {
    let ledger = &counts.ledger;
    let reads = counts.intact
        + ledger.dead_lettered
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
