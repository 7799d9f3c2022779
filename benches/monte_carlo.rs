//! Component-lifetimes a second of processor time, ours beside SimPy's for the same group: 2 of 3 with one crew.
//!
//! SimPy is asked of the Python in `BRINELL_PYTHON` (default `python3`); where it has none, its figure is "not measured". Both live every
//! failure and repair; ours takes the mean stay in each state, SimPy draws each time. One thread; processor time from the kernel's own
//! account, in ticks of 10 ms; the peer is run before and after ours.
use analysis::capacity::monte_carlo::{Fleet, Stop, simulate};
use std::process::Command;

/// User and system time of this process, s.
fn cpu() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let ticks: Vec<f64> = stat
        .rsplit(')')
        .next()
        .unwrap_or_default()
        .split_whitespace()
        .skip(11)
        .take(2)
        .filter_map(|word| word.parse().ok())
        .collect();
    ticks.iter().sum::<f64>() / 100.0
}

/// Lifetimes of each measurement: some tenths of a second or more.
const LIFETIMES: u64 = 40_000_000;

fn ours(name: &str, fleet: Fleet) -> f64 {
    let stop = Stop {
        half_width: 1e-9,
        lifetimes: LIFETIMES,
    };
    let mut rates: Vec<f64> = (0..7)
        .filter_map(|seed| {
            let before = cpu();
            let outcome = simulate(&fleet, &stop, seed, 1).ok()?;
            Some(outcome.lifetimes as f64 / (cpu() - before))
        })
        .collect();
    rates.sort_by(f64::total_cmp);
    let (Some(low), Some(high)) = (rates.first(), rates.last()) else {
        println!("{name:<44} not measured");
        return 0.0;
    };
    let middle = rates[rates.len() / 2];
    println!(
        "{name:<44} {:6.1} [{:.1}, {:.1}] million component-lifetimes per CPU-second (n = 7)",
        middle / 1e6,
        low / 1e6,
        high / 1e6
    );
    middle
}

/// SimPy's rate, lifetimes per CPU-second, with its version.
fn simpy() -> Option<(f64, String)> {
    let python = std::env::var("BRINELL_PYTHON").unwrap_or_else(|_| "python3".into());
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/../../benches/simpy_repair.py");
    let output = Command::new(python).arg(script).output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    let (rate, version) = text.trim().split_once(' ')?;
    Some((rate.parse().ok()?, version.to_owned()))
}

fn main() {
    let small = Fleet {
        groups: 1,
        k: 2,
        n: 3,
        crews: Some(1),
        fail: 1e-3,
        repair: 0.1,
        beta: 0.0,
    };
    let before = simpy();
    let rate = ours("2 of 3, one crew (cycles)", small);
    let common = Fleet {
        beta: 0.05,
        crews: None,
        ..small
    };
    ours("2 of 3, crews enough, beta 5 % (cycles)", common);
    let many = Fleet {
        groups: 25_000,
        n: 4,
        crews: Some(1100),
        ..small
    };
    ours("25 000 x 2 of 4, 1100 crews (windows)", many);
    match (before, simpy()) {
        (Some((first, version)), Some((second, _))) => {
            let peer = f64::midpoint(first, second);
            println!(
                "{:<44} {:6.3} million component-lifetimes per CPU-second (SimPy {version}, before {:.3}, after {:.3}); ours {:.0} times that",
                "2 of 3, one crew (SimPy)",
                peer / 1e6,
                first / 1e6,
                second / 1e6,
                rate / peer
            );
        }
        _ => println!(
            "{:<44} not measured: no Python with simpy",
            "2 of 3, one crew (SimPy)"
        ),
    }
}
