//! A random scenario: one to three faults of the catalog, overlapping, on a small testbed; drawn until the planner accepts it.
use crate::bed;
use faults::CATALOG;
use model::{
    facts::Unit,
    fault::{AnyFault, Kind},
    seed::Draw,
};

/// Draws before it is a bug of ours that no plan is accepted.
const TRIES: usize = 50;

/// The testbed: small, and there within seconds.
const BED: &str = "brinell: 1
claim: A storm leaves nothing.
testbed: {minio: {nodes: 4, drives: 1}}
workload: {objects: {}}
phases: {warm_up: 1s, baseline: 2s, recovery: 1s, settle: 500ms, cool_down: 20s}
steady: {windows: 1, window: 2s, within: 100%}
probes: {health: {period: 500ms}, drives: {period: 500ms}, whole-objects: {period: 1s}}
limits: {hold: 60s}
faults:
";

/// A scenario that the planner accepts, and the faults in it.
pub fn draw(round: u64, draw: &mut Draw) -> (String, Vec<&'static str>) {
    for _ in 0..TRIES {
        let count = 1 + draw.below(3);
        let faults: Vec<&dyn AnyFault> = (0..count)
            .map(|_| CATALOG[draw.below(CATALOG.len() as u64) as usize])
            .collect();
        if faults
            .iter()
            .any(|fault| fault.unit() == Some(Unit::Process))
        {
            continue;
        }
        let entries: String = faults
            .iter()
            .enumerate()
            .map(|(at, fault)| entry(at, *fault, draw))
            .collect();
        let scenario = format!("{BED}{entries}");
        if bed::plans(&format!("weather-{round}"), &scenario) {
            return (scenario, faults.iter().map(|fault| fault.name()).collect());
        }
    }
    panic!("no plan accepted in {TRIES} draws")
}

fn entry(at: usize, fault: &dyn AnyFault, draw: &mut Draw) -> String {
    let hold = if fault.kind() == Kind::Held {
        ", hold: 4s"
    } else {
        ""
    };
    let peers = if fault.peers() {
        ", peers: {role: minio, pick: 1}"
    } else {
        ""
    };
    format!(
        "  - {{id: f{at}, at: {}ms{hold}, heal_within: 8s, target: {{role: minio, pick: 1}}{peers}, do: {{{}}}}}\n",
        draw.below(1500),
        fault.example()
    )
}
