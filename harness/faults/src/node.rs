//! What several faults ask of a node: whom to hit, and when it is well again.
use model::{
    check::{Check, NodeState},
    facts::{Facts, Process, RevivedBy, Unit},
    fault::Unfit,
};

/// The process whose end ends the node: of a container its init, so that everything in it ends.
pub(crate) fn life(node: &Facts) -> Result<&Process, Unfit> {
    match node.unit {
        Unit::Container => Ok(&node.init),
        Unit::Process => main(node),
    }
}

/// The process that does the node's work.
pub(crate) fn main(node: &Facts) -> Result<&Process, Unfit> {
    let first = node.processes.first();
    first.ok_or(Unfit::Lacks("a running process"))
}

/// The container that the guard starts again; none where the platform brings the node back.
pub(crate) fn start(node: &Facts) -> Option<String> {
    (node.revived_by == RevivedBy::Guard).then(|| node.container.clone())
}

/// The node does its work.
pub(crate) fn ready(node: &Facts) -> Check {
    Check::Node {
        node: node.node.clone(),
        is: NodeState::Ready,
    }
}

/// After its end: the container runs where the guard starts it, the role is whole, and the node works where it keeps its name over its death.
pub(crate) fn back(node: &Facts) -> Vec<Check> {
    let runs = start(node).map(|container| Check::Runs { container });
    let count = Check::Node {
        node: node.node.clone(),
        is: NodeState::Count,
    };
    let works = (node.unit == Unit::Container).then(|| ready(node));
    runs.into_iter().chain([count]).chain(works).collect()
}
