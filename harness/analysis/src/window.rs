//! Cuts a run into baseline, fault and recovery, and says what each injection's instants are. Start here.
//!
//! The fault window of a repeat reaches from T0.lo to the next T0.lo or the start of the recovery phase; its effects are watched
//! for until the next T0.lo or the end of the recovery phase, whichever comes first. Injections that act together (of one episode:
//! they overlap, or are staggered parts of one round) do not cut each other's windows.
use crate::{
    input::Folder,
    report::{Bounds, Phase},
};
use model::{
    fault::Kind,
    journal::{Event, Line},
    units::Nanos,
};

/// What happened to one planned injection.
#[derive(Clone, Debug, PartialEq)]
pub struct Injection {
    /// Index into the plan's faults.
    pub index: usize,
    /// Id with its repeat number.
    pub id: String,
    /// Id in the scenario.
    pub group: String,
    /// Number that injections which act together share.
    pub episode: Option<u32>,
    /// Whom it hit, as found at injection; as planned where it did not come to that.
    pub targets: Vec<String>,
    /// What was done where undoing alone was not proven to heal.
    pub escalated: Option<String>,
    /// Targets that went away by themselves while it lasted.
    pub vanished: Vec<String>,
    /// Whether it lasts until healed.
    pub held: bool,
    /// When the plan called for it.
    pub requested: Option<Nanos>,
    /// T0, where it was proved.
    pub t0: Option<Bounds>,
    /// When the heal began.
    pub heal_requested: Option<Nanos>,
    /// TH, where it was proved.
    pub healed: Option<Bounds>,
    /// Fault window, where it was effective.
    pub window: Option<Bounds>,
    /// E: the end of watching, where it was effective.
    pub watched_until: Nanos,
    /// Journal lines about it: effective or not, healed or not.
    pub lines: (Option<u64>, Option<u64>),
    /// What was seen in their place, where they failed.
    pub seen: (Option<String>, Option<String>),
    /// Mechanisms, in order of use.
    pub backends: Vec<String>,
    escalating: Option<String>,
    pick: usize,
}

/// The run, cut up.
#[derive(Clone, Debug, PartialEq)]
pub struct Windows {
    /// In order, the last ends with the run.
    pub phases: Vec<Phase>,
    /// In order of the plan.
    pub injections: Vec<Injection>,
}

/// Names of the windows that measures are given for.
pub const NAMES: [&str; 4] = ["baseline", "fault", "recovery", "whole"];

impl Windows {
    /// Of a decoded folder.
    pub fn of(folder: &Folder) -> Self {
        let mut windows = Self {
            phases: phases(folder),
            injections: injections(folder),
        };
        let recovery = windows.phase("recovery");
        let (faults_end, end) = match recovery {
            Some(recovery) => (Nanos(recovery.lo), Nanos(recovery.hi)),
            // Cut short during the faults: what was seen until then still counts.
            None => windows
                .phase("faults")
                .map_or((folder.end(), folder.end()), |faults| {
                    (Nanos(faults.hi), Nanos(faults.hi))
                }),
        };
        let starts: Vec<(u64, Option<u32>)> = windows
            .injections
            .iter()
            .filter_map(|injection| Some((injection.t0?.lo, injection.episode)))
            .collect();
        for injection in &mut windows.injections {
            let Some(t0) = injection.t0 else { continue };
            // Injections that act together are watched together: none cuts the other's window.
            let apart = |episode: Option<u32>| episode.is_none() || episode != injection.episode;
            let next = starts
                .iter()
                .filter(|(start, episode)| *start > t0.lo && apart(*episode))
                .map(|(start, _)| *start)
                .min();
            let until = |limit: Nanos| next.map_or(limit.0, |next| next.min(limit.0)).max(t0.lo);
            injection.window = Some(Bounds {
                lo: t0.lo,
                hi: until(faults_end),
            });
            injection.watched_until = Nanos(until(end));
        }
        windows
    }

    /// Begin and end of a phase.
    pub fn phase(&self, name: &str) -> Option<Bounds> {
        self.phases
            .iter()
            .find(|phase| phase.name == name)
            .map(|phase| Bounds {
                lo: phase.from_ns,
                hi: phase.to_ns,
            })
    }

    /// The stretches of a window of [`NAMES`]; empty where the run did not get there.
    pub fn stretches(&self, name: &str) -> Vec<Bounds> {
        match name {
            "fault" => joined(
                self.injections
                    .iter()
                    .filter_map(|injection| injection.window)
                    .filter(|window| window.hi > window.lo)
                    .collect(),
            ),
            "whole" => self.whole().into_iter().collect(),
            phase => self.phase(phase).into_iter().collect(),
        }
    }

    /// From the start of the baseline to the end of the recovery (or of what there is): warm-up and cool-down are kept, not judged.
    pub fn whole(&self) -> Option<Bounds> {
        let judged = |name: &str| self.phase(name);
        let first = if crate::mutant("L5") {
            judged("warm-up")
        } else {
            judged("baseline")
        }?;
        let last = ["recovery", "faults", "baseline"]
            .iter()
            .find_map(|name| judged(name))?;
        Some(Bounds {
            lo: first.lo,
            hi: last.hi,
        })
    }
}

/// In order of time, with those that overlap made one: a sample counts once.
fn joined(mut stretches: Vec<Bounds>) -> Vec<Bounds> {
    stretches.sort_by_key(|stretch| (stretch.lo, stretch.hi));
    let mut whole: Vec<Bounds> = Vec::new();
    for stretch in stretches {
        match whole.last_mut() {
            Some(last) if stretch.lo < last.hi => last.hi = last.hi.max(stretch.hi),
            _ => whole.push(stretch),
        }
    }
    whole
}

/// Whether an instant lies in any of these stretches (begin in, end out).
pub fn within(stretches: &[Bounds], at: Nanos) -> bool {
    stretches
        .iter()
        .any(|stretch| stretch.lo <= at.0 && at.0 < stretch.hi)
}

fn phases(folder: &Folder) -> Vec<Phase> {
    let mut phases: Vec<Phase> = Vec::new();
    for (line, event) in folder.facts() {
        if let Event::PhaseEntered { phase } = event {
            if let Some(last) = phases.last_mut() {
                last.to_ns = line.t.0;
            }
            phases.push(Phase {
                name: phase.clone(),
                from_ns: line.t.0,
                to_ns: line.t.0,
            });
        }
    }
    // A run that stops early enters no further phase: its last one ends where the stop began, not with the last line of the clean-up.
    if let Some(last) = phases.last_mut() {
        last.to_ns = stopped(folder)
            .unwrap_or_else(|| folder.end())
            .0
            .max(last.from_ns);
    }
    phases
}

/// When the run was first told to end early.
fn stopped(folder: &Folder) -> Option<Nanos> {
    let stops = |event: &Event| {
        matches!(
            event,
            Event::SignalReceived { .. }
                | Event::AbortTriggered { .. }
                | Event::GuardLost { .. }
                | Event::RunClosed { .. }
        )
    };
    folder
        .facts()
        .find(|(_, event)| stops(event))
        .map(|(line, _)| line.t)
}

fn injections(folder: &Folder) -> Vec<Injection> {
    let mut all: Vec<Injection> = folder
        .plan
        .faults
        .iter()
        .enumerate()
        .map(|(index, planned)| blank(index, planned))
        .collect();
    for (line, event) in folder.facts() {
        if let Some(id) = about(event)
            && let Some(injection) = all.iter_mut().find(|injection| injection.id == id)
        {
            injection.take(line, event);
        }
    }
    all
}

fn blank(index: usize, planned: &model::plan::PlannedFault) -> Injection {
    Injection {
        index,
        id: planned.id.0.clone(),
        group: planned.group.clone(),
        episode: planned.episode,
        targets: planned.targets.iter().map(ToString::to_string).collect(),
        escalated: None,
        vanished: Vec::new(),
        held: planned.kind == Kind::Held || planned.hold_ns.is_some(),
        requested: None,
        t0: None,
        heal_requested: None,
        healed: None,
        window: None,
        watched_until: Nanos(0),
        lines: (None, None),
        seen: (None, None),
        backends: Vec::new(),
        escalating: None,
        pick: planned
            .ask
            .as_ref()
            .and_then(|ask| ask.pick)
            .map_or(usize::MAX, |pick| pick as usize),
    }
}

fn about(event: &Event) -> Option<&str> {
    match event {
        Event::FaultRequested { id, .. }
        | Event::ActDone { id, .. }
        | Event::FaultEffective { id, .. }
        | Event::FaultNotEffective { id, .. }
        | Event::HealRequested { id, .. }
        | Event::FaultHealed { id, .. }
        | Event::FaultNotHealed { id, .. }
        | Event::TargetsResolved { id, .. }
        | Event::TargetVanished { id, .. } => Some(id.as_str()),
        _ => None,
    }
}

impl Injection {
    fn take(&mut self, line: &Line, event: &Event) {
        match event {
            Event::FaultRequested { .. } => self.requested = Some(line.t),
            Event::ActDone { backend, .. } if !self.backends.contains(backend) => {
                self.backends.push(backend.clone())
            }
            Event::FaultEffective {
                began_ns,
                proved_ns,
                ..
            } => {
                let began = if crate::mutant("R6") {
                    self.requested.unwrap_or(*began_ns)
                } else {
                    *began_ns
                };
                let proved = if crate::mutant("R6") {
                    began
                } else {
                    *proved_ns
                };
                self.t0 = Some(Bounds::new(began, proved));
                self.lines.0 = Some(line.n);
            }
            Event::FaultNotEffective { seen, .. } => {
                self.seen.0 = Some(seen.clone());
                self.lines.0 = Some(line.n);
            }
            Event::TargetVanished { target, why, .. } if self.t0.is_none() => {
                self.seen.0 = Some(format!("target `{target}` vanished: {why}"));
                self.lines.0 = Some(line.n);
            }
            Event::TargetVanished { target, .. } => self.vanished.push(target.to_string()),
            Event::TargetsResolved { answers, .. } if self.targets.is_empty() => {
                // The first question is about the targets.
                let nodes = answers.first().into_iter().flat_map(|one| &one.nodes);
                self.targets = nodes.take(self.pick).map(ToString::to_string).collect();
            }
            Event::HealRequested { .. } => self.heal_requested = Some(line.t),
            Event::FaultHealed {
                began_ns,
                proved_ns,
                ..
            } => {
                self.healed = Some(Bounds::new(*began_ns, *proved_ns));
                self.lines.1 = Some(line.n);
                self.escalated = self.escalating.take();
            }
            Event::FaultNotHealed {
                seen, escalated_to, ..
            } => {
                self.seen.1 = Some(format!("{seen}; then {escalated_to}"));
                self.escalating = Some(escalated_to.clone());
                self.lines.1 = Some(line.n);
            }
            _ => {}
        }
    }
}
