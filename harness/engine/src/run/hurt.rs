//! One fault from request to heal: `waiting -> resolving -> injecting -> holding -> healing -> looking -> done`.
//!
//! An act in flight is awaited even when a stop was asked for: it may still land, and then it must be healed.
use super::port::Effect;
use model::{
    check::Check,
    facts::Targets,
    fault::{AnyFault, Step},
    guard::{Answer, GuardLost, Healed, Injected},
    ids::NodeId,
    journal::Event,
    plan::PlannedFault,
    units::Nanos,
};

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
    /// Its undo is at the guard.
    Healing,
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
    /// Containers of its victims, once known.
    pub containers: Vec<String>,
    /// Why the run cannot trust it, if so.
    pub unproven: bool,
    fault: &'static dyn AnyFault,
    left: Vec<Step>,
    healed: Vec<Check>,
    began: Option<Nanos>,
    stop: Option<&'static str>,
}

impl Hurt {
    /// A fault that waits for its time.
    pub fn new(index: usize, plan: PlannedFault, fault: &'static dyn AnyFault) -> Self {
        Self {
            index,
            plan,
            stage: Stage::Waiting,
            containers: Vec::new(),
            unproven: false,
            fault,
            left: Vec::new(),
            healed: Vec::new(),
            began: None,
            stop: None,
        }
    }

    /// Whether something of it may be in effect or in flight.
    pub fn is_active(&self) -> bool {
        !matches!(self.stage, Stage::Waiting | Stage::Done)
    }

    /// Whether it explains that this container ended.
    pub fn explains(&self, container: &str) -> bool {
        self.stage != Stage::Waiting && self.containers.iter().any(|own| own == container)
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

    /// Its targets are known, or one of them is not there.
    pub fn resolved(&mut self, targets: Result<Targets, (NodeId, String)>) -> Vec<Effect> {
        let targets = match targets {
            Ok(targets) => targets,
            Err((target, why)) => return self.vanished(target, why),
        };
        self.containers = targets
            .hurt
            .iter()
            .chain(&targets.peers)
            .map(|facts| facts.container.clone())
            .collect();
        let facts = targets.hurt.iter().chain(&targets.peers).cloned().collect();
        let (id, question) = (self.plan.id.clone(), self.plan.question.clone());
        let mut effects = vec![Effect::Record(Event::TargetsResolved {
            id,
            question,
            targets: facts,
        })];
        if self.stop.is_some() {
            self.stage = Stage::Done;
            return effects;
        }
        match self.fault.steps(&self.plan.settings, &targets) {
            Ok(steps) => {
                self.healed = steps.iter().map(|step| step.healed.clone()).collect();
                self.left = steps.into_iter().rev().collect();
                effects.extend(self.next_step());
            }
            Err(unfit) => effects.extend(self.never(None, format!("failed to {unfit}"))),
        }
        effects
    }

    fn vanished(&mut self, target: NodeId, why: String) -> Vec<Effect> {
        let id = self.plan.id.clone();
        let mut effects = vec![Effect::Record(Event::TargetVanished {
            id,
            target,
            why: why.clone(),
        })];
        effects.extend(self.never(None, why));
        effects
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

    /// Undo it.
    pub fn heal(&mut self, why: &str) -> Vec<Effect> {
        self.stage = Stage::Healing;
        self.left.clear();
        let machine = self
            .healed
            .iter()
            .filter_map(|check| check.split().0)
            .collect();
        let (id, why) = (self.plan.id.clone(), why.to_owned());
        vec![
            Effect::Record(Event::HealRequested { id, why }),
            Effect::Heal {
                index: self.index,
                healed: machine,
            },
        ]
    }

    /// Nothing new is to be hurt: heal what is, let what is in flight land first.
    pub fn stop(&mut self, why: &'static str) -> Vec<Effect> {
        self.stop = Some(why);
        match self.stage {
            Stage::Waiting => {
                self.stage = Stage::Done;
                Vec::new()
            }
            Stage::Holding(_) => self.heal(why),
            _ => Vec::new(),
        }
    }

    /// The guard answered the heal.
    pub fn healed(&mut self, now: Nanos, answer: Result<Answer, GuardLost>) -> Vec<Effect> {
        match answer {
            Ok(Answer::Healed(healed)) => self.undone(now, healed),
            Ok(Answer::Refused { why }) => self.not_healed(why),
            Ok(other) => self.not_healed(format!("the guard answered out of turn: {other:?}")),
            Err(lost) => self.not_healed(format!("failed to {lost}")),
        }
    }

    fn undone(&mut self, now: Nanos, healed: Healed) -> Vec<Effect> {
        let id = &self.plan.id;
        let record = |undone: &model::guard::Undone| {
            Effect::Record(Event::ActUndone {
                id: id.clone(),
                undo: undone.undo,
                took_ns: undone.took,
            })
        };
        let mut effects: Vec<Effect> = healed
            .undone
            .iter()
            .filter(|undone| undone.failed.is_none())
            .map(record)
            .collect();
        if let Some(why) = healed
            .undone
            .iter()
            .find_map(|undone| undone.failed.clone())
        {
            effects.extend(self.not_healed(why));
            return effects;
        }
        if !healed.proof.held {
            effects.extend(self.not_healed(healed.proof.evidence));
            return effects;
        }
        let nodes: Vec<_> = self
            .healed
            .iter()
            .flat_map(|check| check.split().1)
            .collect();
        if nodes.is_empty() || self.began.is_none() {
            effects.extend(self.whole(healed.began, healed.proved, healed.proof.evidence));
        } else {
            let until = now.plus(self.plan.heal_within_ns);
            self.stage = Stage::Looking(healed.began, healed.proved, healed.proof.evidence);
            effects.push(Effect::Look {
                index: self.index,
                nodes,
                until,
            });
        }
        effects
    }

    /// The systems answered; something was still missing at `short`.
    pub fn looked(
        &mut self,
        held: bool,
        evidence: &str,
        short: Nanos,
        proved: Nanos,
    ) -> Vec<Effect> {
        let Stage::Looking(began, machine, seen) = self.stage.clone() else {
            return Vec::new();
        };
        if !held {
            return self.not_healed(evidence.to_owned());
        }
        let evidence = if seen.is_empty() {
            evidence.to_owned()
        } else {
            format!("{seen}; {evidence}")
        };
        self.whole(began.max(short), machine.max(proved), evidence)
    }

    fn whole(&mut self, began: Nanos, proved: Nanos, evidence: String) -> Vec<Effect> {
        self.stage = Stage::Done;
        if self.began.is_none() {
            return Vec::new();
        }
        vec![Effect::Record(Event::FaultHealed {
            id: self.plan.id.clone(),
            began_ns: began,
            proved_ns: proved,
            evidence,
        })]
    }

    fn not_healed(&mut self, seen: String) -> Vec<Effect> {
        self.stage = Stage::Done;
        self.unproven = true;
        let escalated_to = "the end of the run: the guard removes the whole testbed".to_owned();
        vec![Effect::Record(Event::FaultNotHealed {
            id: self.plan.id.clone(),
            seen,
            escalated_to,
        })]
    }
}
