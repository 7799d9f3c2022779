//! One end-to-end run on a testbed without containers: the real plan, engine, journal, analysis and reports, in milliseconds of wall time.
//!
//! Knows by planted defects: each must change the verdict, and a calm run must pass.
mod combined;
mod compared;
mod planned;

use analysis::{input::RunInput, report::Analysis};
use engine::{
    clock::Clock,
    folder::RunFolder,
    shell::{self, Observer, Order, Ports},
};
use model::{
    journal::{self, End, Event},
    plan::Plan,
    scenario,
    system::{BedOrder, Catalog},
    units::Nanos,
    verdict::Verdict,
};
use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    sync::Arc,
};
use systems::fake::{
    Fake, Feed, Shared,
    bed::{FakeBed, Planted},
    guard::FakeGuard,
};
use tokio::{sync::mpsc, time::Instant};

const SCENARIO: &str = "brinell: 1
claim: Losing a worker delays output by at most 3 s and loses none.
testbed: {fake: {}}
workload: {feed: {}}
phases: {warm_up: 2s, baseline: 30s, recovery: 10s, settle: 2s, cool_down: 5s}
faults:
  - {id: kill, every: 10s, times: 8, target: {role: worker, pick: 1}, do: {kill: {}}}
objectives:
  \"age{window:fault}\": [\"max < 3s\"]
  records_lost: [\"count == 0\"]
  records_duplicated: [\"count == 0\"]
";

const CATALOG: Catalog = Catalog {
    faults: faults::CATALOG,
    systems: &[&Fake],
    workloads: &[&Feed],
};

struct Nobody;

impl Observer for Nobody {
    fn fact(&self, _: Nanos, _: &Event) {}
    fn waiting(&self, _: Nanos, _: &str) {}
}

/// A run folder that goes away with its test.
struct Folder(PathBuf);

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn folder(name: &str) -> Folder {
    let path = std::env::temp_dir().join(format!("brinell-fake-{}-{name}", std::process::id()));
    let _ = fs::remove_dir_all(&path);
    Folder(path)
}

fn plan(text: &str, seed: u64) -> Plan {
    let scenario = scenario::parse(text).expect("the scenario reads");
    model::plan::plan(&scenario, "fake/test", "0", &CATALOG, seed).expect("the scenario plans")
}

struct Knobs {
    seed: u64,
    planted: Planted,
    forgets: bool,
    signal_at_s: Option<u64>,
    text: &'static str,
}

impl Default for Knobs {
    fn default() -> Self {
        Self {
            seed: 7,
            planted: Planted::default(),
            forgets: false,
            signal_at_s: None,
            text: SCENARIO,
        }
    }
}

fn press(name: &str, knobs: &Knobs) -> (Analysis, Folder) {
    let at = folder(name);
    made(&at.0, knobs);
    (
        analysis::analyze(&input(&at.0)).expect("the run folder reads"),
        at,
    )
}

/// The run folder of a run.
fn made(at: &Path, knobs: &Knobs) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .start_paused(true)
        .build()
        .expect("a runtime");
    runtime.block_on(run(at, knobs));
}

async fn run(at: &Path, knobs: &Knobs) {
    let plan = plan(knobs.text, knobs.seed);
    let epoch = Instant::now();
    let world = Shared::default();
    let mut guard = FakeGuard::new(world.clone(), epoch);
    guard.forgets = knobs.forgets;
    let folder = RunFolder::create(at.to_owned()).expect("a folder");
    let json = plan.to_json().expect("a plan is JSON");
    folder.write("plan.json", json.as_bytes()).expect("written");
    let opened = Event::RunOpened {
        schema: journal::codec::SCHEMA.into(),
        run: "r".into(),
        seed: plan.seed,
        scenario_sha256: "0".into(),
        plan_sha256: analysis::input::sha256(&json),
        wall: "2026-01-01T00:00:00.000000Z".into(),
        boot_id: "b".into(),
        epoch_mono_ns: 0,
    };
    let bed = BedOrder {
        run: "r".into(),
        owner: "o".into(),
        seed: plan.seed,
        testbed: BTreeMap::new(),
        workload: ("feed".into(), serde_json::json!({})),
        folder: String::new(),
        drives: Vec::new(),
    };
    let order = Order {
        plan,
        folder,
        bed,
        clock: Clock::since(epoch),
        opened,
        wall_epoch_s: 1.0,
        deadline: Nanos::secs(3600),
    };
    let ports = Ports {
        bed: Arc::new(FakeBed::new(world, knobs.planted)),
        guard: Arc::new(guard),
        faults: faults::CATALOG,
    };
    let (tell, mut signals) = mpsc::channel(8);
    let at_s = knobs.signal_at_s;
    let mut sender = tokio::task::JoinSet::new();
    sender.spawn(async move {
        if let Some(at_s) = at_s {
            tokio::time::sleep(std::time::Duration::from_secs(at_s)).await;
            let _ = tell.send("INT").await;
        }
        std::future::pending::<()>().await;
    });
    let outcome = shell::drive(order, ports, &mut signals, &Nobody)
        .await
        .expect("the run ends");
    assert_eq!(outcome.unwritten, None);
}

fn input(at: &Path) -> RunInput {
    let below = |folder: &str| -> BTreeMap<String, Vec<u8>> {
        let Ok(entries) = fs::read_dir(at.join(folder)) else {
            return BTreeMap::new();
        };
        let one = |path: PathBuf| {
            (
                format!(
                    "{folder}/{}",
                    path.file_name().unwrap_or_default().to_string_lossy()
                ),
                fs::read(&path).unwrap_or_default(),
            )
        };
        entries.flatten().map(|entry| one(entry.path())).collect()
    };
    let text = |name: &str| fs::read_to_string(at.join(name)).expect("a file of the run");
    RunInput {
        plan: text("plan.json"),
        events: text("events.jsonl"),
        samples: below("samples"),
        ledger: below("ledger"),
        versions: None,
    }
}

fn events(at: &Path) -> Vec<Event> {
    let journal = journal::parse(&fs::read_to_string(at.join("events.jsonl")).expect("a journal"))
        .expect("it reads");
    assert_eq!(journal.truncated, None);
    journal
        .lines
        .into_iter()
        .filter_map(|line| line.event)
        .collect()
}

fn count(events: &[Event], wanted: impl Fn(&Event) -> bool) -> usize {
    events.iter().filter(|event| wanted(event)).count()
}

#[test]
fn a_run_with_eight_kills_passes_and_measures_the_revival() {
    let (analysis, at) = press("calm", &Knobs::default());
    let events = events(&at.0);
    assert_eq!(
        count(&events, |event| matches!(
            event,
            Event::FaultEffective { .. }
        )),
        8
    );
    assert_eq!(
        count(&events, |event| matches!(event, Event::FaultHealed { .. })),
        8
    );
    assert_eq!(
        analysis.verdict.value,
        Verdict::Pass,
        "{:#?}",
        analysis.findings
    );
    let all = analysis
        .recovery
        .iter()
        .find(|row| row.probe == "workers")
        .expect("a row for the gauge");
    let recover = all.recover.value.expect("it recovered");
    assert!(
        (1.1..1.6).contains(&recover),
        "the platform takes 1.3 s, measured {recover} s"
    );
}

#[test]
fn the_reports_of_a_run_are_the_same_bytes_twice() {
    let (analysis, at) = press("twice", &Knobs::default());
    let again = analysis::analyze(&input(&at.0)).expect("the run folder reads");
    assert_eq!(
        reports::render_all(&analysis).expect("rendered"),
        reports::render_all(&again).expect("rendered")
    );
}

#[test]
fn two_runs_of_one_seed_have_the_same_plan_and_hit_the_same_targets() {
    let targets = |name| {
        let (_, at) = press(name, &Knobs::default());
        let of = |event: Event| match event {
            Event::TargetsResolved { targets, .. } => targets
                .into_iter()
                .map(|facts| facts.node)
                .collect::<Vec<_>>(),
            _ => Vec::new(),
        };
        events(&at.0).into_iter().flat_map(of).collect::<Vec<_>>()
    };
    assert_eq!(targets("seed-a"), targets("seed-b"));
}

#[test]
fn every_planted_defect_is_found() {
    let lose = Planted {
        lose: Some(1234),
        ..Planted::default()
    };
    let double = Planted {
        double: Some(99),
        ..Planted::default()
    };
    let drift = Planted {
        drift: true,
        ..Planted::default()
    };
    let nowhere = Planted {
        nowhere: true,
        ..Planted::default()
    };
    let stillborn = Planted {
        stillborn: true,
        ..Planted::default()
    };
    let endless = Planted {
        endless: true,
        ..Planted::default()
    };
    let expected = [
        ("lose", lose, Verdict::Fail),
        ("double", double, Verdict::Fail),
        ("drift", drift, Verdict::Unknown),
        ("nowhere", nowhere, Verdict::Unknown),
        ("stillborn", stillborn, Verdict::Unknown),
        ("endless", endless, Verdict::Unknown),
    ];
    let mut killed = 0;
    for (name, planted, verdict) in expected {
        let (analysis, _at) = press(
            name,
            &Knobs {
                planted,
                ..Knobs::default()
            },
        );
        assert_eq!(
            analysis.verdict.value, verdict,
            "{name}: {}",
            analysis.verdict.headline
        );
        killed += 1;
    }
    println!("planted defects: found {killed}/{}", expected.len());
}

const PAUSE: &str = "brinell: 1
claim: A pause of a server is survived.
testbed: {fake: {}}
workload: {feed: {}}
phases: {warm_up: 2s, baseline: 30s, recovery: 20s, settle: 2s, cool_down: 5s}
faults:
  - {id: pause, hold: 5s, target: {node: c0}, do: {pause: {}}}
objectives:
  \"age{window:fault}\": [\"max < 3s\"]
";

#[test]
fn a_guard_that_forgets_its_undo_is_found() {
    let (analysis, at) = press(
        "forgets",
        &Knobs {
            forgets: true,
            text: PAUSE,
            ..Knobs::default()
        },
    );
    assert_ne!(analysis.verdict.value, Verdict::Pass);
    assert_eq!(
        count(&events(&at.0), |event| matches!(
            event,
            Event::FaultNotHealed { .. }
        )),
        1
    );
}

#[test]
fn a_signal_in_the_middle_of_a_fault_heals_and_is_unknown() {
    let (analysis, at) = press(
        "signal",
        &Knobs {
            signal_at_s: Some(36),
            text: PAUSE,
            ..Knobs::default()
        },
    );
    let events = events(&at.0);
    assert_eq!(analysis.verdict.value, Verdict::Unknown);
    assert_eq!(
        count(&events, |event| matches!(event, Event::FaultHealed { .. })),
        1
    );
    assert!(matches!(
        events.last(),
        Some(Event::RunClosed {
            end: End::Signal,
            ..
        })
    ));
}

#[test]
fn a_signal_before_the_fault_means_that_nothing_is_hurt() {
    let (_, at) = press(
        "early",
        &Knobs {
            signal_at_s: Some(10),
            text: PAUSE,
            ..Knobs::default()
        },
    );
    assert_eq!(
        count(&events(&at.0), |event| matches!(
            event,
            Event::ActDone { .. }
        )),
        0
    );
}
