//! A run folder of a million samples to its analysis: eight outages of two seconds, one fast probe, one gauge, and the load.
//!
//! `cargo bench -p analysis --bench analysis`; `BRINELL_SAMPLES` sets how many (10^6). The goal is 0.3 s for 10^6 on an idle core;
//! nothing here fails by time. Reading the records alone stands beside it: what any analysis pays first.
use analysis::{RunInput, analyze, input::Folder};
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use model::{
    check::{Check, NodeState},
    fault::Kind,
    journal::{self, End, Event},
    plan::{Load, Named, Phases, Plan, PlannedFault, Steady},
    samples::{Header, Op, RECORD, Reading},
    system::{Outcome, ProbeKind, ProbeSpec},
    units::{MS, Nanos, S},
};
use serde_json::json;
use std::{collections::BTreeMap, hint::black_box, time::Duration};

/// Begin of the baseline, of the faults, of the recovery, and the end, s.
const BASELINE: u64 = 5;
const FAULTS: u64 = 35;
const RECOVERY: u64 = 355;
const END: u64 = 380;
/// Between two faults, s, and how long each is felt.
const EVERY: u64 = 40;
const FELT: Nanos = Nanos(2 * S);
const REPEATS: u64 = 8;
/// Period of the probe and of the gauge.
const PROBE: Nanos = Nanos::ms(2);
const GAUGE: Nanos = Nanos::ms(10);

fn samples() -> u64 {
    let asked = std::env::var("BRINELL_SAMPLES").ok();
    asked
        .and_then(|text| text.parse().ok())
        .unwrap_or(1_000_000)
}

/// Records of the load per second, so that all sources together have `samples`.
fn rate(samples: u64) -> f64 {
    let others = END * S / PROBE.0 + END * S / GAUGE.0;
    samples.saturating_sub(others).max(END) as f64 / END as f64
}

fn probe(name: &str, kind: ProbeKind, period_ns: Nanos) -> ProbeSpec {
    ProbeSpec {
        name: name.into(),
        kind,
        unit: "s".into(),
        doc: String::new(),
        period_ns,
        deadline_ns: Nanos::secs(5),
        full: None,
    }
}

fn fault(k: u64) -> PlannedFault {
    PlannedFault {
        id: format!("kill#{}", k + 1).as_str().into(),
        group: "kill".into(),
        fault: "kill".into(),
        kind: Kind::OneShot,
        settings: json!({}),
        question: String::new(),
        targets: vec!["worker-1".into()],
        ask: None,
        peers: Vec::new(),
        peers_pick: None,
        ask_peers: None,
        after: Vec::new(),
        episode: None,
        at_ns: Nanos::secs(k * EVERY),
        hold_ns: None,
        prove_ns: Nanos::secs(5),
        heal_within_ns: Nanos::secs(30),
        deadline_ns: Nanos::secs(60),
        needs: Vec::new(),
        place: (1, 1),
    }
}

fn plan(samples: u64) -> Plan {
    Plan {
        schema: model::plan::SCHEMA.into(),
        name: "bench/analysis".into(),
        claim: "A million samples are soon told.".into(),
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
            rate: rate(samples),
            poisson: false,
        },
        phases: Phases {
            warm_up_ns: Nanos::secs(BASELINE),
            baseline_ns: Nanos::secs(FAULTS - BASELINE),
            faults_ns: Nanos::secs(RECOVERY - FAULTS),
            recovery_ns: Nanos::secs(END - RECOVERY),
            settle_ns: Nanos::secs(5),
            cool_down_ns: Nanos(0),
        },
        steady: Steady {
            windows: 3,
            window_ns: Nanos::secs(10),
            within: 0.25,
        },
        faults: (0..REPEATS).map(fault).collect(),
        probes: vec![
            probe("ack", ProbeKind::Latency, PROBE),
            probe("age", ProbeKind::GaugeLow, GAUGE),
        ],
        at_most: BTreeMap::new(),
        objectives: Vec::new(),
    }
}

fn events(plan_sha256: String) -> String {
    let entered = |at: u64, phase: &str| {
        (
            at * S,
            Event::PhaseEntered {
                phase: phase.into(),
            },
        )
    };
    let mut events = vec![
        (
            0,
            Event::RunOpened {
                schema: journal::codec::SCHEMA.into(),
                run: "bench".into(),
                seed: 7,
                scenario_sha256: String::new(),
                plan_sha256,
                wall: "2026-01-01T00:00:00.000000Z".into(),
                boot_id: String::new(),
                epoch_mono_ns: 0,
            },
        ),
        entered(0, "warm-up"),
        entered(BASELINE, "baseline"),
        entered(FAULTS, "faults"),
        entered(RECOVERY, "recovery"),
        entered(END, "cool-down"),
        (
            END * S + S,
            Event::RunClosed {
                end: End::Finished,
                leftovers: Vec::new(),
                why: None,
            },
        ),
    ];
    events.extend((0..REPEATS).flat_map(injected));
    events.sort_by_key(|(at, _)| *at);
    let line = |(n, (at, event)): (usize, &(u64, Event))| {
        journal::encode(n as u64, Nanos(*at), event).expect("a fact is JSON")
    };
    events.iter().enumerate().map(line).collect()
}

fn injected(k: u64) -> [(u64, Event); 2] {
    let (at, id) = ((FAULTS + k * EVERY) * S, format!("kill#{}", k + 1));
    let check = Check::Node {
        node: "worker-1".into(),
        is: NodeState::Ready,
    };
    let effective = Event::FaultEffective {
        id: id.as_str().into(),
        began_ns: Nanos(at),
        proved_ns: Nanos(at + MS),
        check,
        evidence: String::new(),
    };
    let (began_ns, proved_ns) = (Nanos(at + S), Nanos(at + S + MS));
    let healed = Event::FaultHealed {
        id: id.as_str().into(),
        began_ns,
        proved_ns,
        evidence: String::new(),
    };
    [(at + MS, effective), (at + S + MS, healed)]
}

/// Since when it hurts at this instant, if it does.
fn hurts(at: u64) -> Option<u64> {
    let since = at.checked_sub(FAULTS * S)?;
    let begin = at - since % (EVERY * S);
    (since / (EVERY * S) < REPEATS && at - begin < FELT.0).then_some(begin)
}

fn op(number: u64, due: u64) -> Op {
    let service = 500_000 + number * 7_919 % 900_000;
    let ended = hurts(due).map_or(due, |begin| begin + FELT.0) + service;
    Op {
        intended: Nanos(due),
        sent: Nanos(due + number % 50_000),
        ended: Nanos(ended),
        outcome: Outcome::Ok,
        class: 0,
        kind: 0,
        process: number as u32,
    }
}

fn file(
    schema: &str,
    source: &str,
    records: impl Iterator<Item = [u8; RECORD]>,
) -> (String, Vec<u8>) {
    let ending = schema.trim_start_matches("brinell.").trim_end_matches("/1");
    let unit = if ending == "gauge" { "s" } else { "" };
    let header = Header {
        schema: schema.into(),
        source: source.into(),
        record: RECORD as u32,
        unit: unit.into(),
    };
    let mut bytes = serde_json::to_vec(&header).expect("a header is JSON");
    bytes.push(b'\n');
    records.for_each(|record| bytes.extend(record));
    (format!("samples/{source}.{ending}"), bytes)
}

fn folder(samples: u64) -> RunInput {
    let plan = plan(samples).to_json().expect("a plan is JSON");
    let ops = |gap: f64| {
        (0..(END as f64 * 1e9 / gap) as u64).map(move |k| op(k, (k as f64 * gap) as u64).encode())
    };
    let reading = |k: u64| {
        let due = k * GAUGE.0;
        let age = hurts(due).map_or(0.5, |begin| 0.5 + Nanos(due - begin).as_s());
        Reading {
            intended: Nanos(due),
            sent: Nanos(due),
            ended: Nanos(due + MS),
            value: age,
        }
        .encode()
    };
    RunInput {
        events: events(analysis::input::sha256(&plan)),
        plan,
        samples: [
            file("brinell.ops/1", "load", ops(1e9 / rate(samples))),
            file("brinell.ops/1", "ack", ops(PROBE.0 as f64)),
            file(
                "brinell.gauge/1",
                "age",
                (0..END * S / GAUGE.0).map(reading),
            ),
        ]
        .into(),
        ledger: BTreeMap::new(),
        versions: None,
    }
}

fn speed(bench: &mut Criterion) {
    let input = folder(samples());
    let told = analyze(&input).expect("it reads");
    let row = told
        .recovery
        .iter()
        .find(|row| row.probe == "ack")
        .expect("a row of the probe");
    assert_eq!(
        (row.reached.k, row.reached.n),
        (REPEATS, REPEATS),
        "every outage is seen: {:?}",
        row.recover
    );
    let count: usize = input
        .samples
        .values()
        .map(|bytes| bytes.len() / RECORD)
        .sum();
    let mut group = bench.benchmark_group("samples");
    group
        .throughput(Throughput::Elements(count as u64))
        .sample_size(10)
        .warm_up_time(Duration::from_secs(1));
    group.bench_function(format!("analyze/{count}"), |each| {
        each.iter(|| analyze(black_box(&input)).expect("it reads"))
    });
    group.bench_function(format!("read/{count}"), |each| {
        each.iter(|| Folder::read(black_box(&input)).expect("it reads"))
    });
    group.finish();
}

criterion_group!(benches, speed);
criterion_main!(benches);
