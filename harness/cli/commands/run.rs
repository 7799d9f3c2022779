//! `brinell run`: nothing is started before the scenario, the machine and the images are known to be good; everything is undone before this returns.
use crate::{
    args, catalog, commands,
    error::CliError,
    exit::{self, Code},
    guarding,
    live::Live,
    report, runs,
    scenario::{self, Source},
    setup::{self, Ready},
};
use engine::{
    clock::Clock,
    shell::{self, Order, Outcome, Ports},
};
use guard::clean::{Scope, clean};
use model::{
    facts::{Capability, Offer},
    journal::{self, End, Event, event::BLAST_RADIUS},
    plan::Plan,
    system::BedOrder,
    units::Nanos,
};
use std::{
    collections::BTreeSet,
    io::Write as _,
    path::{Path, PathBuf},
    sync::Arc,
};
use tokio::{
    signal::unix::{SignalKind, signal},
    sync::mpsc,
    task::JoinSet,
};

/// Runs a scenario and reports.
pub fn run(args: &args::Run) -> Result<Code, CliError> {
    let source = scenario::read(&args.scenario)?;
    let plan = source.plan(source.seed(args.seed)?)?;
    let machine = Machine::made_ready(&source, &plan, args.consent)?;
    heal_the_dead();
    once(&source, &plan, &machine, &args.out).map(|done| done.code)
}

/// A machine that can carry a plan.
pub struct Machine {
    ready: Ready,
    offers: Vec<(Capability, Offer)>,
}

impl Machine {
    /// Installs, builds and starts what is missing, with consent.
    pub fn made_ready(
        source: &Source,
        plan: &Plan,
        consent: args::Consent,
    ) -> Result<Self, CliError> {
        let offers = admitted(source, plan).or_else(|refused| {
            // What a new machine lacks may be a package that setup installs.
            if setup::tools(consent.given())? {
                admitted(source, plan)
            } else {
                Err(refused)
            }
        })?;
        let wanted = |system: &str| plan.testbed.contains_key(system);
        let ready = setup::ready(consent.given(), &wanted)?;
        Ok(Self { ready, offers })
    }
}

/// A run that is over.
pub struct Done {
    /// What it would exit with.
    pub code: Code,
    /// Its folder.
    pub folder: PathBuf,
}

/// One run of a plan in a folder of its own below `out`, with its reports.
pub fn once(source: &Source, plan: &Plan, machine: &Machine, out: &Path) -> Result<Done, CliError> {
    let mut run = runs::create(out, plan)?;
    eprintln!(
        "run {}   {}   seed {}\nclaim  {}",
        run.id,
        source.file.display(),
        plan.seed,
        plan.claim
    );
    let outcome = press(source, plan, machine, &mut run);
    guard::process::give_precedence_back();
    let outcome = outcome?;
    let code = conclude(&mut run, &outcome)?;
    run.unlink_current();
    Ok(Done {
        code,
        folder: run.folder.root().to_owned(),
    })
}

/// What the machine offers, where it can carry the plan.
fn admitted(source: &Source, plan: &Plan) -> Result<Vec<(Capability, Offer)>, CliError> {
    let offers = guard::offers();
    match model::plan::admit(plan, &guarding::lacks(&offers)) {
        Ok(()) => Ok(offers),
        Err(refusal) => Err(source.unsupported(refusal)),
    }
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
    source: &Source,
    plan: &Plan,
    Machine { ready, offers }: &Machine,
    run: &mut runs::NewRun,
) -> Result<Outcome, CliError> {
    let plan_json = plan
        .to_json()
        .map_err(|error| CliError::Internal(error.to_string()))?;
    let precedence = guard::process::take_precedence();
    run.write("scenario.yaml", source.text.as_bytes())?;
    run.write("plan.json", plan_json.as_bytes())?;
    run.write(
        "versions.json",
        &runs::pretty(&setup::versions(ready, plan, offers, &precedence))?,
    )?;
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
    let outcome = runtime.block_on(drive(order, ready, guard, &live));
    live.finish();
    runtime.shutdown_timeout(std::time::Duration::from_secs(2));
    outcome
}

async fn drive(
    order: Order,
    ready: &Ready,
    guard: guard::Guard,
    live: &Live,
) -> Result<Outcome, CliError> {
    let bed = setup::bed(ready, &order.plan);
    let undos = order.folder.path("undo.jsonl");
    let guard = guarding::Port {
        guard,
        run: order.bed.run.clone(),
        undos,
    };
    let ports = Ports {
        bed,
        guard: Arc::new(guard),
        faults: catalog::CATALOG.faults,
    };
    let (tell, mut signals) = mpsc::channel(8);
    let mut listeners = JoinSet::new();
    for (kind, name) in [
        (SignalKind::interrupt(), "INT"),
        (SignalKind::terminate(), "TERM"),
        (SignalKind::hangup(), "HUP"),
    ] {
        let mut stream = signal(kind)
            .map_err(|error| CliError::Internal(format!("listen for SIG{name}: {error}")))?;
        let tell = tell.clone();
        listeners.spawn(async move {
            while stream.recv().await.is_some() && tell.send(name).await.is_ok() {}
        });
    }
    let file = order.folder.root().to_owned();
    shell::drive(order, ports, &mut signals, live)
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
        folder: source
            .file
            .parent()
            .unwrap_or(Path::new("."))
            .to_string_lossy()
            .into_owned(),
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
    let mut codes = end_codes(&root);
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

/// What the journal says of the end, as codes.
fn end_codes(root: &Path) -> Vec<Code> {
    let text = std::fs::read_to_string(root.join(engine::journal::NAME)).unwrap_or_default();
    let Ok(journal) = journal::parse(&text) else {
        return vec![exit::BAD_EVIDENCE];
    };
    let signal = journal.lines.iter().find_map(|line| match &line.event {
        Some(Event::SignalReceived { signal, .. }) => Some(if signal == "INT" {
            exit::SIGINT
        } else {
            exit::SIGTERM
        }),
        _ => None,
    });
    let Some(Event::RunClosed {
        end,
        leftovers,
        why,
    }) = journal.lines.last().and_then(|line| line.event.clone())
    else {
        return vec![exit::BAD_EVIDENCE];
    };
    let mut codes = of_faults(&journal);
    if leftovers.iter().any(|name| name.starts_with("unknown")) {
        codes.push(exit::NOT_HEALED);
    } else if !leftovers.is_empty() {
        codes.push(exit::LEFTOVERS);
    }
    match end {
        End::Signal => codes.extend(signal),
        End::Error => {
            eprintln!("error: {}", why.unwrap_or_default());
            codes.push(exit::TESTBED);
        }
        End::Abort | End::Finished => {}
    }
    codes
}

/// A heal that was never proven, and a blast radius that would have been overstepped, have codes of their own.
fn of_faults(journal: &journal::Journal) -> Vec<Code> {
    let mut hurt = BTreeSet::new();
    let mut codes = Vec::new();
    for event in journal.lines.iter().filter_map(|line| line.event.as_ref()) {
        match event {
            Event::FaultNotHealed { id, .. } => drop(hurt.insert(id.clone())),
            Event::FaultHealed { id, .. } => drop(hurt.remove(id)),
            Event::AbortTriggered { objective, .. } if objective == BLAST_RADIUS => {
                codes.push(exit::BLOCKED);
            }
            _ => {}
        }
    }
    if !hurt.is_empty() {
        codes.push(exit::NOT_HEALED);
    }
    codes
}
