//! Every way out of a run: heal what is hurt, let what is in flight land, save the logs, remove the testbed, close the journal.
use super::{
    hurt::{Hurt, Stage},
    phase::{Phase, Run, Stop, entered},
    port::Effect,
};
use model::{
    fault::Takes,
    guard::{Answer, GuardLost},
    ids::NodeId,
    journal::{End, Event},
    system::{BedNews, NodeLog},
    units::Nanos,
};

impl Run {
    /// A fault that could not be proven or healed ends the run: what follows would not be what was planned.
    pub(super) fn unproven(&mut self, now: Nanos) -> Vec<Effect> {
        let Some(hurt) = self.hurts.iter().find(|hurt| hurt.unproven) else {
            return Vec::new();
        };
        let what = format!("fault `{}` effective and healed", hurt.plan.id);
        if self.stop.is_some()
            || matches!(
                self.phase,
                Phase::Stopping | Phase::Logs | Phase::TakeDown | Phase::Over
            )
        {
            return Vec::new();
        }
        self.abort(now, &what, "not proven")
    }

    pub(super) fn abort(&mut self, now: Nanos, objective: &str, measured: &str) -> Vec<Effect> {
        let mut effects = vec![Effect::Record(Event::AbortTriggered {
            objective: objective.into(),
            measured: measured.into(),
        })];
        effects.extend(self.stop(now, End::Abort, &format!("{objective}: {measured}")));
        effects
    }

    pub(super) fn signal(&mut self, now: Nanos, name: String, count: u32) -> Vec<Effect> {
        let why = format!("signal {name}");
        let mut effects = vec![Effect::Record(Event::SignalReceived {
            signal: name,
            count,
        })];
        effects.extend(self.stop(now, End::Signal, &why));
        effects
    }

    pub(super) fn news(&mut self, now: Nanos, news: BedNews) -> Vec<Effect> {
        match news {
            BedNews::Started {
                node,
                container,
                image,
                address,
            } => {
                self.containers.insert(node.clone(), container.clone());
                vec![Effect::Record(Event::NodeStarted {
                    node,
                    container,
                    image,
                    addresses: vec![address],
                })]
            }
            BedNews::Ready { node, probe } => {
                vec![Effect::Record(Event::NodeReady { node, probe })]
            }
            BedNews::Waiting { .. } => Vec::new(),
            BedNews::Lost { node, exit_code } => self.lost(now, node, exit_code),
        }
    }

    fn lost(&mut self, now: Nanos, node: NodeId, exit_code: Option<i64>) -> Vec<Effect> {
        let container = self.containers.get(&node).cloned().unwrap_or_default();
        let expected = self.hurts.iter().any(|hurt| hurt.explains(&container));
        let code = exit_code.map_or("no exit code".to_owned(), |code| {
            format!("exit code {code}")
        });
        let mut effects = vec![Effect::Record(Event::NodeLost {
            node: node.clone(),
            exit_code,
            expected,
        })];
        // It is undone at the end of its hold all the same: what it changed around the target outlives the target.
        let held = self.hurts.iter_mut().filter(|hurt| {
            let lasts = matches!(hurt.stage, Stage::Injecting | Stage::Holding(_));
            lasts && hurt.fault.takes() != Takes::Life && hurt.explains(&container)
        });
        let why = format!("its container ended ({code})");
        for hurt in held {
            hurt.ended.insert(container.clone());
            let may_end = hurt.fault.may_end();
            if may_end || hurt.hits(&container) {
                effects.push(hurt.gone(node.clone(), why.clone(), may_end));
            }
        }
        if !expected && self.phase != Phase::TakeDown {
            effects.extend(self.stop(
                now,
                End::Error,
                &format!("node `{node}` ended on its own ({code})"),
            ));
        }
        effects
    }

    /// The way out: no new hurt, heal what is, then logs and take-down.
    pub(super) fn stop(&mut self, _now: Nanos, end: End, why: &str) -> Vec<Effect> {
        if self.stop.is_some() || matches!(self.phase, Phase::Logs | Phase::TakeDown | Phase::Over)
        {
            return Vec::new();
        }
        self.stop = Some(Stop {
            end,
            why: why.to_owned(),
        });
        let reason = if end == End::Signal {
            "signal"
        } else {
            "the run is cut short"
        };
        let mut effects = Vec::new();
        for index in 0..self.hurts.len() {
            effects.extend(self.of_hurt(index, |hurt| hurt.stop(reason)));
        }
        effects.extend(match self.phase {
            Phase::Quieting | Phase::Reading => Vec::new(),
            Phase::Testbed if !self.up => {
                self.phase = Phase::Stopping;
                if self.owned {
                    vec![Effect::Abandon]
                } else {
                    Vec::new()
                }
            }
            Phase::New => self.finish(),
            _ => self.after_stop(),
        });
        effects
    }

    pub(super) fn guard_lost(&mut self, now: Nanos, lost: &GuardLost) -> Vec<Effect> {
        let mut effects = vec![Effect::Record(Event::GuardLost {
            pid: lost.pid,
            why: lost.why.clone(),
        })];
        effects.extend(self.stop(now, End::Error, &format!("failed to {lost}")));
        effects
    }

    /// Nothing was started: only the guard may have to go.
    pub(super) fn never_began(&mut self, now: Nanos, why: &str) -> Vec<Effect> {
        let mut effects = self.stop(now, End::Error, why);
        effects.extend(self.take_down());
        effects
    }

    /// Once stopped: the load first, so that nothing new is under way, while faults heal.
    pub(super) fn after_stop(&mut self) -> Vec<Effect> {
        self.phase = Phase::Stopping;
        if std::mem::take(&mut self.load_on) {
            vec![Effect::StopLoad]
        } else {
            self.quiet(Vec::new())
        }
    }

    pub(super) fn quieten(&mut self) -> Vec<Effect> {
        self.phase = Phase::Quieting;
        self.load_on = false;
        vec![entered("cool-down"), Effect::StopLoad]
    }

    pub(super) fn quiet(&mut self, events: Vec<Event>) -> Vec<Effect> {
        let mut effects: Vec<Effect> = events.into_iter().map(Effect::Record).collect();
        match self.phase {
            Phase::Quieting if self.stop.is_none() => {
                self.phase = Phase::Reading;
                effects.push(Effect::ReadBack);
            }
            Phase::Quieting | Phase::Stopping => {
                self.phase = Phase::Stopping;
                self.load_on = false;
                self.up = true;
                effects.extend(self.logs_if_healed());
            }
            _ => {}
        }
        effects
    }

    /// In a stop: goes on to the logs once the load is quiet and nothing is hurt any more.
    pub(super) fn all_healed(&mut self, _now: Nanos) -> Vec<Effect> {
        if self.phase == Phase::Stopping && self.quiet_now() {
            self.logs_if_healed()
        } else {
            Vec::new()
        }
    }

    const fn quiet_now(&self) -> bool {
        self.up && !self.load_on
    }

    fn logs_if_healed(&mut self) -> Vec<Effect> {
        if self.hurts.iter().any(Hurt::is_active) {
            return Vec::new();
        }
        self.phase = Phase::Logs;
        vec![Effect::CaptureLogs]
    }

    pub(super) fn read(&mut self, result: Result<Vec<Event>, String>) -> Vec<Effect> {
        if self.phase != Phase::Reading {
            return Vec::new();
        }
        let stages = result.unwrap_or_else(|why| vec![unread(why)]);
        self.phase = Phase::Stopping;
        let mut effects: Vec<Effect> = stages.into_iter().map(Effect::Record).collect();
        effects.extend(self.logs_if_healed());
        effects
    }

    pub(super) fn logs(&mut self, logs: Vec<(NodeLog, String)>) -> Vec<Effect> {
        if self.phase != Phase::Logs {
            return Vec::new();
        }
        let record = |(log, path): (NodeLog, String)| {
            Effect::Record(Event::LogsCaptured {
                node: log.node,
                path,
                bytes: log.bytes.len() as u64,
            })
        };
        let mut effects: Vec<Effect> = logs.into_iter().map(record).collect();
        effects.extend(self.take_down());
        effects
    }

    pub(super) fn take_down(&mut self) -> Vec<Effect> {
        self.phase = Phase::TakeDown;
        vec![Effect::TakeDown]
    }

    pub(super) fn closed(&mut self, _now: Nanos, answer: Result<Answer, GuardLost>) -> Vec<Effect> {
        let mut effects = Vec::new();
        self.leftovers = match answer {
            Ok(Answer::Closed { leftovers }) => leftovers,
            Ok(other) => vec![format!(
                "unknown: the guard answered out of turn: {other:?}"
            )],
            Err(lost) => {
                effects.push(Effect::Record(Event::GuardLost {
                    pid: lost.pid,
                    why: lost.why.clone(),
                }));
                vec![format!("unknown: failed to {lost}")]
            }
        };
        effects.push(Effect::Record(Event::TestbedRemoved {
            leftovers: self.leftovers.clone(),
        }));
        effects.extend(
            self.leftovers
                .iter()
                .map(|name| Effect::Record(Event::LeftoverFound { name: name.clone() })),
        );
        effects.extend(self.finish());
        effects
    }

    fn finish(&mut self) -> Vec<Effect> {
        self.phase = Phase::Over;
        let (end, why) = self
            .stop
            .take()
            .map_or((End::Finished, None), |stop| (stop.end, Some(stop.why)));
        let closed = Event::RunClosed {
            end,
            leftovers: std::mem::take(&mut self.leftovers),
            why,
        };
        vec![Effect::Record(closed), Effect::Finish]
    }
}

fn unread(why: String) -> Event {
    Event::StageRead {
        stage: "stored".into(),
        path: String::new(),
        complete: false,
        why: Some(why),
        sha256: String::new(),
        read: 0,
        illegible: 0,
    }
}
