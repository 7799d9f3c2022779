//! What planning refuses, where it points, and that the same seed gives the same bytes. The catalog here is made up.
mod combined;

use super::*;
use crate::{
    facts::{Targets, Unit},
    fault::{Fault, SettingDoc, SettingsError, Step, Takes, Unfit, read_settings},
    ids::Role,
    question::QuestionDoc,
    scenario::{Refusal, parse},
    system::{Catalog, ProbeKind, System, Workload},
};
use serde_json::json;

struct Zap;
struct Hush;
struct Hold;

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Strength {
    #[serde(default)]
    strength: Option<Level>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Level {
    Weak,
    Strong,
}

macro_rules! fault {
    ($name:ident, $word:literal, $kind:expr, $unit:expr, $peers:literal, $takes:expr) => {
        impl Fault for $name {
            type Settings = Strength;
            const NAME: &'static str = $word;
            const DOC: &'static str = "Does.";
            const EXAMPLE: &'static str = "x: {}";
            const SETTINGS: &'static [SettingDoc] = &[];
            const PROOF: &'static str = "Seen.";
            const KIND: Kind = $kind;
            const NEEDS: &'static [Capability] = &[Capability::Freezer];
            const UNIT: Option<Unit> = $unit;
            const PEERS: bool = $peers;
            const TAKES: Takes = $takes;
            fn steps(_: &Strength, _: &Targets) -> Result<Vec<Step>, Unfit> {
                Ok(Vec::new())
            }
        }
    };
}
fault!(Zap, "zap", Kind::OneShot, None, false, Takes::Life);
fault!(
    Hush,
    "hush",
    Kind::Held,
    Some(Unit::Container),
    true,
    Takes::Nothing
);
fault!(Hold, "hold", Kind::Held, None, false, Takes::Hold);

struct Farm;

impl System for Farm {
    fn name(&self) -> &'static str {
        "farm"
    }
    fn doc(&self) -> &'static str {
        "Cows."
    }
    fn settings(&self) -> &'static [SettingDoc] {
        &[]
    }
    fn check(&self, settings: &Value) -> Result<Value, SettingsError> {
        match settings.get("cows").map_or(Some(3), Value::as_u64) {
            Some(cows) if cows < 10 => Ok(json!({"cows": cows})),
            _ => Err(SettingsError {
                key: "cows".into(),
                why: "read the number of cows, at most 9".into(),
            }),
        }
    }
    fn nodes(&self, settings: &Value) -> Vec<NodeSpec> {
        let cow = |n| NodeSpec {
            node: NodeId(format!("cow-{n}")),
            role: Role::from("cow"),
            unit: Unit::Container,
            inside: None,
        };
        let tail = |n| NodeSpec {
            node: NodeId(format!("tail-{n}")),
            role: Role::from("tail"),
            unit: Unit::Process,
            inside: Some(NodeId(format!("cow-{n}"))),
        };
        let cows = settings["cows"].as_u64().unwrap_or_default();
        (1..=cows).map(cow).chain((1..=cows).map(tail)).collect()
    }
    fn questions(&self) -> &'static [QuestionDoc] {
        &[QuestionDoc {
            form: "head of <herd>/<number>",
            doc: "The cow that leads.",
            role: "cow",
        }]
    }
    fn probes(&self, _: &Value) -> Vec<ProbeSpec> {
        let (period_ns, deadline_ns) = (Nanos::ms(100), Nanos::secs(5));
        vec![ProbeSpec {
            name: "moo".into(),
            kind: ProbeKind::Latency,
            unit: "s".into(),
            doc: "Moos.".into(),
            period_ns,
            deadline_ns,
            full: None,
        }]
    }
}

struct Milk;

impl Workload for Milk {
    fn name(&self) -> &'static str {
        "milk"
    }
    fn doc(&self) -> &'static str {
        "Milks."
    }
    fn settings(&self) -> &'static [SettingDoc] {
        &[]
    }
    fn check(&self, settings: &Value) -> Result<Value, SettingsError> {
        read_settings::<Strength>(settings).map(|_| json!({}))
    }
    fn needs(&self) -> &'static [&'static str] {
        &["farm"]
    }
    fn probes(&self, _: &Value) -> Vec<ProbeSpec> {
        Vec::new()
    }
    fn load(&self, _: &Value) -> (f64, bool) {
        (10.0, false)
    }
}

const CATALOG: Catalog = Catalog {
    faults: &[&Zap, &Hush, &Hold],
    systems: &[&Farm],
    workloads: &[&Milk],
};

const GOOD: &str = "brinell: 1
claim: Cows do not mind.
testbed: {farm: {cows: 3}}
workload: {milk: {}}
faults:
  - {id: zap, every: 20s, times: 8, target: {role: tail, pick: 1}, do: {zap: {}}}
limits: {at_most: {tail: 1 of 3}}
objectives: {moo: [\"p(99) < 1s\"]}
";

fn planned(text: &str, seed: u64) -> Result<Plan, Refusal> {
    plan(&parse(text)?, "t/t", "0", &CATALOG, seed)
}

fn refused(from: &str, to: &str) -> Refusal {
    assert!(GOOD.contains(from), "the sample has no `{from}`");
    planned(&GOOD.replace(from, to), 7).unwrap_err()
}

/// Line and column of a piece of the sample.
fn place_of(piece: &str) -> (u32, u32) {
    let at = GOOD.find(piece).unwrap();
    let before = &GOOD[..at];
    (
        before.lines().count() as u32,
        (at - before.rfind('\n').unwrap()) as u32,
    )
}

#[test]
fn the_same_seed_gives_the_same_bytes_and_another_seed_another_plan() {
    let bytes = |seed| planned(GOOD, seed).unwrap().to_json().unwrap();
    assert_eq!(bytes(7), bytes(7));
    assert_ne!(bytes(7), bytes(8));
}

#[test]
fn repeats_are_spread_and_drawn_afresh() {
    let plan = planned(GOOD, 7).unwrap();
    let at: Vec<u64> = plan
        .faults
        .iter()
        .map(|fault| fault.at_ns.0 / crate::units::S)
        .collect();
    assert_eq!(at, [0, 20, 40, 60, 80, 100, 120, 140]);
    let mut targets: Vec<_> = plan
        .faults
        .iter()
        .flat_map(|fault| &fault.targets)
        .collect();
    targets.sort();
    targets.dedup();
    assert!(targets.len() > 1, "all eight repeats hit {targets:?}");
}

#[test]
fn an_unknown_role_is_refused_at_its_place_with_the_known_ones() {
    let refusal = refused("role: tail,", "role: tial,");
    assert_eq!((refusal.at.line, refusal.at.column), place_of("tail, pick"));
    assert!(refusal.label.contains("cow, tail"), "{}", refusal.label);
    assert_eq!(refusal.hint.as_deref(), Some("did you mean `tail`?"));
}

#[test]
fn an_unknown_fault_system_workload_or_probe_is_refused() {
    assert!(
        refused("do: {zap: {}}", "do: {zip: {}}")
            .what
            .contains("fault `zip`")
    );
    assert!(
        refused("{farm: {cows: 3}}", "{barn: {}}")
            .what
            .contains("system `barn`")
    );
    assert!(
        refused("{milk: {}}", "{silk: {}}")
            .what
            .contains("workload `silk`")
    );
    assert!(refused("{moo: [", "{moa: [").what.contains("moa"));
}

#[test]
fn a_bad_setting_is_refused_at_the_setting() {
    let refusal = refused("cows: 3", "cows: 30");
    assert_eq!((refusal.at.line, refusal.at.column), place_of("3}}"));
    let (line, column) = place_of("}}}\nlimits");
    let value = refused("do: {zap: {}}", "do: {zap: {strength: stronk}}").at;
    assert_eq!(
        (value.line, value.column),
        (line, column + "strength: ".len() as u32)
    );
    assert_eq!(
        refused("do: {zap: {}}", "do: {zap: {strenth: weak}}")
            .at
            .line,
        6
    );
}

#[test]
fn the_blast_radius_is_kept_at_planning() {
    assert!(refused("pick: 1", "pick: 2").what.contains("blast radius"));
    assert!(refused("1 of 3", "1 of 4").what.contains("1 of 4"));
}

#[test]
fn more_targets_than_there_are_is_refused() {
    assert!(refused("pick: 1", "pick: 9").what.contains("9 of 3"));
}

#[test]
fn a_one_shot_fault_cannot_be_held_and_a_held_one_not_without_end() {
    assert!(
        refused("times: 8,", "times: 8, hold: 5s,")
            .what
            .contains("hold")
    );
    let hush = GOOD.replace(
        "{role: tail, pick: 1}, do: {zap: {}}",
        "{node: cow-1}, peers: {node: cow-2}, hold: 500s, do: {hush: {}}",
    );
    assert!(
        planned(&hush, 7)
            .unwrap_err()
            .hint
            .unwrap_or_default()
            .contains("limits.hold")
    );
}

#[test]
fn a_fault_between_nodes_needs_both_sides() {
    let hush = |peers: &str| {
        GOOD.replace(
            "{role: tail, pick: 1}, do: {zap: {}}",
            &format!("{{node: cow-1}}, {peers} hold: 5s, do: {{hush: {{}}}}"),
        )
    };
    assert!(
        planned(&hush(""), 7)
            .unwrap_err()
            .hint
            .unwrap_or_default()
            .contains("peers")
    );
    assert!(
        planned(&hush("peers: {node: cow-1},"), 7)
            .unwrap_err()
            .label
            .contains("same node")
    );
    assert_eq!(
        planned(&hush("peers: {role: cow, pick: all},"), 7)
            .unwrap()
            .faults[0]
            .peers
            .len(),
        2
    );
    assert!(
        refused("do: {zap: {}}", "peers: {role: cow}, do: {zap: {}}")
            .label
            .contains("alone")
    );
}

#[test]
fn a_fault_for_containers_refuses_a_process() {
    let hush = GOOD.replace("do: {zap: {}}", "peers: {role: cow}, do: {hush: {}}");
    assert!(
        planned(&hush, 7)
            .unwrap_err()
            .label
            .contains("whole container")
    );
}

#[test]
fn repeats_must_leave_room_for_recovery_and_settle() {
    assert!(refused("every: 20s", "every: 4s").label.contains("5s"));
    assert!(
        refused("every: 20s, ", "")
            .hint
            .unwrap_or_default()
            .contains("every")
    );
}

#[test]
fn what_the_machine_lacks_is_refused_at_the_fault() {
    let plan = planned(GOOD, 7).unwrap();
    let lacks = BTreeMap::from([(Capability::Freezer, "no freezer here".to_owned())]);
    let refusal = admit(&plan, &lacks).unwrap_err();
    assert_eq!(refusal.at.line, 6);
    assert!(refusal.label.contains("no freezer here"));
    assert_eq!(admit(&plan, &BTreeMap::new()), Ok(()));
}

#[test]
fn two_faults_on_one_node_at_the_same_time_are_refused() {
    let twice = GOOD
        .replace(
            "faults:\n",
            "faults:\n  - {id: other, target: {role: tail, pick: all}, do: {zap: {}}}\n",
        )
        .replace("limits: {at_most: {tail: 1 of 3}}\n", "");
    assert!(planned(&twice, 7).unwrap_err().what.contains("beside"));
}

#[test]
fn a_baseline_too_short_for_the_steady_state_is_refused() {
    assert!(
        planned(&format!("{GOOD}phases: {{baseline: 5s}}\n"), 7)
            .unwrap_err()
            .hint
            .unwrap_or_default()
            .contains("30s")
    );
}

proptest::proptest! {
    #[test]
    fn any_seed_gives_targets_that_exist_and_fit_the_blast_radius(seed: u64) {
        let plan = planned(GOOD, seed).unwrap();
        for fault in &plan.faults {
            proptest::prop_assert_eq!(fault.targets.len(), 1);
            proptest::prop_assert!(plan.nodes.iter().any(|spec| spec.node == fault.targets[0] && spec.role.as_str() == "tail"));
        }
    }
}
