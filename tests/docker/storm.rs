//! The harness is SIGKILLed at random instants: host state heals within 2 s, containers, networks and volumes are gone within 15 s.
//!
//! `BRINELL_STORM` sets the number of instants (2 in CI, `just storm N`). The instants come from a fixed seed.
use crate::bed;
use model::{act::Act, journal::Event, seed::Draw};
use std::{
    fs,
    path::Path,
    process::Command,
    thread,
    time::{Duration, Instant},
};

/// What is promised.
const HOST: Duration = Duration::from_secs(2);
const TESTBED: Duration = Duration::from_secs(15);

#[test]
fn real_sigkill_storm_leaves_nothing() {
    let _turn = bed::turn();
    let rounds: u64 = std::env::var("BRINELL_STORM")
        .ok()
        .and_then(|text| text.parse().ok())
        .unwrap_or(2);
    let mut draw = Draw::new(7, "storm");
    let (mut host, mut gone) = (Vec::new(), Vec::new());
    for round in 0..rounds {
        let (healed, removed) = strike(round, &mut draw);
        println!(
            "storm {round}: host state healed after {:.3} s, testbed gone after {:.1} s",
            healed.as_secs_f64(),
            removed.as_secs_f64()
        );
        host.push(healed);
        gone.push(removed);
    }
    host.sort();
    gone.sort();
    let middle = |all: &[Duration]| {
        all.get(all.len() / 2)
            .copied()
            .unwrap_or_default()
            .as_secs_f64()
    };
    let worst = |all: &[Duration]| all.last().copied().unwrap_or_default();
    println!(
        "storm of {rounds}: host healed median {:.3} s, worst {:.3} s; testbed gone median {:.1} s, worst {:.1} s; leftovers 0",
        middle(&host),
        worst(&host).as_secs_f64(),
        middle(&gone),
        worst(&gone).as_secs_f64()
    );
    assert!(worst(&host) <= HOST, "host state took {:?}", worst(&host));
    assert!(
        worst(&gone) <= TESTBED,
        "the testbed took {:?}",
        worst(&gone)
    );
}

/// One run, killed: every third during bring-up, the others with a frozen worker and a cut network at a random instant.
fn strike(round: u64, draw: &mut Draw) -> (Duration, Duration) {
    let faults = "{id: pause, hold: 60s, target: {node: spark-worker-1}, do: {pause: {}}}
  - {id: cut, at: 100ms, hold: 60s, target: {node: spark-worker-2}, peers: {role: minio}, do: {partition: {}}}";
    let mut running = bed::start(&format!("storm-{round}"), &bed::short(faults, bed::EASY));
    let early = round % 3 == 2;
    if early {
        running.wait_for("open journal", |event| {
            matches!(event, Event::RunOpened { .. })
        });
        thread::sleep(Duration::from_millis(draw.below(12_000)));
    } else {
        running.wait_for("fault in effect", |event| {
            matches!(event, Event::FaultEffective { .. })
        });
        thread::sleep(Duration::from_millis(draw.below(1_500)));
    }
    let folder = running.folder().expect("a run folder");
    let frozen = freezers(&folder);
    let guard = guard_of(running.child.id());
    running.signal("KILL");
    let killed = Instant::now();
    let _ = running.child.wait();
    let healed = until(killed, Duration::from_secs(30), || {
        !tables(&folder) && frozen.iter().all(|file| thawed(file))
    });
    let run = folder
        .file_name()
        .expect("a name")
        .to_string_lossy()
        .into_owned();
    let removed = until(killed, Duration::from_secs(90), || {
        bed::labelled(&run).is_empty()
    });
    // An engine call in flight may land late: what is gone must stay gone. The guard leaves last.
    thread::sleep(Duration::from_secs(2));
    assert_eq!(bed::labelled(&run), Vec::<String>::new(), "came back");
    until(killed, Duration::from_secs(90), || {
        guard.is_none_or(|pid| !Path::new(&format!("/proc/{pid}")).exists())
    });
    (healed, removed)
}

fn until(since: Instant, limit: Duration, holds: impl Fn() -> bool) -> Duration {
    while !holds() {
        assert!(since.elapsed() < limit, "still hurt after {limit:?}");
        thread::sleep(Duration::from_millis(5));
    }
    since.elapsed()
}

/// Freezer files of all acts that the guard recorded.
fn freezers(folder: &Path) -> Vec<String> {
    let file = |event: Event| match event {
        Event::ActDone {
            act: Act::Freeze { freezer },
            ..
        } => Some(freezer.read),
        _ => None,
    };
    bed::lines(folder)
        .into_iter()
        .filter_map(|line| line.event)
        .filter_map(file)
        .collect()
}

/// Thawed, or gone with its container.
fn thawed(file: &str) -> bool {
    fs::read_to_string(file).map_or(true, |text| {
        !text.contains("FROZEN") && !text.contains("FREEZING")
    })
}

/// Whether a table of ours stands in the bridge family.
fn tables(_: &Path) -> bool {
    let listed = Command::new("nft")
        .args(["list", "tables"])
        .output()
        .expect("nft runs");
    String::from_utf8_lossy(&listed.stdout)
        .lines()
        .any(|line| line.contains("brinell") || line.contains("fault"))
}

/// The guard's pid: the child of the harness that runs the hidden subcommand.
fn guard_of(harness: u32) -> Option<u32> {
    let children =
        fs::read_to_string(format!("/proc/{harness}/task/{harness}/children")).unwrap_or_default();
    children
        .split_whitespace()
        .filter_map(|pid| pid.parse().ok())
        .find(|pid: &u32| {
            fs::read(format!("/proc/{pid}/cmdline"))
                .is_ok_and(|line| String::from_utf8_lossy(&line).contains("guard"))
        })
}
