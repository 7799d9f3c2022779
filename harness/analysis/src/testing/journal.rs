//! Histories that were changed: what must turn the verdict, and what must change nothing.
use super::synthetic::{FAULTS, Synthetic};
use crate::{Analysis, RunInput, analyze, report::FindingKind};
use model::{
    journal::{End, Event},
    units::Nanos,
    verdict::Verdict,
};

pub(super) fn with_events(change: impl Fn(&mut Vec<(Nanos, Event)>)) -> Analysis {
    let run = Synthetic::default();
    let mut events = run.events();
    change(&mut events);
    analyze(&run.folder(&events, &run.stored())).unwrap()
}

fn without(kind: fn(&Event) -> bool) -> Analysis {
    with_events(|events| {
        let at = events.iter().position(|(_, event)| kind(event)).unwrap();
        events.remove(at);
    })
}

pub(super) fn with_input(change: impl Fn(&mut RunInput)) -> Analysis {
    let mut input = Synthetic::default().input();
    change(&mut input);
    analyze(&input).unwrap()
}

pub(super) fn stored(change: impl Fn(&mut Vec<u64>)) -> Analysis {
    let run = Synthetic::default();
    let mut stored = run.stored();
    change(&mut stored);
    run.with_stored(&stored, &[], true)
}

/// A changed history and the verdict that it must get.
pub(super) struct Change {
    pub(super) id: &'static str,
    pub(super) what: &'static str,
    pub(super) analysis: Analysis,
    pub(super) verdict: Verdict,
}

/// Every changed history.
pub(super) fn changed() -> Vec<Change> {
    let fail = Verdict::Fail;
    let unknown = Verdict::Unknown;
    let no_effect = |events: &mut Vec<(Nanos, Event)>| {
        for (_, event) in events {
            if let Event::FaultEffective { id, check, .. } = event.clone() {
                *event = Event::FaultNotEffective {
                    id,
                    check: Some(check),
                    seen: "still there".into(),
                    deadline_ns: Nanos::secs(5),
                };
            }
        }
    };
    let ended = |end: End| {
        move |events: &mut Vec<(Nanos, Event)>| {
            events.last_mut().unwrap().1 = Event::RunClosed {
                end,
                leftovers: vec![],
                why: Some("INT".into()),
            }
        }
    };
    let change = |(id, what, analysis, verdict)| Change {
        id,
        what,
        analysis,
        verdict,
    };
    [
        (
            "J1",
            "the plan was changed afterwards",
            with_input(|input| input.plan = input.plan.replacen("as bad", "as sad", 1)),
            unknown,
        ),
        (
            "R13",
            "fault never effective",
            with_events(no_effect),
            unknown,
        ),
        (
            "R13",
            "one of eight without proof",
            without(|event| matches!(event, Event::FaultEffective { .. })),
            unknown,
        ),
        (
            "J2",
            "heal without proof",
            without(|event| matches!(event, Event::FaultHealed { .. })),
            unknown,
        ),
        (
            "J3",
            "steady state never checked",
            without(|event| matches!(event, Event::SteadyStateChecked { .. })),
            unknown,
        ),
        (
            "R1",
            "an outage that never ends",
            {
                let mut run = Synthetic::default();
                run.stale[7].1 = u64::MAX / 2;
                run.objectives
                    .push(("recovery{fault:kill}".into(), "max < 10s".into()));
                run.analysis()
            },
            fail,
        ),
        (
            "R4",
            "a relapse inside the settle time",
            Synthetic {
                hangs: vec![
                    (FAULTS + 200, FAULTS + 1_200),
                    (FAULTS + 3_000, FAULTS + 3_500),
                ],
                objectives: vec![("recovery{fault:kill,probe:ack}".into(), "max < 3s".into())],
                ..Synthetic::default()
            }
            .analysis(),
            fail,
        ),
        (
            "L6",
            "generator stalled",
            Synthetic {
                load_stalled: vec![(FAULTS, FAULTS + 4_000)],
                ..Synthetic::default()
            }
            .analysis(),
            unknown,
        ),
        (
            "N8",
            "journal line removed",
            with_input(|input| {
                input.events = input
                    .events
                    .lines()
                    .enumerate()
                    .filter(|(n, _)| *n != 9)
                    .map(|(_, line)| format!("{line}\n"))
                    .collect()
            }),
            unknown,
        ),
        (
            "N9",
            "checksum broken",
            with_input(|input| input.events = input.events.replacen("cool-down", "cool-dowm", 1)),
            unknown,
        ),
        (
            "J8",
            "clock went back",
            with_events(|events| {
                let half = events.len() / 2;
                events[half].0 = Nanos::secs(1);
            }),
            unknown,
        ),
        (
            "N10",
            "tail truncated",
            with_input(|input| {
                input.events.pop();
            }),
            unknown,
        ),
        (
            "N10",
            "last line gone",
            with_input(|input| {
                input.events = input
                    .events
                    .lines()
                    .take(input.events.lines().count() - 1)
                    .map(|line| format!("{line}\n"))
                    .collect()
            }),
            unknown,
        ),
        (
            "J4",
            "cut short by a signal",
            with_events(ended(End::Signal)),
            unknown,
        ),
        (
            "J5",
            "cut short by an error",
            with_events(ended(End::Error)),
            unknown,
        ),
        (
            "J6",
            "a leftover",
            with_events(|events| {
                let at = events[5].0;
                events.insert(
                    5,
                    (
                        at,
                        Event::LeftoverFound {
                            name: "a network".into(),
                        },
                    ),
                );
            }),
            unknown,
        ),
        (
            "J7",
            "a node that ends by itself",
            with_events(|events| {
                let at = events[5].0;
                events.insert(
                    5,
                    (
                        at,
                        Event::NodeLost {
                            node: "minio-1".into(),
                            exit_code: Some(137),
                            expected: false,
                        },
                    ),
                );
            }),
            unknown,
        ),
        (
            "J8",
            "a probe without file",
            with_input(|input| {
                input.samples.remove("samples/freshness.gauge");
            }),
            unknown,
        ),
        (
            "J9",
            "the output was not read back",
            without(|event| matches!(event, Event::StageRead { .. })),
            unknown,
        ),
        (
            "D1",
            "drop one",
            stored(|ids| {
                ids.remove(1_000);
            }),
            fail,
        ),
        (
            "D2",
            "drop the last",
            stored(|ids| {
                ids.pop();
            }),
            fail,
        ),
        ("D3", "duplicate one", stored(|ids| ids.push(ids[77])), fail),
        (
            "D6",
            "flip a byte",
            Synthetic::default().with_stored(&Synthetic::default().stored(), &[500], true),
            fail,
        ),
        (
            "D13",
            "a quarter unread",
            stored(|ids| ids.retain(|id| id % 4 != 1)),
            fail,
        ),
        (
            "J10",
            "the file of numbers cut",
            with_input(|input| {
                let ids = input.ledger.get_mut("ledger/stored.stage").unwrap();
                ids.truncate(ids.len() - 20);
            }),
            unknown,
        ),
    ]
    .into_iter()
    .map(change)
    .collect()
}

#[test]
fn every_changed_history_turns_the_verdict() {
    for Change {
        what,
        analysis,
        verdict,
        ..
    } in changed()
    {
        let reasons: Vec<_> = analysis
            .findings
            .iter()
            .take(3)
            .map(|finding| (&finding.id, &finding.why))
            .collect();
        assert_eq!(analysis.verdict.value, verdict, "{what}: {reasons:?}");
    }
}

#[test]
fn a_resurrected_and_a_phantom_record_are_counted() {
    let resurrected = stored(|ids| ids.push(11)).ledger.remove(0);
    let phantom = stored(|ids| ids.push(9_999_999)).ledger.remove(0);
    assert_eq!(
        (
            resurrected.resurrected,
            resurrected.phantom,
            phantom.phantom
        ),
        (1, 0, 1)
    );
}

#[test]
fn a_failure_found_stays_a_failure_when_the_run_is_cut_short() {
    let run = Synthetic {
        objectives: vec![("freshness{window:fault}".into(), "max < 2s".into())],
        ..Synthetic::default()
    };
    let mut events = run.events();
    events.last_mut().unwrap().1 = Event::RunClosed {
        end: End::Signal,
        leftovers: vec![],
        why: None,
    };
    assert_eq!(
        analyze(&run.folder(&events, &run.stored()))
            .unwrap()
            .verdict
            .value,
        Verdict::Fail
    );
}

#[test]
fn a_journal_cut_at_any_line_is_never_a_pass_and_never_a_panic() {
    let run = Synthetic {
        repeats: 2,
        ..Synthetic::default()
    };
    let input = run.input();
    let lines: Vec<&str> = input.events.lines().collect();
    for keep in 1..lines.len() {
        let events = lines[..keep]
            .iter()
            .map(|line| format!("{line}\n"))
            .collect();
        let analysis = analyze(&RunInput {
            events,
            ..input.clone()
        })
        .unwrap();
        assert_ne!(
            analysis.verdict.value,
            Verdict::Pass,
            "cut after line {keep}"
        );
        assert!(
            analysis
                .findings
                .iter()
                .any(|finding| finding.kind == FindingKind::Measurement
                    && finding.verdict == Verdict::Unknown)
        );
    }
}
