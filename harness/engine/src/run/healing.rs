//! One fault from the end of its hold to the proof of its heal. What undoing alone does not prove is escalated once.
use super::{
    hurt::{Hurt, Stage},
    port::Effect,
};
use model::{
    facts::{Facts, Targets},
    fault::Escalation,
    guard::{Answer, GuardLost, Healed},
    ids::NodeId,
    journal::Event,
    units::Nanos,
};

impl Hurt {
    /// It is to be undone, as soon as what was done to the same targets after it is.
    pub fn heal(&mut self, why: &str) -> Vec<Effect> {
        self.stage = Stage::Due(why.to_owned());
        Vec::new()
    }

    /// Undo it.
    pub fn undo(&mut self) -> Vec<Effect> {
        let Stage::Due(why) = std::mem::replace(&mut self.stage, Stage::Healing) else {
            return Vec::new();
        };
        self.left.clear();
        let id = self.plan.id.clone();
        let mut effects = vec![Effect::Record(Event::HealRequested { id, why })];
        effects.extend(self.ask_to_heal());
        effects
    }

    fn ask_to_heal(&mut self) -> Vec<Effect> {
        self.stage = Stage::Healing;
        let machine = self
            .healed
            .iter()
            .filter_map(|check| check.split().0)
            .collect();
        vec![Effect::Heal {
            index: self.index,
            healed: machine,
        }]
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
            Ok(Answer::Refused { why }) => self.not_healed(now, why),
            Ok(other) => self.given_up(format!("the guard answered out of turn: {other:?}")),
            Err(lost) => self.given_up(format!("failed to {lost}")),
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
            effects.extend(self.not_healed(now, why));
            return effects;
        }
        if !healed.proof.held {
            effects.extend(self.not_healed(now, healed.proof.evidence));
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
        now: Nanos,
        held: bool,
        evidence: &str,
        short: Nanos,
        proved: Nanos,
    ) -> Vec<Effect> {
        let Stage::Looking(began, machine, seen) = self.stage.clone() else {
            return Vec::new();
        };
        if !held {
            return self.not_healed(now, evidence.to_owned());
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

    /// Not healed: the containers are started again where the fault says so, once, and where anybody still needs them.
    fn not_healed(&mut self, now: Nanos, seen: String) -> Vec<Effect> {
        let containers = self.own_containers();
        let may = self.fault.escalation() == Escalation::Restart
            && !self.escalated
            && self.stop.is_none()
            && self.began.is_some()
            && !containers.is_empty();
        if !may {
            return self.given_up(seen);
        }
        (self.escalated, self.stage) = (true, Stage::Escalating);
        let names =
            |all: &[Facts]| -> Vec<NodeId> { all.iter().map(|facts| facts.node.clone()).collect() };
        let nodes = (names(&self.targets.hurt), names(&self.targets.peers));
        let again: Vec<&str> = self.to_restart().map(|one| one.node.as_str()).collect();
        let escalated_to = format!("a restart of the containers of {}", again.join(", "));
        vec![
            self.record_not_healed(seen, escalated_to),
            Effect::Escalate {
                index: self.index,
                containers,
                nodes,
                until: now.plus(self.plan.heal_within_ns),
            },
        ]
    }

    /// Its targets, and whoever of the other side ended of it.
    fn to_restart(&self) -> impl Iterator<Item = &Facts> {
        let ended = |facts: &&Facts| self.ended.contains(&facts.container);
        let peers = self.targets.peers.iter().filter(ended);
        self.targets.hurt.iter().chain(peers)
    }

    fn own_containers(&self) -> Vec<String> {
        let mut own: Vec<String> = self
            .to_restart()
            .map(|facts| facts.container.clone())
            .collect();
        own.sort();
        own.dedup();
        own
    }

    /// The containers were started again: what is healed now is what the fault says of the new processes.
    pub fn escalated(&mut self, targets: Result<Targets, String>) -> Vec<Effect> {
        if self.stage != Stage::Escalating {
            return Vec::new();
        }
        let steps = targets.and_then(|targets| {
            let steps = self.fault.steps(&self.plan.settings, &targets);
            steps.map_err(|unfit| format!("failed to {unfit}"))
        });
        match steps {
            Ok(steps) => {
                self.healed = steps.into_iter().map(|step| step.healed).collect();
                self.ask_to_heal()
            }
            Err(why) => self.given_up(why),
        }
    }

    /// Nothing more can be done about it but to remove everything.
    fn given_up(&mut self, seen: String) -> Vec<Effect> {
        self.stage = Stage::Done;
        self.unproven = true;
        let escalated_to = "the end of the run: the guard removes the whole testbed".to_owned();
        vec![self.record_not_healed(seen, escalated_to)]
    }

    fn record_not_healed(&self, seen: String, escalated_to: String) -> Effect {
        Effect::Record(Event::FaultNotHealed {
            id: self.plan.id.clone(),
            seen,
            escalated_to,
        })
    }
}
