//! What an author of a comparison gets wrong, where the refusal points, and what an arm makes of the scenario.
use super::*;
use crate::{
    compare::Measured,
    scenario::{Place, parse as scenario},
};

const GOOD: &str = "brinell: 1
claim: Hardened, it recovers sooner.
seed: 3
testbed: {spark: {workers: 2, timeouts: tuned}, kafka: {brokers: 1}}
workload: {pipeline: {rate: 300/s, files: [a, b]}}
phases: {warm_up: 10s, baseline: 30s}
objectives: {records_lost: \"count == 0\"}
compare:
  probe: freshness
  repeats: 4
  arms:
    plain: {testbed: {spark: {timeouts: stock}}, workload: {pipeline: {files: [c]}}}
    hardened: {testbed: {store: {}}, probes: {freshness: {period: 1s}}, steady: {windows: 2}}
  rounds:
    headline: [{target: {role: worker, pick: 1}, do: {kill: {}}}]
    more: [{at: 1s, target: {role: worker}, do: {pause: {}}}, {id: late, at: 9s, target: {role: worker}, do: {kill: {}}}]
  claims:
    - {metric: mean time to recovery, without: 4-8 h, with: 15-30 min, claimed: 90 % less, reduction: 90%, measure: recovery}
    - {metric: lead time, why: no run shows it}
";

/// Refused with one thing changed.
fn refused(from: &str, to: &str) -> Refusal {
    assert!(GOOD.contains(from), "the sample has no `{from}`");
    parse(&GOOD.replace(from, to)).unwrap_err()
}

/// Where a piece of the sample stands.
fn place(needle: &str) -> Place {
    let at = GOOD.find(needle).unwrap();
    let before = &GOOD[..at];
    Place {
        line: before.matches('\n').count() as u32 + 1,
        column: (at - before.rfind('\n').map_or(0, |end| end + 1)) as u32 + 1,
    }
}

fn hint(refusal: &Refusal) -> &str {
    refusal.hint.as_deref().unwrap_or_default()
}

#[test]
fn a_good_comparison_reads_with_every_part_in_its_order() {
    let file = parse(GOOD).unwrap();
    assert_eq!(file.claim, "Hardened, it recovers sooner.");
    assert_eq!((file.seed, file.repeats), (Some(3), 4));
    assert_eq!(file.arms, ["plain", "hardened"]);
    let rounds: Vec<&str> = file.rounds.iter().map(|one| &*one.name.value).collect();
    assert_eq!(rounds, ["headline", "more"]);
    assert_eq!(file.claims[0].measure, Some(Measured::Recovery));
    assert_eq!(file.claims[0].reduction, Some(0.9));
    assert_eq!(file.claims[1].measure, None);
}

#[test]
fn six_repeats_stand_where_none_are_given() {
    let file = parse(&GOOD.replace("  repeats: 4\n", "")).unwrap();
    assert_eq!(file.repeats, 6);
}

/// Holds because the arm written out by hand reads as the same scenario, places aside.
#[test]
fn maps_of_an_arm_merge_and_everything_else_replaces() {
    let file = parse(GOOD).unwrap();
    let [plain, hardened] = &file.rounds[0].scenarios;
    let systems = |one: &Scenario| -> Vec<(String, serde_json::Value)> {
        let of = |(name, settings): &(Placed<String>, Tree)| (name.value.clone(), settings.plain());
        one.testbed.iter().map(of).collect()
    };
    let spark = |timeouts: &str| {
        let settings = serde_json::json!({"workers": 2, "timeouts": timeouts});
        ("spark".to_owned(), settings)
    };
    let kafka = ("kafka".to_owned(), serde_json::json!({"brokers": 1}));
    let store = ("store".to_owned(), serde_json::json!({}));
    assert_eq!(systems(plain), [spark("stock"), kafka.clone()]);
    assert_eq!(systems(hardened), [spark("tuned"), kafka, store]);
    let job = |one: &Scenario| one.workload.1.plain();
    let of = |files: &[&str]| serde_json::json!({"rate": "300/s", "files": files});
    assert_eq!(job(plain), of(&["c"]));
    assert_eq!(job(hardened), of(&["a", "b"]));
    assert_eq!((plain.steady.windows, hardened.steady.windows), (3, 2));
    assert_eq!((plain.probes.len(), hardened.probes.len()), (0, 1));
}

#[test]
fn what_an_arm_wrote_keeps_its_place() {
    let file = parse(GOOD).unwrap();
    let [plain, hardened] = &file.rounds[0].scenarios;
    let timeouts = |one: &Scenario| one.testbed[0].1.blame("timeouts").0;
    assert_eq!(timeouts(plain), place("stock"));
    assert_eq!(timeouts(hardened), place("tuned"));
}

#[test]
fn what_no_arm_may_say_is_the_same_in_both() {
    for round in parse(GOOD).unwrap().rounds {
        let [plain, hardened] = round.scenarios;
        assert_eq!(plain.faults, hardened.faults);
        assert_eq!(plain.phases, hardened.phases);
        assert_eq!(plain.limits, hardened.limits);
        assert_eq!(plain.objectives, hardened.objectives);
    }
}

#[test]
fn an_arm_that_says_more_is_refused_at_the_key() {
    let refusal = refused("probes: {freshness: {period: 1s}}", "objectives: {}");
    assert_eq!(refusal.at, place("probes: {fresh"));
    assert!(hint(&refusal).contains("the same in both arms"));
    let refusal = refused("probes: {freshness: {period: 1s}}", "prbes: {}");
    assert_eq!(hint(&refusal), "did you mean `probes`?");
}

#[test]
fn unknown_keys_are_refused_with_the_nearest() {
    let refusal = refused("  repeats: 4", "  repeat: 4");
    assert_eq!(refusal.at, place("repeats: 4"));
    assert_eq!(hint(&refusal), "did you mean `repeats`?");
    let refusal = refused("reduction: 90%", "reducton: 90%");
    assert_eq!(refusal.at, place("reduction: 90%"));
    assert_eq!(hint(&refusal), "did you mean `reduction`?");
    let refusal = refused("measure: recovery", "measure: recover");
    assert_eq!(refusal.at, place("recovery}"));
    assert_eq!(hint(&refusal), "did you mean `recovery`?");
    let refusal = refused("phases:", "phase:");
    assert_eq!(refusal.at, place("phases:"));
}

#[test]
fn faults_outside_the_rounds_are_refused() {
    let refusal = refused("phases:", "faults: []\nphases:");
    assert_eq!(refusal.at, place("phases:"));
    assert!(hint(&refusal).contains("compare.rounds"));
}

#[test]
fn a_fault_of_a_round_is_refused_where_it_stands() {
    let refusal = refused("{at: 1s,", "{at: 1,");
    assert_eq!((refusal.at.line, refusal.at.column), (16, 17));
}

#[test]
fn one_arm_and_three_arms_are_refused() {
    let refusal = refused("    plain:", "    third: {}\n    plain:");
    assert_eq!(refusal.at.line, 12);
    assert!(refusal.label.contains("two names"));
    let one =
        "    plain: {testbed: {spark: {timeouts: stock}}, workload: {pipeline: {files: [c]}}}\n";
    assert!(refused(one, "").label.contains("two names"));
}

#[test]
fn a_name_that_is_no_folder_is_refused() {
    for name in ["../up", "a/b", "a b", "\"\""] {
        let arm = refused("    plain:", &format!("    {name}:"));
        assert_eq!(arm.at, place("plain:"), "{name}");
        let round = refused("    headline:", &format!("    {name}:"));
        assert_eq!(round.at, place("headline:"), "{name}");
    }
}

#[test]
fn rounds_without_faults_are_refused() {
    let refusal = refused("[{target: {role: worker, pick: 1}, do: {kill: {}}}]", "[]");
    assert_eq!(refusal.at, place("[{target: {role: worker, pick"));
    let rounds = &GOOD[GOOD.find("    headline").unwrap()..GOOD.find("  claims").unwrap()];
    let refusal = parse(&GOOD.replace(rounds, "    {}\n")).unwrap_err();
    assert!(refusal.label.contains("by name"), "{refusal:?}");
}

#[test]
fn a_claim_has_a_measure_or_a_reason_and_not_both() {
    let line = place("{metric: lead").line;
    assert_eq!(refused(", why: no run shows it", "").at.line, line);
    let both = refused("why: no run", "measure: lost, why: no run");
    assert_eq!(both.at.line, line);
}

#[test]
fn what_the_whole_file_lacks_is_not_blamed_on_an_arm() {
    let refusal = refused("claim: Hardened, it recovers sooner.\n", "");
    assert_eq!(refusal.at.line, 1);
    assert!(refusal.what.contains("`claim`"));
}

#[test]
fn each_command_refuses_the_others_file_and_names_it() {
    let refusal = scenario(GOOD).unwrap_err();
    assert_eq!(refusal.at, place("compare:"));
    assert!(hint(&refusal).contains("brinell compare"));
    let plain = GOOD.split("compare:").next().unwrap();
    let refusal = parse(plain).unwrap_err();
    assert!(hint(&refusal).contains("brinell run"));
    assert!(is_comparison(GOOD).unwrap());
    assert!(!is_comparison(plain).unwrap());
}

proptest::proptest! {
    #[test]
    fn no_cut_of_a_good_file_makes_the_parser_panic(cut in 0_usize..1400) {
        let _ = parse(&GOOD.chars().take(cut).collect::<String>());
    }
}
