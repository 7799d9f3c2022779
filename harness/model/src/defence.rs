//! Layers of defence and what attack probes found of each; incidents and what alerts found of them.
//!
//! ```yaml
//! brinell: 1
//! layers:
//!   - {name: network, probes: 60, passed: 0}
//!   - {name: secrets}                        # never probed: taken as if everything passed
//! alerts: {incidents: 20, detected: 19, false_alarms: 1, clean_runs: 30}
//! ```
use crate::{
    delivery::schema,
    scenario::{Fields, Keys, Node, Placed, Refusal, Tree},
};

/// What a file says.
#[derive(Clone, Debug, PartialEq)]
pub struct Defence {
    /// The layers, from the outside in.
    pub layers: Vec<Layer>,
    /// The alerts, where they are told of.
    pub alerts: Option<Alerts>,
}

/// One layer.
#[derive(Clone, Debug, PartialEq)]
pub struct Layer {
    /// Its name.
    pub name: Placed<String>,
    /// Attack probes sent against it; 0 where it was not probed.
    pub probes: u64,
    /// Of those, how many it let pass.
    pub passed: u64,
}

/// What alerts found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Alerts {
    /// Incidents there were, planted or not.
    pub incidents: u64,
    /// Of those, how many an alert told of.
    pub detected: u64,
    /// Alerts without an incident, in the clean runs.
    pub false_alarms: u64,
    /// Runs without an incident.
    pub clean_runs: u64,
}

const FILE: Keys = &[
    ("brinell", "number of the schema: 1"),
    ("layers", "of defence, from the outside in"),
    ("alerts", "incidents and how many were told of"),
];
const LAYER: Keys = &[
    ("name", "unique in the file"),
    (
        "probes",
        "attack probes sent; left out where it was not probed",
    ),
    ("passed", "of those, how many it let pass"),
];
const ALERTS: Keys = &[
    ("incidents", "how many there were"),
    ("detected", "of those, how many an alert told of"),
    (
        "false_alarms",
        "alerts without an incident, in the clean runs",
    ),
    ("clean_runs", "runs without an incident"),
];
/// Most of anything that is counted.
const MOST: u64 = 1_000_000_000;

/// Reads a file.
///
/// # Errors
/// The first thing that is not as it should be, at its place, with the fix.
pub fn parse(text: &str) -> Result<Defence, Refusal> {
    let tree = Tree::parse(text)?;
    let fields = Fields::open("a file of defences", &tree, FILE)?;
    schema(&fields)?;
    let layers = fields.get("layers").map_or(Ok(Vec::new()), layers)?;
    let alerts = fields.get("alerts").map(alerts).transpose()?;
    if layers.is_empty() && alerts.is_none() {
        return Err(tree
            .refuse("find something to judge".into())
            .hint("add `layers: [...]` or `alerts: {incidents: ..., detected: ...}`"));
    }
    Ok(Defence { layers, alerts })
}

fn layers(tree: &Tree) -> Result<Vec<Layer>, Refusal> {
    let Node::List(entries) = &tree.node else {
        return Err(tree
            .refuse("read the layers".into())
            .label("a list is due here, like `- {name: network, probes: 60, passed: 0}`"));
    };
    let mut all: Vec<Layer> = Vec::new();
    for entry in entries {
        let layer = layer(entry)?;
        if all.iter().any(|other| other.name.value == layer.name.value) {
            let name = &layer.name;
            return Err(
                Refusal::new(name.at, format!("tell two layers `{}` apart", name.value))
                    .wide(name.value.chars().count())
                    .hint("a layer counted twice would halve the risk on paper only"),
            );
        }
        all.push(layer);
    }
    Ok(all)
}

fn layer(tree: &Tree) -> Result<Layer, Refusal> {
    let fields = Fields::open("a layer", tree, LAYER)?;
    let name = fields.need("name")?;
    let probes = fields.or("probes", 0, |tree| {
        tree.whole("the number of probes", 0, MOST)
    })?;
    let passed = match (fields.get("passed"), probes) {
        (None, 0) => 0,
        (None, _) => {
            return Err(tree
                .refuse("tell how many probes passed".into())
                .hint("add `passed: ...`"));
        }
        (Some(passed), probes) => passed.whole("how many passed", 0, probes)?,
    };
    Ok(Layer {
        name: Placed {
            value: name.text("the name")?.to_owned(),
            at: name.at,
        },
        probes,
        passed,
    })
}

fn alerts(tree: &Tree) -> Result<Alerts, Refusal> {
    let fields = Fields::open("alerts", tree, ALERTS)?;
    let incidents = fields
        .need("incidents")?
        .whole("the number of incidents", 0, MOST)?;
    let count = |key: &'static str| fields.or(key, 0, |tree| tree.whole(key, 0, MOST));
    Ok(Alerts {
        incidents,
        detected: fields
            .need("detected")?
            .whole("how many were detected", 0, incidents)?,
        false_alarms: count("false_alarms")?,
        clean_runs: count("clean_runs")?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = "brinell: 1
layers:
  - {name: network, probes: 60, passed: 0}
  - {name: secrets}
alerts: {incidents: 20, detected: 19, clean_runs: 30}
";

    #[test]
    fn a_good_file_reads() {
        let file = parse(GOOD).unwrap();
        assert_eq!((file.layers[0].probes, file.layers[1].probes), (60, 0));
        assert_eq!(file.alerts.unwrap().detected, 19);
    }

    #[test]
    fn what_cannot_be_is_refused_at_its_place() {
        for (from, to, line, column) in [
            ("passed: 0", "passed: 61", 3, 41),
            (", passed: 0", "", 3, 5),
            ("name: secrets", "name: network", 4, 12),
            ("detected: 19", "detected: 21", 5, 35),
            ("detected: 19", "detectd: 19", 5, 25),
            ("probes: 60", "probes: -1", 3, 29),
        ] {
            let refusal = parse(&GOOD.replacen(from, to, 1)).unwrap_err();
            assert_eq!(
                (refusal.at.line, refusal.at.column),
                (line, column),
                "{to}: {refusal:?}"
            );
        }
        assert!(parse("brinell: 1\n").is_err());
    }
}
