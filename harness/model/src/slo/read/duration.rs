//! Durations as OpenSLO writes them: a whole number and one letter, no seconds.
use crate::{
    scenario::{Refusal, Tree},
    slo::Unit,
    units::Nanos,
};

/// Longest window: beyond it the clock of a run could not hold it.
const MOST_YEARS: u64 = 100;

/// `30d` as its number and unit.
pub(super) fn parts(tree: &Tree, what: &str) -> Result<(u32, Unit), Refusal> {
    let refuse = || {
        tree.refuse(format!("read {what}"))
            .label("a whole number with one of m h d w M Q Y is due here")
            .hint("write it like `30d`; seconds go into the annotation `brinell/window` or `brinell/slice`")
    };
    let text = tree.text(what).map_err(|_| refuse())?;
    let mut unit = text.chars();
    let letter = unit.next_back().ok_or_else(refuse)?;
    let number = unit.as_str();
    let plain = !number.is_empty() && number.chars().all(|c| c.is_ascii_digit());
    let count = plain.then(|| number.parse::<u32>().ok()).flatten();
    let found = Unit::ALL.iter().find(|(known, _)| *known == letter);
    match (count, found) {
        (Some(count), Some((_, unit))) if count > 0 && in_reach(count, *unit) => Ok((count, *unit)),
        _ => Err(refuse()),
    }
}

fn in_reach(count: u32, unit: Unit) -> bool {
    let years = MOST_YEARS * Unit::Year.length().0;
    u128::from(count) * u128::from(unit.length().0) <= u128::from(years)
}

/// The same as a length of time.
pub(super) fn length(tree: &Tree, what: &str) -> Result<Nanos, Refusal> {
    let (count, unit) = parts(tree, what)?;
    Ok(Nanos(u64::from(count) * unit.length().0))
}
