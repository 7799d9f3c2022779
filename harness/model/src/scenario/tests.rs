//! What a scenario author gets wrong, and where the refusal points.
use super::*;

const GOOD: &str = "brinell: 1
claim: Losing an executor delays records by at most 12 s and loses none.
testbed: {spark: {workers: 2}}
workload: {pipeline: {rate: 300/s}}
phases: {warm_up: 10s, baseline: 30s}
faults:
  - {id: kill, at: 0s, every: 20s, times: 8, target: {role: spark-executor, pick: 1}, do: {kill: {signal: KILL}}}
limits: {hold: 120s, at_most: {spark-executor: 1 of 2}}
objectives: {\"freshness{window:fault}\": [\"p(99) < 10s\"], records_lost: \"count == 0\"}
";

fn refused(from: &str, to: &str) -> Refusal {
    assert!(GOOD.contains(from), "the sample has no `{from}`");
    parse(&GOOD.replace(from, to)).unwrap_err()
}

#[test]
fn a_good_scenario_reads_with_every_default() {
    let scenario = parse(GOOD).unwrap();
    assert_eq!(scenario.faults[0].times.value, 8);
    assert_eq!(scenario.phases.recovery, Nanos::secs(20));
    assert_eq!(scenario.limits.at_most[0].1.value, (1, 2));
    assert_eq!(scenario.objectives[1].1[0].value, "count == 0");
}

#[test]
fn an_unknown_key_is_refused_at_the_key_with_the_nearest() {
    let refusal = refused("every:", "evry:");
    assert_eq!(
        refusal.at,
        Place {
            line: 7,
            column: 24
        }
    );
    assert_eq!(refusal.hint.as_deref(), Some("did you mean `every`?"));
}

#[test]
fn a_bare_number_where_a_unit_is_due_is_refused_at_the_number() {
    let refusal = refused("baseline: 30s", "baseline: 30");
    assert_eq!(
        refusal.at,
        Place {
            line: 5,
            column: 34
        }
    );
    assert!(refusal.hint.unwrap_or_default().contains("10s"));
}

#[test]
fn a_target_outside_the_testbed_is_refused_with_the_rule() {
    let refusal = refused("{role: spark-executor, pick: 1}", "{pid: 1}");
    assert!(
        refusal
            .hint
            .unwrap_or_default()
            .contains("own testbed only")
    );
}

#[test]
fn role_and_node_together_are_refused() {
    assert_eq!(refused("pick: 1", "node: x").at.line, 7);
}

#[test]
fn another_schema_number_is_refused() {
    assert_eq!(refused("brinell: 1", "brinell: 2").at.line, 1);
}

#[test]
fn a_missing_key_is_named() {
    assert!(
        refused(
            "claim: Losing an executor delays records by at most 12 s and loses none.\n",
            ""
        )
        .what
        .contains("`claim`")
    );
}

proptest::proptest! {
    #[test]
    fn no_text_makes_the_parser_panic(text in ".{0,200}") {
        let _ = parse(&text);
    }

    #[test]
    fn no_cut_of_a_good_file_makes_the_parser_panic(cut in 0_usize..700) {
        let _ = parse(&GOOD.chars().take(cut).collect::<String>());
    }
}
