//! Repeats, staggered parts, draws and instants of one entry.
use super::{Ask, PlannedFault, resolve::Resolved, target::Whom};
use crate::{
    ids::{FaultId, NodeId},
    scenario::{Amount, FaultSpec},
    seed::Draw,
    units::Nanos,
};

/// Grace of the guard's own deadline over the planned end: it must never race a heal that is on its way.
const GRACE: Nanos = Nanos::secs(15);

/// All injections of one entry, its targets drawn afresh for each repeat. `from` is the planned end of what it comes after.
pub(super) fn injections(
    spec: &FaultSpec,
    resolved: &Resolved,
    from: Nanos,
    seed: u64,
) -> Vec<PlannedFault> {
    (0..spec.times.value)
        .flat_map(|round| parts(spec, injection(spec, resolved, from, seed, round)))
        .collect()
}

fn injection(
    spec: &FaultSpec,
    resolved: &Resolved,
    from: Nanos,
    seed: u64,
    round: u64,
) -> PlannedFault {
    let group = spec.id.value.clone();
    let mut draw = Draw::new(seed, &format!("targets of {group}#{}", round + 1));
    let every = spec.every.as_ref().map_or(0, |every| every.value.0);
    let (targets, ask) = side(&resolved.hurt, spec.target.amount.value, &mut draw);
    let (peers, ask_peers, peers_pick) = other_side(spec, resolved, &targets, &mut draw);
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
        ask,
        peers,
        peers_pick,
        ask_peers,
        at_ns: Nanos(from.0 + spec.at.0 + round * every),
        after: Vec::new(),
        episode: None,
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

/// With `stagger`, each target is an injection of its own, so much after the one before.
fn parts(spec: &FaultSpec, whole: PlannedFault) -> Vec<PlannedFault> {
    let Some(stagger) = &spec.stagger else {
        return vec![whole];
    };
    let part = |(index, target): (usize, &NodeId)| PlannedFault {
        id: FaultId(format!("{}.{}", whole.id, index + 1)),
        targets: vec![target.clone()],
        at_ns: Nanos(whole.at_ns.0 + index as u64 * stagger.value.0),
        ..whole.clone()
    };
    whole.targets.iter().enumerate().map(part).collect()
}

/// How long after the first part of a staggered fault the last one begins.
pub(super) fn staggered(spec: &FaultSpec, resolved: &Resolved) -> Nanos {
    let parts = count(spec.target.amount.value, resolved.hurt.known().len());
    let gap = spec.stagger.as_ref().map_or(0, |stagger| stagger.value.0);
    Nanos(gap.saturating_mul(parts.saturating_sub(1) as u64))
}

fn side(whom: &Whom, amount: Amount, draw: &mut Draw) -> (Vec<NodeId>, Option<Ask>) {
    match whom {
        Whom::Known(among) => (in_order(chosen(among, amount, draw), among), None),
        Whom::Asked(question, role) => {
            let pick = match amount {
                Amount::Pick(count) => Some(count),
                _ => None,
            };
            let ask = Ask {
                question: question.clone(),
                role: role.clone(),
                pick,
            };
            (Vec::new(), Some(ask))
        }
    }
}

/// The peers. Where the targets are asked for, one of those drawn may turn out to be a target: all are kept, in the order drawn.
fn other_side(
    spec: &FaultSpec,
    resolved: &Resolved,
    targets: &[NodeId],
    draw: &mut Draw,
) -> (Vec<NodeId>, Option<Ask>, Option<u32>) {
    let (Some(selector), Some(whom)) = (&spec.peers, &resolved.peers) else {
        return (Vec::new(), None, None);
    };
    let amount = selector.amount.value;
    match (whom, &resolved.hurt) {
        (Whom::Known(among), Whom::Known(_)) => {
            let others: Vec<NodeId> = among
                .iter()
                .filter(|node| !targets.contains(node))
                .cloned()
                .collect();
            (in_order(chosen(&others, amount, draw), &others), None, None)
        }
        (Whom::Known(among), Whom::Asked(..)) => {
            let pick = match amount {
                Amount::All => None,
                _ => Some(count(amount, among.len()) as u32),
            };
            (chosen(among, Amount::All, draw), None, pick)
        }
        (Whom::Asked(..), _) => {
            let (peers, ask) = side(whom, amount, draw);
            (peers, ask, None)
        }
    }
}

fn count(amount: Amount, of: usize) -> usize {
    match amount {
        Amount::Pick(count) => count as usize,
        Amount::Share(share) => (share * of as f64).ceil() as usize,
        Amount::All => of,
    }
}

/// In the order drawn.
fn chosen(among: &[NodeId], amount: Amount, draw: &mut Draw) -> Vec<NodeId> {
    let drawn = draw.pick(among.len(), count(amount, among.len()));
    drawn
        .into_iter()
        .map(|index| among[index].clone())
        .collect()
}

/// In the order of the testbed, or of the scenario where it names nodes.
fn in_order(chosen: Vec<NodeId>, among: &[NodeId]) -> Vec<NodeId> {
    among
        .iter()
        .filter(|node| chosen.contains(node))
        .cloned()
        .collect()
}
