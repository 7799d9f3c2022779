//! Medians of what was measured, side by side, and their ratios.
use std::collections::BTreeMap;

/// Beats and datagrams are this far apart at most on a calm machine, ns: an effect between two of them counts as this much.
pub const RESOLUTION: u64 = 100_000;

/// What one round of one fault gave, ns.
pub struct Spans {
    /// Until the undo was on disk; none for those who write none.
    pub recorded: Option<u64>,
    /// From the decision to the effect.
    pub effect: u64,
    /// From the decision to heal to the heal.
    pub heal: u64,
    /// Until the call returned.
    pub reply: u64,
}

/// Spans by fault and contender.
#[derive(Default)]
pub struct Figures {
    spans: BTreeMap<(&'static str, &'static str), Vec<Spans>>,
    skipped: BTreeMap<(&'static str, &'static str), String>,
}

impl Figures {
    /// Adds a round.
    pub fn add(&mut self, contender: &'static str, fault: &'static str, spans: Spans) {
        self.spans
            .entry((fault, contender))
            .or_default()
            .push(spans);
    }

    /// A round that could not be measured: said, not counted as zero.
    pub fn skip(&mut self, contender: &'static str, fault: &'static str, why: String) {
        self.skipped.insert((fault, contender), why);
    }

    /// Prints every row: median, least and most, and how many times ours.
    pub fn print(&self, rounds: u32) {
        println!(
            "ms, median [least, most] of {rounds} rounds, contenders in turn; resolution 0.1; x = times ours by the medians"
        );
        println!(
            "{:<10} {:<12} {:<24} {:<30} {:<32} reply",
            "fault", "contender", "undo on disk", "effect", "heal"
        );
        for ((fault, contender), spans) in &self.spans {
            let ours = self
                .spans
                .iter()
                .find(|((f, c), _)| f == fault && *c == super::contenders::OURS)
                .map(|(_, ours)| ours);
            let times = |of: fn(&Spans) -> u64| {
                let ratio =
                    ours.map(|ours| middle(spans, of) as f64 / middle(ours, of).max(1) as f64);
                ratio
                    .filter(|_| *contender != super::contenders::OURS)
                    .map_or(String::new(), |ratio| format!(" x{ratio:.1}"))
            };
            let recorded = if spans.iter().all(|one| one.recorded.is_some()) {
                told(spans, |one| one.recorded.unwrap_or_default())
            } else {
                "none".to_owned()
            };
            println!(
                "{fault:<10} {contender:<12} {recorded:<24} {:<30} {:<32} {} (n = {})",
                told(spans, |one| one.effect) + &times(|one| one.effect),
                told(spans, |one| one.heal) + &times(|one| one.heal),
                told(spans, |one| one.reply),
                spans.len(),
            );
        }
        for ((fault, contender), why) in &self.skipped {
            println!("{fault:<10} {contender:<12} not measured at least once: failed to {why}");
        }
    }
}

fn sorted(spans: &[Spans], of: fn(&Spans) -> u64) -> Vec<u64> {
    let mut all: Vec<u64> = spans.iter().map(of).collect();
    all.sort_unstable();
    all
}

fn middle(spans: &[Spans], of: fn(&Spans) -> u64) -> u64 {
    sorted(spans, of)
        .get(spans.len() / 2)
        .copied()
        .unwrap_or_default()
}

fn told(spans: &[Spans], of: fn(&Spans) -> u64) -> String {
    let all = sorted(spans, of);
    let ms = |at: usize| all.get(at).copied().unwrap_or_default() as f64 / 1e6;
    format!(
        "{:.3} [{:.3}, {:.3}]",
        ms(all.len() / 2),
        ms(0),
        ms(all.len().saturating_sub(1))
    )
}
