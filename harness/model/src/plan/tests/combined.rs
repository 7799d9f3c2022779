//! Targets by name and by question, and faults beside, after and behind each other.
use super::*;

/// The sample with these entries under `faults`, and no limits.
fn with(faults: &str) -> Result<Plan, Refusal> {
    let from = GOOD.find("  - {id").expect("an entry");
    let to = GOOD.find("limits").expect("the limits");
    let rest = GOOD[to..].split_once('\n').expect("more lines").1;
    planned(&format!("{}{faults}{rest}", &GOOD[..from]), 7)
}

fn limited(faults: &str, limits: &str) -> Result<Plan, Refusal> {
    let from = GOOD.find("  - {id").expect("an entry");
    planned(
        &format!(
            "{}{faults}limits: {{at_most: {{{limits}}}}}\n",
            &GOOD[..from]
        ),
        7,
    )
}

fn ids(plan: &Plan) -> Vec<(&str, u64, &str)> {
    plan.faults
        .iter()
        .map(|fault| {
            (
                fault.id.as_str(),
                fault.at_ns.0 / crate::units::S,
                fault.targets.first().map_or("", NodeId::as_str),
            )
        })
        .collect()
}

#[test]
fn nodes_by_name_are_hit_all_in_the_order_named_or_drawn_from() {
    let all = with("  - {target: {nodes: [cow-3, cow-1]}, do: {zap: {}}}\n").unwrap();
    assert_eq!(all.faults[0].targets, ["cow-3".into(), "cow-1".into()]);
    let one = with("  - {target: {nodes: [cow-3, cow-1], pick: 1}, do: {zap: {}}}\n").unwrap();
    assert_eq!(one.faults[0].targets.len(), 1);
    let unknown = with("  - {target: {nodes: [cow-3, cow-9]}, do: {zap: {}}}\n").unwrap_err();
    assert!(unknown.what.contains("cow-9"), "{unknown:?}");
    let twice = with("  - {target: {nodes: [cow-3, cow-3]}, do: {zap: {}}}\n").unwrap_err();
    assert!(twice.what.contains("twice"), "{twice:?}");
}

#[test]
fn a_question_stays_a_question_in_the_plan() {
    let plan = with("  - {target: {ask: head of east/0}, do: {zap: {}}}\n").unwrap();
    let ask = plan.faults[0].ask.clone().unwrap();
    assert_eq!(
        (ask.question.as_str(), ask.pick),
        ("head of east/0", Some(1))
    );
    assert!(plan.faults[0].targets.is_empty());
    let json = plan.to_json().unwrap();
    assert_eq!(serde_json::from_str::<Plan>(&json).unwrap(), plan);
}

#[test]
fn a_question_of_no_known_form_is_refused_at_its_place() {
    let refusal = with("  - {target: {ask: head of east}, do: {zap: {}}}\n").unwrap_err();
    assert_eq!((refusal.at.line, refusal.at.column), (6, 20));
    assert!(
        refusal.label.contains("head of <herd>/<number>"),
        "{refusal:?}"
    );
    let share = "  - {target: {ask: head of east/0, share: 50%}, do: {zap: {}}}\n";
    assert!(with(share).unwrap_err().what.contains("share"));
    let many = "  - {target: {ask: head of east/0, pick: 4}, do: {zap: {}}}\n";
    assert!(with(many).unwrap_err().what.contains("4 of 3"));
}

#[test]
fn what_is_asked_against_peers_keeps_all_of_them_in_the_order_drawn() {
    let hush = |peers: &str| {
        format!(
            "  - {{target: {{ask: head of east/0}}, peers: {{{peers}}}, hold: 5s, do: {{hush: {{}}}}}}\n"
        )
    };
    let one = with(&hush("role: cow, pick: 1")).unwrap();
    assert_eq!(
        (one.faults[0].peers.len(), one.faults[0].peers_pick),
        (3, Some(1))
    );
    let all = with(&hush("role: cow, pick: all")).unwrap();
    assert_eq!(
        (all.faults[0].peers.len(), all.faults[0].peers_pick),
        (3, None)
    );
}

#[test]
fn a_staggered_fault_hits_each_target_by_itself() {
    let plan = with("  - {id: roll, stagger: 2s, target: {role: cow, pick: all}, do: {zap: {}}}\n");
    let plan = plan.unwrap();
    assert_eq!(
        ids(&plan),
        [
            ("roll.1", 0, "cow-1"),
            ("roll.2", 2, "cow-2"),
            ("roll.3", 4, "cow-3")
        ]
    );
    assert!(plan.faults.iter().all(|fault| fault.episode == Some(1)));
    let asked = "  - {stagger: 2s, target: {ask: head of east/0}, do: {zap: {}}}\n";
    assert!(with(asked).unwrap_err().what.contains("stagger"));
}

#[test]
fn a_fault_after_another_begins_at_its_end_and_waits_for_its_heal() {
    let first = "  - {id: first, at: 3s, hold: 5s, target: {node: cow-1}, do: {hold: {}}}\n";
    let then = "  - {id: then, after: first, at: 1s, target: {node: cow-1}, do: {zap: {}}}\n";
    let plan = with(&format!("{first}{then}")).unwrap();
    assert_eq!(ids(&plan), [("first", 3, "cow-1"), ("then", 9, "cow-1")]);
    assert_eq!(plan.faults[1].after, ["first".into()]);
    assert_eq!(plan.faults[1].episode, None);
    let refusal = with(&format!("{then}{first}")).unwrap_err();
    assert!(refusal.what.contains("above this one"), "{refusal:?}");
}

#[test]
fn faults_overlap_on_one_target_unless_they_contradict_each_other() {
    let one = |id: &str, target: &str, rest: &str| {
        format!("  - {{id: {id}, target: {{node: {target}}}, {rest}}}\n")
    };
    let hold = one("hold", "cow-1", "hold: 5s, do: {hold: {}}");
    let zap = one("zap", "cow-1", "at: 2s, do: {zap: {}}");
    let inner = one("inner", "tail-1", "at: 2s, do: {zap: {}}");
    let cut = |id: &str, peer: &str| {
        one(
            id,
            "cow-1",
            &format!("peers: {{node: {peer}}}, hold: 5s, do: {{hush: {{}}}}"),
        )
    };
    let label = |text: &str| with(text).unwrap_err().label;
    assert!(label(&format!("{hold}{zap}")).contains("ends the process"));
    assert!(label(&format!("{hold}{inner}")).contains("ends the process"));
    assert!(label(&format!("{}{}", cut("a", "cow-2"), cut("b", "cow-2"))).contains("same thing"));
    let beside = with(&format!("{hold}{}{}", cut("a", "cow-2"), cut("b", "cow-3"))).unwrap();
    assert!(beside.faults.iter().all(|fault| fault.episode == Some(1)));
}

#[test]
fn the_blast_radius_counts_an_answer_as_one_of_its_role() {
    let asked = "  - {target: {ask: head of east/0}, do: {zap: {}}}\n";
    assert!(limited(asked, "cow: 1 of 3").is_ok());
    let all = asked.replace("east/0", "east/0, pick: 2");
    let refusal = limited(&all, "cow: 1 of 3").unwrap_err();
    assert!(refusal.what.contains("blast radius"), "{refusal:?}");
}

#[test]
fn a_hold_beyond_two_minutes_is_refused_where_the_limit_is_not_raised() {
    let hold =
        |span: &str| format!("  - {{hold: {span}, target: {{node: cow-1}}, do: {{hold: {{}}}}}}\n");
    assert!(with(&hold("120s")).is_ok());
    assert!(
        with(&hold("121s"))
            .unwrap_err()
            .hint
            .unwrap_or_default()
            .contains("limits.hold")
    );
    assert!(with(&hold("0s")).is_err());
}
