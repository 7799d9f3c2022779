//! What is asked of one partition of a stage: what its reading proves, and what its contract says of malformed records.
use model::ledger::{Bits, Lane, Rejects, Stage};

/// What is not there, as far as one can know.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Missing {
    /// Read to its end: what is not there is lost.
    #[default]
    Lost,
    /// Not read to its end, in order: lost below the highest sequence read, unseen above it.
    LostBelow(u64),
    /// Not read to its end: unseen.
    Unseen,
}

/// How one partition is judged.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Terms {
    /// What absence proves.
    pub missing: Missing,
    /// Whether malformed records have no business in the table.
    pub validated: bool,
    /// Sequences that may be nowhere, as declared.
    pub declared: Bits,
}

impl Terms {
    /// Of a partition of a stage, where these malformed records never came as far as this stage.
    pub fn of(stage: &Stage, lane: &Lane, lost_before: impl Fn(usize) -> u64) -> Self {
        let drops = stage.rejects == Rejects::Dropped || crate::mutant("D21");
        let words = if drops { lane.malformed.words() } else { &[] };
        let declared = words.iter().enumerate();
        let declared = declared.map(|(index, word)| match crate::mutant("D24") {
            true => *word,
            false => word & !lost_before(index),
        });
        Self {
            missing: missing(stage, lane),
            validated: stage.rejects != Rejects::Nothing,
            declared: Bits::of(declared.collect()),
        }
    }

    /// The sequences of word `index` of which absence proves something.
    pub const fn settled(&self, index: usize) -> u64 {
        match self.missing {
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
}

fn missing(stage: &Stage, lane: &Lane) -> Missing {
    let highest = highest(lane);
    match (&stage.complete, stage.ordered) {
        _ if crate::mutant("D9") => Missing::Lost,
        (Ok(()), _) => Missing::Lost,
        (Err(_), true) => highest.map_or(Missing::Unseen, Missing::LostBelow),
        (Err(_), false) => Missing::Unseen,
    }
}

/// The highest sequence in the table; dead letters have an order of their own.
fn highest(lane: &Lane) -> Option<u64> {
    let last = |bits: &Bits| {
        let word = bits.words().last()?;
        let after = bits.words().len() as u64 * 64 - u64::from(word.leading_zeros());
        after.checked_sub(1)
    };
    last(&lane.intact).max(last(&lane.damaged))
}
