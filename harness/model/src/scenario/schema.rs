//! JSON Schema of scenario files, from the catalogs and from the same lists of keys that the parser holds files to.
//!
//! It is for editors: completion, a sentence on every key. What only planning can say (units, roles, limits) stays planning's to refuse.
use super::{FAULT, LIMITS, PHASES, PROBE, STEADY, TARGET, TOP};
use crate::{
    compare::{Measured, file as compare},
    fault::{AnyFault, SettingDoc},
    system::Catalog,
};
use serde_json::{Map, Value, json};

/// Where the dialect is described.
const DIALECT: &str = "https://json-schema.org/draft/2020-12/schema";

/// The schema of a scenario that names entries of this catalog.
pub fn schema(catalog: &Catalog) -> Value {
    let faults = catalog.faults.iter().map(|fault| of_fault(*fault));
    let systems = catalog
        .systems
        .iter()
        .map(|one| (one.name(), settings(one.doc(), one.settings())));
    let workloads = catalog
        .workloads
        .iter()
        .map(|one| (one.name(), settings(one.doc(), one.settings())));
    let systems = closed(systems.collect());
    let mut top = closed(
        TOP.iter()
            .map(|(key, doc)| (*key, described(doc)))
            .collect(),
    );
    let parts = [
        ("brinell", json!({"const": 1})),
        ("claim", json!({"type": "string", "minLength": 1})),
        ("seed", json!({"type": "integer", "minimum": 0})),
        ("testbed", systems),
        ("workload", one_of(workloads.collect())),
        ("phases", scalars(PHASES)),
        ("steady", scalars(STEADY)),
        (
            "faults",
            json!({"type": "array", "items": {"$ref": "#/$defs/fault"}}),
        ),
        ("limits", limits()),
        (
            "probes",
            json!({"type": "object", "additionalProperties": scalars(PROBE)}),
        ),
        (
            "objectives",
            json!({"type": "object", "additionalProperties": {"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}]}}),
        ),
        (compare::KEY, comparison()),
    ];
    parts
        .into_iter()
        .for_each(|(key, part)| merge(&mut top["properties"][key], part));
    top["required"] = json!(["brinell", "claim", "testbed", "workload"]);
    top["not"] = json!({"required": ["faults", compare::KEY]});
    merge(
        &mut top,
        json!({"$schema": DIALECT, "title": "Scenario of Brinell", "$defs": {
            "fault": fault(one_of(faults.collect())), "target": target(),
        }}),
    );
    top
}

fn of_fault(fault: &dyn AnyFault) -> (&'static str, Value) {
    let doc = format!(
        "{} {} Example: {}",
        fault.doc(),
        fault.proof(),
        fault.example()
    );
    (fault.name(), settings(&doc, fault.settings()))
}

/// A map of settings; its values are scalars or lists, read strictly by their owner. Nothing at all stands for every default.
fn settings(doc: &str, settings: &[SettingDoc]) -> Value {
    let one = |setting: &SettingDoc| {
        let mut value = described(&format!("{}; default {}", setting.doc, setting.default));
        value["default"] = json!(setting.default);
        (setting.name, value)
    };
    let mut map = closed(settings.iter().map(one).collect());
    map["type"] = json!(["object", "null"]);
    merge(&mut map, described(doc));
    map
}

fn fault(does: Value) -> Value {
    let mut fault = closed(
        FAULT
            .iter()
            .map(|(key, doc)| (*key, described(doc)))
            .collect(),
    );
    merge(&mut fault["properties"]["do"], does);
    for side in ["target", "peers"] {
        merge(
            &mut fault["properties"][side],
            json!({"$ref": "#/$defs/target"}),
        );
    }
    fault["required"] = json!(["target", "do"]);
    fault
}

fn target() -> Value {
    let mut target = closed(
        TARGET
            .iter()
            .map(|(key, doc)| (*key, described(doc)))
            .collect(),
    );
    let names = json!({"type": "array", "items": {"type": "string"}, "minItems": 1});
    merge(&mut target["properties"]["nodes"], names);
    let one = |key: &str| json!({"required": [key]});
    target["oneOf"] = json!([one("role"), one("node"), one("nodes"), one("ask")]);
    target
}

fn limits() -> Value {
    let mut limits = closed(
        LIMITS
            .iter()
            .map(|(key, doc)| (*key, described(doc)))
            .collect(),
    );
    merge(
        &mut limits["properties"]["at_most"],
        json!({"type": "object", "additionalProperties": {"type": "string", "pattern": "^[0-9]+ of [0-9]+$"}}),
    );
    limits
}

/// Two arms, each with some of the keys of the whole; rounds of faults; claims.
fn comparison() -> Value {
    let like_above = |(key, _): &(&'static str, &str)| {
        let there = format!("#/properties/{key}");
        (*key, json!({"$ref": there}))
    };
    let arm = closed(compare::ARM.iter().map(like_above).collect());
    let two = json!({"type": "object", "additionalProperties": arm, "minProperties": 2, "maxProperties": 2});
    let faults = json!({"type": "array", "items": {"$ref": "#/$defs/fault"}, "minItems": 1});
    let mut claim = scalars(compare::CLAIM);
    claim["required"] = json!(["metric"]);
    let measures = Measured::ALL.map(Measured::name);
    merge(
        &mut claim["properties"]["measure"],
        json!({"enum": measures}),
    );
    let mut whole = scalars(compare::KEYS);
    let parts = [
        ("probe", json!({"type": "string"})),
        (
            "repeats",
            json!({"type": "integer", "minimum": 1, "maximum": compare::MOST_REPEATS}),
        ),
        ("arms", two),
        (
            "rounds",
            json!({"type": "object", "additionalProperties": faults, "minProperties": 1}),
        ),
        ("claims", json!({"type": "array", "items": claim})),
    ];
    parts
        .into_iter()
        .for_each(|(key, part)| merge(&mut whole["properties"][key], part));
    whole["required"] = json!(["probe", "arms", "rounds"]);
    whole
}

/// A map of scalars.
fn scalars(keys: &[(&'static str, &str)]) -> Value {
    closed(
        keys.iter()
            .map(|(key, doc)| (*key, described(doc)))
            .collect(),
    )
}

fn described(doc: &str) -> Value {
    json!({"description": doc})
}

/// A map of these keys and no others.
fn closed(properties: Vec<(&str, Value)>) -> Value {
    let properties: Map<String, Value> = properties
        .into_iter()
        .map(|(key, value)| (key.to_owned(), value))
        .collect();
    json!({"type": "object", "additionalProperties": false, "properties": properties})
}

/// One name with its settings.
fn one_of(variants: Vec<(&str, Value)>) -> Value {
    let mut map = closed(variants);
    merge(&mut map, json!({"minProperties": 1, "maxProperties": 1}));
    map
}

fn merge(into: &mut Value, from: Value) {
    if let (Value::Object(into), Value::Object(from)) = (into, from) {
        into.extend(from);
    }
}
