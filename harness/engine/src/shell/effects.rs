//! What each effect does. An effect in flight is awaited, never dropped; a panic in one becomes its own failed answer.
use super::{InFlight, Log, Order, Ports, pace, saving, targets};
use crate::{
    run::{Effect, Input, Missing, steady},
    samples::Recorder,
};
use futures_util::FutureExt as _;
use model::{
    check::{Check, NodeState},
    drive::Drive,
    fault::Step,
    guard::{Answer, GuardLost, Request},
    ids::NodeId,
    system::{Bed, BedNews, BedOrder},
    units::Nanos,
};
use std::{future::Future, panic::AssertUnwindSafe, sync::Arc, time::Duration};
use tokio::sync::{Notify, mpsc, watch};

/// The hands of the run: what it started and has not seen end.
pub(super) struct Hands {
    pub(super) order: Arc<Order>,
    pub(super) recorder: Arc<Recorder>,
    pub(super) in_flight: InFlight,
    pub(super) told: bool,
    pub(super) ports: Ports,
    tell: mpsc::UnboundedSender<BedNews>,
    abandon: Arc<Notify>,
    quiet: watch::Sender<bool>,
    pacing: Option<tokio::task::JoinSet<()>>,
}

/// Pause between two questions to a system.
const ASK_AGAIN: Duration = Duration::from_millis(50);
/// Longest answer of a system while a heal is looked for.
const ANSWER: Duration = Duration::from_secs(5);

impl Hands {
    pub(super) fn new(
        order: Order,
        ports: Ports,
        recorder: Arc<Recorder>,
        tell: mpsc::UnboundedSender<BedNews>,
    ) -> Self {
        Self {
            order: Arc::new(order),
            recorder,
            in_flight: InFlight::new(),
            told: false,
            ports,
            tell,
            abandon: Arc::new(Notify::new()),
            quiet: watch::Sender::new(false),
            pacing: None,
        }
    }

    pub(super) fn start(&mut self, effect: Effect, log: &mut Log<'_>) {
        match effect {
            Effect::Record(_) | Effect::Finish => {}
            Effect::Own => self.own(),
            Effect::Provide => self.provide(),
            Effect::BringUp { drives } => self.bring_up(drives),
            Effect::Abandon => self.abandon.notify_one(),
            Effect::StartLoad => self.start_load(log),
            Effect::JudgeSteady { windows } => self.judge(&windows),
            Effect::Resolve { index } => self.resolve(index),
            Effect::Inject { index, step } => self.inject(index, step),
            Effect::Heal { index, healed } => self.heal(index, healed),
            Effect::Escalate {
                index,
                containers,
                nodes,
                until,
            } => self.escalate(index, containers, nodes, until),
            Effect::Look {
                index,
                nodes,
                until,
            } => self.look(index, nodes, until),
            Effect::StopLoad => self.stop_load(),
            Effect::ReadBack => self.read_back(),
            Effect::CaptureLogs => self.capture_logs(),
            Effect::TakeDown => self.take_down(),
        }
    }

    /// Starts a task that ends in one input; `failed` is that input where it panics.
    fn spawn(
        &mut self,
        failed: impl FnOnce(String) -> Input + Send + 'static,
        work: impl Future<Output = Input> + Send + 'static,
    ) {
        self.in_flight.spawn(async move {
            AssertUnwindSafe(work)
                .catch_unwind()
                .await
                .unwrap_or_else(|panic| failed(words(&*panic)))
        });
    }

    fn own(&mut self) {
        let (guard, order) = (self.ports.guard.clone(), self.order.clone());
        self.spawn(
            |why| Input::Owned(Err(GuardLost { pid: 0, why })),
            async move {
                Input::Owned(
                    guard
                        .ask(Request::Own {
                            run: order.bed.run.clone(),
                            deadline: order.deadline,
                        })
                        .await,
                )
            },
        );
    }

    fn provide(&mut self) {
        let (guard, order) = (self.ports.guard.clone(), self.order.clone());
        self.spawn(
            |why| Input::Provided(Err(GuardLost { pid: 0, why })),
            async move {
                let request = Request::Provide {
                    drives: order.plan.drives.clone(),
                    deadline: order.deadline,
                };
                Input::Provided(guard.ask(request).await)
            },
        );
    }

    fn bring_up(&mut self, drives: Vec<Drive>) {
        let (bed, order, tell, abandon) = (
            self.ports.bed.clone(),
            self.order.clone(),
            self.tell.clone(),
            self.abandon.clone(),
        );
        self.spawn(|why| Input::Up(Err(why)), async move {
            let heard = tell.clone();
            let bed_order = BedOrder {
                drives,
                ..order.bed.clone()
            };
            let say = move |news| drop(heard.send(news));
            let up = tokio::select! {
                up = bed.up(&bed_order, &say) => up.map_err(|error| error.to_string()),
                () = abandon.notified() => Err("bring the testbed up: it was called off".to_owned()),
            };
            Input::Up(up)
        });
    }

    fn start_load(&mut self, log: &mut Log<'_>) {
        for event in self.recorder.opened() {
            log.record(&event);
        }
        let mut pacing = tokio::task::JoinSet::new();
        let start = self.order.clock.now();
        for probe in self.order.plan.probes.clone() {
            pacing.spawn(pace::probe(self.pacer(), probe, start));
        }
        pacing.spawn(pace::load(self.pacer(), start));
        let (bed, tell, mut quiet) = (
            self.ports.bed.clone(),
            self.tell.clone(),
            self.quiet.subscribe(),
        );
        pacing.spawn(async move {
            loop {
                tokio::select! {
                    news = bed.watch() => drop(tell.send(news)),
                    _ = quiet.wait_for(|quiet| *quiet) => return,
                }
            }
        });
        self.pacing = Some(pacing);
        let bed = self.ports.bed.clone();
        self.spawn(Input::Trouble, async move {
            Input::Versions(bed.versions().await)
        });
    }

    fn pacer(&self) -> pace::Pacer {
        pace::Pacer {
            order: self.order.clone(),
            bed: self.ports.bed.clone(),
            recorder: self.recorder.clone(),
            quiet: self.quiet.subscribe(),
        }
    }

    fn judge(&mut self, windows: &[(Nanos, Nanos)]) {
        let checks = steady::judge(&self.order.plan, &self.recorder.recent(), windows);
        self.spawn(Input::Trouble, std::future::ready(Input::Steady(checks)));
    }

    fn resolve(&mut self, index: usize) {
        let (bed, order) = (self.ports.bed.clone(), self.order.clone());
        let nowhere = NodeId::from("");
        self.spawn(
            move |why| Input::Resolved {
                index,
                answers: Vec::new(),
                targets: Err(Missing::Node(nowhere, why)),
            },
            async move {
                let (answers, targets) =
                    targets::resolve(&*bed, order.plan.seed, &order.plan.faults[index]).await;
                Input::Resolved {
                    index,
                    answers,
                    targets,
                }
            },
        );
    }

    fn inject(&mut self, index: usize, step: Box<Step>) {
        let planned = &self.order.plan.faults[index];
        let deadline = self.order.clock.now().plus(planned.deadline_ns);
        let request = Request::Inject {
            fault: planned.id.clone(),
            step,
            deadline,
            prove: planned.prove_ns,
        };
        let guard = self.ports.guard.clone();
        self.spawn(
            move |why| Input::Injected {
                index,
                answer: Err(GuardLost { pid: 0, why }),
            },
            async move {
                Input::Injected {
                    index,
                    answer: guard.ask(request).await,
                }
            },
        );
    }

    fn heal(&mut self, index: usize, healed: Vec<Check>) {
        let planned = &self.order.plan.faults[index];
        let request = Request::Heal {
            fault: planned.id.clone(),
            healed,
            prove: planned.heal_within_ns,
        };
        let guard = self.ports.guard.clone();
        self.spawn(
            move |why| Input::Healed {
                index,
                answer: Err(GuardLost { pid: 0, why }),
            },
            async move {
                Input::Healed {
                    index,
                    answer: guard.ask(request).await,
                }
            },
        );
    }

    fn escalate(
        &mut self,
        index: usize,
        containers: Vec<String>,
        nodes: (Vec<NodeId>, Vec<NodeId>),
        until: Nanos,
    ) {
        let (bed, guard) = (self.ports.bed.clone(), self.ports.guard.clone());
        let (order, clock) = (self.order.clone(), self.order.clock);
        let failed = move |why| Input::Escalated {
            index,
            targets: Err(why),
        };
        self.spawn(failed, async move {
            let fault = order.plan.faults[index].id.clone();
            let seed = targets::seed(order.plan.seed, &fault);
            let targets = match guard.ask(Request::Restart { fault, containers }).await {
                Ok(Answer::Restarted) => {
                    targets::until_there(&*bed, &nodes, seed, (clock, until)).await
                }
                Ok(Answer::Refused { why }) => Err(format!("failed to {why}")),
                Ok(other) => Err(format!("the guard answered out of turn: {other:?}")),
                Err(lost) => Err(format!("failed to {lost}")),
            };
            Input::Escalated { index, targets }
        });
    }

    fn look(&mut self, index: usize, nodes: Vec<(NodeId, NodeState)>, until: Nanos) {
        let (bed, clock) = (self.ports.bed.clone(), self.order.clock);
        let failed = move |evidence| Input::Looked {
            index,
            held: false,
            evidence,
            began: until,
            proved: until,
        };
        self.spawn(failed, async move {
            let mut last_short = Nanos(0);
            loop {
                let asked = clock.now();
                let (held, evidence) = look_at_all(&*bed, &nodes).await;
                let proved = clock.now();
                if held || proved >= until {
                    return Input::Looked {
                        index,
                        held,
                        evidence,
                        began: last_short,
                        proved,
                    };
                }
                last_short = asked;
                tokio::time::sleep(ASK_AGAIN).await;
            }
        });
    }

    fn stop_load(&mut self) {
        let (order, recorder) = (self.order.clone(), self.recorder.clone());
        let pacing = self.pacing.take();
        self.quiet.send_replace(true);
        self.spawn(|_| Input::Quiet(Vec::new()), async move {
            if let Some(mut pacing) = pacing {
                while pacing.join_next().await.is_some() {}
            }
            let mut events = recorder.close(order.wall_epoch_s);
            events.extend(saving::own_cost());
            Input::Quiet(events)
        });
    }

    fn read_back(&mut self) {
        let (bed, order) = (self.ports.bed.clone(), self.order.clone());
        let sent = self.recorder.count(crate::samples::LOAD);
        self.spawn(|why| Input::Read(Err(why)), async move {
            let limit = order.plan.phases.cool_down_ns;
            let read =
                tokio::time::timeout(limit.as_duration() + ANSWER, bed.read_back(sent, limit))
                    .await;
            let read = match read {
                Ok(read) => read.map_err(|error| format!("failed to {error}")),
                Err(_) => Err(format!(
                    "the output was not read back within {}",
                    model::units::show(limit)
                )),
            };
            Input::Read(read.and_then(|stages| saving::stages(&order.folder, &stages)))
        });
    }

    fn capture_logs(&mut self) {
        let (bed, folder) = (self.ports.bed.clone(), self.order.folder.clone());
        self.spawn(|_| Input::Logs(Vec::new()), async move {
            let logs = tokio::time::timeout(LOGS, bed.logs())
                .await
                .unwrap_or_default();
            Input::Logs(saving::logs(&folder, logs))
        });
    }

    fn take_down(&mut self) {
        self.abandon.notify_one();
        self.quiet.send_replace(true);
        let guard = self.ports.guard.clone();
        self.spawn(
            |why| Input::Closed(Err(GuardLost { pid: 0, why })),
            async move { Input::Closed(guard.ask(Request::Close).await) },
        );
    }
}

/// Longest time to fetch the logs of all nodes.
const LOGS: Duration = Duration::from_secs(20);

fn words(panic: &(dyn std::any::Any + Send)) -> String {
    let text = panic
        .downcast_ref::<&str>()
        .map(ToString::to_string)
        .or_else(|| panic.downcast_ref::<String>().cloned());
    format!("a part of the harness broke: {}", text.unwrap_or_default())
}

async fn look_at_all(bed: &dyn Bed, nodes: &[(NodeId, NodeState)]) -> (bool, String) {
    let mut evidence = Vec::new();
    let mut held = true;
    for (node, is) in nodes {
        let seen = tokio::time::timeout(ANSWER, bed.look(node, *is)).await;
        let (holds, text) = match seen {
            Ok(Ok(seen)) => (seen.held, seen.evidence),
            Ok(Err(error)) => (false, format!("failed to {error}")),
            Err(_) => (
                false,
                format!("`{node}` did not answer within {} s", ANSWER.as_secs()),
            ),
        };
        held &= holds;
        if !evidence.contains(&text) {
            evidence.push(text);
        }
    }
    (held, evidence.join("; "))
}
