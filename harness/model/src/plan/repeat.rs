//! Repeats, draws and instants of one fault, and the rules that hold between faults.
use super::{PlannedFault, resolve::Resolved};
use crate::{
    ids::{FaultId, NodeId},
    scenario::{Amount, FaultSpec, Limits, Refusal},
    seed::Draw,
    system::NodeSpec,
    units::{Nanos, show},
};

/// Grace of the guard's own deadline over the planned end: it must never race a heal that is on its way.
const GRACE: Nanos = Nanos::secs(15);

/// All injections of one entry, its targets drawn afresh for each repeat.
pub(super) fn injections(
    spec: &FaultSpec,
    resolved: &Resolved,
    nodes: &[NodeSpec],
    seed: u64,
) -> Vec<PlannedFault> {
    (0..spec.times.value)
        .map(|round| injection(spec, resolved, nodes, seed, round))
        .collect()
}

fn injection(
    spec: &FaultSpec,
    resolved: &Resolved,
    nodes: &[NodeSpec],
    seed: u64,
    round: u64,
) -> PlannedFault {
    let group = spec.id.value.clone();
    let mut draw = Draw::new(seed, &format!("targets of {group}#{}", round + 1));
    let every = spec.every.as_ref().map_or(0, |every| every.value.0);
    let targets = chosen(&resolved.hurt, spec.target.amount.value, &mut draw);
    let peers = match (&spec.peers, &resolved.peers) {
        (Some(selector), Some(among)) => {
            let among: Vec<NodeId> = among
                .iter()
                .filter(|node| !targets.contains(node))
                .cloned()
                .collect();
            chosen(&among, selector.amount.value, &mut draw)
        }
        _ => Vec::new(),
    };
    debug_assert!(
        targets
            .iter()
            .all(|node| nodes.iter().any(|spec| spec.node == *node)),
        "a target that no node has"
    );
    let hold = resolved.hold;
    PlannedFault {
        id: FaultId(if spec.times.value == 1 {
            group.clone()
        } else {
            format!("{group}#{}", round + 1)
        }),
        group,
        fault: spec.fault.value.clone(),
        kind: resolved.fault.kind(),
        settings: resolved.settings.clone(),
        question: resolved.question.clone(),
        targets,
        peers,
        at_ns: Nanos(spec.at.0 + round * every),
        hold_ns: hold,
        prove_ns: spec.prove,
        heal_within_ns: spec.heal_within,
        deadline_ns: hold
            .unwrap_or_default()
            .plus(spec.prove)
            .plus(spec.heal_within)
            .plus(GRACE),
        needs: resolved.fault.needs().to_vec(),
        place: (spec.id.at.line, spec.id.at.column),
    }
}

fn chosen(among: &[NodeId], amount: Amount, draw: &mut Draw) -> Vec<NodeId> {
    let count = match amount {
        Amount::Pick(count) => count as usize,
        Amount::Share(share) => (share * among.len() as f64).ceil() as usize,
        Amount::All => among.len(),
    };
    let mut drawn = draw.pick(among.len(), count);
    drawn.sort_unstable();
    drawn
        .into_iter()
        .map(|index| among[index].clone())
        .collect()
}

/// From when to when an injection may hurt: to the end of its hold, a one-shot until it must be whole again.
fn span(fault: &PlannedFault) -> (u64, u64) {
    (
        fault.at_ns.0,
        fault.at_ns.plus(fault.hold_ns.unwrap_or(Nanos(1))).0,
    )
}

fn overlap(a: &PlannedFault, b: &PlannedFault) -> bool {
    let ((a_from, a_to), (b_from, b_to)) = (span(a), span(b));
    a_from < b_to && b_from < a_to
}

/// Two faults on one node at the same time have no defined order of undo: refused.
pub(super) fn no_two_on_one(faults: &[PlannedFault]) -> Result<(), Refusal> {
    for (index, fault) in faults.iter().enumerate() {
        let clash = |other: &&PlannedFault| {
            overlap(fault, other)
                && other
                    .targets
                    .iter()
                    .any(|node| fault.targets.contains(node))
        };
        if let Some(other) = faults[..index].iter().find(clash) {
            let what = format!("plan fault `{}` beside `{}`", fault.id, other.id);
            return Err(Refusal::new(fault.at(), what)
                .label(format!(
                    "both hurt `{}` at {}",
                    shared(fault, other),
                    show(fault.at_ns)
                ))
                .hint("let one end before the other begins: change `at`, `every` or `hold`"));
        }
    }
    Ok(())
}

fn shared(a: &PlannedFault, b: &PlannedFault) -> NodeId {
    a.targets
        .iter()
        .find(|node| b.targets.contains(node))
        .cloned()
        .unwrap_or_else(|| NodeId::from("?"))
}

/// The blast radius holds at every instant of the plan; the engine looks again at injection.
pub(super) fn within_blast_radius(
    faults: &[PlannedFault],
    nodes: &[NodeSpec],
    limits: &Limits,
) -> Result<(), Refusal> {
    for (role, most) in &limits.at_most {
        let of_role = |node: &NodeId| {
            nodes
                .iter()
                .any(|spec| spec.node == *node && spec.role.0 == role.value)
        };
        for fault in faults {
            let at_once = faults
                .iter()
                .filter(|other| overlap(fault, other))
                .flat_map(|other| &other.targets);
            let mut hurt: Vec<&NodeId> = at_once.filter(|node| of_role(node)).collect();
            hurt.sort();
            hurt.dedup();
            if hurt.len() > most.value.0 as usize {
                return Err(Refusal::new(
                    fault.at(),
                    format!("keep fault `{}` within the blast radius", fault.id),
                )
                .label(format!(
                    "hurts {} of role `{}` at once",
                    hurt.len(),
                    role.value
                ))
                .hint(format!(
                    "`limits.at_most` allows {} of {}",
                    most.value.0, most.value.1
                )));
            }
        }
    }
    Ok(())
}
