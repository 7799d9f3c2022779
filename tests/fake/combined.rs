//! Questions, blast radius, faults beside and after each other, targets that go away: from the scenario to the verdict.
use super::*;
use std::time::Duration;

const HEAD: &str = "brinell: 1
claim: The servers survive.
testbed: {fake: {}}
workload: {feed: {}}
phases: {warm_up: 2s, baseline: 30s, recovery: 20s, settle: 2s, cool_down: 5s}
";

/// A run of these faults and limits.
fn pressed(name: &str, faults: &str, planted: Planted) -> (Analysis, Vec<Event>) {
    let text = format!("{HEAD}{faults}objectives: {{\"age{{window:fault}}\": [\"max < 60s\"]}}\n");
    let knobs = Knobs {
        planted,
        text: Box::leak(text.into_boxed_str()),
        ..Knobs::default()
    };
    let (analysis, at) = press(name, &knobs);
    (analysis, events(&at.0))
}

fn answers(events: &[Event]) -> Vec<Vec<String>> {
    let one = |event: &Event| match event {
        Event::TargetsResolved { answers, .. } => Some(
            answers
                .iter()
                .flat_map(|answered| answered.nodes.iter().map(ToString::to_string))
                .collect(),
        ),
        _ => None,
    };
    events.iter().filter_map(one).collect()
}

fn healed(events: &[Event]) -> Vec<String> {
    let one = |event: &Event| match event {
        Event::FaultHealed { id, .. } => Some(id.to_string()),
        _ => None,
    };
    events.iter().filter_map(one).collect()
}

#[test]
fn a_question_is_answered_at_injection_and_written_down() {
    let faults = "faults: [{id: p, hold: 5s, target: {ask: owner of part 1}, do: {pause: {}}}]\n";
    let (analysis, events) = pressed("asked", faults, Planted::default());
    assert_eq!(answers(&events), [["c1"]]);
    assert_eq!(
        analysis.verdict.value,
        Verdict::Pass,
        "{}",
        analysis.verdict.headline
    );
    let mark = &analysis.timeline.faults[0];
    assert_eq!(mark.targets, ["c1"], "the report names who it was");
}

#[test]
fn a_question_that_nobody_is_the_answer_to_means_nothing_is_hurt_and_unknown() {
    let faults = "faults: [{id: p, hold: 5s, target: {ask: owner of part 9}, do: {pause: {}}}]\n";
    let (analysis, events) = pressed("nobody", faults, Planted::default());
    assert_eq!(answers(&events), [Vec::<String>::new()]);
    assert_eq!(
        count(&events, |event| matches!(event, Event::ActDone { .. })),
        0
    );
    assert_eq!(analysis.verdict.value, Verdict::Unknown);
    let why = |finding: &analysis::report::Finding| finding.why.contains("answered with 0 of 1");
    assert!(
        analysis.findings.iter().any(why),
        "{:#?}",
        analysis.findings
    );
}

#[test]
fn the_blast_radius_is_kept_with_the_nodes_that_were_really_found() {
    let faults = "faults:
  - {id: a, hold: 5s, target: {node: c0}, do: {pause: {}}}
  - {id: b, at: 1s, hold: 5s, target: {ask: owner of part 1}, do: {pause: {}}}
limits: {at_most: {server: 1 of 3}}
";
    let (analysis, events) = pressed("radius", faults, Planted::default());
    assert_eq!(
        count(&events, |event| matches!(event, Event::ActDone { .. })),
        1
    );
    assert_eq!(healed(&events), ["a"]);
    assert_eq!(analysis.verdict.value, Verdict::Unknown);
    let why = |event: &Event| matches!(event, Event::AbortTriggered { measured, .. } if measured.contains("2 of role `server`"));
    assert_eq!(count(&events, why), 1);
}

#[test]
fn two_faults_on_one_target_are_undone_the_newer_first() {
    let faults = "faults:
  - {id: old, hold: 6s, target: {node: c0}, do: {pause: {}}}
  - {id: new, at: 2s, hold: 4s, target: {node: c0}, peers: {node: c1}, do: {partition: {}}}
";
    let (analysis, events) = pressed("overlap", faults, Planted::default());
    assert_eq!(
        analysis.verdict.value,
        Verdict::Pass,
        "{}",
        analysis.verdict.headline
    );
    let requested: Vec<&str> = events
        .iter()
        .filter_map(|event| match event {
            Event::HealRequested { id, .. } => Some(id.as_str()),
            _ => None,
        })
        .collect();
    assert_eq!(requested, ["new", "old"]);
    let windows: Vec<_> = analysis
        .timeline
        .faults
        .iter()
        .map(|mark| mark.window_ns)
        .collect();
    assert_eq!(
        windows[0].map(|window| window.hi),
        windows[1].map(|window| window.hi),
        "watched as one"
    );
}

#[test]
fn a_rolling_fault_hits_one_target_after_the_other() {
    let faults =
        "faults: [{id: roll, stagger: 5s, target: {role: worker, pick: all}, do: {kill: {}}}]
limits: {at_most: {worker: 1 of 3}}
";
    let (analysis, events) = pressed("roll", faults, Planted::default());
    assert_eq!(healed(&events), ["roll.1", "roll.2", "roll.3"]);
    assert_eq!(
        analysis.verdict.value,
        Verdict::Pass,
        "{}",
        analysis.verdict.headline
    );
}

#[test]
fn a_fault_after_another_begins_once_that_is_healed() {
    let faults = "faults:
  - {id: one, target: {node: c0/worker}, do: {kill: {}}}
  - {id: two, after: one, target: {node: c1}, hold: 3s, do: {pause: {}}}
";
    let (analysis, events) = pressed("after", faults, Planted::default());
    let at = |wanted: &dyn Fn(&Event) -> bool| events.iter().position(wanted).expect("a fact");
    let healed =
        at(&|event| matches!(event, Event::FaultHealed { id, .. } if id.as_str() == "one"));
    let began =
        at(&|event| matches!(event, Event::FaultRequested { id, .. } if id.as_str() == "two"));
    assert!(healed < began);
    assert_eq!(
        analysis.verdict.value,
        Verdict::Pass,
        "{}",
        analysis.verdict.headline
    );
}

#[test]
fn a_target_that_ends_by_itself_is_told_undone_and_started_again() {
    let planted = Planted {
        dies_after: Some(Duration::from_secs(34)),
        ..Planted::default()
    };
    let faults =
        "faults: [{id: p, hold: 5s, target: {node: c0}, heal_within: 5s, do: {pause: {}}}]\n";
    let (analysis, events) = pressed("vanish", faults, planted);
    assert_eq!(
        count(&events, |event| matches!(
            event,
            Event::TargetVanished { .. }
        )),
        1
    );
    assert_eq!(
        count(&events, |event| matches!(
            event,
            Event::FaultNotHealed { .. }
        )),
        1
    );
    assert_eq!(healed(&events), ["p"]);
    let escalated = |finding: &analysis::report::Finding| {
        finding.id == "healed-p" && finding.measured.contains("restart")
    };
    assert!(
        analysis.findings.iter().any(escalated),
        "{:#?}",
        analysis.findings
    );
}
