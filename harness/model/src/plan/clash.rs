//! What holds between injections: which act together, which contradict each other, and how many of a role are hurt at once.
use super::PlannedFault;
use crate::{
    fault::{AnyFault, Takes},
    ids::NodeId,
    scenario::{Limits, Refusal},
    system::NodeSpec,
    units::{Nanos, show},
};

/// From when to when an injection may hurt: to the end of its hold, a one-shot for an instant.
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

/// The part of a staggered id that all parts of one round share.
fn round(fault: &PlannedFault) -> &str {
    fault
        .id
        .0
        .rsplit_once('.')
        .map_or(&fault.id.0, |(round, _)| round)
}

/// Numbers those that act together: they overlap, or are staggered parts of one round. `faults` in order of time.
pub(super) fn episodes(faults: &mut [PlannedFault]) {
    let mut number: Vec<usize> = (0..faults.len()).collect();
    for a in 0..faults.len() {
        for b in 0..a {
            let together =
                overlap(&faults[a], &faults[b]) || round(&faults[a]) == round(&faults[b]);
            if together && number[a] != number[b] {
                let (from, to) = (number[a], number[b]);
                number
                    .iter_mut()
                    .filter(|one| **one == from)
                    .for_each(|one| *one = to);
            }
        }
    }
    for index in 0..faults.len() {
        let alone = number.iter().filter(|one| **one == number[index]).count() == 1;
        faults[index].episode = (!alone).then_some(number[index] as u32 + 1);
    }
}

/// Two faults that contradict each other on one target at one time: one ends what the other holds, or both turn the same thing.
pub(super) fn no_contradiction(
    faults: &[PlannedFault],
    nodes: &[NodeSpec],
    find: impl Fn(&str) -> Option<&'static dyn AnyFault>,
) -> Result<(), Refusal> {
    let takes = |fault: &PlannedFault| find(&fault.fault).map_or(Takes::Nothing, AnyFault::takes);
    for (index, fault) in faults.iter().enumerate() {
        for other in faults[..index].iter().filter(|other| overlap(fault, other)) {
            let Some(node) = shared(fault, other, nodes) else {
                continue;
            };
            let why = if takes(fault).contradicts(takes(other)) {
                "one ends the process that the other needs"
            } else if same_thing(fault, other) {
                "both turn the same thing"
            } else {
                continue;
            };
            let what = format!("plan fault `{}` beside `{}`", fault.id, other.id);
            return Err(Refusal::new(fault.at(), what)
                .label(format!("both hit `{node}` at {}: {why}", show(fault.at_ns)))
                .hint("let one end before the other begins: change `at`, `every` or `hold`, or say `after`"));
        }
    }
    Ok(())
}

/// One fault of the catalog on one target; between two sides, only against the same other side.
fn same_thing(a: &PlannedFault, b: &PlannedFault) -> bool {
    let other_side = a.peers.is_empty() || a.peers.iter().any(|peer| b.peers.contains(peer));
    a.fault == b.fault && other_side
}

/// A node that both hit: itself, or the container of one that lives inside it.
fn shared<'a>(a: &'a PlannedFault, b: &PlannedFault, nodes: &[NodeSpec]) -> Option<&'a NodeId> {
    let inside = |node: &NodeId, home: &NodeId| {
        let spec = nodes.iter().find(|spec| spec.node == *node);
        spec.is_some_and(|spec| spec.inside.as_ref() == Some(home))
    };
    a.targets.iter().find(|node| {
        b.targets
            .iter()
            .any(|other| *node == other || inside(node, other) || inside(other, node))
    })
}

/// The blast radius holds at every instant of the plan; the engine looks again at injection, when every answer is known.
pub(super) fn within_blast_radius(
    faults: &[PlannedFault],
    nodes: &[NodeSpec],
    limits: &Limits,
) -> Result<(), Refusal> {
    for (role, most) in &limits.at_most {
        for fault in faults {
            let at_once: Vec<&PlannedFault> = faults
                .iter()
                .filter(|other| overlap(fault, other))
                .collect();
            let hurt = hurt(&at_once, &role.value, nodes);
            if hurt > most.value.0 as usize {
                let what = format!("keep fault `{}` within the blast radius", fault.id);
                return Err(Refusal::new(fault.at(), what)
                    .label(format!("hurts {hurt} of role `{}` at once", role.value))
                    .hint(format!(
                        "`limits.at_most` allows {} of {}",
                        most.value.0, most.value.1
                    )));
            }
        }
    }
    Ok(())
}

/// How many nodes of a role these hurt at least: an answer may be a node that another one hits too.
fn hurt(faults: &[&PlannedFault], role: &str, nodes: &[NodeSpec]) -> usize {
    let of_role = |node: &&&NodeId| {
        nodes
            .iter()
            .any(|spec| spec.node == ***node && spec.role.0 == role)
    };
    let mut known: Vec<&NodeId> = faults.iter().flat_map(|fault| &fault.targets).collect();
    known.sort();
    known.dedup();
    let known = known.iter().filter(of_role).count();
    let asked = faults.iter().filter_map(|fault| fault.ask.as_ref());
    let asked = asked.filter(|ask| ask.role.0 == role);
    let most_asked = asked.map(|ask| ask.pick.unwrap_or(1) as usize).max();
    known.max(most_asked.unwrap_or(0))
}
