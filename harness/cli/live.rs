//! A run on the terminal: the same lines for people and for CI; on a terminal the last one also says what is waited for, and since when.
use engine::shell::Observer;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use model::{journal::Event, plan::Plan, units::Nanos};
use std::{
    collections::BTreeMap,
    io::IsTerminal as _,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

/// Prints what happens to stderr.
pub struct Live {
    bar: Option<ProgressBar>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    last_wait: Option<Nanos>,
    numbers: BTreeMap<String, usize>,
    total: usize,
    healed: usize,
    proofs: BTreeMap<String, String>,
    nodes: usize,
}

/// In CI a waiting line at most this often.
const QUIET: Nanos = Nanos::secs(10);

impl Live {
    /// For a run of this plan.
    pub fn new(plan: &Plan) -> Self {
        let numbers = plan
            .faults
            .iter()
            .enumerate()
            .map(|(index, fault)| (fault.id.0.clone(), index + 1))
            .collect();
        let bar = std::io::stderr().is_terminal().then(|| {
            let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr());
            let style = ProgressStyle::with_template("        {msg} ({elapsed})")
                .unwrap_or_else(|_| ProgressStyle::default_bar());
            bar.set_style(style);
            bar.enable_steady_tick(Duration::from_secs(1));
            bar
        });
        Self {
            bar,
            state: Mutex::new(State {
                numbers,
                total: plan.faults.len(),
                ..State::default()
            }),
        }
    }

    /// Ends the waiting line.
    pub fn finish(&self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }

    fn line(&self, t: Nanos, what: &str, text: &str) {
        let seconds = t.0 / model::units::S;
        let line = format!("{:>3}:{:02}  {what:<10} {text}", seconds / 60, seconds % 60);
        match &self.bar {
            Some(bar) => bar.suspend(|| eprintln!("{line}")),
            None => eprintln!("{line}"),
        }
    }

    fn wait(&self, what: &str) {
        if let Some(bar) = &self.bar {
            bar.reset_elapsed();
            bar.set_message(what.to_owned());
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn effective(&self, t: Nanos, id: &str, began: Nanos, proved: Nanos, evidence: &str) {
        let (number, total) = {
            let mut state = self.state();
            state.proofs.insert(id.to_owned(), evidence.to_owned());
            (state.numbers.get(id).copied().unwrap_or(0), state.total)
        };
        self.line(
            t,
            &format!("fault {number}/{total}"),
            &format!(
                "{id}: effective in {}, {}",
                ms(proved.since(began)),
                plain(evidence)
            ),
        );
    }

    fn healed(&self, t: Nanos, id: &str, began: Nanos, proved: Nanos, evidence: &str) {
        let mut state = self.state();
        state.healed += 1;
        let (healed, total) = (state.healed, state.total);
        drop(state);
        self.line(
            t,
            "healed",
            &format!(
                "{id}: {healed} of {total}, in {}, {}",
                ms(proved.since(began)),
                plain(evidence)
            ),
        );
    }
}

fn ms(span: Nanos) -> String {
    if span < Nanos::ms(100) {
        format!("{:.2} ms", span.as_s() * 1e3)
    } else {
        format!("{:.1} s", span.as_s())
    }
}

/// Without control characters: what a container said never reaches the terminal raw.
fn plain(text: &str) -> String {
    text.chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .take(160)
        .collect()
}

impl Observer for Live {
    fn fact(&self, t: Nanos, event: &Event) {
        match event {
            Event::PhaseEntered { phase } => {
                self.line(t, phase, "");
                self.wait(phase);
            }
            Event::NodeReady { node, probe } => {
                self.state().nodes += 1;
                self.line(t, "ready", &format!("{node}: {}", plain(probe)));
            }
            Event::SteadyStateChecked { held, checks, .. } => {
                let held_count = checks.iter().filter(|check| check.held).count();
                self.line(
                    t,
                    if *held { "steady" } else { "not steady" },
                    &format!("{held_count} of {} checks hold", checks.len()),
                );
            }
            Event::FaultEffective {
                id,
                began_ns,
                proved_ns,
                evidence,
                ..
            } => self.effective(t, &id.0, *began_ns, *proved_ns, evidence),
            Event::FaultHealed {
                id,
                began_ns,
                proved_ns,
                evidence,
            } => self.healed(t, &id.0, *began_ns, *proved_ns, evidence),
            Event::FaultNotEffective { id, seen, .. } => {
                self.line(t, "no effect", &format!("{id}: {}", plain(seen)))
            }
            Event::FaultNotHealed { id, seen, .. } => {
                self.line(t, "not healed", &format!("{id}: {}", plain(seen)))
            }
            Event::NodeLost {
                node,
                exit_code,
                expected,
            } => {
                let why = if *expected {
                    "by a fault"
                } else {
                    "on its own"
                };
                self.line(
                    t,
                    "node lost",
                    &format!(
                        "{node} {why}, exit code {}",
                        exit_code.map_or("unknown".into(), |code| code.to_string())
                    ),
                );
            }
            Event::SignalReceived { signal, count } => {
                let next = ["healing and taking down", "no reports", "leaving at once"]
                    .get(*count as usize - 1)
                    .unwrap_or(&"");
                self.line(t, "signal", &format!("{signal}: {next}"));
            }
            Event::AbortTriggered {
                objective,
                measured,
            } => self.line(
                t,
                "abort",
                &format!("{}: {}", plain(objective), plain(measured)),
            ),
            Event::StageRead {
                stage,
                read,
                complete,
                why,
                ..
            } => {
                let end = if *complete {
                    "to its known end".to_owned()
                } else {
                    format!("end not reached: {}", plain(why.as_deref().unwrap_or("")))
                };
                self.line(t, "read back", &format!("{stage}: {read} records, {end}"));
            }
            Event::TestbedRemoved { leftovers } if leftovers.is_empty() => {
                self.line(t, "removed", "nothing left behind")
            }
            Event::LeftoverFound { name } => self.line(t, "leftover", &plain(name)),
            _ => {}
        }
    }

    fn waiting(&self, t: Nanos, what: &str) {
        self.wait(&format!("waiting for {}", plain(what)));
        let mut state = self.state();
        let due = state.last_wait.is_none_or(|last| t.since(last) >= QUIET);
        if self.bar.is_none() && due {
            state.last_wait = Some(t);
            drop(state);
            self.line(t, "waiting", &format!("for {}", plain(what)));
        }
    }
}
