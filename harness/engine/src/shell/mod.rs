//! The thin shell around the pure machine: one dispatcher, effects in flight, load and probes on their schedules.
//!
//! - [`Ports`] what it talks to.   - [`drive`] the loop.   - `effects` what each effect does; `targets` whom a fault hits; `saving` what is written at the end.
//! - `pace` the open-loop schedules.
mod effects;
mod pace;
mod saving;
mod targets;

use crate::{
    clock::Clock,
    folder::RunFolder,
    journal::Writer,
    run::{Effect, Input, Run},
    samples::Recorder,
};
use effects::Hands;
use model::{
    fault::AnyFault,
    guard::GuardPort,
    journal::Event,
    plan::Plan,
    system::{Bed, BedNews, BedOrder},
    units::Nanos,
};
use std::{io, sync::Arc, time::Duration};
use tokio::{sync::mpsc, task::JoinSet};

/// What a run talks to.
#[derive(Clone)]
pub struct Ports {
    /// The testbed.
    pub bed: Arc<dyn Bed>,
    /// The guard.
    pub guard: Arc<dyn GuardPort>,
    /// The faults that a plan may name.
    pub faults: &'static [&'static dyn AnyFault],
}

/// Who watches the run live: the terminal.
pub trait Observer: Send + Sync {
    /// A fact was recorded.
    fn fact(&self, t: Nanos, event: &Event);
    /// The testbed waits for something.
    fn waiting(&self, t: Nanos, what: &str);
}

/// Everything a run is given.
pub struct Order {
    /// What to do.
    pub plan: Plan,
    /// Where to write.
    pub folder: RunFolder,
    /// What the testbed must know.
    pub bed: BedOrder,
    /// The run's clock.
    pub clock: Clock,
    /// Line 0 of the journal.
    pub opened: Event,
    /// Wall clock at the epoch, s since 1970.
    pub wall_epoch_s: f64,
    /// Longest that the whole run may take before the guard ends it.
    pub deadline: Nanos,
}

/// How the run went, as far as the harness goes; verdicts are analysis'.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    /// Signals received.
    pub signals: u32,
    /// A third signal: left at once, the guard finishes.
    pub abandoned: bool,
    /// Why something could not be written, if so.
    pub unwritten: Option<String>,
}

/// Signals before the shell leaves at once.
const LAST_SIGNAL: u32 = 3;
/// Longest sleep of the dispatcher: how late trouble in the background is noticed.
const TICK: Duration = Duration::from_millis(250);

/// Runs a plan to its end. `signals` brings the name of each signal.
///
/// # Errors
/// What the file system says while the folder is opened; later trouble ends the run in order and is told in the outcome.
pub async fn drive(
    order: Order,
    ports: Ports,
    signals: &mut mpsc::Receiver<&'static str>,
    observer: &dyn Observer,
) -> io::Result<Outcome> {
    let recorder = Arc::new(Recorder::open(&order.folder, &order.plan.probes)?);
    let mut log = Log {
        writer: Writer::new(order.folder.stream(crate::journal::NAME)?),
        clock: order.clock,
        observer,
        trouble: None,
    };
    log.record(&order.opened);
    let find = |name: &str| {
        ports
            .faults
            .iter()
            .find(|fault| fault.name() == name)
            .copied()
    };
    let mut run = Run::new(order.plan.clone(), find).map_err(io::Error::other)?;
    let (tell, mut news) = mpsc::unbounded_channel();
    let mut hands = Hands::new(order, ports, recorder, tell);
    let mut outcome = Outcome {
        signals: 0,
        abandoned: false,
        unwritten: None,
    };
    let mut input = Input::Start;
    loop {
        let clock = hands.order.clock;
        for effect in run.step(clock.now(), input) {
            match effect {
                Effect::Record(event) => log.record(&event),
                Effect::Finish => {}
                other => hands.start(other, &mut log),
            }
        }
        if run.is_over() {
            break;
        }
        input = next(&run, &mut hands, &mut news, signals, &mut outcome, &mut log).await;
        if outcome.signals >= LAST_SIGNAL {
            outcome.abandoned = true;
            break;
        }
    }
    let _ = log.writer.sync();
    outcome.unwritten = log.trouble.or_else(|| hands.recorder.trouble());
    Ok(outcome)
}

async fn next(
    run: &Run,
    hands: &mut Hands,
    news: &mut mpsc::UnboundedReceiver<BedNews>,
    signals: &mut mpsc::Receiver<&'static str>,
    outcome: &mut Outcome,
    log: &mut Log<'_>,
) -> Input {
    if let Some(why) = hands.recorder.trouble().or_else(|| log.trouble.clone())
        && !std::mem::replace(&mut hands.told, true)
    {
        return Input::Trouble(why);
    }
    let clock = hands.order.clock;
    let tick = clock.now().plus(Nanos(TICK.as_nanos() as u64));
    let due = run.due(clock.now()).map_or(tick, |due| due.min(tick));
    let guard = hands.ports.guard.clone();
    tokio::select! { biased;
        Some(name) = signals.recv() => {
            outcome.signals += 1;
            Input::Signal { name: name.to_owned(), count: outcome.signals }
        }
        Some(done) = hands.in_flight.join_next() => done.unwrap_or_else(|error| Input::Trouble(format!("keep a task alive: {error}"))),
        () = clock.until(due) => Input::Tick,
        told = guard.news() => Input::Guard(told),
        Some(item) = news.recv() => {
            if let BedNews::Waiting { what } = &item {
                log.observer.waiting(clock.now(), what);
            }
            Input::News(item)
        }
    }
}

/// The journal with those who watch it.
struct Log<'a> {
    writer: Writer,
    clock: Clock,
    observer: &'a dyn Observer,
    trouble: Option<String>,
}

impl Log<'_> {
    fn record(&mut self, event: &Event) {
        let t = self.clock.now();
        self.observer.fact(t, event);
        if let Err(error) = self.writer.write(t, event) {
            self.trouble
                .get_or_insert(format!("write the journal: {error}"));
        }
    }
}

/// Tasks in flight, each of which ends in one input.
type InFlight = JoinSet<Input>;
