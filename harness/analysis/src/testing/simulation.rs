//! Bars against the outages that they must hold, by simulation. How often intervals hold what they should is in `tests/coverage`.
use crate::{
    input::Records,
    instants::instants,
    report::{Bounds, Phase},
    stream::Stream,
    window::Windows,
};
use model::{
    samples::Op,
    system::{Outcome, ProbeKind, ProbeSpec},
    units::{MS, Nanos},
};
use proptest::prelude::*;

fn stream(period_ms: u64, outage: (u64, u64), refuses: bool) -> Stream {
    let spec = ProbeSpec {
        name: "p".into(),
        kind: ProbeKind::Latency,
        unit: "s".into(),
        doc: String::new(),
        period_ns: Nanos::ms(period_ms),
        deadline_ns: Nanos::secs(5),
        full: None,
    };
    // Times in microseconds, so that the outage begins and ends between samples.
    let one = |k: u64| {
        let due = k * period_ms * 1_000;
        let inside = outage.0 <= due && due < outage.1;
        let (ended, outcome) = match (inside, refuses) {
            (true, true) => (due + 300, Outcome::Fail),
            (true, false) => (outage.1 + 700, Outcome::Ok),
            _ => (due + 900, Outcome::Ok),
        };
        let at = |us: u64| Nanos(us * 1_000);
        Op {
            intended: at(due),
            sent: at(due),
            ended: at(ended),
            outcome,
            class: 0,
            kind: 0,
            process: k as u32,
        }
    };
    let ops = (0..30_000 / period_ms).map(one).collect();
    let phase = |name: &str, from: u64, to: u64| Phase {
        name: name.into(),
        from_ns: from * MS,
        to_ns: to * MS,
    };
    let windows = Windows {
        phases: vec![
            phase("baseline", 0, 10_000),
            phase("recovery", 10_000, 30_000),
        ],
        injections: vec![],
    };
    Stream::of(&spec, &Records::Ops(ops), &windows, Nanos(u64::MAX))
}

/// The published width of an outage's bar: its error is under one period, and 0.408 periods in the root mean square over random
/// phases and lengths.
#[test]
fn an_outage_is_known_to_a_period_and_its_error_scatters_as_published() {
    let mut draw = model::seed::Draw::new(7, "outages");
    let (mut squares, count, period_us) = (0.0, 2_000, 50_000.0);
    for _ in 0..count {
        let (from, long) = (
            12_000_000 + draw.below(1_000_000),
            300_000 + draw.below(900_000),
        );
        let (stream, t0) = (
            stream(50, (from, from + long), true),
            Bounds {
                lo: 12_000 * MS,
                hi: 12_001 * MS,
            },
        );
        let seen = instants(&stream, t0, Nanos::secs(30), Nanos::secs(1));
        let length = seen.t2.unwrap().since(seen.t1.unwrap());
        let off = (length.mid() * 1e6 - long as f64) / period_us;
        // An operation takes 0.9 ms at most: that much of a period more.
        assert!(off.abs() < 1.0 + 0.02, "{off} periods");
        squares += off * off;
    }
    let root = (squares / f64::from(count)).sqrt();
    assert!((root - 0.408).abs() < 0.03, "{root}");
}

proptest! {
    /// The bar of T2 - T1 must hold the known length of every outage: 100 %, at any phase, length and period.
    #[test]
    fn the_error_bar_holds_every_known_outage(from in 12_000_000_u64..13_000_000, long in 300_000_u64..4_000_000, period in prop_oneof![Just(10_u64), Just(50), Just(100)], refuses: bool) {
        let (stream, t0) = (stream(period, (from, from + long), refuses), Bounds { lo: 12_000 * MS, hi: 12_001 * MS });
        let seen = instants(&stream, t0, Nanos::secs(30), Nanos::secs(5));
        let (t1, t2, t3) = (seen.t1.unwrap(), seen.t2.unwrap(), seen.t3.unwrap());
        let (begin, end) = (from * 1_000, (from + long) * 1_000);
        prop_assert!(t1.lo <= begin && begin <= t1.hi, "{t1:?} {begin}");
        prop_assert!(t2.lo <= end && end <= t2.hi, "{t2:?} {end}");
        prop_assert!(t3.lo <= end && end <= t3.hi, "{t3:?} {end}");
        let length = t2.since(t1);
        prop_assert!(length.lo <= long as f64 / 1e6 && long as f64 / 1e6 <= length.hi);
        // What is late by less than a period is not known to be: at most two periods and the service at either end.
        prop_assert!(length.half_width() <= 2.0 * period as f64 / 1e3 + 0.003, "{length:?} at {period} ms");
    }
}
