//! Comparisons made in memory: six runs an arm, one kill each, with recoveries where a test puts them.
use super::synthetic::{FAULTS, Synthetic};
use crate::{
    Analysis,
    compare::{Comparison, compare},
};
use model::compare::{Claim, Measured, Order, RunOf};

/// Recoveries of the first arm, ms; the last of worked 3 scaled by a fifth.
pub const WITHOUT: [u64; 6] = [4_200, 4_800, 5_400, 6_200, 7_000, 12_000];
/// Recoveries of the second arm, ms.
pub const WITH: [u64; 6] = [600, 700, 800, 900, 1_000, 1_200];
/// Longer than any run is watched, ms.
pub const NEVER: u64 = u64::MAX / 4;

/// One run in which the data grew old for so long after its kill; nothing at all at 0.
pub fn run(repeat: u64, stale_ms: u64) -> Analysis {
    let mut analysis = Synthetic {
        repeats: 1,
        stale: vec![(FAULTS + 200, FAULTS + 200 + stale_ms)],
        hangs: vec![],
        short: vec![],
        ..Synthetic::default()
    }
    .analysis();
    analysis.run.seed += repeat;
    analysis
}

/// Runs of both arms, turn by turn, as read.
pub fn arms(without: &[u64], with: &[u64]) -> Vec<Result<Analysis, String>> {
    let turns = without.len().max(with.len());
    let both = |repeat: usize| {
        let of = |arm: &[u64]| arm.get(repeat).map(|stale| Ok(run(repeat as u64, *stale)));
        [of(without), of(with)].into_iter().flatten()
    };
    (0..turns).flat_map(both).collect()
}

/// A claim of a reduction of something.
pub fn claim(measure: Measured, reduction: Option<f64>) -> Claim {
    Claim {
        metric: format!("{measure:?}"),
        without: "much".into(),
        with: "little".into(),
        claimed: "less".into(),
        reduction,
        measure: Some(measure),
        why: String::new(),
    }
}

/// The order of runs of so many each, turn by turn.
pub fn order(without: usize, with: usize, claims: Vec<Claim>) -> Order {
    let sizes = [without, with];
    let turn = |repeat: usize| {
        [0, 1]
            .into_iter()
            .filter(move |arm| repeat < sizes[*arm])
            .map(move |arm| RunOf {
                arm,
                round: "kills".into(),
                repeat: repeat as u64,
                folder: format!("{arm}-{repeat}"),
            })
    };
    Order {
        schema: model::compare::order::SCHEMA.into(),
        name: "compare/synthetic".into(),
        claim: "It is better hardened.".into(),
        seed: 7,
        probe: "freshness".into(),
        repeats: 6,
        arms: ["unhardened".into(), "hardened".into()],
        rounds: vec!["kills".into()],
        claims,
        runs: (0..without.max(with)).flat_map(turn).collect(),
        command: "brinell compare scenarios/compare/synthetic.yaml".into(),
    }
}

/// Both arms held to one claim.
pub fn held(without: &[u64], with: &[u64], claimed: Claim) -> Comparison {
    compare(
        &order(without.len(), with.len(), vec![claimed]),
        &arms(without, with),
    )
}
