//! Laws of the machine, against a world that answers late, out of order, with failures, and under signals.
mod together;

use super::{phase::Phase, *};
use model::{
    act::{Act, Undo},
    check::{Check, NodeState, Seen},
    drive::DriveSpec,
    facts::{Capability, Facts, Targets, Unit},
    fault::{Fault, Kind, Lifetime, SettingDoc, Step, Unfit},
    guard::{Answer, GuardLost, Healed, Injected},
    ids::{NodeId, UndoId},
    journal::{End, Event, event::SteadyCheck},
    plan::{Load, Named, Phases, Plan, PlannedFault, Steady},
    system::BedNews,
    units::Nanos,
    world::World,
};
use proptest::prelude::*;

struct Poke;

#[derive(serde::Serialize, serde::Deserialize)]
struct Nothing {}

impl Fault for Poke {
    type Settings = Nothing;
    const NAME: &'static str = "poke";
    const DOC: &'static str = "Pokes.";
    const EXAMPLE: &'static str = "poke: {}";
    const SETTINGS: &'static [SettingDoc] = &[];
    const PROOF: &'static str = "It is poked.";
    const KIND: Kind = Kind::Held;
    const NEEDS: &'static [Capability] = &[];
    const UNIT: Option<Unit> = None;
    const PEERS: bool = false;

    fn steps(_: &Nothing, _: &Targets) -> Result<Vec<Step>, Unfit> {
        let healed = Check::All(vec![
            poked("no"),
            Check::Node {
                node: NodeId::from("n-1"),
                is: NodeState::Count,
            },
        ]);
        let step = Step {
            act: Act::Own { run: "x".into() },
            effective: poked("yes"),
            healed,
            lifetime: Lifetime::Guard,
        };
        Ok(vec![step.clone(), step])
    }
}

fn poked(want: &str) -> Check {
    Check::Reads {
        file: "/poked".into(),
        want: want.into(),
    }
}

/// Faults on one target, so many seconds apart; each holds for 5 s.
fn plan(faults: usize, apart_s: u64) -> Plan {
    let fault = |n: usize| PlannedFault {
        id: format!("f{n}").as_str().into(),
        group: "f".into(),
        fault: "poke".into(),
        kind: Kind::Held,
        settings: serde_json::json!({}),
        question: "role n".into(),
        targets: vec![NodeId::from("n-1")],
        ask: None,
        peers: Vec::new(),
        peers_pick: None,
        ask_peers: None,
        after: Vec::new(),
        episode: None,
        at_ns: Nanos::secs(n as u64 * apart_s),
        hold_ns: Some(Nanos::secs(5)),
        prove_ns: Nanos::secs(1),
        heal_within_ns: Nanos::secs(5),
        deadline_ns: Nanos::secs(30),
        needs: Vec::new(),
        place: (1, 1),
    };
    Plan {
        schema: "brinell.plan/1".into(),
        name: "t/t".into(),
        claim: "It holds.".into(),
        scenario_sha256: String::new(),
        seed: 1,
        nodes: Vec::new(),
        drives: vec![DriveSpec {
            node: NodeId::from("n-1"),
            inside: "/drives/1".into(),
            size_bytes: 1,
            layered: false,
        }],
        testbed: std::collections::BTreeMap::new(),
        workload: Named {
            name: "w".into(),
            settings: serde_json::json!({}),
        },
        load: Load {
            rate: 1.0,
            poisson: false,
        },
        phases: Phases {
            warm_up_ns: Nanos::secs(1),
            baseline_ns: Nanos::secs(3),
            faults_ns: Nanos::secs(faults as u64 * 20),
            recovery_ns: Nanos::secs(10),
            settle_ns: Nanos::secs(1),
            cool_down_ns: Nanos::secs(1),
        },
        steady: Steady {
            windows: 3,
            window_ns: Nanos::secs(1),
            within: 0.25,
        },
        faults: (0..faults).map(fault).collect(),
        probes: Vec::new(),
        at_most: std::collections::BTreeMap::new(),
        objectives: Vec::new(),
    }
}

/// One container, everybody's target.
fn targets() -> Targets {
    let mut hurt = World::of(0).facts();
    hurt.truncate(1);
    let peer = Facts {
        node: "peer-1".into(),
        container: "c-peer".into(),
        ..hurt[0].clone()
    };
    Targets {
        hurt,
        peers: vec![peer],
        ..Targets::default()
    }
}

/// One choice of the adversary: which pending answer comes next, whether it is good, and what else happens.
#[derive(Clone, Copy, Debug)]
enum Move {
    Answer(usize, bool),
    Wait,
    Signal,
    Lost,
}

fn moves() -> impl Strategy<Value = Vec<Move>> {
    let one = prop_oneof![
        10 => (0_usize..4, prop::bool::weighted(0.95)).prop_map(|(which, good)| Move::Answer(which, good)),
        10 => Just(Move::Wait),
        1 => Just(Move::Signal),
        1 => Just(Move::Lost),
    ];
    prop::collection::vec(one, 0..200)
}

/// What the run did, in order.
#[derive(Default)]
struct Story {
    effects: Vec<Effect>,
    stopped_at: Option<usize>,
    held: std::collections::BTreeMap<usize, Nanos>,
    over: bool,
}

fn play(faults: usize, apart_s: u64, moves: &[Move]) -> Story {
    let mut run = Run::new(plan(faults, apart_s), |name| {
        (name == "poke").then_some(&Poke as _)
    })
    .unwrap();
    let mut story = Story::default();
    let mut pending: Vec<Effect> = Vec::new();
    let mut now = Nanos(0);
    let mut signals = 0;
    let mut held = std::collections::BTreeMap::new();
    let mut feed = |run: &mut Run, now: Nanos, input: Input, pending: &mut Vec<Effect>| {
        let stop = matches!(
            input,
            Input::Signal { .. } | Input::News(BedNews::Lost { .. }) | Input::Trouble(_)
        );
        for effect in run.step(now, input) {
            if matches!(effect, Effect::Abandon) {
                if let Some(at) = pending
                    .iter()
                    .position(|e| matches!(e, Effect::BringUp { .. }))
                {
                    pending.remove(at);
                    pending.push(Effect::Abandon);
                }
            } else if !matches!(effect, Effect::Record(_) | Effect::Finish) {
                pending.push(effect.clone());
            }
            story.effects.push(effect);
        }
        if stop && story.stopped_at.is_none() {
            story.stopped_at = Some(story.effects.len());
        }
    };
    feed(&mut run, now, Input::Start, &mut pending);
    let endless = std::iter::repeat_n([Move::Wait, Move::Answer(0, true)], 500).flatten();
    for next in moves.iter().copied().chain(endless) {
        let input = match next {
            Move::Answer(which, good) if !pending.is_empty() => {
                answer(&pending.remove(which % pending.len()), good, now)
            }
            Move::Signal => {
                signals += 1;
                Input::Signal {
                    name: "INT".into(),
                    count: signals,
                }
            }
            Move::Lost => Input::News(BedNews::Lost {
                node: NodeId::from("other-1"),
                exit_code: Some(1),
            }),
            _ => {
                now = run.due(now).unwrap_or(now.plus(Nanos::ms(250)));
                Input::Tick
            }
        };
        feed(&mut run, now, input, &mut pending);
        for hurt in &run.hurts {
            if let hurt::Stage::Holding(until) = hurt.stage {
                held.insert(hurt.index, until);
            }
        }
        if run.is_over() {
            break;
        }
    }
    story.over = run.is_over();
    story.held = held;
    story
}

fn answer(effect: &Effect, good: bool, now: Nanos) -> Input {
    let lost = || GuardLost {
        pid: 7,
        why: "gone".into(),
    };
    let seen = |held| Seen {
        held,
        evidence: "seen".into(),
    };
    match effect {
        Effect::Own => Input::Owned(if good { Ok(Answer::Owned) } else { Err(lost()) }),
        Effect::Provide => Input::Provided(if good {
            Ok(Answer::Provided { drives: Vec::new() })
        } else {
            Err(lost())
        }),
        Effect::BringUp { .. } => Input::Up(if good { Ok(()) } else { Err("start".into()) }),
        Effect::Abandon => Input::Up(Err("called off".into())),
        Effect::JudgeSteady { .. } => Input::Steady(vec![SteadyCheck {
            name: "p".into(),
            held: good,
            measured: String::new(),
        }]),
        Effect::Resolve { index } => {
            let index = *index;
            Input::Resolved {
                index,
                answers: Vec::new(),
                targets: if good {
                    Ok(targets())
                } else {
                    Err(Missing::Node(NodeId::from("n-1"), "gone".into()))
                },
            }
        }
        Effect::Inject { index, .. } => {
            let done = Injected {
                undo: UndoId(1),
                how: Undo::Nothing,
                backend: "b".into(),
                recorded: now,
                began: now,
                acted: now,
                proof: seen(good),
                proved: now,
            };
            Input::Injected {
                index: *index,
                answer: Ok(Answer::Injected(done)),
            }
        }
        Effect::Heal { index, .. } => {
            let healed = Healed {
                undone: Vec::new(),
                began: now,
                proved: now,
                proof: seen(good),
            };
            Input::Healed {
                index: *index,
                answer: Ok(Answer::Healed(healed)),
            }
        }
        Effect::Escalate { index, .. } => Input::Escalated {
            index: *index,
            targets: if good {
                Ok(targets())
            } else {
                Err("start it".into())
            },
        },
        Effect::Look { index, .. } => Input::Looked {
            index: *index,
            held: good,
            evidence: "seen".into(),
            began: now,
            proved: now,
        },
        Effect::ReadBack => Input::Read(if good {
            Ok(Vec::new())
        } else {
            Err("read".into())
        }),
        Effect::CaptureLogs => Input::Logs(Vec::new()),
        Effect::TakeDown => Input::Closed(if good {
            Ok(Answer::Closed {
                leftovers: Vec::new(),
            })
        } else {
            Err(lost())
        }),
        Effect::StopLoad => Input::Quiet(Vec::new()),
        Effect::StartLoad | Effect::Record(_) | Effect::Finish => Input::Tick,
    }
}

/// Until when a fault of the story was to be held; none where it never was.
fn held(story: &Story, index: usize) -> Option<Nanos> {
    story.held.get(&index).copied()
}

fn count(story: &Story, wanted: impl Fn(&Effect) -> bool) -> usize {
    story.effects.iter().filter(|effect| wanted(effect)).count()
}

proptest! {
    #[test]
    fn every_run_ends_and_closes_its_journal_once(moves in moves(), faults in 0_usize..4, apart_s in prop::sample::select(vec![0_u64, 2, 20])) {
        let story = play(faults, apart_s, &moves);
        prop_assert!(story.over, "still running");
        prop_assert_eq!(count(&story, |e| matches!(e, Effect::Record(Event::RunClosed { .. }))), 1);
        prop_assert!(matches!(story.effects.last(), Some(Effect::Finish)));
    }

    #[test]
    fn every_act_is_followed_by_its_undo(moves in moves(), faults in 0_usize..4, apart_s in prop::sample::select(vec![0_u64, 2, 20])) {
        let story = play(faults, apart_s, &moves);
        for (at, effect) in story.effects.iter().enumerate() {
            if let Effect::Inject { index, .. } = effect {
                let healed = story.effects[at..].iter().any(|e| matches!(e, Effect::Heal { index: i, .. } if i == index));
                prop_assert!(healed, "fault {index} was never healed");
            }
        }
    }

    #[test]
    fn of_two_that_are_due_on_one_target_the_newer_is_undone_before_the_older(moves in moves(), faults in 2_usize..4) {
        let story = play(faults, 0, &moves);
        let undone = |index: usize| story.effects.iter().position(|e| matches!(e, Effect::Heal { index: i, .. } if *i == index));
        let injected = |index: usize| story.effects.iter().position(|e| matches!(e, Effect::Inject { index: i, .. } if *i == index));
        // All hold for as long, so whichever began later is due later, or at the same stop.
        for a in 0..faults {
            for b in 0..faults {
                let both_held = held(&story, a).zip(held(&story, b)).is_some_and(|(x, y)| x == y);
                if both_held && injected(a) < injected(b) {
                    prop_assert!(undone(b) < undone(a), "{b} was injected after {a}, and undone after it");
                }
            }
        }
    }

    #[test]
    fn nothing_is_hurt_after_a_stop(moves in moves(), faults in 0_usize..4, apart_s in prop::sample::select(vec![0_u64, 2, 20])) {
        let story = play(faults, apart_s, &moves);
        if let Some(stop) = story.stopped_at {
            let late = story.effects[stop..].iter().filter(|e| matches!(e, Effect::Inject { .. } | Effect::Resolve { .. })).count();
            prop_assert_eq!(late, 0);
        }
    }

    #[test]
    fn the_testbed_is_removed_exactly_once_and_after_every_heal(moves in moves(), faults in 0_usize..4, apart_s in prop::sample::select(vec![0_u64, 2, 20])) {
        let story = play(faults, apart_s, &moves);
        prop_assert_eq!(count(&story, |e| *e == Effect::TakeDown), 1);
        let down = story.effects.iter().position(|e| *e == Effect::TakeDown).unwrap_or_default();
        prop_assert_eq!(story.effects[down..].iter().filter(|e| matches!(e, Effect::Heal { .. } | Effect::Inject { .. })).count(), 0);
    }

    #[test]
    fn nothing_is_hurt_before_the_steady_state_held(moves in moves(), faults in 1_usize..4, apart_s in prop::sample::select(vec![0_u64, 2, 20])) {
        let story = play(faults, apart_s, &moves);
        let steady = story.effects.iter().position(|e| matches!(e, Effect::Record(Event::SteadyStateChecked { held: true, .. })));
        let first = story.effects.iter().position(|e| matches!(e, Effect::Resolve { .. }));
        prop_assert!(first.is_none() || steady < first);
        prop_assert!(first.is_none() || steady.is_some());
    }
}

#[test]
fn a_calm_run_does_every_fault_and_finishes() {
    let story = play(3, 20, &[]);
    assert_eq!(
        count(&story, |e| matches!(
            e,
            Effect::Record(Event::FaultEffective { .. })
        )),
        3
    );
    assert_eq!(
        count(&story, |e| matches!(
            e,
            Effect::Record(Event::FaultHealed { .. })
        )),
        3
    );
    assert_eq!(count(&story, |e| matches!(e, Effect::Inject { .. })), 6);
    let finished = |e: &Effect| {
        matches!(
            e,
            Effect::Record(Event::RunClosed {
                end: End::Finished,
                ..
            })
        )
    };
    assert_eq!(count(&story, finished), 1);
}

#[test]
fn a_node_that_no_fault_explains_ends_the_run() {
    let mut run = Run::new(plan(1, 20), |_| Some(&Poke as _)).unwrap();
    let news = BedNews::Lost {
        node: NodeId::from("n-1"),
        exit_code: Some(137),
    };
    run.step(Nanos(0), Input::Start);
    let effects = run.step(Nanos(1), Input::News(news));
    assert!(effects.iter().any(|e| matches!(
        e,
        Effect::Record(Event::NodeLost {
            expected: false,
            ..
        })
    )));
    let owned = run.step(Nanos(2), Input::Owned(Ok(Answer::Owned)));
    assert_eq!(owned, [Effect::TakeDown], "nothing is started after a stop");
}
