//! `brinell run`: nothing is started before the scenario, the machine and the images are known to be good; everything is undone before this returns.
use crate::{
    args, catalog, commands, ending,
    error::CliError,
    exit::{self, Code},
    guarding,
    live::Live,
    report, runs,
    scenario::{self, Source},
    setup::{self, Ready},
    signals::Signals,
};
use engine::{
    clock::Clock,
    shell::{self, Order, Outcome, Ports},
};
use guard::clean::{Scope, clean};
use model::{
    facts::{Capability, Offer},
    journal::{self, Event},
    plan::Plan,
    system::BedOrder,
    units::Nanos,
};
use std::{
    io::Write as _,
    path::{Path, PathBuf},
    slice,
    sync::Arc,
};
use tokio::sync::mpsc;

/// Runs a scenario and reports.
pub fn run(args: &args::Run) -> Result<Code, CliError> {
    let source = scenario::read(&args.scenario)?;
    let plan = source.plan(source.seed(args.seed)?)?;
    let planned = (source, plan);
    let machine = Machine::made_ready(slice::from_ref(&planned), args.consent)?;
    heal_the_dead();
    let job = Job {
        planned: &planned,
        machine: &machine,
        out: &args.out,
        place: &planned.1.name,
        command: None,
    };
    once(&job, &mut Signals::listen()?).map(|done| done.code)
}

/// A scenario with its plan.
pub type Planned = (Source, Plan);

/// A machine that can carry some plans.
pub struct Machine {
    ready: Ready,
    offers: Vec<(Capability, Offer)>,
}

impl Machine {
    /// Installs, builds and starts what any of the plans lacks, with consent.
    pub fn made_ready(all: &[Planned], consent: args::Consent) -> Result<Self, CliError> {
        let offers = admitted(all).or_else(|refused| {
            // What a new machine lacks may be a package that setup installs.
            if setup::tools(consent.given())? {
                admitted(all)
            } else {
                Err(refused)
            }
        })?;
        let wanted = |system: &str| {
            all.iter()
                .any(|(_, plan)| plan.testbed.contains_key(system))
        };
        let ready = setup::ready(consent.given(), &wanted)?;
        Ok(Self { ready, offers })
    }
}

/// What the machine offers, where it can carry every plan.
fn admitted(all: &[Planned]) -> Result<Vec<(Capability, Offer)>, CliError> {
    let offers = guard::offers();
    let lacks = guarding::lacks(&offers);
    for (source, plan) in all {
        let admitted = model::plan::admit(plan, &lacks);
        admitted.map_err(|refusal| source.unsupported(refusal))?;
    }
    Ok(offers)
}

/// One run that is to be made.
pub struct Job<'a> {
    /// What.
    pub planned: &'a Planned,
    /// On what.
    pub machine: &'a Machine,
    /// Folder of all runs.
    pub out: &'a Path,
    /// Below it, the folder of the runs of this kind.
    pub place: &'a str,
    /// What repeats it, where `brinell run` does not.
    pub command: Option<String>,
}

/// A run that is over.
pub struct Done {
    /// What it would exit with.
    pub code: Code,
    /// Its folder.
    pub folder: PathBuf,
    /// Signals that reached it.
    pub signals: u32,
}

/// One run in a folder of its own, with its reports.
pub fn once(job: &Job<'_>, signals: &mut Signals) -> Result<Done, CliError> {
    let (source, plan) = job.planned;
    let mut run = runs::create(job.out, job.place, plan)?;
    eprintln!(
        "run {}   {}   seed {}\nclaim  {}",
        run.id,
        source.file.display(),
        plan.seed,
        plan.claim
    );
    let outcome = press(job, &mut run, signals);
    guard::process::give_precedence_back();
    let outcome = outcome?;
    let code = conclude(&mut run, &outcome)?;
    run.unlink_current();
    Ok(Done {
        code,
        folder: run.folder.root().to_owned(),
        signals: outcome.signals,
    })
}

/// What a killed run left would be measured with this one: it goes first.
pub fn heal_the_dead() {
    let report = clean(&Scope::All);
    for line in report.undone.iter().chain(&report.removed) {
        eprintln!("left by a dead run: {line}");
    }
    for line in &report.failed {
        eprintln!("warning: failed to {line}; `brinell clean` tries again");
    }
}

/// More than cores: a probe that the kernel holds up must not hold up the next.
const THREADS: usize = 8;

/// Saves what is planned, starts the guard, runs to the end.
fn press(
    job: &Job<'_>,
    run: &mut runs::NewRun,
    signals: &mut Signals,
) -> Result<Outcome, CliError> {
    let (source, plan) = job.planned;
    let plan_json = plan
        .to_json()
        .map_err(|error| CliError::Internal(error.to_string()))?;
    let precedence = guard::process::take_precedence();
    run.write("scenario.yaml", source.text.as_bytes())?;
    run.write("plan.json", plan_json.as_bytes())?;
    run.write("versions.json", &versions(job, &precedence)?)?;
    run.enter("running")?;
    let (epoch_mono_ns, epoch) = (guard::clock::mono_ns(), tokio::time::Instant::now());
    let guard = guarding::start(&run.id, run.folder.root(), epoch_mono_ns)?;
    let order = Order {
        plan: plan.clone(),
        folder: run.folder.clone(),
        bed: order(source, plan, run),
        clock: Clock::since(epoch),
        opened: opened(plan, &plan_json, run, epoch_mono_ns),
        wall_epoch_s: run.wall.as_nanosecond() as f64 / 1e9,
        deadline: longest(plan),
    };
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(THREADS)
        .on_thread_start(|| drop(guard::process::take_precedence()))
        .enable_all()
        .build();
    let runtime =
        runtime.map_err(|error| CliError::Internal(format!("start the runtime: {error}")))?;
    let live = Live::new(plan);
    let driven = drive(order, &job.machine.ready, (guard, &mut signals.told), &live);
    let outcome = runtime.block_on(driven);
    live.finish();
    runtime.shutdown_timeout(std::time::Duration::from_secs(2));
    outcome
}

fn versions(job: &Job<'_>, precedence: &str) -> Result<Vec<u8>, CliError> {
    let Machine { ready, offers } = job.machine;
    let mut versions = setup::versions(ready, &job.planned.1, offers, precedence);
    if let Some(command) = &job.command {
        versions["command"] = command.as_str().into();
    }
    runs::pretty(&versions)
}

async fn drive(
    order: Order,
    ready: &Ready,
    (guard, signals): (guard::Guard, &mut mpsc::Receiver<&'static str>),
    live: &Live,
) -> Result<Outcome, CliError> {
    let bed = setup::bed(ready, &order.plan);
    let guard = guarding::Port {
        guard,
        run: order.bed.run.clone(),
        undos: order.folder.path("undo.jsonl"),
    };
    let ports = Ports {
        bed,
        guard: Arc::new(guard),
        faults: catalog::CATALOG.faults,
    };
    let file = order.folder.root().to_owned();
    shell::drive(order, ports, signals, live)
        .await
        .map_err(|source| CliError::Unwritable { file, source })
}

fn order(source: &Source, plan: &Plan, run: &runs::NewRun) -> BedOrder {
    BedOrder {
        run: run.id.clone(),
        owner: guard::process::Identity::own().to_string(),
        seed: plan.seed,
        testbed: plan.testbed.clone(),
        workload: (plan.workload.name.clone(), plan.workload.settings.clone()),
        folder: source.folder().to_string_lossy().into_owned(),
        drives: Vec::new(),
    }
}

fn opened(plan: &Plan, plan_json: &str, run: &runs::NewRun, epoch_mono_ns: u64) -> Event {
    Event::RunOpened {
        schema: journal::codec::SCHEMA.into(),
        run: run.id.clone(),
        seed: plan.seed,
        scenario_sha256: plan.scenario_sha256.clone(),
        plan_sha256: scenario::sha256(plan_json.as_bytes()),
        wall: run.json.started.clone(),
        boot_id: guard::process::boot_id(),
        epoch_mono_ns,
    }
}

/// Bring-up and take-down of a slow machine on top of the phases: past this the guard ends the run by itself.
const SLACK: Nanos = Nanos::secs(900);

fn longest(plan: &Plan) -> Nanos {
    let phases = &plan.phases;
    let heals = plan
        .faults
        .iter()
        .map(|fault| fault.heal_within_ns)
        .max()
        .unwrap_or_default();
    [
        phases.warm_up_ns,
        phases.baseline_ns,
        phases.faults_ns,
        phases.recovery_ns,
        phases.cool_down_ns,
        heals,
    ]
    .into_iter()
    .fold(SLACK, Nanos::plus)
}

/// Analyses, renders, prints the last lines; the exit code tells the worst of all.
fn conclude(run: &mut runs::NewRun, outcome: &Outcome) -> Result<Code, CliError> {
    let root = run.folder.root().to_owned();
    if outcome.abandoned {
        eprintln!(
            "left at once; the guard heals and removes the testbed by itself. To be sure: brinell clean {}",
            run.id
        );
        return Ok(exit::SIGINT);
    }
    run.enter("measured")?;
    let ending = ending::read(&root);
    if let Some(why) = &ending.error {
        eprintln!("error: {why}");
    }
    let mut codes = ending.codes;
    if let Some(why) = &outcome.unwritten {
        eprintln!("error: failed to {why}");
        codes.push(exit::TESTBED);
    }
    if outcome.signals < 2 {
        codes.push(reported(run, &root)?);
    } else {
        eprintln!(
            "no reports after a second signal; make them with: brinell report {}",
            root.display()
        );
        codes.push(exit::UNKNOWN);
    }
    let code = exit::worst(&codes);
    if code == exit::LEFTOVERS || code == exit::NOT_HEALED {
        eprintln!("something of ours may remain: brinell clean {}", run.id);
    }
    run.json.exit_code = Some(code.0);
    run.save()?;
    Ok(code)
}

fn reported(run: &mut runs::NewRun, root: &Path) -> Result<Code, CliError> {
    let analysis = report::analyse(root)?;
    report::write(&analysis, root)?;
    run.json.verdict = Some(analysis.verdict.value);
    run.json.ended_s = Some(analysis.run.duration_s);
    run.enter("analysed")?;
    run.link("latest").map_err(|source| CliError::Unwritable {
        file: root.to_owned(),
        source,
    })?;
    // Whoever closed our output does not want it; the run is no worse for that.
    let _ = writeln!(
        std::io::stdout(),
        "{}   {}\nreport {}",
        analysis.verdict.value.word(),
        analysis.verdict.headline,
        root.join("report.html").display()
    );
    Ok(commands::report::code(analysis.verdict.value))
}
