//! The order of phases, and every way out of them.
use super::{
    hurt::{Hurt, Stage},
    port::{Effect, Input},
};
use model::{
    fault::{AnyFault, Step},
    guard::{Answer, GuardLost, GuardNews},
    ids::NodeId,
    journal::{End, Event, event::SteadyCheck},
    plan::{Plan, PlannedFault},
    units::Nanos,
};
use std::collections::BTreeMap;

/// Where the run is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// Not begun.
    New,
    /// Containers come up.
    Testbed,
    /// Load on, not judged, until then.
    WarmUp(Nanos),
    /// Nothing hurt, until then.
    Baseline(Nanos),
    /// The steady state is measured.
    Judging,
    /// Faults; since when, until when.
    Faults(Nanos, Nanos),
    /// Watching on, until then.
    Recovery(Nanos),
    /// Load and probes stop.
    Quieting,
    /// The output is read back.
    Reading,
    /// A stop was asked for: what is hurt is healed first.
    Stopping,
    /// Output of the nodes is saved.
    Logs,
    /// The testbed is removed.
    TakeDown,
    /// Over.
    Over,
}

/// Why the run ends before its time.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Stop {
    pub(super) end: End,
    pub(super) why: String,
}

/// The machine.
pub struct Run {
    pub(super) plan: Plan,
    pub(super) phase: Phase,
    pub(super) hurts: Vec<Hurt>,
    in_flight: BTreeMap<usize, Step>,
    pub(super) containers: BTreeMap<NodeId, String>,
    pub(super) load_on: bool,
    pub(super) up: bool,
    pub(super) owned: bool,
    pub(super) stop: Option<Stop>,
    pub(super) leftovers: Vec<String>,
    pub(super) order: u64,
}

impl Run {
    /// A run of this plan. `find` gives the fault of a name; a plan only holds names that were found before.
    ///
    /// # Errors
    /// The name that no catalog entry has.
    pub fn new(
        plan: Plan,
        find: impl Fn(&str) -> Option<&'static dyn AnyFault>,
    ) -> Result<Self, String> {
        let hurt = |(index, planned): (usize, &PlannedFault)| {
            let fault =
                find(&planned.fault).ok_or_else(|| format!("find a fault `{}`", planned.fault))?;
            Ok::<_, String>(Hurt::new(index, planned.clone(), fault))
        };
        let hurts = plan
            .faults
            .iter()
            .enumerate()
            .map(hurt)
            .collect::<Result<_, _>>()?;
        Ok(Self {
            plan,
            phase: Phase::New,
            hurts,
            in_flight: BTreeMap::new(),
            containers: BTreeMap::new(),
            load_on: false,
            up: false,
            owned: false,
            stop: None,
            leftovers: Vec::new(),
            order: 0,
        })
    }

    /// Whether the last line is written.
    pub fn is_over(&self) -> bool {
        self.phase == Phase::Over
    }

    /// Where it is.
    pub const fn phase(&self) -> Phase {
        self.phase
    }

    /// The next instant after `now` at which a tick changes something; none while it waits for an answer.
    pub fn due(&self, now: Nanos) -> Option<Nanos> {
        let of_phase = match self.phase {
            Phase::WarmUp(until)
            | Phase::Baseline(until)
            | Phase::Faults(_, until)
            | Phase::Recovery(until) => Some(until),
            _ => None,
        };
        let of_hurt = |hurt: &Hurt| match (&hurt.stage, self.phase) {
            (Stage::Holding(until), _) => Some(*until),
            (Stage::Waiting, Phase::Faults(since, _)) => Some(since.plus(hurt.plan.at_ns)),
            _ => None,
        };
        self.hurts
            .iter()
            .filter_map(of_hurt)
            .chain(of_phase)
            .filter(|at| *at > now)
            .min()
    }

    /// What to do next, given what just happened.
    pub fn step(&mut self, now: Nanos, input: Input) -> Vec<Effect> {
        if self.is_over() {
            return Vec::new();
        }
        let mut effects = match input {
            Input::Start => self.start(),
            Input::Tick => Vec::new(),
            Input::Signal { name, count } => self.signal(now, name, count),
            Input::News(news) => self.news(now, news),
            Input::Owned(answer) => self.owned(now, answer),
            Input::Provided(answer) => self.provided(now, answer),
            Input::Up(result) => self.came_up(now, result),
            Input::Versions(versions) => vec![Effect::Record(Event::VersionsRead { versions })],
            Input::Steady(checks) => self.judged(now, checks),
            Input::Resolved {
                index,
                answers,
                targets,
            } => self.resolved(now, index, answers, targets),
            Input::Escalated { index, targets } => {
                self.of_hurt(index, |hurt| hurt.escalated(targets))
            }
            Input::Guard(news) => news.into_iter().map(unasked).collect(),
            Input::Injected { index, answer } => self.injected(now, index, answer),
            Input::Healed { index, answer } => self.of_hurt(index, |hurt| hurt.healed(now, answer)),
            Input::Looked {
                index,
                held,
                evidence,
                began,
                proved,
            } => self.of_hurt(index, |hurt| {
                hurt.looked(now, held, &evidence, began, proved)
            }),
            Input::Quiet(events) => self.quiet(events),
            Input::Read(result) => self.read(result),
            Input::Logs(logs) => self.logs(logs),
            Input::Closed(answer) => self.closed(now, answer),
            Input::Trouble(why) => self.stop(now, End::Error, &why),
        };
        effects.extend(self.unproven(now));
        effects.extend(self.advance(now));
        effects.extend(self.release());
        effects.extend(self.all_healed(now));
        effects
    }

    pub(super) fn of_hurt(
        &mut self,
        index: usize,
        tell: impl FnOnce(&mut Hurt) -> Vec<Effect>,
    ) -> Vec<Effect> {
        let effects = self.hurts.get_mut(index).map(tell).unwrap_or_default();
        for effect in &effects {
            if let Effect::Inject { index, step } = effect {
                self.in_flight.insert(*index, (**step).clone());
            }
        }
        effects
    }

    fn start(&mut self) -> Vec<Effect> {
        self.phase = Phase::Testbed;
        vec![entered("testbed"), Effect::Own]
    }

    fn owned(&mut self, now: Nanos, answer: Result<Answer, GuardLost>) -> Vec<Effect> {
        match answer {
            Ok(Answer::Owned) if self.stop.is_none() => {
                self.owned = true;
                vec![if self.plan.drives.is_empty() {
                    Effect::BringUp { drives: Vec::new() }
                } else {
                    Effect::Provide
                }]
            }
            Ok(Answer::Owned) => self.take_down(),
            Ok(other) => self.never_began(
                now,
                &format!("failed to put the guard in charge: {other:?}"),
            ),
            Err(lost) => {
                let mut effects = vec![Effect::Record(Event::GuardLost {
                    pid: lost.pid,
                    why: lost.why.clone(),
                })];
                effects.extend(self.never_began(now, &format!("failed to {lost}")));
                effects
            }
        }
    }

    /// Without drives of their own the nodes get volumes, unless a fault needs the drives.
    fn provided(&mut self, now: Nanos, answer: Result<Answer, GuardLost>) -> Vec<Effect> {
        let (drives, why) = match answer {
            Ok(Answer::Provided { drives }) => (drives, None),
            Ok(Answer::Refused { why }) => (Vec::new(), Some(why)),
            Ok(other) => (Vec::new(), Some(format!("hear of drives: {other:?}"))),
            Err(lost) => {
                let mut effects = vec![Effect::Record(Event::GuardLost {
                    pid: lost.pid,
                    why: lost.why.clone(),
                })];
                effects.extend(self.never_began(now, &format!("failed to {lost}")));
                return effects;
            }
        };
        let mut effects = vec![Effect::Record(Event::DrivesMade {
            drives: drives.clone(),
            why: why.clone(),
        })];
        let needed = self.hurts.iter().any(Hurt::needs_drives);
        effects.extend(match why {
            _ if self.stop.is_some() => self.take_down(),
            Some(why) if needed => self.never_began(now, &format!("failed to {why}")),
            _ => vec![Effect::BringUp { drives }],
        });
        effects
    }

    fn came_up(&mut self, now: Nanos, result: Result<(), String>) -> Vec<Effect> {
        self.up = true;
        match result {
            _ if self.stop.is_some() => self.after_stop(),
            Err(why) => self.stop(now, End::Error, &format!("failed to {why}")),
            Ok(()) => {
                self.load_on = true;
                self.phase = Phase::WarmUp(now.plus(self.plan.phases.warm_up_ns));
                vec![Effect::StartLoad, entered("warm-up")]
            }
        }
    }

    /// What time alone brings.
    fn advance(&mut self, now: Nanos) -> Vec<Effect> {
        let mut effects = self.hurts_due(now);
        effects.extend(match self.phase {
            Phase::WarmUp(until) if now >= until => {
                self.phase = Phase::Baseline(now.plus(self.plan.phases.baseline_ns));
                vec![entered("baseline")]
            }
            Phase::Baseline(until) if now >= until => {
                self.phase = Phase::Judging;
                vec![Effect::JudgeSteady {
                    windows: self.windows(now),
                }]
            }
            Phase::Faults(_, until)
                if now >= until && self.hurts.iter().all(|hurt| hurt.stage != Stage::Waiting) =>
            {
                self.phase = Phase::Recovery(now.plus(self.plan.phases.recovery_ns));
                vec![entered("recovery")]
            }
            Phase::Recovery(until) if now >= until && !self.hurts.iter().any(Hurt::is_active) => {
                self.quieten()
            }
            _ => Vec::new(),
        });
        effects
    }

    fn windows(&self, end: Nanos) -> Vec<(Nanos, Nanos)> {
        let (count, length) = (
            u64::from(self.plan.steady.windows),
            self.plan.steady.window_ns.0,
        );
        let start = end.0.saturating_sub(count * length);
        (0..count)
            .map(|k| (Nanos(start + k * length), Nanos(start + (k + 1) * length)))
            .collect()
    }

    fn judged(&mut self, now: Nanos, checks: Vec<SteadyCheck>) -> Vec<Effect> {
        let held = !checks.is_empty() && checks.iter().all(|check| check.held);
        let failing: Vec<String> = checks
            .iter()
            .filter(|check| !check.held)
            .map(|check| format!("{}: {}", check.name, check.measured))
            .collect();
        let mut effects = vec![Effect::Record(Event::SteadyStateChecked {
            when: "before".into(),
            held,
            checks,
        })];
        if self.phase != Phase::Judging {
            return effects;
        }
        if held {
            self.phase = Phase::Faults(now, now.plus(self.plan.phases.faults_ns));
            effects.push(entered("faults"));
            effects.extend(self.hurts_due(now));
        } else {
            effects.extend(self.abort(
                now,
                "steady state before the first fault",
                &failing.join("; "),
            ));
        }
        effects
    }

    fn injected(
        &mut self,
        now: Nanos,
        index: usize,
        answer: Result<Answer, GuardLost>,
    ) -> Vec<Effect> {
        let Some(step) = self.in_flight.remove(&index) else {
            return Vec::new();
        };
        let lost = answer.as_ref().err().cloned();
        let mut effects = self.of_hurt(index, |hurt| hurt.injected(now, &step, answer));
        if let Some(lost) = lost {
            effects.extend(self.guard_lost(now, &lost));
        }
        effects
    }
}

fn unasked(news: GuardNews) -> Effect {
    let GuardNews::WorkerKilled { worker, silent } = news;
    let silent_ns = silent;
    Effect::Record(Event::WorkerKilled { worker, silent_ns })
}

pub(super) fn entered(phase: &str) -> Effect {
    Effect::Record(Event::PhaseEntered {
        phase: phase.to_owned(),
    })
}
