//! What ran, on what: `versions.json` laid flat, then what the systems said of themselves, then the nodes.
use crate::{
    input::Folder,
    report::{Degraded, Environment, Node},
};
use model::{journal::Event, system::Version};
use serde_json::Value;

/// The environment of the run.
pub fn environment(folder: &Folder) -> Environment {
    let mut versions = Vec::new();
    if let Value::Object(members) = &folder.versions {
        members
            .iter()
            .filter(|(name, _)| !matches!(name.as_str(), "schema" | "degraded" | "command"))
            .for_each(|(name, value)| flatten(name, value, &mut versions));
    }
    for (_, event) in folder.facts() {
        if let Event::VersionsRead { versions: read } = event {
            versions.extend(
                read.iter()
                    .filter(|version| !versions.contains(version))
                    .cloned()
                    .collect::<Vec<_>>(),
            );
        }
    }
    Environment {
        versions,
        nodes: nodes(folder),
        degraded: degraded(folder),
    }
}

/// Objects and lists become dotted names; an entry of a list that names itself goes by its name.
fn flatten(name: &str, value: &Value, into: &mut Vec<Version>) {
    match value {
        Value::Null => {}
        Value::Object(members) => match (
            members.get("name").and_then(Value::as_str),
            members.get("value").and_then(Value::as_str),
            members.len(),
        ) {
            (Some(name), Some(value), 2) => into.push(Version {
                name: name.into(),
                value: value.into(),
            }),
            _ => members
                .iter()
                .for_each(|(member, value)| flatten(&format!("{name}.{member}"), value, into)),
        },
        Value::Array(entries) => entries
            .iter()
            .enumerate()
            .for_each(|(index, entry)| flatten(&format!("{name}.{index}"), entry, into)),
        Value::String(text) => into.push(Version {
            name: name.into(),
            value: text.clone(),
        }),
        other => into.push(Version {
            name: name.into(),
            value: other.to_string(),
        }),
    }
}

fn nodes(folder: &Folder) -> Vec<Node> {
    let started = |wanted: &str| {
        folder.facts().find_map(|(_, event)| match event {
            Event::NodeStarted {
                node,
                image,
                addresses,
                ..
            } if node.as_str() == wanted => Some((
                image.clone(),
                addresses.iter().map(ToString::to_string).collect(),
            )),
            _ => None,
        })
    };
    let one = |spec: &model::system::NodeSpec| {
        let (image, addresses) = started(spec.node.as_str()).unwrap_or_default();
        Node {
            node: spec.node.to_string(),
            role: spec.role.to_string(),
            image,
            addresses,
        }
    };
    folder.plan.nodes.iter().map(one).collect()
}

fn degraded(folder: &Folder) -> Vec<Degraded> {
    let entries = folder
        .versions
        .get("degraded")
        .cloned()
        .unwrap_or(Value::Array(Vec::new()));
    serde_json::from_value(entries).unwrap_or_default()
}
