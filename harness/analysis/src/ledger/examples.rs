//! Records that went wrong, by name: the first of each class, with the places where they lie or lay last.
use super::{chain::Chain, word::Word};
use model::ledger::{bits, stage::MOVED};

/// Records named in a row.
const EXAMPLES: usize = 20;

/// Some of a stage, and what else was met there.
pub fn of(chain: &Chain<'_>, at: usize) -> Vec<String> {
    let stage = &chain.stages[at];
    let wrong = (0..stage.lanes.len()).flat_map(|partition| wrong(chain, at, partition));
    let all = wrong.chain(stage.notes.iter().cloned());
    all.take(EXAMPLES).collect()
}

fn wrong(chain: &Chain<'_>, at: usize, partition: usize) -> impl Iterator<Item = String> {
    let stage = &chain.stages[at];
    let whole = stage.complete.is_ok();
    let of_word = move |index| {
        let missing = chain.missing(at, partition, index);
        let missing = if whole { missing } else { 0 };
        let classes = classes(&chain.word(at, partition, index), missing).into_iter();
        classes.flat_map(move |(class, word)| bits::ones(index, word).map(move |seq| (class, seq)))
    };
    let words = (0..chain.words(at, partition)).flat_map(of_word);
    let strangers = stage.lanes[partition].strangers.keys();
    let partition = partition as u32;
    let strangers = strangers
        .filter(|seq| **seq < MOVED)
        .map(move |seq| format!("phantom {}", stage.number(partition, *seq)));
    words
        .map(move |(class, seq)| example(chain, at, class, (partition, seq)))
        .chain(strangers)
}

/// Masks of a word by what is wrong with a record.
fn classes(word: &Word, missing: u64) -> [(&'static str, u64); 7] {
    let good = word.good();
    [
        ("lost", missing),
        ("duplicated", word.doubled()),
        ("corrupted", word.wrong & !word.malformed),
        ("corrupted (malformed, accepted)", word.accepted()),
        (
            "good dead-lettered",
            word.ok & word.set_aside() & !word.malformed,
        ),
        ("resurrected", word.fail & (good | word.set_aside())),
        ("phantom", (good | word.set_aside()) & !word.known()),
    ]
}

fn example(chain: &Chain<'_>, at: usize, class: &str, (partition, seq): (u32, u64)) -> String {
    let stage = &chain.stages[at];
    let mut text = format!("{class} {}", stage.number(partition, seq));
    if stage.lanes.len() > 1 {
        text.push_str(&format!(" (partition {partition}, sequence {seq})"));
    }
    let here = stage.places(partition, seq);
    if !here.is_empty() {
        return format!("{text}: {}", here.join(" and "));
    }
    let last = chain.stages[..at].iter().rev().find_map(|earlier| {
        let places = earlier.places(partition, seq);
        (earlier.lanes.len() == stage.lanes.len() && !places.is_empty())
            .then(|| format!("{}: {}", earlier.name, places.join(" and ")))
    });
    last.map_or(text.clone(), |last| format!("{text}, last seen in {last}"))
}
