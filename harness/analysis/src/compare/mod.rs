//! Two arms of one testbed under the same faults: what each did, what lies between them, and which claims of the difference hold.
//!
//! - [`report`] the shape of the answer.   - [`runs`] which runs can be held against each other. Start here.
//! - [`faults`] recovery by fault.   - [`lines`] the before/after table; [`values`] one number of a run, [`over_runs`] of an arm; [`verdict`] does a claim hold.
//! - [`hodges_lehmann`], [`mann_whitney`], [`log_rank`], [`medians`] the statistics of two samples.
//! ```text
//! comparison.json ─┐          ┌─> faults ──────────────────────────┐
//! Analysis of each ┼─> runs ──┤                                    ├─> Comparison ─> reports
//!   run folder ────┘          └─> values ─> lines ─> verdict ──────┘
//! ```
pub mod faults;
pub mod hodges_lehmann;
pub mod lines;
pub mod log_rank;
pub mod mann_whitney;
pub mod medians;
pub mod over_runs;
pub mod report;
pub mod runs;
pub mod values;
pub mod verdict;

pub use report::Comparison;

use crate::{Analysis, report::Measure};
use hodges_lehmann::Known;
use model::compare::Order;
use runs::Run;

/// Holds the arms of a comparison against each other.
///
/// `analyses` stands in the order of `order.runs`; a run that could not be analysed is the reason, fit to stand after "could not be
/// analysed:". One that is missing at the end of the list counts as such too.
pub fn compare(order: &Order, analyses: &[Result<Analysis, String>]) -> Comparison {
    let runs = runs::runs(order, analyses);
    let lines = lines::lines(order, &runs);
    Comparison {
        schema: report::SCHEMA.into(),
        name: order.name.clone(),
        claim: order.claim.clone(),
        seed: order.seed,
        probe: order.probe.clone(),
        repeats: order.repeats,
        arms: order.arms.clone(),
        verdict: verdict::overall(&lines),
        lines,
        faults: faults::faults(order, &runs),
        baseline: [0, 1].map(|arm| baseline(order, &runs, arm)),
        notes: notes(order, &runs),
        runs: runs.iter().map(|run| run.line(&order.probe)).collect(),
        command: order.command.clone(),
    }
}

/// Median over the runs of an arm of what the probe did before anything was hurt.
fn baseline(order: &Order, runs: &[Run], arm: usize) -> Measure {
    let used = runs
        .iter()
        .filter(|run| run.of.arm == arm)
        .filter_map(Run::used);
    let each: Vec<Measure> = used.map(|one| runs::baseline(one, &order.probe)).collect();
    let values = each.iter().filter_map(|one| one.value);
    let known: Vec<Known> = values.map(Known::exact).collect();
    let over = over_runs::median(&known);
    let unknown = || {
        let why = each.iter().find_map(|one| one.why.clone());
        why.unwrap_or_else(|| "no run can be used".into())
    };
    Measure {
        unit: each
            .first()
            .map_or_else(String::new, |one| one.unit.clone()),
        n: known.len() as u64,
        method: format!("{}, of each the median", over.method),
        why: over.value.is_none().then(unknown),
        ..over
    }
}

/// Arms and rounds in which fewer runs can be used than were planned.
fn notes(order: &Order, runs: &[Run]) -> Vec<String> {
    let mut rounds: Vec<&str> = Vec::new();
    for run in runs {
        if !rounds.contains(&run.of.round.as_str()) {
            rounds.push(&run.of.round);
        }
    }
    if rounds.is_empty() {
        return vec!["no run was begun".into()];
    }
    let mut notes = Vec::new();
    for round in rounds {
        for (arm, name) in order.arms.iter().enumerate() {
            let of: Vec<&Run> = runs
                .iter()
                .filter(|run| run.of.arm == arm && run.of.round == round)
                .collect();
            let used = of.iter().filter(|run| run.used().is_some()).count() as u64;
            if used < order.repeats {
                notes.push(format!(
                    "{name}, round {round}: {used} of {} planned runs can be used, {} were begun",
                    order.repeats,
                    of.len()
                ));
            }
        }
    }
    notes
}
