//! Changes that must change nothing: a judge that notices everything would kill every mutant too.
use super::{
    arms::{WITH, WITHOUT, arms, claim, order},
    journal::{stored, with_events, with_input},
    synthetic::Synthetic,
};
use crate::{
    Analysis, RunInput, analyze,
    compare::{
        Comparison, compare,
        hodges_lehmann::{Known, ratio},
        log_rank::log_rank,
    },
    exponential::mean_time,
    mtbf::{Class, steady},
    quality::window,
    report::Bounds,
    restricted::restricted_mean,
    scaling::{Kind, fit::fit},
    span::Span,
    survival::Watched,
};
use model::{
    compare::Measured,
    journal::Event,
    ledger::{Quality, quality::Row},
    units::Nanos,
    verdict::Verdict,
};

/// One change, of the group with these letters.
pub struct Change {
    pub letters: &'static str,
    pub what: &'static str,
    pub changes_nothing: fn() -> bool,
}

const fn change(
    letters: &'static str,
    what: &'static str,
    changes_nothing: fn() -> bool,
) -> Change {
    Change {
        letters,
        what,
        changes_nothing,
    }
}

/// All of them.
pub const ALL: &[Change] = &[
    change("R", "all clocks shifted", || {
        recovered(&shifted()) == recovered(&plain())
    }),
    change("R", "a stream that no plan names", || {
        recovered(&stranger()) == recovered(&plain())
    }),
    change("R", "records of a probe written in another order", || {
        recovered(&reordered("samples/ack.ops")) == recovered(&plain())
    }),
    change("AH", "repeats of an arm in another order", || {
        told(&compared(&WITHOUT, &WITH)) == told(&compared(&turned(&WITHOUT), &turned(&WITH)))
    }),
    change("AH", "all times of both arms twice as long", both_twice),
    change(
        "AH",
        "a constant added to all times of the test",
        both_later,
    ),
    change("L", "all clocks shifted", || {
        loaded(&shifted()) == loaded(&plain())
    }),
    change("L", "records of the load written in another order", || {
        loaded(&reordered("samples/load.ops")) == loaded(&plain())
    }),
    change("L", "a stream that no plan names", || {
        loaded(&stranger()) == loaded(&plain())
    }),
    change("M", "repeats in another order", means_turned),
    change("M", "classes of fault in another order", classes_turned),
    change("B", "all clocks shifted", || {
        available(&shifted()) == available(&plain())
    }),
    change("B", "a stream that no plan names", || {
        available(&stranger()) == available(&plain())
    }),
    change("B", "records of a probe written in another order", || {
        available(&reordered("samples/ack.ops")) == available(&plain())
    }),
    change("K", "points of a scaling run in another order", || {
        law(|points| points.reverse()) == law(|_| ())
    }),
    change("K", "another unit of throughput", || {
        law(|points| points.iter_mut().for_each(|one| one.1 *= 2.0)) == law(|_| ())
    }),
    change("Q", "rows read in another order", || {
        rated(|rows| rows.reverse()) == rated(|_| ())
    }),
    change("Q", "a remark on where to look", || {
        let mut told = rated(|_| ());
        let before = checks(&told);
        told.note("a remark".into());
        checks(&told) == before
    }),
    change("D", "records read in another order", || {
        stored(|ids| ids.reverse()) == plain()
    }),
    change("D", "two records of different keys swapped", || {
        stored(|ids| ids.swap(100, 101)) == plain()
    }),
    change("N", "objectives in another order", || {
        let mut run = Synthetic::default();
        run.objectives.reverse();
        run.analysis().verdict.value == plain().verdict.value
    }),
    change("N", "one more objective that holds", || {
        let mut run = Synthetic::default();
        run.objectives
            .push(("freshness{window:fault}".into(), "p(99) < 20s".into()));
        run.analysis().verdict.value == plain().verdict.value
    }),
    change("J", "a fact that says nothing of the run", || {
        let told = with_events(|events| {
            let cost = Event::HarnessMeasured {
                cpu_s: 1.0,
                rss_bytes: 1,
            };
            let at = events[4].0;
            events.insert(5, (at, cost));
        });
        findings(&told) == findings(&plain())
    }),
    change("J", "all clocks shifted", || {
        findings(&shifted()) == findings(&plain())
    }),
];

fn plain() -> Analysis {
    Synthetic::default().analysis()
}

fn shifted() -> Analysis {
    Synthetic {
        shift: 86_400_000,
        ..Synthetic::default()
    }
    .analysis()
}

/// With the samples of a probe that the plan does not have.
fn stranger() -> Analysis {
    with_input(|input| {
        let copy = input.samples["samples/ack.ops"].clone();
        let text = String::from_utf8_lossy(&copy[..40]).replace("\"ack\"", "\"xyz\"");
        let copy = [text.as_bytes(), &copy[40..]].concat();
        input.samples.insert("samples/xyz.ops".into(), copy);
    })
}

/// As operations end, and so are written, in an order of their own: every other pair of records swapped.
fn reordered(file: &str) -> Analysis {
    let swap = |input: &mut RunInput| {
        let bytes = input.samples.get_mut(file).expect("the file of a probe");
        let head = bytes.iter().position(|byte| *byte == b'\n').unwrap_or(0) + 1;
        for pair in bytes[head..].chunks_exact_mut(2 * model::samples::RECORD) {
            pair.rotate_left(model::samples::RECORD);
        }
    };
    let mut input = Synthetic::default().input();
    swap(&mut input);
    analyze(&input).expect("it reads")
}

/// All of recovery but the clock readings themselves.
fn recovered(analysis: &Analysis) -> Vec<String> {
    let rows = analysis.recovery.iter();
    rows.map(|row| {
        format!(
            "{} {:?} {:?} {:?} {:?}",
            row.probe, row.recover, row.detect, row.catch_up, row.survival
        )
    })
    .collect()
}

fn available(analysis: &Analysis) -> Vec<String> {
    let rows = analysis.availability.iter();
    rows.map(|row| format!("{row:?}")).collect()
}

fn loaded(analysis: &Analysis) -> String {
    format!("{:?} {:?}", analysis.load, analysis.latency)
}

/// What was examined and what came of it; how many lines were read to that end may differ.
fn findings(analysis: &Analysis) -> Vec<(String, Verdict)> {
    let own = |finding: &crate::report::Finding| (finding.id.clone(), finding.verdict);
    analysis.findings.iter().map(own).collect()
}

fn compared(without: &[u64], with: &[u64]) -> Comparison {
    let claims = vec![claim(Measured::Recovery, Some(0.5))];
    compare(&order(6, 6, claims), &arms(without, with))
}

fn turned(times: &[u64]) -> Vec<u64> {
    times.iter().rev().copied().collect()
}

fn told(comparison: &Comparison) -> String {
    let fault = &comparison.faults[0];
    format!(
        "{:?} {:?} {:?} {:?}",
        comparison.verdict.value, fault.ratio, fault.log_rank, comparison.lines[0].effects
    )
}

const A: [f64; 6] = [21.0, 24.0, 27.0, 31.0, 35.0, 60.0];
const B: [f64; 6] = [3.0, 4.0, 5.0, 6.0, 8.0, 9.0];

fn watched(times: [f64; 6], change: impl Fn(f64) -> f64) -> Vec<Watched> {
    let one = |t: f64| Watched {
        t_s: change(t),
        recovered: t < 60.0,
    };
    times.map(one).to_vec()
}

fn both_twice() -> bool {
    let of = |by: f64| {
        let known = |times: [f64; 6]| times.map(|t| Known::exact(t * by)).to_vec();
        ratio(&[(known(A), known(B))])
    };
    of(2.0) == of(1.0)
}

fn both_later() -> bool {
    let of = |by: f64| log_rank(&watched(A, |t| t + by), &watched(B, |t| t + by), 1);
    of(1_000.0) == of(0.0)
}

/// Shares of the law of scaling that these points follow, to six digits.
fn law(change: fn(&mut Vec<(f64, f64)>)) -> String {
    let mut points = vec![
        (1.0, 955.0),
        (2.0, 1878.0),
        (4.0, 3548.0),
        (8.0, 6253.0),
        (16.0, 9280.0),
        (32.0, 10_212.0),
    ];
    change(&mut points);
    let law = fit(&points, Kind::Usl).expect("points enough").law;
    format!("{:.6} {:.6}", law.sigma, law.kappa)
}

/// A table of six rows, one of them with a null.
fn rated(change: fn(&mut Vec<u64>)) -> Quality {
    let mut rows: Vec<u64> = (0..6).collect();
    change(&mut rows);
    let mut quality = Quality::new(&["a".into()], Default::default());
    for row in rows {
        quality.take(&Row {
            due: Some(Nanos::secs(row)),
            absent: &[row == 3],
            conforms: true,
            copy: false,
        });
    }
    quality
}

fn checks(quality: &Quality) -> String {
    let whole = Bounds {
        lo: 0,
        hi: 6_000_000_000,
    };
    format!("{:?}", window("whole", quality, &[whole], None).checks)
}

fn means_turned() -> bool {
    let repeats = watched(A, |t| t);
    let back: Vec<Watched> = repeats.iter().rev().copied().collect();
    let of = |repeats: &[Watched]| (mean_time(repeats), restricted_mean(repeats, 60.0));
    of(&repeats) == of(&back)
}

fn classes_turned() -> bool {
    let class = |per_month: f64, down_s: f64| Class {
        name: String::new(),
        per_month,
        down_s,
        bar_s: Span {
            lo: down_s,
            hi: down_s,
        },
    };
    let of = |classes: &[Class]| {
        let up = steady(classes).map(|one| one.availability.value.unwrap_or_default());
        up.unwrap_or_default()
    };
    let there = of(&[class(2.0, 12.0), class(0.5, 70.0)]);
    (there - of(&[class(0.5, 70.0), class(2.0, 12.0)])).abs() < 1e-15 && there > 0.0
}

#[test]
fn what_is_harmless_changes_nothing() {
    for change in ALL {
        assert!((change.changes_nothing)(), "{}", change.what);
    }
    // The clocks really were shifted.
    let opened = |analysis: &Analysis| analysis.timeline.phases[0].from_ns;
    assert_eq!(
        opened(&shifted()) - opened(&plain()),
        Nanos::ms(86_400_000).0
    );
}
