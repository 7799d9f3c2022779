//! Random faults on a small testbed, then SIGKILL for the harness, its guard, both, or a container, at a random instant: nothing is left.
//!
//! Host state heals within 2 s of the harness's death, containers, networks and volumes are gone within 15 s; where the guard dies
//! too, `brinell clean` heals. `BRINELL_STORM` sets the number of rounds (2 in CI, `just storm N`), `BRINELL_STORM_FIRST` the first of
//! them; everything is drawn from a fixed seed.
mod deadman;
mod machine;
mod weather;

use crate::bed::{self, Running};
use machine::Machine;
use model::{journal::Event, seed::Draw};
use std::{
    collections::BTreeMap,
    fs,
    panic::{AssertUnwindSafe, catch_unwind},
    path::Path,
    thread,
    time::{Duration, Instant},
};

/// What is promised after the death of the harness alone.
const HOST: Duration = Duration::from_secs(2);
const TESTBED: Duration = Duration::from_secs(15);
/// Bound of everything that is not promised to the second: a clean by hand, a run that ends by itself.
const PATIENCE: Duration = Duration::from_secs(120);

/// Who is killed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Victim {
    Harness,
    Guard,
    Both,
    Container,
}

const VICTIMS: [Victim; 4] = [
    Victim::Harness,
    Victim::Guard,
    Victim::Both,
    Victim::Container,
];

/// How long until nothing of the round was left.
struct Aftermath {
    host: Duration,
    testbed: Duration,
}

#[test]
fn real_storm_leaves_nothing() {
    let _turn = bed::turn();
    let (first, rounds) = (rounds("BRINELL_STORM_FIRST", 0), rounds("BRINELL_STORM", 2));
    let mut told: BTreeMap<Victim, Vec<Aftermath>> = BTreeMap::new();
    let mut failed = Vec::new();
    for round in first..first + rounds {
        // Each round by a draw of its own, so that one can be had again.
        let mut draw = Draw::new(7, &format!("storm {round}"));
        let victim = VICTIMS[draw.below(4) as usize];
        let (scenario, faults) = weather::draw(round, &mut draw);
        let name = format!(
            "storm {round}: {} killed under {}",
            victim.word(),
            faults.join(" + ")
        );
        let struck = || strike(&name, victim, &scenario, &mut draw);
        match catch_unwind(AssertUnwindSafe(struck)) {
            Ok(after) => told.entry(victim).or_default().push(after),
            Err(_) => failed.push(name),
        }
    }
    for (victim, all) in &told {
        summary(&format!("storm of {rounds}, {}", victim.word()), all);
    }
    println!(
        "storm of {rounds}: something left after {} of them",
        failed.len()
    );
    assert_eq!(failed, [] as [String; 0], "something was left");
    told.get(&Victim::Harness)
        .into_iter()
        .flatten()
        .for_each(Aftermath::in_time);
}

/// What the caller wants.
fn rounds(variable: &str, usual: u64) -> u64 {
    let asked = std::env::var(variable).ok();
    asked.and_then(|text| text.parse().ok()).unwrap_or(usual)
}

impl Victim {
    fn word(self) -> String {
        format!("{self:?}").to_lowercase()
    }
}

impl Aftermath {
    /// The harness alone was killed: its guard keeps what is promised.
    fn in_time(&self) {
        assert!(self.host <= HOST, "host state took {:?}", self.host);
        assert!(
            self.testbed <= TESTBED,
            "the testbed took {:?}",
            self.testbed
        );
    }
}

fn summary(name: &str, all: &[Aftermath]) {
    let (host, testbed) = (spread(all, |one| one.host), spread(all, |one| one.testbed));
    println!(
        "{name} killed {} times: host healed {host}; testbed gone {testbed}; leftovers 0",
        all.len()
    );
}

fn spread(all: &[Aftermath], of: fn(&Aftermath) -> Duration) -> String {
    let mut spans: Vec<f64> = all.iter().map(|one| of(one).as_secs_f64()).collect();
    spans.sort_by(f64::total_cmp);
    format!(
        "median {:.3} s, worst {:.3} s",
        spans[spans.len() / 2],
        spans[spans.len() - 1]
    )
}

/// One run with a kill in it; ends when nothing of it is left, and stays so.
fn strike(name: &str, victim: Victim, scenario: &str, draw: &mut Draw) -> Aftermath {
    let before = Machine::look();
    let mut running = bed::start(&name.replace([' ', ':', '+'], "-"), scenario);
    let early = draw.below(4) == 0;
    if early && victim != Victim::Container {
        running.wait_for("open journal", |event| {
            matches!(event, Event::RunOpened { .. })
        });
        thread::sleep(Duration::from_millis(draw.below(5_000)));
    } else if running.reaches(|event| matches!(event, Event::FaultRequested { .. })) {
        thread::sleep(Duration::from_millis(draw.below(3_000)));
    } else {
        println!("{name}: never steady, so the run ended by itself");
    }
    let run = running
        .folder()
        .and_then(|folder| Some(folder.file_name()?.to_string_lossy().into_owned()))
        .unwrap_or_default();
    let after = aftermath(kill(victim, &mut running, &run, draw), &before, &run);
    println!(
        "{name}; host healed after {:.3} s, testbed gone after {:.1} s",
        after.host.as_secs_f64(),
        after.testbed.as_secs_f64()
    );
    running.forget();
    after
}

fn aftermath(killed: Instant, before: &Machine, run: &str) -> Aftermath {
    let host = left(killed, before, run, |new| new.host.into_iter().collect());
    let testbed = left(killed, before, run, |new| {
        [new.testbed.into_iter().collect(), bed::labelled(run)].concat()
    });
    // An engine call in flight may land late: what is gone must stay gone.
    thread::sleep(Duration::from_secs(2));
    let new = Machine::look().since(before);
    assert!(
        new.host.is_empty() && new.testbed.is_empty() && bed::labelled(run).is_empty(),
        "came back: {new:?}"
    );
    Aftermath { host, testbed }
}

/// Kills, and gives the instant from which healing counts: the death, the end of a run that goes on, the call of a clean.
fn kill(victim: Victim, running: &mut Running, run: &str, draw: &mut Draw) -> Instant {
    if running.is_over() {
        return Instant::now();
    }
    let guard = guard_of(running.child.id());
    match victim {
        Victim::Harness => {
            running.signal("KILL");
            let killed = Instant::now();
            let _ = running.child.wait();
            killed
        }
        Victim::Guard => {
            if let Some(pid) = guard {
                bed::signal(pid, "KILL");
            }
            running.end();
            Instant::now()
        }
        Victim::Both => {
            running.signal("STOP");
            if let Some(pid) = guard {
                bed::signal(pid, "KILL");
            }
            running.signal("KILL");
            let _ = running.child.wait();
            let cleaned = Instant::now();
            bed::clean(run);
            cleaned
        }
        Victim::Container => {
            if let Some(pid) = bed::container_pid(run, draw) {
                bed::signal(pid, "KILL");
            }
            running.end();
            Instant::now()
        }
    }
}

fn left(
    since: Instant,
    before: &Machine,
    run: &str,
    of: impl Fn(Machine) -> Vec<String>,
) -> Duration {
    loop {
        let left = of(Machine::look().since(before));
        if left.is_empty() {
            return since.elapsed();
        }
        assert!(
            since.elapsed() < PATIENCE,
            "still there of {run} after {PATIENCE:?}: {left:#?}"
        );
        thread::sleep(Duration::from_millis(10));
    }
}

/// The guard's pid: the child of the harness that runs the hidden subcommand.
fn guard_of(harness: u32) -> Option<u32> {
    let children =
        fs::read_to_string(format!("/proc/{harness}/task/{harness}/children")).unwrap_or_default();
    let is_guard = |pid: &u32| {
        fs::read(Path::new("/proc").join(pid.to_string()).join("cmdline"))
            .is_ok_and(|line| String::from_utf8_lossy(&line).contains("guard"))
    };
    children
        .split_whitespace()
        .filter_map(|pid| pid.parse().ok())
        .find(is_guard)
}
