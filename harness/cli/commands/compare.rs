//! `brinell compare`: two arms in turns, A B A B, so that a drifting machine hits both; every run an ordinary one in a folder of its own.
use super::run::{self, Done, Machine};
use crate::{
    args,
    comparison::{self, Pair},
    error::CliError,
    exit::{self, Code},
    report, runs,
};
use engine::folder::RunFolder;
use model::{
    compare::{
        RunOf,
        order::{self, Order},
    },
    plan::Plan,
    units::{Nanos, show},
};
use std::path::{Path, PathBuf};

/// Bring-up, final reads and take-down of one run, about.
const AROUND: Nanos = Nanos::secs(60);

/// One run that is due.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Slot {
    round: usize,
    repeat: u64,
    arm: usize,
}

/// Runs both arms and reports.
pub fn run(args: &args::Compare) -> Result<Code, CliError> {
    let pair = comparison::read(&args.scenario)?;
    let (folder, mut order) = begun(args, &pair)?;
    let slots = slots(&pair, args, &order);
    // All that can be refused is refused before anything starts.
    let mut machine = None;
    for slot in &slots {
        let plans = pair.planned(slot.round, order.seed + slot.repeat)?;
        if machine.is_none() {
            announce(&pair, &plans[0], &slots, folder.root());
            let source = pair.source(slot.round, slot.arm);
            machine = Some(Machine::made_ready(
                &source,
                &plans[slot.arm],
                args.consent,
            )?);
        }
    }
    run::heal_the_dead();
    save(&folder, &order)?;
    let mut cut = None;
    if let Some(machine) = machine {
        cut = all(&pair, &slots, &machine, (&folder, &mut order))?;
    }
    let verdict = comparison::report(folder.root(), folder.root())?;
    println!("report {}", folder.path("comparison.html").display());
    Ok(cut.unwrap_or(verdict))
}

/// The folder and what was run in it so far.
fn begun(args: &args::Compare, pair: &Pair) -> Result<(RunFolder, Order), CliError> {
    if let Some(folder) = &args.resume {
        let order = comparison::ordered(folder)?;
        if order.name != pair.name || order.claims != pair.says.claims {
            return Err(CliError::Evidence {
                run: folder.clone(),
                why: format!("it is of {}, not of this file", order.name),
            });
        }
        return Ok((at(folder.clone())?, order));
    }
    let seed = pair.seed(args.seed)?;
    let order = Order {
        schema: order::SCHEMA.into(),
        name: pair.name.clone(),
        claim: pair.says.claim.clone(),
        seed,
        probe: pair.says.probe.value.clone(),
        repeats: repeats(args, pair),
        arms: pair.says.arms.clone(),
        claims: pair.says.claims.clone(),
        runs: Vec::new(),
        command: command(args, pair, seed),
    };
    Ok((at(args.out.join(&pair.name).join(runs::stamp()))?, order))
}

fn at(root: PathBuf) -> Result<RunFolder, CliError> {
    RunFolder::create(root.clone()).map_err(|source| CliError::Unwritable { file: root, source })
}

fn repeats(args: &args::Compare, pair: &Pair) -> u64 {
    let asked = args.repeats.unwrap_or(pair.says.repeats);
    if args.quick { 1 } else { asked }
}

fn command(args: &args::Compare, pair: &Pair, seed: u64) -> String {
    let mut words = format!("brinell compare scenarios/{}.yaml --seed {seed}", pair.name);
    let flags = [
        (args.quick, " --quick".to_owned()),
        (args.full, " --full".to_owned()),
    ];
    flags
        .iter()
        .filter(|(on, _)| *on)
        .for_each(|(_, flag)| words += flag);
    if let Some(repeats) = args.repeats {
        words += &format!(" --repeats {repeats}");
    }
    words
}

/// What is still due, arms in turns.
fn slots(pair: &Pair, args: &args::Compare, order: &Order) -> Vec<Slot> {
    let rounds = if args.full { pair.says.rounds.len() } else { 1 };
    let mut slots = Vec::new();
    for round in 0..rounds {
        for repeat in 0..order.repeats {
            slots.extend([0, 1].map(|arm| Slot { round, repeat, arm }));
        }
    }
    let ran = |slot: &Slot| {
        let name = &pair.says.rounds[slot.round].name.value;
        let of =
            |run: &RunOf| run.arm == slot.arm && run.repeat == slot.repeat && run.round == *name;
        order.runs.iter().any(of)
    };
    slots.retain(|slot| !ran(slot));
    slots
}

fn announce(pair: &Pair, plan: &Plan, slots: &[Slot], folder: &Path) {
    let phases = &plan.phases;
    let once = [
        phases.warm_up_ns,
        phases.baseline_ns,
        phases.faults_ns,
        phases.recovery_ns,
    ];
    let once = once.into_iter().fold(AROUND, Nanos::plus);
    let all = Nanos(once.0 * slots.len() as u64);
    eprintln!(
        "comparison of {} and {}: {} runs of about {}, {} in all\nfolder {}",
        pair.says.arms[0],
        pair.says.arms[1],
        slots.len(),
        show(once),
        show(all),
        folder.display()
    );
}

fn save(folder: &RunFolder, order: &Order) -> Result<(), CliError> {
    let written = folder.write(order::NAME, &runs::pretty(order)?);
    written.map_err(|source| CliError::Unwritable {
        file: folder.path(order::NAME),
        source,
    })
}

/// Runs what is due; the code that cut it short, where one did.
fn all(
    pair: &Pair,
    slots: &[Slot],
    machine: &Machine,
    (folder, order): (&RunFolder, &mut Order),
) -> Result<Option<Code>, CliError> {
    for (slot, number) in slots.iter().zip(1..) {
        // A second try where nothing was hurt: bring-up failed, or the system was not steady.
        for _ in 0..2 {
            eprintln!("\ncomparison: run {number} of {}", slots.len());
            let done = one(pair, slot, machine, (folder, order))?;
            if is_end(done.code) {
                return Ok(Some(done.code));
            }
            if was_hurt(&done.folder) {
                break;
            }
        }
    }
    Ok(None)
}

fn one(
    pair: &Pair,
    slot: &Slot,
    machine: &Machine,
    (folder, order): (&RunFolder, &mut Order),
) -> Result<Done, CliError> {
    let [first, second] = pair.planned(slot.round, order.seed + slot.repeat)?;
    let plan = if slot.arm == 0 { first } else { second };
    let source = pair.source(slot.round, slot.arm);
    let done = run::once(&source, &plan, machine, folder.root())?;
    let absolute = std::path::absolute(folder.root()).unwrap_or_else(|_| folder.root().to_owned());
    let below = done.folder.strip_prefix(&absolute).unwrap_or(&done.folder);
    order.runs.push(RunOf {
        arm: slot.arm,
        round: pair.says.rounds[slot.round].name.value.clone(),
        repeat: slot.repeat,
        folder: below.to_string_lossy().into_owned(),
    });
    save(folder, order)?;
    Ok(done)
}

/// A signal, or something of ours that remains: no further run may begin.
fn is_end(code: Code) -> bool {
    [
        exit::SIGINT,
        exit::SIGTERM,
        exit::NOT_HEALED,
        exit::LEFTOVERS,
    ]
    .contains(&code)
}

fn was_hurt(folder: &Path) -> bool {
    let hurt = |fault: &analysis::report::FaultMark| fault.effective_ns.is_some();
    report::analyse(folder).is_ok_and(|analysis| analysis.timeline.faults.iter().any(hurt))
}
