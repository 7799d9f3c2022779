//! Made-up comparisons: six runs an arm, four faults each, and those that are not as one would wish. Every number is compared by the
//! analysis itself; only the runs are made up. Shared by the tests and by `examples/compared.rs`.
use super::fixture::executor_kills;
use analysis::{
    compare::{Comparison, compare},
    report::*,
};
use model::{
    compare::{Claim, Measured, Order, RunOf},
    verdict::Verdict,
};

/// Text that tries to leave its place in every format.
pub const HOSTILE: &str = "</script><script>alert(1)</script> | `x` **b** [l](javascript:x) @all \u{202e}rtl \u{0}\u{1b}[31m <img src=x onerror=alert(1)> \"'&amp;";

/// A second, ns.
const S: f64 = 1e9;
/// For how long every fault is watched, s.
const WATCHED: f64 = 60.0;

/// Recovery of one repeat: after so many seconds, not at all (infinite), or no impact (0).
type Times = [f64; 6];

const NEVER: f64 = f64::INFINITY;

/// Name of each fault with both arms.
const FAULTS: [(&str, Times, Times); 4] = [
    (
        "executor-loss",
        [21.0, 24.0, 27.0, 31.0, 35.0, 44.0],
        [3.0, 4.0, 5.0, 6.0, 8.0, 9.0],
    ),
    (
        "partition",
        [31.2, 28.4, 40.1, 35.5, 30.9, 33.3],
        [2.9, 3.4, 0.0, 4.1, 3.2, 0.0],
    ),
    (
        "drive-loss",
        [0.0, 0.0, 0.0, 0.0, 0.0, 0.0],
        [0.0, 0.0, 0.0, 0.0, 0.0, 0.0],
    ),
    (
        "driver-loss",
        [NEVER; 6],
        [12.1, 14.4, 13.2, 19.8, NEVER, 12.9],
    ),
];

/// Name and comparison of every case.
pub fn comparisons() -> Vec<(&'static str, Comparison)> {
    vec![
        ("hardening", hardening()),
        ("one-each", of(&FAULTS, 1, 1, |_, _| {})),
        (
            "all-censored",
            of(&[("driver-loss", [NEVER; 6], [NEVER; 6])], 6, 6, |_, _| {}),
        ),
        (
            "all-absorbed",
            of(&[("drive-loss", [0.0; 6], [0.0; 6])], 6, 6, |_, _| {}),
        ),
        ("one-arm", of(&FAULTS, 6, 0, |_, _| {})),
        ("left-out", left_out()),
        ("lossless", of(&FAULTS[..2], 6, 6, |_, a| lose(a, 0))),
        (
            "empty",
            compare(
                &Order {
                    claims: vec![],
                    ..order(0, 0)
                },
                &[],
            ),
        ),
        ("hostile", hostile()),
    ]
}

/// The full one: the first arm loses records and misses objectives, one of its runs was cut short.
pub fn hardening() -> Comparison {
    of(&FAULTS, 6, 6, |arm, a| {
        if arm == 0 { lose(a, 41) } else { lose(a, 0) }
    })
}

fn left_out() -> Comparison {
    let mut runs = runs(&FAULTS[..1], 6, 6, |_, _| {});
    runs[2] = Err("read plan.json: expected value at line 1 column 1".into());
    if let Ok(run) = &mut runs[4] {
        run.run.interrupted = Some("a signal".into());
    }
    runs[11] = Err("find the opening line of events.jsonl".into());
    compare(&order(6, 6), &runs)
}

fn hostile() -> Comparison {
    let text = HOSTILE.to_owned() + &"x".repeat(300);
    let mut order = order(6, 6);
    (order.claim, order.arms, order.command) =
        (text.clone(), [text.clone(), text.clone()], text.clone());
    order.claims[0].metric.clone_from(&text);
    order.claims[2].why.clone_from(&text);
    order
        .runs
        .iter_mut()
        .for_each(|run| run.round.clone_from(&text));
    let mut runs = runs(&FAULTS[..1], 6, 6, |_, a| {
        a.timeline
            .faults
            .iter_mut()
            .for_each(|mark| mark.id = HOSTILE.into())
    });
    runs[0] = Err(text);
    compare(&order, &runs)
}

fn of(
    faults: &[(&str, Times, Times)],
    without: usize,
    with: usize,
    change: fn(usize, &mut Analysis),
) -> Comparison {
    compare(&order(without, with), &runs(faults, without, with, change))
}

fn runs(
    faults: &[(&str, Times, Times)],
    without: usize,
    with: usize,
    change: fn(usize, &mut Analysis),
) -> Vec<Result<Analysis, String>> {
    let turn = |of: &RunOf| {
        let times: Vec<(&str, f64)> = faults
            .iter()
            .map(|(name, a, b)| (*name, [a, b][of.arm][of.repeat as usize]))
            .collect();
        let mut run = run(of, &times);
        change(of.arm, &mut run);
        Ok(run)
    };
    order(without, with).runs.iter().map(turn).collect()
}

fn run(of: &RunOf, times: &[(&str, f64)]) -> Analysis {
    let mut a = executor_kills();
    a.run.id = format!(
        "20260101T12{:02}00.000Z-{:02}a{}",
        of.repeat, of.repeat, of.arm
    );
    a.run.seed += of.repeat;
    a.findings
        .retain(|finding| finding.kind != FindingKind::Objective);
    let objective = |n: usize| {
        finding(
            &format!("objective-{n}"),
            FindingKind::Objective,
            verdict_of(of, n),
        )
    };
    a.findings.extend((1..=5).map(objective));
    a.findings.push(finding(
        "probe-freshness",
        FindingKind::Measurement,
        Verdict::Pass,
    ));
    a.timeline.faults = times
        .iter()
        .zip(1_u32..)
        .map(|((name, _), at)| mark(name, f64::from(at)))
        .collect();
    a.recovery = times
        .iter()
        .zip(1_u32..)
        .map(|((name, time), at)| recovery(name, *time, f64::from(at)))
        .collect();
    let worst = times
        .iter()
        .map(|(_, time)| time.min(WATCHED))
        .fold(2.0, f64::max);
    a.latency = ["baseline", "fault"]
        .map(|window| age(window, worst, of.repeat as f64 * 0.01))
        .into();
    let down = times.iter().map(|(_, time)| time.min(WATCHED)).sum::<f64>()
        / (WATCHED * times.len().max(1) as f64);
    a.availability = vec![good(1.0 - down)];
    a
}

/// The first arm misses two or three of its objectives in every run.
fn verdict_of(of: &RunOf, n: usize) -> Verdict {
    if of.arm == 0 && n <= 2 + of.repeat as usize % 2 {
        Verdict::Fail
    } else {
        Verdict::Pass
    }
}

fn finding(id: &str, kind: FindingKind, verdict: Verdict) -> Finding {
    Finding {
        id: id.into(),
        kind,
        name: id.into(),
        verdict,
        expected: String::new(),
        measured: String::new(),
        why: String::new(),
        evidence: vec![],
    }
}

fn at(seconds: f64) -> Option<Bounds> {
    let ns = |s: f64| (s * S).round() as u64;
    Some(Bounds {
        lo: ns(seconds - 0.05),
        hi: ns(seconds + 0.05),
    })
}

fn mark(name: &str, begin: f64) -> FaultMark {
    FaultMark {
        id: format!("{name}#1"),
        fault: "kill".into(),
        targets: vec!["worker-1/executor".into()],
        settings: serde_json::json!({}),
        backend: String::new(),
        requested_ns: None,
        effective_ns: at(begin * 100.0),
        heal_requested_ns: None,
        healed_ns: None,
        window_ns: None,
    }
}

fn recovery(name: &str, time: f64, begin: f64) -> Recovery {
    let repeat = Repeat {
        id: format!("{name}#1"),
        t0_ns: at(begin * 100.0),
        t3_ns: at(begin * 100.0 + time).filter(|_| time > 0.0 && time.is_finite()),
        censored: time.is_infinite(),
        absorbed: time == 0.0,
        watched_s: WATCHED,
        ..Repeat::default()
    };
    Recovery {
        fault: name.into(),
        probe: "freshness".into(),
        runs: vec![repeat],
        detect: Measure::default(),
        recover: Measure::default(),
        recover_after_heal: None,
        catch_up: Measure::default(),
        reprotect: Measure::default(),
        reached: Share::default(),
        absorbed: Share::default(),
        survival: vec![],
    }
}

fn value(value: f64, unit: &str, bar: f64) -> Measure {
    Measure {
        value: Some(value),
        unit: unit.into(),
        n: 1,
        low: Some(value - bar),
        high: Some(value + bar),
        method: "measured".into(),
        error: Some(bar),
        ..Measure::default()
    }
}

fn age(window: &str, most: f64, more: f64) -> Latency {
    let percentile = |p: f64, seconds: f64| Percentile {
        p,
        value_s: value(seconds + more, "s", 0.02),
    };
    Latency {
        source: "freshness".into(),
        window: window.into(),
        outcome: "all".into(),
        percentiles: vec![percentile(50.0, 1.31), percentile(100.0, most + 1.0)],
        count: 600,
        saturated: 0,
    }
}

fn good(share: f64) -> Availability {
    Availability {
        probe: "freshness".into(),
        window: "fault".into(),
        availability: value(share, "1", 0.001),
        downtime: Measure::default(),
        requests: Measure::default(),
        missing: 0,
    }
}

fn lose(a: &mut Analysis, lost: u64) {
    for ledger in a
        .ledger
        .iter_mut()
        .filter(|ledger| ledger.partition.is_none())
    {
        ledger.lost = Some(lost);
    }
}

fn order(without: usize, with: usize) -> Order {
    let sizes = [without, with];
    let arms = ["unhardened", "hardened"];
    let runs = (0..without.max(with)).flat_map(|repeat| {
        [0, 1]
            .into_iter()
            .filter(move |arm| repeat < sizes[*arm])
            .map(move |arm| RunOf {
                arm,
                round: "headline".into(),
                repeat: repeat as u64,
                folder: format!("{:02}-{}-headline", repeat * 2 + arm + 1, arms[arm]),
            })
    });
    Order {
        schema: model::compare::order::SCHEMA.into(),
        name: "compare/hardening".into(),
        claim: "Hardening the reference job keeps what its users are promised of it.".into(),
        seed: 7,
        probe: "freshness".into(),
        repeats: 6,
        arms: arms.map(Into::into),
        rounds: vec!["headline".into()],
        claims: claims(),
        runs: runs.collect(),
        command: "brinell compare scenarios/compare/hardening.yaml --seed 7".into(),
    }
}

fn claims() -> Vec<Claim> {
    let claim = |metric: &str,
                 without: &str,
                 with: &str,
                 claimed: &str,
                 reduction,
                 measure: Option<Measured>,
                 why: &str| Claim {
        metric: metric.into(),
        without: without.into(),
        with: with.into(),
        claimed: claimed.into(),
        reduction,
        measure,
        why: why.into(),
    };
    vec![
        claim(
            "mean time to recovery",
            "4-8 h",
            "15-30 min",
            "90 % less",
            Some(0.9),
            Some(Measured::Recovery),
            "",
        ),
        claim(
            "production incidents a month",
            "8-12",
            "1-2",
            "85 % less",
            Some(0.85),
            Some(Measured::Violations),
            "",
        ),
        claim(
            "deployment frequency",
            "weekly",
            "daily",
            "7x",
            None,
            None,
            "from a deployments file (1 / cycle time); no run shows it",
        ),
        claim(
            "data quality issues a month",
            "10+",
            "1-2",
            "85 % less",
            Some(0.85),
            Some(Measured::Quality),
            "",
        ),
        claim(
            "records lost",
            "not said",
            "not said",
            "none lost",
            None,
            Some(Measured::Lost),
            "",
        ),
        claim(
            "SLA compliance",
            "95 %",
            "99.9 %",
            "98 % less downtime",
            Some(0.98),
            Some(Measured::Availability),
            "",
        ),
        claim(
            "freshness under faults",
            "not said",
            "not said",
            "not said",
            None,
            Some(Measured::Freshness),
            "",
        ),
        claim(
            "throughput kept",
            "not said",
            "not said",
            "not said",
            None,
            Some(Measured::Throughput),
            "",
        ),
        claim(
            "cost of downtime per hour",
            "50 K",
            "5 K",
            "90 % less",
            None,
            None,
            "a price of the user's times measured downtime; no price is given",
        ),
    ]
}
