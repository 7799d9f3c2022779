//! Whom one fault hits, against whom, and for how long: looked up in the testbed, refused at its place.
use crate::{
    facts::Unit,
    fault::{AnyFault, Kind},
    ids::{NodeId, Role},
    question::QuestionDoc,
    scenario::{Among, Amount, FaultSpec, Placed, Refusal, Scenario, Selector},
    system::NodeSpec,
    units::{Nanos, show},
};
use serde_json::Value;

/// Whom a selector means.
#[derive(Clone, Debug)]
pub(super) enum Whom {
    /// One of these.
    Known(Vec<NodeId>),
    /// Whoever is the answer to this question, of that role.
    Asked(String, Role),
}

impl Whom {
    pub(super) fn known(&self) -> &[NodeId] {
        match self {
            Self::Known(nodes) => nodes,
            Self::Asked(..) => &[],
        }
    }
}

pub(super) fn question(spec: &FaultSpec) -> String {
    let one = |selector: &Selector| {
        let amount = format!("{:?}", selector.amount.value).to_lowercase();
        let names = |nodes: &[Placed<String>]| {
            let names: Vec<&str> = nodes.iter().map(|node| node.value.as_str()).collect();
            names.join(", ")
        };
        match &selector.among {
            Among::Role(role) => format!("role {}, {amount}", role.value.to_lowercase()),
            Among::Nodes(nodes) if nodes.len() == 1 => format!("node {}, {amount}", names(nodes)),
            Among::Nodes(nodes) => format!("nodes {}, {amount}", names(nodes)),
            Among::Ask(ask) => format!("{}, {amount}", ask.value),
        }
    };
    spec.peers.as_ref().map_or_else(
        || one(&spec.target),
        |peers| format!("{} against {}", one(&spec.target), one(peers)),
    )
}

pub(super) fn both_sides(
    spec: &FaultSpec,
    fault: &dyn AnyFault,
    hurt: &Whom,
    peers: Option<&Whom>,
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
        (true, Some(Whom::Known(peers)))
            if hurt.known().len() == 1 && peers.iter().all(|peer| hurt.known().contains(peer)) =>
        {
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
    questions: &[QuestionDoc],
) -> Result<Whom, Refusal> {
    let (found, whom, mark) = match &selector.among {
        Among::Role(role) => {
            let found = of_role(role, nodes)?;
            let whom = Whom::Known(names(&found));
            (found, whom, role)
        }
        Among::Nodes(wanted) => {
            let found: Vec<&NodeSpec> = wanted
                .iter()
                .map(|name| named(name, nodes))
                .collect::<Result<_, _>>()?;
            let whom = Whom::Known(names(&found));
            (found, whom, &wanted[0])
        }
        Among::Ask(ask) => {
            let role = answered_by(ask, questions)?;
            let found: Vec<&NodeSpec> = nodes.iter().filter(|spec| spec.role == role).collect();
            (found, Whom::Asked(ask.value.clone(), role), ask)
        }
    };
    fits(fault, &found, mark)?;
    enough(selector, found.len(), mark)?;
    Ok(whom)
}

fn names(found: &[&NodeSpec]) -> Vec<NodeId> {
    found.iter().map(|spec| spec.node.clone()).collect()
}

fn of_role<'a>(role: &Placed<String>, nodes: &'a [NodeSpec]) -> Result<Vec<&'a NodeSpec>, Refusal> {
    let found: Vec<&NodeSpec> = nodes
        .iter()
        .filter(|spec| spec.role.0 == role.value)
        .collect();
    if found.is_empty() {
        let known = nodes.iter().map(|spec| spec.role.as_str()).collect();
        return Err(unknown("role", role, known));
    }
    Ok(found)
}

fn named<'a>(name: &Placed<String>, nodes: &'a [NodeSpec]) -> Result<&'a NodeSpec, Refusal> {
    let found = nodes.iter().find(|spec| spec.node.0 == name.value);
    let known = || nodes.iter().map(|spec| spec.node.as_str()).collect();
    found.ok_or_else(|| unknown("name", name, known()))
}

fn unknown(what: &str, wanted: &Placed<String>, mut known: Vec<&str>) -> Refusal {
    known.dedup();
    let text = format!("find a node with {what} `{}`", wanted.value);
    Refusal::unknown(wanted.at, text, &wanted.value, &known)
}

/// The role of whoever answers: only questions of a known form are asked.
fn answered_by(ask: &Placed<String>, questions: &[QuestionDoc]) -> Result<Role, Refusal> {
    let known = questions.iter().find(|one| one.read(&ask.value).is_some());
    known.map(|known| Role::from(known.role)).ok_or_else(|| {
        let forms: Vec<&str> = questions.iter().map(|one| one.form).collect();
        let what = format!("read the question `{}`", ask.value);
        Refusal::unknown(ask.at, what, &ask.value, &forms)
    })
}

fn fits(fault: &dyn AnyFault, found: &[&NodeSpec], mark: &Placed<String>) -> Result<(), Refusal> {
    let Some(unit) = fault.unit() else {
        return Ok(());
    };
    let Some(other) = found.iter().find(|spec| spec.unit != unit) else {
        return Ok(());
    };
    let what = format!("aim fault `{}` at `{}`", fault.name(), other.node);
    Err(Refusal::new(mark.at, what)
        .wide(mark.value.len())
        .label(format!(
            "it acts on a {}, this is a {}",
            word(unit),
            word(other.unit)
        )))
}

fn enough(selector: &Selector, found: usize, mark: &Placed<String>) -> Result<(), Refusal> {
    let asked = match selector.amount.value {
        Amount::Pick(count) => count as usize,
        _ => 1,
    };
    if asked <= found {
        return Ok(());
    }
    let what = match selector.among {
        Among::Role(_) => format!("pick {asked} of {found} nodes with role `{}`", mark.value),
        Among::Nodes(_) => format!("pick {asked} of {found} nodes"),
        Among::Ask(_) => format!("pick {asked} of {found} nodes that can be the answer"),
    };
    Err(Refusal::new(selector.amount.at, what).hint(format!("pick at most {found}")))
}

/// Why the parts of a staggered fault cannot be told apart beforehand.
pub(super) fn can_stagger(spec: &FaultSpec) -> Result<(), Refusal> {
    match (&spec.stagger, &spec.target.among) {
        (Some(stagger), Among::Ask(_)) => Err(Refusal::new(
            stagger.at,
            format!("stagger fault `{}` over an answer", spec.id.value),
        )
        .label("how many it holds is known only when it is asked")
        .hint("ask for one target, and repeat with `every` and `times`")),
        (Some(stagger), _) if stagger.value.0 == 0 => Err(Refusal::new(
            stagger.at,
            format!("stagger fault `{}` by nothing", spec.id.value),
        )
        .hint("leave `stagger` out to hit all targets at once")),
        _ => Ok(()),
    }
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
