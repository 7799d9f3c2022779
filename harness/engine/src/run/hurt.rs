//! One fault from request to hold: `waiting -> resolving -> injecting -> holding -> due -> healing -> looking -> done`.
//!
//! An act in flight is awaited even when a stop was asked for: it may still land, and then it must be healed.
use super::port::{Effect, Missing};
use model::{
    check::Check,
    facts::Targets,
    fault::{AnyFault, Step},
    guard::{Answer, GuardLost, Injected},
    ids::NodeId,
    journal::Event,
    plan::PlannedFault,
    question::Answered,
    units::Nanos,
};
use std::collections::BTreeSet;

/// Where a fault is.
#[derive(Clone, Debug, PartialEq)]
pub enum Stage {
    /// Its time has not come.
    Waiting,
    /// Its targets are looked up.
    Resolving,
    /// A step is at the guard; the next ones follow.
    Injecting,
    /// In effect, until then.
    Holding(Nanos),
    /// To be undone, for this reason, once what was done to the same targets after it is undone.
    Due(String),
    /// Its undo is at the guard.
    Healing,
    /// Its containers are started again, since undoing alone was not proven to heal.
    Escalating,
    /// Healed as far as the machine goes since `(began, proved)`; the systems are asked.
    Looking(Nanos, Nanos, String),
    /// Over.
    Done,
}

/// One fault of the plan, live.
pub struct Hurt {
    /// Number in the plan.
    pub index: usize,
    /// What the plan says.
    pub plan: PlannedFault,
    /// Where it is.
    pub stage: Stage,
    /// Whom it hits, and the other side, once known.
    pub targets: Targets,
    /// Place in the order of injection: what is undone first of two on one target.
    pub order: u64,
    /// Why the run cannot trust it, if so.
    pub unproven: bool,
    pub(super) fault: &'static dyn AnyFault,
    pub(super) left: Vec<Step>,
    pub(super) healed: Vec<Check>,
    pub(super) began: Option<Nanos>,
    pub(super) stop: Option<&'static str>,
    pub(super) escalated: bool,
    /// Containers of either side that ended while it was in effect.
    pub(super) ended: BTreeSet<String>,
}

impl Hurt {
    /// A fault that waits for its time.
    pub fn new(index: usize, plan: PlannedFault, fault: &'static dyn AnyFault) -> Self {
        Self {
            index,
            plan,
            stage: Stage::Waiting,
            targets: Targets::default(),
            order: 0,
            unproven: false,
            fault,
            left: Vec::new(),
            healed: Vec::new(),
            began: None,
            stop: None,
            escalated: false,
            ended: BTreeSet::new(),
        }
    }

    /// Whether something of it may be in effect or in flight.
    pub fn is_active(&self) -> bool {
        !matches!(self.stage, Stage::Waiting | Stage::Done)
    }

    /// Whether it acts on drives.
    pub fn needs_drives(&self) -> bool {
        let settings = &self.plan.settings;
        self.fault.drives(settings) + self.fault.layers(settings) > 0
    }

    /// Whether it explains that this container ended.
    pub fn explains(&self, container: &str) -> bool {
        self.hits(container)
            || self
                .targets
                .peers
                .iter()
                .any(|one| one.container == container)
    }

    /// Whether this is the container of one of its victims.
    pub fn hits(&self, container: &str) -> bool {
        self.targets
            .hurt
            .iter()
            .any(|one| one.container == container)
    }

    /// Its time has come.
    pub fn request(&mut self) -> Vec<Effect> {
        self.stage = Stage::Resolving;
        let (fault, id) = (self.plan.fault.clone(), self.plan.id.clone());
        vec![
            Effect::Record(Event::FaultRequested { fault, id }),
            Effect::Resolve { index: self.index },
        ]
    }

    /// Its targets are known, or something is missing; `forbidden` says why they may not be hit.
    pub fn resolved(
        &mut self,
        answers: Vec<Answered>,
        targets: Result<Targets, Missing>,
        forbidden: Option<String>,
    ) -> Vec<Effect> {
        let asked = !answers.is_empty();
        let found = targets.as_ref().ok();
        let facts = found
            .into_iter()
            .flat_map(|all| all.hurt.iter().chain(&all.peers));
        let record = Effect::Record(Event::TargetsResolved {
            id: self.plan.id.clone(),
            question: self.plan.question.clone(),
            answers,
            targets: facts.cloned().collect(),
        });
        let mut effects = if asked || found.is_some() {
            vec![record]
        } else {
            Vec::new()
        };
        match (targets, forbidden) {
            (Err(Missing::Node(target, why)), _) => effects.extend(self.vanished(target, why)),
            (Err(Missing::Answer(why)), _) => effects.extend(self.never(None, why)),
            (Ok(_), _) if self.stop.is_some() => self.stage = Stage::Done,
            (Ok(_), Some(why)) => effects.extend(self.never(None, why)),
            (Ok(targets), None) => effects.extend(self.begin(targets)),
        }
        effects
    }

    fn begin(&mut self, targets: Targets) -> Vec<Effect> {
        match self.fault.steps(&self.plan.settings, &targets) {
            Ok(steps) => {
                self.targets = targets;
                self.healed = steps.iter().map(|step| step.healed.clone()).collect();
                self.left = steps.into_iter().rev().collect();
                self.next_step()
            }
            Err(unfit) => self.never(None, format!("failed to {unfit}")),
        }
    }

    /// A target is not there at injection: nothing is done.
    fn vanished(&mut self, target: NodeId, why: String) -> Vec<Effect> {
        let mut effects = vec![self.gone(target, why.clone(), false)];
        effects.extend(self.never(None, why));
        effects
    }

    /// The fact that a target went away, of what was done to it or by itself.
    pub fn gone(&self, target: NodeId, why: String, of_fault: bool) -> Effect {
        Effect::Record(Event::TargetVanished {
            id: self.plan.id.clone(),
            target,
            why,
            of_fault,
        })
    }

    /// Not effective, and nothing to undo.
    fn never(&mut self, check: Option<Check>, seen: String) -> Vec<Effect> {
        self.stage = Stage::Done;
        self.unproven = true;
        vec![Effect::Record(Event::FaultNotEffective {
            id: self.plan.id.clone(),
            check,
            seen,
            deadline_ns: self.plan.prove_ns,
        })]
    }

    fn next_step(&mut self) -> Vec<Effect> {
        match self.left.pop() {
            Some(step) => {
                self.stage = Stage::Injecting;
                vec![Effect::Inject {
                    index: self.index,
                    step: Box::new(step),
                }]
            }
            None => self.never(None, "the fault has no step for these targets".into()),
        }
    }

    /// The guard answered a step.
    pub fn injected(
        &mut self,
        now: Nanos,
        step: &Step,
        answer: Result<Answer, GuardLost>,
    ) -> Vec<Effect> {
        match answer {
            Ok(Answer::Injected(done)) => self.done(now, step, &done),
            Ok(Answer::Refused { why }) => self.failed(Some(step.effective.clone()), why),
            Ok(other) => self.failed(None, format!("the guard answered out of turn: {other:?}")),
            Err(lost) => self.failed(None, format!("failed to {lost}")),
        }
    }

    fn done(&mut self, now: Nanos, step: &Step, done: &Injected) -> Vec<Effect> {
        let id = self.plan.id.clone();
        let mut effects = vec![
            Effect::Record(Event::UndoRecorded {
                id: id.clone(),
                undo: done.undo,
                at_ns: done.recorded,
            }),
            Effect::Record(Event::ActDone {
                id: id.clone(),
                act: step.act.clone(),
                backend: done.backend.clone(),
                began_ns: done.began,
                took_ns: done.acted.since(done.began),
            }),
        ];
        if !done.proof.held {
            effects.extend(self.failed(Some(step.effective.clone()), done.proof.evidence.clone()));
            return effects;
        }
        let began = *self.began.get_or_insert(done.began);
        if self.stop.is_none() && !self.left.is_empty() {
            effects.extend(self.next_step());
            return effects;
        }
        effects.push(Effect::Record(Event::FaultEffective {
            id,
            began_ns: began,
            proved_ns: done.proved,
            check: step.effective.clone(),
            evidence: done.proof.evidence.clone(),
        }));
        effects.extend(self.hold(now));
        effects
    }

    /// A step was not effective: what was done before it is undone.
    fn failed(&mut self, check: Option<Check>, seen: String) -> Vec<Effect> {
        let mut effects = self.never(check, seen);
        effects.extend(self.heal("not effective"));
        effects
    }

    fn hold(&mut self, now: Nanos) -> Vec<Effect> {
        match (self.stop, self.plan.hold_ns) {
            (Some(why), _) => self.heal(why),
            (None, Some(hold)) => {
                self.stage = Stage::Holding(now.plus(hold));
                Vec::new()
            }
            _ => self.heal("over at once"),
        }
    }
}
