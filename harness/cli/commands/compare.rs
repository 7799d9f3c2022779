//! `brinell compare`: two arms in turns under the same faults; every run an ordinary one in a folder of its own.
use super::run::{self, Done, Job, Machine, Planned};
use crate::{
    args,
    comparison::{
        self, folder,
        report::report,
        slots::{self, Slot, TRIES},
    },
    ending::{self, Ending},
    error::CliError,
    exit::Code,
    signals::Signals,
};
use engine::folder::RunFolder;
use model::{
    compare::{Order, RunOf},
    units::Nanos,
};
use std::path::Path;

/// Runs both arms and reports.
pub fn run(args: &args::Compare) -> Result<Code, CliError> {
    let pair = comparison::read(&args.scenario)?;
    let (root, order) = folder::ordered(args, &pair)?;
    let (due, plans) = slots::due(&pair, &root, &order)?;
    announce(&order, &plans, &root);
    if due.is_empty() {
        return report(&root, &root);
    }
    let machine = Machine::made_ready(&plans, args.consent)?;
    run::heal_the_dead();
    let folder = folder::open(&root, &pair, &order)?;
    let mut turns = Turns {
        order,
        folder,
        machine,
        signals: Signals::listen()?,
    };
    let cut = turns.all(&due, &plans);
    if let Ok(Some(Cut { code, quiet: true })) = cut {
        eprintln!("no report; make it with: brinell report {}", root.display());
        return Ok(code);
    }
    let verdict = report(&root, &root);
    // What stopped the runs says more than what the ones before it showed.
    let cut = cut?;
    eprintln!("report {}", root.join("comparison.html").display());
    if cut.is_some() {
        eprintln!(
            "cut short; go on with: brinell compare {} --resume {}",
            args.scenario.display(),
            root.display()
        );
    }
    cut.map_or(verdict, |cut| Ok(cut.code))
}

fn announce(order: &Order, plans: &[Planned], root: &Path) {
    let all = plans.iter().map(slots::about).fold(Nanos(0), Nanos::plus);
    eprintln!(
        "comparison of {} and {}: {} runs, about {} min at most\nfolder {}",
        order.arms[0],
        order.arms[1],
        plans.len(),
        (all.as_s() / 60.0).ceil(),
        root.display()
    );
}

/// What follows a run.
#[derive(Debug, PartialEq, Eq)]
enum Next {
    /// A run of the same slot, if it has a try left.
    Again,
    /// The next slot.
    On,
    /// Nothing.
    Stop(Cut),
}

/// A heal that was never proven is a result, where nothing of the run remains; what does remain would be measured with the next run.
fn next(done: &Done, ending: &Ending) -> Next {
    let stop = (!ending.clean).then_some(done.code).or(ending.signal);
    match stop {
        Some(code) => Next::Stop(Cut {
            code,
            quiet: done.signals > 1,
        }),
        None if ending.pressed => Next::On,
        None => Next::Again,
    }
}

/// Why no further run begins.
#[derive(Debug, PartialEq, Eq)]
struct Cut {
    code: Code,
    /// Asked twice to end: not even a report.
    quiet: bool,
}

/// The runs of a comparison, one after the other.
struct Turns {
    order: Order,
    folder: RunFolder,
    machine: Machine,
    signals: Signals,
}

impl Turns {
    /// Runs what is due; what cut it short, where something did.
    fn all(&mut self, due: &[Slot], plans: &[Planned]) -> Result<Option<Cut>, CliError> {
        for (slot, number) in due.iter().zip(1..) {
            eprintln!(
                "\ncomparison: run {number} of {}, {} in round {}, repeat {} of {}",
                due.len(),
                self.order.arms[slot.arm],
                slot.round,
                slot.repeat + 1,
                self.order.repeats
            );
            if let Some(cut) = self.slot(slot, &plans[slot.planned])? {
                return Ok(Some(cut));
            }
        }
        Ok(None)
    }

    /// A run that failed is a result; one whose faults never began gets a second try.
    fn slot(&mut self, slot: &Slot, planned: &Planned) -> Result<Option<Cut>, CliError> {
        for _ in 0..TRIES {
            if let Some(code) = self.signals.came() {
                return Ok(Some(Cut { code, quiet: false }));
            }
            let done = self.once(slot, planned)?;
            match next(&done, &ending::read(&done.folder)) {
                Next::Stop(cut) => return Ok(Some(cut)),
                Next::On => break,
                Next::Again => {}
            }
        }
        Ok(None)
    }

    fn once(&mut self, slot: &Slot, planned: &Planned) -> Result<Done, CliError> {
        let job = Job {
            planned,
            machine: &self.machine,
            out: self.folder.root(),
            place: &slot.place(&self.order),
            command: Some(command(&self.order, slot)),
        };
        let done = run::once(&job, &mut self.signals)?;
        let id = done.folder.file_name().unwrap_or_default();
        self.order.runs.push(RunOf {
            arm: slot.arm,
            round: slot.round.clone(),
            repeat: slot.repeat,
            folder: format!("{}/{}", job.place, id.to_string_lossy()),
        });
        folder::save(&self.folder, &self.order)?;
        Ok(done)
    }
}

/// What repeats one run, the same run of the other arm beside it.
fn command(order: &Order, slot: &Slot) -> String {
    let is_first = order.rounds.first() == Some(&slot.round);
    let how = if is_first {
        "--quick"
    } else {
        "--full --repeats 1"
    };
    let seed = order.seed.wrapping_add(slot.repeat);
    let name = &order.name;
    format!("brinell compare scenarios/{name}.yaml --seed {seed} {how}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exit;

    fn after(code: Code, signals: u32, change: impl Fn(&mut Ending)) -> Next {
        let mut ending = Ending {
            codes: vec![],
            error: None,
            signal: None,
            cut: false,
            pressed: true,
            clean: true,
        };
        change(&mut ending);
        let done = Done {
            code,
            folder: "run".into(),
            signals,
        };
        next(&done, &ending)
    }

    fn stop(code: Code, quiet: bool) -> Next {
        Next::Stop(Cut { code, quiet })
    }

    #[test]
    fn a_verdict_or_an_unproven_heal_stops_nothing() {
        for code in [exit::OK, exit::FAIL, exit::UNKNOWN, exit::NOT_HEALED] {
            assert_eq!(after(code, 0, |_| {}), Next::On);
        }
    }

    #[test]
    fn only_a_run_whose_faults_never_began_gets_a_second_try() {
        let failed = after(exit::TESTBED, 0, |ending| ending.pressed = false);
        assert_eq!(failed, Next::Again);
        assert_eq!(after(exit::TESTBED, 0, |_| {}), Next::On);
    }

    #[test]
    fn what_remains_stops_all() {
        for code in [exit::NOT_HEALED, exit::LEFTOVERS, exit::BAD_EVIDENCE] {
            let next = after(code, 0, |ending| ending.clean = false);
            assert_eq!(next, stop(code, false));
        }
    }

    #[test]
    fn a_signal_stops_all_even_in_a_run_that_came_to_its_end() {
        let late = |ending: &mut Ending| ending.signal = Some(exit::SIGTERM);
        assert_eq!(after(exit::OK, 1, late), stop(exit::SIGTERM, false));
        let twice = |ending: &mut Ending| ending.signal = Some(exit::SIGINT);
        assert_eq!(after(exit::SIGINT, 2, twice), stop(exit::SIGINT, true));
        let left = |ending: &mut Ending| ending.clean = false;
        assert_eq!(after(exit::SIGINT, 3, left), stop(exit::SIGINT, true));
    }
}
