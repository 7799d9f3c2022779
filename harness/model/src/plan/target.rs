//! Whom one fault hits, against whom, and for how long: looked up in the testbed, refused at its place.
use crate::{
    facts::Unit,
    fault::{AnyFault, Kind},
    ids::NodeId,
    scenario::{Amount, FaultSpec, Refusal, Scenario, Selector},
    system::NodeSpec,
    units::{Nanos, show},
};
use serde_json::Value;

pub(super) fn question(spec: &FaultSpec) -> String {
    let one = |selector: &Selector| {
        let (kind, name) = match (&selector.role, &selector.node) {
            (Some(role), _) => ("role", role.value.as_str()),
            (None, Some(node)) => ("node", node.value.as_str()),
            (None, None) => ("", ""),
        };
        format!("{kind} {name}, {:?}", selector.amount.value).to_lowercase()
    };
    spec.peers.as_ref().map_or_else(
        || one(&spec.target),
        |peers| format!("{} against {}", one(&spec.target), one(peers)),
    )
}

pub(super) fn both_sides(
    spec: &FaultSpec,
    fault: &dyn AnyFault,
    hurt: &[NodeId],
    peers: Option<&[NodeId]>,
) -> Result<(), Refusal> {
    let refuse = |why: &str, hint: &str| {
        Refusal::new(spec.fault.at, format!("plan fault `{}`", fault.name()))
            .wide(spec.fault.value.len())
            .label(why)
            .hint(hint)
    };
    match (fault.peers(), peers) {
        (true, None) => Err(refuse(
            "it acts between two sides",
            "add `peers: {role: ...}`",
        )),
        (false, Some(_)) => Err(refuse("it acts on its targets alone", "leave `peers` out")),
        (true, Some(peers)) if peers.iter().all(|peer| hurt.contains(peer)) && hurt.len() == 1 => {
            Err(refuse(
                "target and peer are the same node",
                "choose another node as `peers`",
            ))
        }
        _ => Ok(()),
    }
}

pub(super) fn matching(
    selector: &Selector,
    nodes: &[NodeSpec],
    fault: &dyn AnyFault,
) -> Result<Vec<NodeId>, Refusal> {
    let (what, wanted) = match (&selector.role, &selector.node) {
        (Some(role), _) => ("role", role),
        (_, Some(node)) => ("name", node),
        (None, None) => return Err(Refusal::new(selector.at, "read the target")),
    };
    let name_of = |spec: &NodeSpec| {
        if what == "role" {
            spec.role.0.clone()
        } else {
            spec.node.0.clone()
        }
    };
    let found: Vec<&NodeSpec> = nodes
        .iter()
        .filter(|spec| name_of(spec) == wanted.value)
        .collect();
    if found.is_empty() {
        let mut known: Vec<String> = nodes.iter().map(name_of).collect();
        known.dedup();
        let known: Vec<&str> = known.iter().map(String::as_str).collect();
        return Err(Refusal::unknown(
            wanted.at,
            format!("find a node with {what} `{}`", wanted.value),
            &wanted.value,
            &known,
        ));
    }
    if let Some(unit) = fault.unit()
        && let Some(other) = found.iter().find(|spec| spec.unit != unit)
    {
        return Err(Refusal::new(
            wanted.at,
            format!("aim fault `{}` at `{}`", fault.name(), other.node),
        )
        .wide(wanted.value.len())
        .label(format!(
            "it acts on a {}, this is a {}",
            word(unit),
            word(other.unit)
        )));
    }
    let asked = match selector.amount.value {
        Amount::Pick(count) => count as usize,
        _ => 1,
    };
    if asked > found.len() {
        return Err(Refusal::new(
            selector.amount.at,
            format!(
                "pick {asked} of {} nodes with {what} `{}`",
                found.len(),
                wanted.value
            ),
        )
        .hint(format!("pick at most {}", found.len())));
    }
    Ok(found.into_iter().map(|spec| spec.node.clone()).collect())
}

const fn word(unit: Unit) -> &'static str {
    match unit {
        Unit::Container => "whole container",
        Unit::Process => "process",
    }
}

/// Length of a held fault where the scenario is silent.
const DEFAULT_HOLD: Nanos = Nanos::secs(10);

pub(super) fn hold(
    spec: &FaultSpec,
    fault: &dyn AnyFault,
    settings: &Value,
    scenario: &Scenario,
) -> Result<Option<Nanos>, Refusal> {
    let most = &scenario.limits.hold;
    match (fault.kind(), &spec.hold) {
        (Kind::OneShot, None) => match fault.stays(settings) {
            Some(stays) if stays > most.value => Err(Refusal::new(
                spec.fault.at,
                format!("leave fault `{}` for {}", spec.id.value, show(stays)),
            )
            .wide(spec.fault.value.len())
            .hint(format!(
                "leave it for at most `limits.hold`, {}",
                show(most.value)
            ))),
            stays => Ok(stays),
        },
        (Kind::OneShot, Some(hold)) => Err(Refusal::new(
            hold.at,
            format!("hold fault `{}`", fault.name()),
        )
        .wide(show(hold.value).len())
        .label("it is over at once")
        .hint("leave `hold` out")),
        (Kind::Held, hold) => {
            let (value, at) = hold
                .as_ref()
                .map_or((DEFAULT_HOLD, spec.id.at), |hold| (hold.value, hold.at));
            if value > most.value || value.0 == 0 {
                let what = format!("hold fault `{}` for {}", spec.id.value, show(value));
                return Err(Refusal::new(at, what).wide(show(value).len()).hint(format!(
                    "hold it for more than nothing and at most `limits.hold`, {}",
                    show(most.value)
                )));
            }
            if let Some(end) = fault.lasts(settings).filter(|end| *end <= value) {
                let what = format!("hold fault `{}` for {}", spec.id.value, show(value));
                return Err(Refusal::new(at, what)
                    .wide(show(value).len())
                    .label(format!("the kernel ends it after {}", show(end)))
                    .hint("let its lifetime be longer than `hold`"));
            }
            Ok(Some(value))
        }
    }
}
