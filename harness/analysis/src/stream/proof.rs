//! Until when a late answer proves the service down.
//!
//! Alone it proves it until its own service began: its end less the longest service of a quiet time. What waited with it in a
//! backlog came back only when those before it were served: once one answer shows the service up, the lateness of the others is no
//! proof any more. And what our own lateness may have added to the end is taken off.
use super::{STRAY_WINDOW, Sample, State};
use model::units::Nanos;
use std::collections::BTreeMap;

/// Sets `down` of every late sample. `margin`: the longest service of the baseline.
pub(super) fn prove_down(samples: &mut [Sample], margin: Nanos) {
    let late: Vec<usize> = (0..samples.len())
        .filter(|index| samples[*index].state == State::Late)
        .collect();
    if late.is_empty() {
        return;
    }
    let mut ends: Vec<Nanos> = late.iter().map(|index| samples[*index].ended).collect();
    ends.sort();
    let answers = Answers::of(samples);
    let slips = Slips::of(samples);
    for index in late {
        let sample = samples[index];
        let margin = margin.plus(slips.around(sample.ended));
        let shown = ends.partition_point(|end| *end < sample.sent.plus(margin));
        let up = [
            ends.get(shown).copied(),
            answers.first_sent_after(sample.sent),
        ];
        let up = up.into_iter().flatten().min().unwrap_or(sample.ended);
        let up = if crate::mutant("R22") {
            sample.ended
        } else {
            up.min(sample.ended)
        };
        samples[index].down = up.since(margin).max(sample.sent);
    }
}

/// The earliest good answer to anything sent from an instant on.
struct Answers(Vec<(Nanos, Nanos)>);

impl Answers {
    fn of(samples: &[Sample]) -> Self {
        let good = samples.iter().filter(|sample| sample.state == State::Good);
        let mut all: Vec<(Nanos, Nanos)> = good.map(|sample| (sample.sent, sample.ended)).collect();
        all.sort();
        let mut earliest = Nanos(u64::MAX);
        for (_, ended) in all.iter_mut().rev() {
            earliest = earliest.min(*ended);
            *ended = earliest;
        }
        Self(all)
    }

    fn first_sent_after(&self, sent: Nanos) -> Option<Nanos> {
        let at = self.0.partition_point(|(other, _)| *other < sent);
        self.0.get(at).map(|(_, ended)| *ended)
    }
}

/// How late we were ourselves at most, by stretches of [`STRAY_WINDOW`].
struct Slips(BTreeMap<u64, Nanos>);

impl Slips {
    fn of(samples: &[Sample]) -> Self {
        let mut most: BTreeMap<u64, Nanos> = BTreeMap::new();
        for sample in samples {
            let stretch = most.entry(sample.due.0 / STRAY_WINDOW.0).or_default();
            *stretch = (*stretch).max(sample.sent.since(sample.due));
        }
        Self(most)
    }

    /// The most in the stretch of an instant and its neighbours.
    fn around(&self, at: Nanos) -> Nanos {
        if crate::mutant("R24") {
            return Nanos(0);
        }
        let stretch = at.0 / STRAY_WINDOW.0;
        let near = self.0.range(stretch.saturating_sub(1)..=stretch + 1);
        near.map(|(_, slip)| *slip).max().unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::super::sample;
    use super::*;

    const MS: u64 = 1_000_000;

    /// Sent and ended, ms; late where `late`.
    fn of(rows: &[(u64, u64, bool)]) -> Vec<Sample> {
        let one = |(sent, ended, late): &(u64, u64, bool)| {
            let at = |ms: u64| Nanos(ms * MS);
            let told = sample(at(*sent), at(*sent), at(*ended), Some(0.0));
            let state = if *late { State::Late } else { State::Good };
            Sample { state, ..told }
        };
        rows.iter().map(one).collect()
    }

    fn down(mut samples: Vec<Sample>) -> Vec<u64> {
        prove_down(&mut samples, Nanos(2 * MS));
        samples.iter().map(|sample| sample.down.0 / MS).collect()
    }

    #[test]
    fn one_late_answer_proves_it_until_its_own_service_began() {
        assert_eq!(down(of(&[(0, 100, true)])), [98]);
    }

    #[test]
    fn a_backlog_proves_it_until_its_first_answer_only() {
        let held = [(0, 100, true), (10, 105, true), (20, 110, true)];
        assert_eq!(down(of(&held)), [98, 98, 98]);
        // A good answer to what was sent meanwhile shows it up as well.
        assert_eq!(down(of(&[(0, 100, true), (90, 95, false)]))[0], 93);
    }

    #[test]
    fn a_second_outage_is_proved_by_its_own_answers() {
        let twice = [(0, 100, true), (200, 300, true)];
        assert_eq!(down(of(&twice)), [98, 298]);
    }

    #[test]
    fn what_we_were_late_ourselves_is_taken_off() {
        let mut samples = of(&[(0, 100, true), (110, 112, false)]);
        samples[1].due = Nanos(107 * MS);
        assert_eq!(down(samples)[0], 95);
    }
}
