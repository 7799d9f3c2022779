//! A plan: the scenario with every default explicit and every choice made, from one seed. Pure data; same scenario and seed, same bytes.
//!
//! What only the live machine knows (pids, addresses) is not in it: nodes are named, and looked up at injection.
//! - [`resolve`] names, settings and limits against the catalogs; [`target`] whom a fault hits; [`times`] how long the phases last.   - [`repeat`] repeats, draws and instants; [`clash`] what cannot go together.   - [`admit`] against the machine.
mod admit;
mod clash;
mod drives;
mod repeat;
mod resolve;
mod target;
mod times;

pub use admit::admit;
pub use resolve::plan;

use crate::{
    drive::DriveSpec,
    facts::Capability,
    fault::Kind,
    ids::{FaultId, NodeId, Role},
    objective::Objective,
    scenario::Place,
    system::{NodeSpec, ProbeSpec},
    units::Nanos,
};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;

/// Schema of `plan.json`.
pub const SCHEMA: &str = "brinell.plan/1";

/// Everything a run will do.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Plan {
    /// `brinell.plan/1`.
    pub schema: String,
    /// Scenario as `<folder>/<file>` without ending: names the run folder.
    pub name: String,
    /// The sentence put to the test.
    pub claim: String,
    /// Digest of the scenario file, hex.
    pub scenario_sha256: String,
    /// The seed of all draws.
    pub seed: u64,
    /// Nodes of the testbed.
    pub nodes: Vec<NodeSpec>,
    /// Drives that its nodes want as filesystems of their own.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub drives: Vec<DriveSpec>,
    /// Settings per system, defaults explicit.
    pub testbed: BTreeMap<String, Value>,
    /// The workload.
    pub workload: Named,
    /// The load it makes.
    pub load: Load,
    /// Lengths of the phases.
    pub phases: Phases,
    /// When the baseline counts as steady.
    pub steady: Steady,
    /// Every single injection, in order of time.
    pub faults: Vec<PlannedFault>,
    /// Every probe.
    pub probes: Vec<ProbeSpec>,
    /// Most nodes of a role hurt at the same time, by role.
    pub at_most: BTreeMap<String, u32>,
    /// What is judged.
    pub objectives: Vec<Objective>,
}

/// A catalog entry with its settings.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Named {
    /// Its name.
    pub name: String,
    /// Its settings, defaults explicit.
    pub settings: Value,
}

/// The open-loop load.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Load {
    /// Records per second.
    pub rate: f64,
    /// Exponential gaps drawn from the seed; else all alike.
    pub poisson: bool,
}

/// Lengths of the phases, in the order they follow.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Phases {
    /// Samples kept, not judged.
    pub warm_up_ns: Nanos,
    /// Nothing hurt: gives the bands and the steady state.
    pub baseline_ns: Nanos,
    /// From the first possible injection to the end of the last hold.
    pub faults_ns: Nanos,
    /// Watching on.
    pub recovery_ns: Nanos,
    /// W: how long good must last.
    pub settle_ns: Nanos,
    /// Most time for the final reads.
    pub cool_down_ns: Nanos,
}

/// When the baseline counts as steady.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Steady {
    /// Windows at the end of the baseline.
    pub windows: u32,
    /// Length of one.
    pub window_ns: Nanos,
    /// How far their medians may lie apart, as a share of the middle one.
    pub within: f64,
}

/// One injection.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PlannedFault {
    /// `<id>`, or `<id>#<n>` for repeats.
    pub id: FaultId,
    /// The scenario's id: repeats of one fault share it.
    pub group: String,
    /// Name in the catalog.
    pub fault: String,
    /// Held or one-shot.
    pub kind: Kind,
    /// Settings, defaults explicit.
    pub settings: Value,
    /// How the targets were asked for, as written.
    pub question: String,
    /// Whom it hits; empty where that is asked at injection.
    pub targets: Vec<NodeId>,
    /// What is asked at injection to know whom it hits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ask: Option<Ask>,
    /// The other side. Where targets are asked for: in the order drawn, targets left out, so many as `peers_pick` says.
    pub peers: Vec<NodeId>,
    /// See `peers`; none for all of them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub peers_pick: Option<u32>,
    /// What is asked at injection to know the other side.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ask_peers: Option<Ask>,
    /// When, from the start of the fault phase.
    pub at_ns: Nanos,
    /// Injections that must be over and healed before.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub after: Vec<FaultId>,
    /// Injections of one number act together and are watched as one; none for those that act alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub episode: Option<u32>,
    /// How long it lasts; none for a one-shot that is put back at once.
    pub hold_ns: Option<Nanos>,
    /// How long to look for the effect.
    pub prove_ns: Nanos,
    /// How long to look for the heal.
    pub heal_within_ns: Nanos,
    /// From the act: when the guard undoes it by itself.
    pub deadline_ns: Nanos,
    /// What the machine must offer.
    pub needs: Vec<Capability>,
    /// Line and column of its entry in the scenario.
    pub place: (u32, u32),
}

/// A question that only the running system answers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ask {
    /// As it is asked.
    pub question: String,
    /// Role of whoever is the answer.
    pub role: Role,
    /// The first so many of the answer; none for all of it.
    pub pick: Option<u32>,
}

impl PlannedFault {
    /// Where its entry stands.
    pub const fn at(&self) -> Place {
        Place {
            line: self.place.0,
            column: self.place.1,
        }
    }
}

impl Plan {
    /// The canonical bytes of `plan.json`.
    ///
    /// # Errors
    /// A float that is not finite: a bug of ours.
    pub fn to_json(&self) -> Result<String, serde_json::Error> {
        Ok(serde_json::to_string_pretty(self)? + "\n")
    }
}

#[cfg(test)]
mod tests;
