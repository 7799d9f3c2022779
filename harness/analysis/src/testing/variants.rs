//! Rules of which the code has no wrong variant to switch on: the right rule and the wrong one, both put to the same check.
use super::synthetic::{UNITS, stall_at};
use crate::{compare::log_rank::log_rank, latency, survival::Watched};
use model::{
    objective::{Op as Than, Sampled, judge::compare},
    samples::Op,
    system::Outcome,
    units::Nanos,
    verdict::Verdict,
};

/// One rule: whether the check holds for it, and for its wrong variant.
pub struct Variant {
    pub id: &'static str,
    pub what: &'static str,
    /// What the check asks.
    pub by: &'static str,
    pub right: fn() -> bool,
    pub wrong: fn() -> bool,
}

/// All of them.
pub const ALL: &[Variant] = &[
    Variant {
        id: "A1",
        what: "asymptotic p at three a side",
        by: "no labelling of three a side is rarer than 2 in 20",
        right: || p_is_possible(log_rank(&far(), &near(), 1).p),
        wrong: || p_is_possible(asymptotic(&far(), &near())),
    },
    Variant {
        id: "L1",
        what: "closed loop",
        by: "p99 of the published stall is 1.10 s",
        right: || shows_the_stall(&open_loop()),
        wrong: || shows_the_stall(&closed_loop()),
    },
    Variant {
        id: "L4",
        what: "percentiles of seconds averaged",
        by: "p99 of the published stall is 1.10 s",
        right: || is_stall(p99(&latencies(&open_loop()))),
        wrong: || is_stall(averaged(&open_loop())),
    },
    Variant {
        id: "N6",
        what: "NaN passes",
        by: "what is no number is unknown",
        right: || compare(Than::Le, 1.0, f64::NAN, f64::NAN) == Verdict::Unknown,
        wrong: || not_above(1.0, f64::NAN, f64::NAN) == Verdict::Unknown,
    },
];

fn at(times: [f64; 3]) -> Vec<Watched> {
    let one = |t_s| Watched {
        t_s,
        recovered: true,
    };
    times.map(one).to_vec()
}

fn far() -> Vec<Watched> {
    at([7.0, 8.0, 9.0])
}

fn near() -> Vec<Watched> {
    at([1.0, 2.0, 3.0])
}

fn p_is_possible(p: Option<f64>) -> bool {
    p.is_some_and(|p| p >= 2.0 / 20.0)
}

fn asymptotic(a: &[Watched], b: &[Watched]) -> Option<f64> {
    log_rank(a, b, 1).chi2.map(beyond)
}

/// P(chi-square with one degree of freedom > `chi2`): twice the normal tail, after Abramowitz & Stegun 26.2.17 (7.5e-8).
fn beyond(chi2: f64) -> f64 {
    let z = chi2.sqrt();
    let t = 1.0 / (1.0 + 0.231_641_9 * z);
    let terms = [
        0.319_381_530,
        -0.356_563_782,
        1.781_477_937,
        -1.821_255_978,
        1.330_274_429,
    ];
    let series = terms.iter().rev().fold(0.0, |sum, term| (sum + term) * t);
    2.0 * series * (-chi2 / 2.0).exp() / (std::f64::consts::TAU).sqrt()
}

/// The published case: 100 a second for 30 s, 1 ms each, one stall of 1.4 s at 10 s.
fn open_loop() -> Vec<Op> {
    let (ms, s) = UNITS;
    stall_at(10 * ms, ms, (10 * s, 11_400 * ms), 3_000)
}

/// The same seen by a client that sends its next one when the last is answered: what was due meanwhile is never sent.
fn closed_loop() -> Vec<Op> {
    let (ms, s) = UNITS;
    let (mut ops, mut free) = (Vec::new(), 0);
    for due in (0..30 * s).step_by((10 * ms) as usize) {
        if due < free {
            continue;
        }
        let begins = if due == 10 * s { due + 1_400 * ms } else { due };
        free = begins + ms;
        ops.push(Op {
            intended: Nanos(due),
            sent: Nanos(due),
            ended: Nanos(free),
            outcome: Outcome::Ok,
            class: 0,
            kind: 0,
            process: ops.len() as u32,
        });
    }
    ops
}

fn latencies(ops: &[Op]) -> Vec<f64> {
    let took = |op: &Op| op.ended.since(op.intended).as_s();
    ops.iter().map(took).collect()
}

fn p99(values: &[f64]) -> f64 {
    let samples = Sampled {
        values: values.to_vec(),
        ..Sampled::default()
    };
    latency::percentiles(&samples, "s")[2]
        .value_s
        .value
        .unwrap_or(f64::NAN)
}

fn averaged(ops: &[Op]) -> f64 {
    let of_second = |second: &[f64]| {
        let mut sorted = second.to_vec();
        sorted.sort_by(f64::total_cmp);
        sorted[98]
    };
    let values = latencies(ops);
    let seconds = values.chunks(100).map(of_second);
    seconds.sum::<f64>() / 30.0
}

/// To a thousandth, as the published histogram has it.
fn is_stall(p99: f64) -> bool {
    (p99 / 1.101_823 - 1.0).abs() < 1e-3
}

fn shows_the_stall(ops: &[Op]) -> bool {
    is_stall(p99(&latencies(ops)))
}

/// "Not above the bound" taken for "below it".
fn not_above(bound: f64, low: f64, high: f64) -> Verdict {
    if low > bound {
        Verdict::Fail
    } else if high > bound {
        Verdict::Unknown
    } else {
        Verdict::Pass
    }
}

#[test]
fn the_wrong_variants_are_as_wrong_as_published() {
    // Both worked log-rank tests, and the closed loop's count and p99.
    for (chi2, p) in [(12.0940, 0.000506), (4.8666, 0.0274)] {
        assert!((beyond(chi2) / p - 1.0).abs() < 2e-3, "{}", beyond(chi2));
    }
    let closed = closed_loop();
    assert_eq!(closed.len(), 2_860);
    assert!((p99(&latencies(&closed)) - 0.001).abs() < 1e-9);
}
