//! Faults beside and after each other, step by step.
use super::*;

/// A run that stands in its fault phase at second 10, and the answers it is given.
struct Stage {
    run: Run,
    now: Nanos,
    effects: Vec<Effect>,
}

impl Stage {
    fn of(plan: Plan) -> Self {
        let run = Run::new(plan, |_| Some(&Poke as _)).unwrap();
        let mut stage = Self {
            run,
            now: Nanos(0),
            effects: Vec::new(),
        };
        stage.feed(Input::Start);
        stage.feed(Input::Owned(Ok(Answer::Owned)));
        for facts in targets().hurt.into_iter().chain(targets().peers) {
            stage.feed(Input::News(BedNews::Started {
                node: facts.node,
                container: facts.container,
                image: String::new(),
                address: facts.address,
            }));
        }
        stage.feed(Input::Up(Ok(())));
        stage.at(2).at(10);
        stage.answer(|effect| matches!(effect, Effect::JudgeSteady { .. }), true);
        stage
    }

    fn feed(&mut self, input: Input) {
        let told = self.run.step(self.now, input);
        self.effects.extend(told);
    }

    fn at(&mut self, second: u64) -> &mut Self {
        self.now = Nanos::secs(second);
        self.feed(Input::Tick);
        self
    }

    /// Answers the first effect of this kind that was not answered.
    fn answer(&mut self, wanted: impl Fn(&Effect) -> bool, good: bool) {
        let at = self
            .effects
            .iter()
            .position(wanted)
            .expect("that was asked");
        let effect = self.effects.remove(at);
        self.feed(answer(&effect, good, self.now));
    }

    /// Lets the faults of the plan take effect.
    fn inject_all(&mut self) {
        let pending = |e: &Effect| matches!(e, Effect::Resolve { .. } | Effect::Inject { .. });
        while self.effects.iter().any(pending) {
            self.answer(pending, true);
        }
    }

    fn heals(&self) -> Vec<usize> {
        let index = |effect: &Effect| match effect {
            Effect::Heal { index, .. } => Some(*index),
            _ => None,
        };
        self.effects.iter().filter_map(index).collect()
    }

    fn recorded(&self, wanted: impl Fn(&Event) -> bool) -> usize {
        let fact = |effect: &&Effect| matches!(effect, Effect::Record(event) if wanted(event));
        self.effects.iter().filter(fact).count()
    }
}

fn heal(effect: &Effect) -> bool {
    matches!(effect, Effect::Heal { .. })
}

#[test]
fn the_older_fault_on_a_target_is_undone_only_once_the_newer_one_is() {
    let mut stage = Stage::of(plan(2, 0));
    stage.inject_all();
    stage.at(20);
    assert_eq!(stage.heals(), [1], "the newer one first, and alone");
    stage.answer(heal, true);
    assert_eq!(stage.heals(), [0]);
}

#[test]
fn a_fault_after_another_waits_for_its_heal_and_is_held_as_long_as_planned() {
    let mut plan = plan(2, 5);
    plan.faults[1].after = vec![plan.faults[0].id.clone()];
    plan.phases.faults_ns = Nanos::secs(11);
    let mut stage = Stage::of(plan);
    stage.inject_all();
    stage.at(20);
    let resolves = |stage: &Stage| {
        let of = |e: &&Effect| matches!(e, Effect::Resolve { .. });
        stage.effects.iter().filter(of).count()
    };
    assert_eq!(resolves(&stage), 0, "the first is not healed yet");
    stage.answer(heal, true);
    stage.answer(|e| matches!(e, Effect::Look { .. }), true);
    assert_eq!(resolves(&stage), 1);
    stage.inject_all();
    stage.at(24);
    assert!(matches!(stage.run.phase(), Phase::Faults(..)));
    stage.at(26);
    assert!(matches!(stage.run.phase(), Phase::Recovery(..)));
}

#[test]
fn an_overstepped_blast_radius_is_seen_with_the_nodes_that_were_found() {
    let mut plan = plan(1, 0);
    plan.at_most.insert(targets().hurt[0].role.0.clone(), 0);
    let mut stage = Stage::of(plan);
    stage.inject_all();
    let aborted = |event: &Event| matches!(event, Event::AbortTriggered { objective, .. } if objective == "limits.at_most");
    assert_eq!(stage.recorded(aborted), 1);
    assert_eq!(
        stage.recorded(|e| matches!(e, Event::FaultNotEffective { .. })),
        1
    );
    assert!(
        !stage
            .effects
            .iter()
            .any(|e| matches!(e, Effect::Inject { .. }))
    );
}

#[test]
fn a_target_that_ends_by_itself_is_told_and_its_fault_still_undone() {
    let mut stage = Stage::of(plan(1, 0));
    stage.inject_all();
    stage.feed(Input::News(BedNews::Lost {
        node: targets().hurt[0].node.clone(),
        exit_code: Some(137),
    }));
    assert_eq!(
        stage.recorded(|e| matches!(e, Event::TargetVanished { .. })),
        1
    );
    assert_eq!(
        stage.recorded(|e| matches!(e, Event::NodeLost { expected: true, .. })),
        1
    );
    stage.at(20);
    assert_eq!(stage.heals(), [0]);
}

#[test]
fn a_peer_that_ended_meanwhile_is_started_again_with_the_target() {
    let mut stage = Stage::of(plan(1, 0));
    stage.inject_all();
    let peer = targets().peers[0].clone();
    stage.feed(Input::News(BedNews::Lost {
        node: peer.node,
        exit_code: Some(1),
    }));
    stage.at(20);
    stage.answer(heal, false);
    let again = stage.effects.iter().find_map(|effect| match effect {
        Effect::Escalate { containers, .. } => Some(containers.clone()),
        _ => None,
    });
    let mut wanted = vec![targets().hurt[0].container.clone(), peer.container];
    wanted.sort();
    assert_eq!(again, Some(wanted));
}

#[test]
fn a_heal_that_is_not_proven_restarts_the_target_once_and_then_gives_up() {
    let not_healed = |event: &Event| matches!(event, Event::FaultNotHealed { .. });
    for last in [true, false] {
        let mut stage = Stage::of(plan(1, 0));
        stage.inject_all();
        stage.at(20);
        stage.answer(heal, false);
        assert_eq!(stage.recorded(not_healed), 1);
        stage.answer(|e| matches!(e, Effect::Escalate { .. }), true);
        stage.answer(heal, last);
        if last {
            stage.answer(|e| matches!(e, Effect::Look { .. }), true);
        }
        let healed = stage.recorded(|e| matches!(e, Event::FaultHealed { .. }));
        assert_eq!(
            (healed == 1, stage.recorded(not_healed)),
            (last, if last { 1 } else { 2 })
        );
    }
}

#[test]
fn a_worker_that_the_guard_killed_is_told() {
    let mut stage = Stage::of(plan(0, 0));
    stage.feed(Input::Guard(vec![model::guard::GuardNews::WorkerKilled {
        worker: "queue of f0".into(),
        silent: Nanos::secs(3),
    }]));
    assert_eq!(
        stage.recorded(|e| matches!(e, Event::WorkerKilled { .. })),
        1
    );
}
