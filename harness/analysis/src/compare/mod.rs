//! Two arms of one testbed under the same faults: what each did, what lies between them, and which claims of the difference hold.
//!
//! - [`report`] the shape of the answer.
pub mod report;

pub use report::Comparison;

use crate::{
    Analysis,
    report::{Judgement, Measure},
};
use model::{compare::Order, verdict::Verdict};

/// Holds the arms of a comparison against each other.
///
/// `runs` stands in the order of `order.runs`; a run that could not be analysed is the reason, fit to stand after "could not be
/// analysed:". One that is missing at the end of the list counts as such too.
pub fn compare(order: &Order, _runs: &[Result<Analysis, String>]) -> Comparison {
    Comparison {
        schema: report::SCHEMA.into(),
        name: order.name.clone(),
        claim: order.claim.clone(),
        seed: order.seed,
        probe: order.probe.clone(),
        repeats: order.repeats,
        arms: order.arms.clone(),
        verdict: Judgement {
            value: Verdict::Unknown,
            headline: "nothing was compared".into(),
            reasons: Vec::new(),
        },
        lines: Vec::new(),
        faults: Vec::new(),
        baseline: [Measure::default(), Measure::default()],
        runs: Vec::new(),
        notes: Vec::new(),
        command: order.command.clone(),
    }
}
