//! What holds between faults: whether one may begin, how many nodes of a role are hurt at once, in which order they are undone.
//!
//! The plan was held to the same rules. Here they are looked at again, with the nodes that were really found.
use super::{
    hurt::{Hurt, Stage},
    phase::{Phase, Run},
    port::{Effect, Missing},
};
use model::{
    facts::{Facts, Targets, Unit},
    ids::{FaultId, NodeId},
    journal::event::BLAST_RADIUS,
    question::Answered,
    units::Nanos,
};
use std::collections::BTreeSet;

impl Run {
    /// Injections whose time has come, and heals whose hold is over.
    pub(super) fn hurts_due(&mut self, now: Nanos) -> Vec<Effect> {
        let mut effects = Vec::new();
        for index in 0..self.hurts.len() {
            let hurt = &self.hurts[index];
            match (&hurt.stage, self.phase) {
                (Stage::Holding(until), _) if now >= *until => {
                    effects.extend(self.of_hurt(index, |hurt| hurt.heal("hold over")));
                }
                (Stage::Waiting, Phase::Faults(since, until))
                    if self.may_begin(index, since, now) =>
                {
                    // What began late, since it came after another, is held and watched as long as planned.
                    let end = now.plus(hurt.plan.hold_ns.unwrap_or_default());
                    let watched = end.plus(self.plan.phases.settle_ns);
                    self.phase = Phase::Faults(since, until.max(watched));
                    effects.extend(self.of_hurt(index, Hurt::request));
                }
                _ => {}
            }
        }
        effects
    }

    fn may_begin(&self, index: usize, since: Nanos, now: Nanos) -> bool {
        let plan = &self.hurts[index].plan;
        let over = |id: &FaultId| {
            let before = self.hurts.iter().find(|hurt| hurt.plan.id == *id);
            before.is_none_or(|hurt| hurt.stage == Stage::Done)
        };
        now >= since.plus(plan.at_ns) && plan.after.iter().all(over)
    }

    /// The targets of a fault are known.
    pub(super) fn resolved(
        &mut self,
        now: Nanos,
        index: usize,
        answers: Vec<Answered>,
        targets: Result<Targets, Missing>,
    ) -> Vec<Effect> {
        let (forbidden, radius) = match &targets {
            Ok(targets) => (
                self.forbidden(index, targets),
                self.overstepped(index, targets),
            ),
            Err(_) => (None, None),
        };
        self.order += 1;
        let order = self.order;
        let why = radius.clone().or(forbidden);
        let mut effects = self.of_hurt(index, |hurt| {
            hurt.order = order;
            hurt.resolved(answers, targets, why)
        });
        if let Some(why) = radius.filter(|_| self.stop.is_none()) {
            effects.extend(self.abort(now, BLAST_RADIUS, &why));
        }
        effects
    }

    /// Why the blast radius would be overstepped, with all that is hurt now.
    fn overstepped(&self, index: usize, targets: &Targets) -> Option<String> {
        let hurt_now = self
            .hurts
            .iter()
            .filter(|hurt| hurt.index != index && hurt.is_active())
            .flat_map(|hurt| &hurt.targets.hurt);
        let all: Vec<&Facts> = hurt_now.chain(&targets.hurt).collect();
        self.plan.at_most.iter().find_map(|(role, most)| {
            let of_role = all.iter().filter(|facts| facts.role.0 == *role);
            let nodes: BTreeSet<&NodeId> = of_role.map(|facts| &facts.node).collect();
            let names: Vec<&str> = nodes.iter().map(|node| node.as_str()).collect();
            (nodes.len() > *most as usize).then(|| {
                format!(
                    "it would hurt {} of role `{role}` at once ({}), at most {most} may be",
                    nodes.len(),
                    names.join(", ")
                )
            })
        })
    }

    /// Why these targets may not be hit by this fault now: of the wrong kind, or in the hands of one that it contradicts.
    fn forbidden(&self, index: usize, targets: &Targets) -> Option<String> {
        let fault = self.hurts[index].fault;
        let other = targets
            .hurt
            .iter()
            .find(|facts| fault.unit().is_some_and(|unit| unit != facts.unit));
        if let Some(facts) = other {
            return Some(format!("`{}` is not what this fault acts on", facts.node));
        }
        let contradicts = |hurt: &&Hurt| {
            hurt.index != index
                && hurt.is_active()
                && hurt.fault.takes().contradicts(fault.takes())
                && targets
                    .hurt
                    .iter()
                    .any(|facts| hurt.targets.hurt.iter().any(|one| one_process(one, facts)))
        };
        // A one-shot that waits for its target to be whole again is over as far as contradictions go.
        let held = |hurt: &&Hurt| matches!(hurt.stage, Stage::Injecting | Stage::Holding(_));
        let beside = self.hurts.iter().filter(contradicts).find(held)?;
        Some(format!(
            "fault `{}` holds the same target, and one ends the process that the other needs",
            beside.plan.id
        ))
    }

    /// Undoes what is due, the newest first where several hit one target.
    pub(super) fn release(&mut self) -> Vec<Effect> {
        let due = |hurt: &&Hurt| matches!(hurt.stage, Stage::Due(_));
        let mut newest_first: Vec<(u64, usize)> = self
            .hurts
            .iter()
            .filter(due)
            .map(|hurt| (hurt.order, hurt.index))
            .collect();
        newest_first.sort_unstable_by(|a, b| b.cmp(a));
        let mut effects = Vec::new();
        for (_, index) in newest_first {
            if !self.waits_for_newer(index) {
                effects.extend(self.of_hurt(index, Hurt::undo));
            }
        }
        effects
    }

    fn waits_for_newer(&self, index: usize) -> bool {
        let own = &self.hurts[index];
        let newer = |hurt: &&Hurt| {
            hurt.order > own.order
                && matches!(
                    hurt.stage,
                    Stage::Due(_) | Stage::Healing | Stage::Escalating
                )
        };
        let same = |hurt: &Hurt| {
            own.targets
                .hurt
                .iter()
                .any(|facts| hurt.hits(&facts.container))
        };
        self.hurts.iter().filter(newer).any(same)
    }
}

/// Whether what ends one of these ends the other: the same node, or a container and what lives in it.
fn one_process(a: &Facts, b: &Facts) -> bool {
    let whole = a.unit == Unit::Container || b.unit == Unit::Container;
    a.node == b.node || (a.container == b.container && whole)
}
