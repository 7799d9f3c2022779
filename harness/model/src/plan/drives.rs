//! Which drives the nodes of the testbed have, and that a fault on drives only hits nodes that have enough of them.
use super::{resolve::Resolved, target::Whom};
use crate::{
    drive::DriveSpec,
    ids::NodeId,
    scenario::{FaultSpec, Refusal},
    system::NodeSpec,
};

/// Refuses a fault that wants more drives than one of its possible targets has, at the fault's name; those under a layer of ours
/// and those without are not the same.
pub(super) fn suffice(
    spec: &FaultSpec,
    resolved: &Resolved,
    nodes: &[NodeSpec],
    drives: &[DriveSpec],
) -> Result<(), Refusal> {
    let plain = resolved.fault.drives(&resolved.settings);
    let layers = resolved.fault.layers(&resolved.settings);
    enough(spec, resolved, nodes, drives, (plain, false))?;
    enough(spec, resolved, nodes, drives, (layers, true))
}

fn enough(
    spec: &FaultSpec,
    resolved: &Resolved,
    nodes: &[NodeSpec],
    drives: &[DriveSpec],
    (wanted, layered): (u32, bool),
) -> Result<(), Refusal> {
    let fits = || drives.iter().filter(|drive| drive.layered == layered);
    let has = |node: &NodeId| fits().filter(|drive| drive.node == *node).count() as u32;
    let maybe = |node: &&NodeSpec| match &resolved.hurt {
        Whom::Known(known) => known.contains(&node.node),
        Whom::Asked(_, role) => node.role == *role,
    };
    let short = nodes
        .iter()
        .filter(maybe)
        .find(|node| has(&node.node) < wanted);
    let Some(short) = short.map(|node| &node.node) else {
        return Ok(());
    };
    let none = if layered {
        "no drive of this testbed has a layer of ours over it; a system that can have it says `drive_faults: true`"
    } else {
        "no node of this testbed has drives of its own, without a layer of ours over them"
    };
    let hint = fits().next().map_or_else(
        || none.to_owned(),
        |drive| {
            format!(
                "aim at a node with drives, such as `{}`, or at fewer drives",
                drive.node
            )
        },
    );
    let what = format!("aim fault `{}` at `{short}`", spec.fault.value);
    Err(Refusal::new(spec.fault.at, what)
        .wide(spec.fault.value.len())
        .label(format!(
            "it takes {wanted} of its drives; the node has {}",
            has(short)
        ))
        .hint(hint))
}
