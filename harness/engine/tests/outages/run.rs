//! A run over relays: the engine on the real clock, no fault of its own, outages from outside.
use crate::{
    PROBES,
    bed::{Idle, Relays},
    relay::{Known, Relay},
};
use analysis::RunInput;
use engine::{
    clock::Clock,
    folder::RunFolder,
    shell::{self, Observer, Order, Ports},
};
use model::{
    journal::{self, Event},
    plan::{Load, Named, Phases, Plan, Steady},
    system::{BedOrder, ProbeKind, ProbeSpec},
    units::Nanos,
};
use serde_json::json;
use std::{
    collections::BTreeMap,
    fs,
    path::Path,
    sync::{Arc, Mutex, PoisonError},
    thread,
    time::Duration,
};
use tokio::{sync::mpsc, time::Instant};

/// What a run left: its folder in memory, its plan, and the outages by probe as the relays know them.
pub struct Told {
    /// What the analysis gets.
    pub input: RunInput,
    /// The probes.
    pub plan: Plan,
    /// What it is not told.
    pub known: BTreeMap<&'static str, Vec<Known>>,
}

/// Longest that all outages may take.
const LIMIT: Nanos = Nanos::secs(600);

fn plan() -> Plan {
    let probe = |(name, _, period_ns): (&str, _, Nanos)| ProbeSpec {
        name: name.into(),
        kind: ProbeKind::Latency,
        unit: "s".into(),
        doc: "A byte through a relay and back".into(),
        period_ns,
        deadline_ns: Nanos::secs(2),
        full: None,
    };
    Plan {
        schema: model::plan::SCHEMA.into(),
        name: "relays/outages".into(),
        claim: "Every bar holds the known length of its outage.".into(),
        scenario_sha256: String::new(),
        seed: 7,
        nodes: Vec::new(),
        drives: Vec::new(),
        testbed: BTreeMap::new(),
        workload: Named {
            name: "none".into(),
            settings: json!({}),
        },
        load: Load {
            rate: 1.0,
            poisson: false,
        },
        phases: Phases {
            warm_up_ns: Nanos::ms(500),
            baseline_ns: Nanos::secs(4),
            faults_ns: Nanos(0),
            recovery_ns: LIMIT,
            settle_ns: Nanos::ms(100),
            cool_down_ns: Nanos(0),
        },
        // Any steady state will do: a slow machine has a wide band, and wide bars.
        steady: Steady {
            windows: 2,
            window_ns: Nanos::secs(1),
            within: 1e9,
        },
        faults: Vec::new(),
        probes: PROBES.map(probe).to_vec(),
        at_most: BTreeMap::new(),
        objectives: Vec::new(),
    }
}

/// Waits for the phase in which nothing but the relays hurts.
struct Start(Mutex<Vec<std::sync::mpsc::Sender<()>>>);

impl Observer for Start {
    fn fact(&self, _: Nanos, event: &Event) {
        if matches!(event, Event::PhaseEntered { phase } if phase == "recovery") {
            let mut waiting = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            // Whoever does not listen any more has failed already.
            waiting
                .drain(..)
                .for_each(|tell| tell.send(()).unwrap_or_default());
        }
    }
    fn waiting(&self, _: Nanos, _: &str) {}
}

/// Runs `count` outages of each probe.
pub fn press(count: usize) -> Told {
    let path = std::env::temp_dir().join(format!("brinell-outages-{}", std::process::id()));
    let _ = fs::remove_dir_all(&path);
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build();
    let known = runtime.expect("a runtime").block_on(run(&path, count));
    let input = read(&path);
    let _ = fs::remove_dir_all(&path);
    Told {
        input,
        plan: plan(),
        known,
    }
}

async fn run(path: &Path, count: usize) -> BTreeMap<&'static str, Vec<Known>> {
    let clock = Clock::since(Instant::now());
    let start = |(name, kind, _)| {
        (
            name,
            Arc::new(Relay::start(kind, clock).expect("a relay on loopback")),
        )
    };
    let relays: BTreeMap<&'static str, Arc<Relay>> = PROBES.map(start).into();
    let mut waiting = Vec::new();
    let switches: Vec<_> = PROBES
        .iter()
        .map(|(name, _, period)| {
            let (tell, told) = std::sync::mpsc::channel();
            waiting.push(tell);
            let relay = relays[name].clone();
            thread::spawn(move || {
                // A run that never got there has no outages, and the test says so.
                let begun = told.recv().is_ok();
                (
                    *name,
                    if begun {
                        relay.outages(name, *period, count)
                    } else {
                        Vec::new()
                    },
                )
            })
        })
        .collect();
    let (end, mut signals) = mpsc::channel(1);
    let all = thread::spawn(move || {
        let known: BTreeMap<_, _> = switches
            .into_iter()
            .map(|one| one.join().expect("a switch lives"))
            .collect();
        thread::sleep(Duration::from_secs(1));
        let _ = end.blocking_send("INT");
        known
    });
    let ports = Ports {
        bed: Arc::new(Relays(relays)),
        guard: Arc::new(Idle),
        faults: &[],
    };
    let observer = Start(Mutex::new(waiting));
    let outcome = shell::drive(order(path, clock), ports, &mut signals, &observer)
        .await
        .expect("the run ends");
    assert_eq!(outcome.unwritten, None);
    drop(observer);
    tokio::task::spawn_blocking(|| all.join().expect("the switches end"))
        .await
        .expect("joined")
}

fn order(path: &Path, clock: Clock) -> Order {
    let plan = plan();
    let folder = RunFolder::create(path.to_owned()).expect("a folder");
    let json = plan.to_json().expect("a plan is JSON");
    folder.write("plan.json", json.as_bytes()).expect("written");
    let opened = Event::RunOpened {
        schema: journal::codec::SCHEMA.into(),
        run: "outages".into(),
        seed: plan.seed,
        scenario_sha256: String::new(),
        plan_sha256: analysis::input::sha256(&json),
        wall: "2026-01-01T00:00:00.000000Z".into(),
        boot_id: String::new(),
        epoch_mono_ns: 0,
    };
    let bed = BedOrder {
        run: "outages".into(),
        owner: String::new(),
        seed: plan.seed,
        testbed: BTreeMap::new(),
        workload: ("none".into(), json!({})),
        folder: String::new(),
        drives: Vec::new(),
    };
    Order {
        plan,
        folder,
        bed,
        clock,
        opened,
        wall_epoch_s: 1.0,
        deadline: LIMIT,
    }
}

fn read(path: &Path) -> RunInput {
    let text = |name: &str| fs::read_to_string(path.join(name)).expect("a file of the run");
    let samples = fs::read_dir(path.join("samples"))
        .expect("the samples")
        .flatten()
        .map(|entry| {
            let name = format!("samples/{}", entry.file_name().to_string_lossy());
            (name, fs::read(entry.path()).expect("readable"))
        });
    RunInput {
        plan: text("plan.json"),
        events: text("events.jsonl"),
        samples: samples.collect(),
        ledger: BTreeMap::new(),
        versions: None,
    }
}
