//! What must hold, each a test by itself and each a judge of the mutants. Numbers are the published worked ones or follow from
//! where a synthetic run was hurt.
use super::synthetic::{
    BASELINE, EVERY, FAULTS, PERIOD, SETTLE, Stretch, Synthetic, UNITS, stall_at,
};
use crate::{
    Analysis, band, latency,
    median::{Durations, ranks},
    report::{ALL_PROBES, Availability, Finding, Recovery},
    share::share,
    span::Span,
    stream::{State, Stream},
    survival::{Watched, median, median_interval, survival},
    window::Windows,
};
use model::{
    objective::{Method, Sampled, estimate},
    system::Outcome,
    units::Nanos,
    verdict::Verdict,
};

macro_rules! claims {
    ($($(#[$doc:meta])* $name:ident $body:block)*) => {
        $($(#[$doc])* fn $name() $body)*
        /// Every claim by name.
        pub const ALL: &[(&str, fn())] = &[$((stringify!($name), $name as fn())),*];
        mod tests { $(#[test] fn $name() { super::$name() })* }
    };
}

fn row<'a>(analysis: &'a Analysis, probe: &str) -> &'a Recovery {
    analysis
        .recovery
        .iter()
        .find(|row| row.probe == probe)
        .unwrap()
}

fn available<'a>(analysis: &'a Analysis, probe: &str, window: &str) -> &'a Availability {
    analysis
        .availability
        .iter()
        .find(|row| row.probe == probe && row.window == window)
        .unwrap()
}

fn finding<'a>(analysis: &'a Analysis, id: &str) -> &'a Finding {
    analysis
        .findings
        .iter()
        .find(|finding| finding.id == id)
        .unwrap_or_else(|| panic!("no finding {id}"))
}

fn near(got: f64, want: f64, within: f64) {
    assert!(
        (got - want).abs() <= within,
        "got {got}, want {want} within {within}"
    );
}

fn watched(text: &str) -> Vec<Watched> {
    let one = |word: &str| Watched {
        t_s: word.trim_end_matches('+').parse().unwrap(),
        recovered: !word.ends_with('+'),
    };
    text.split_whitespace().map(one).collect()
}

/// Worked A and B of the science notes.
const A: &str = "11 14 14 17 19 22 26 33 60+ 60+";
const B: &str = "8 12 12 15+ 20 21 30 30+ 45 60+";

fn kills(from: u64, long: impl Fn(u64) -> u64) -> Vec<Stretch> {
    (0..8)
        .map(|k| {
            (
                FAULTS + k * EVERY + from,
                FAULTS + k * EVERY + from + long(k),
            )
        })
        .collect()
}

fn quiet() -> Synthetic {
    Synthetic {
        hangs: vec![],
        stale: vec![],
        short: vec![],
        ..Synthetic::default()
    }
}

claims! {
    a_known_run_passes_with_its_numbers {
        let analysis = Synthetic::default().analysis();
        assert_eq!(analysis.verdict.value, Verdict::Pass, "{:?}", analysis.findings.first());
        assert!(analysis.verdict.headline.contains("n = 8"), "{}", analysis.verdict.headline);
        assert!(analysis.verdict.headline.contains("lost 0 of"), "{}", analysis.verdict.headline);
        assert_eq!(analysis.run.interrupted, None);
    }

    the_ranks_of_the_median_are_the_published_ones {
        let table = [(6, 1, 96.88), (7, 1, 98.44), (8, 1, 99.22), (9, 2, 96.09), (10, 2, 97.85), (12, 3, 96.14), (15, 4, 96.48), (20, 6, 95.86), (30, 10, 95.72), (50, 18, 96.72), (100, 40, 96.48)];
        for (n, k, coverage) in table {
            let (rank, level) = ranks(n).unwrap();
            assert_eq!(rank, k, "n = {n}");
            near(level * 100.0, coverage, 0.005);
        }
    }

    fewer_than_six_have_no_interval {
        assert!((0..6).all(|n| ranks(n).is_none()));
    }

    survival_a_is_the_published_curve {
        let curve = survival(&watched(A));
        let shares: Vec<f64> = curve.iter().map(|step| (step.share * 1e6).round() / 1e6).collect();
        assert_eq!(shares, [0.9, 0.7, 0.6, 0.5, 0.4, 0.3, 0.2]);
        let at_19 = curve[3];
        near(at_19.low.unwrap(), 0.1836, 5e-5);
        near(at_19.high.unwrap(), 0.7532, 5e-5);
        assert_eq!(median(&curve), Some(20.5));
        assert_eq!(median_interval(&curve), (Some(11.0), Some(33.0)));
    }

    survival_b_counts_recoveries_before_censorings_of_the_same_time {
        let curve = survival(&watched(B));
        let shares: Vec<f64> = curve.iter().map(|step| (step.share * 1e6).round() / 1e6).collect();
        assert_eq!(shares, [0.9, 0.7, 0.583333, 0.466667, 0.35, 0.175]);
        assert_eq!((median(&curve), median_interval(&curve)), (Some(21.0), (Some(8.0), None)));
    }

    with_censoring_the_median_is_that_of_the_curve {
        let of = |text: &str| Durations {
            reached: watched(text).iter().filter(|w| w.recovered).map(|w| Span { lo: w.t_s, hi: w.t_s }).collect(),
            censored: watched(text).iter().filter(|w| !w.recovered).map(|w| w.t_s).collect(),
            what: "kills".into(),
        };
        let a = of(A).median();
        assert_eq!((a.value, a.low, a.high), (Some(20.5), Some(11.0), Some(33.0)));
        assert!(of(B).median().method.contains("upper end not reached"));
    }

    complete_data_give_the_middle_and_not_the_mean {
        let reached = [1.0, 2.0, 3.0, 4.0, 5.0, 60.0].map(|t| Span { lo: t - 0.1, hi: t + 0.3 }).to_vec();
        let measure = Durations { reached, ..Durations::default() }.median();
        near(measure.value.unwrap(), 3.6, 1e-9);
        near(measure.error.unwrap(), 0.2, 1e-9);
        assert_eq!((measure.low, measure.high), (Some(0.9), Some(60.3)));
    }

    every_known_outage_lies_in_the_bar_of_its_recovery {
        let analysis = Synthetic::default().analysis();
        for (probe, from, long) in [("ack", 200, 1_000), ("freshness", 200, 3_000), ("executors", 50, 2_000)] {
            for (k, run) in row(&analysis, probe).runs.iter().enumerate() {
                // T0 itself is known to 10 ms: the act began on the dot and was proved 10 ms later.
                let (t0, t1, t3) = (run.t0_ns.unwrap(), run.t1_ns.unwrap(), run.t3_ns.unwrap());
                let start = FAULTS + k as u64 * EVERY;
                let (down, up) = (Nanos::ms(start + from).0, Nanos::ms(start + from + long + 100 * k as u64).0);
                assert_eq!((t0.lo, t0.hi), (Nanos::ms(start).0, Nanos::ms(start + 10).0));
                assert!(t1.lo <= down && t3.lo <= up && up <= t3.hi, "{probe} {k}: {t1:?} {t3:?} not around {down} {up}");
                let width = if probe == "executors" { 260 } else { 115 };
                assert!(t3.hi - t3.lo <= Nanos::ms(width).0, "{probe} {k}: {t3:?}");
                let outage = t3.since(t1);
                near(outage.mid(), (up - down) as f64 / 1e9, outage.half_width() + 0.12);
            }
        }
    }

    the_bar_is_half_of_the_interval {
        near(Span { lo: 1.0, hi: 1.5 }.half_width(), 0.25, 1e-12);
        let analysis = Synthetic::default().analysis();
        let run = &row(&analysis, "ack").runs[0];
        let whole = run.t3_ns.unwrap().since(run.t0_ns.unwrap());
        assert!(row(&analysis, "ack").recover.error.unwrap() >= (whole.hi - whole.lo) / 2.0 - 1e-9);
    }

    the_row_over_all_probes_ends_with_the_last_of_them {
        let analysis = Synthetic::default().analysis();
        let (all, slowest) = (row(&analysis, ALL_PROBES), row(&analysis, "freshness"));
        for (joined, one) in all.runs.iter().zip(&slowest.runs) {
            assert_eq!(joined.t3_ns, one.t3_ns);
            assert_eq!(joined.affected, (3, 3));
            assert_eq!(joined.t2_ns, None);
        }
        assert!(row(&analysis, "ack").recover.value.unwrap() < all.recover.value.unwrap());
    }

    catch_up_and_reprotect_are_read_from_the_gauges {
        let analysis = Synthetic::default().analysis();
        near(row(&analysis, "ack").catch_up.value.unwrap(), 2.0, 0.1);
        near(row(&analysis, "ack").reprotect.value.unwrap(), 0.9, 0.2);
        assert!(row(&analysis, "executors").reprotect.value.is_none());
    }

    t0_is_the_proof_and_not_the_request {
        let analysis = Synthetic::default().analysis();
        near(row(&analysis, "ack").detect.value.unwrap(), 0.2, 0.12);
    }

    an_outage_without_end_is_censored_at_end_minus_settle {
        let mut run = Synthetic::default();
        run.hangs[7].1 = u64::MAX / 2;
        let analysis = run.analysis();
        let ack = row(&analysis, "ack");
        let last = &ack.runs[7];
        assert!(last.censored && last.t3_ns.is_none());
        near(last.watched_s, (run.end() - SETTLE - (FAULTS + 7 * EVERY)) as f64 / 1e3 - 0.005, 1e-6);
        assert_eq!((ack.reached.k, ack.reached.n), (7, 8));
        assert!(ack.recover.method.contains("7 of 8 recovered"), "{}", ack.recover.method);
    }

    where_most_are_censored_there_is_no_median {
        let mut run = Synthetic::default();
        for k in 2..8 {
            run.hangs[k].1 = FAULTS + (k as u64 + 1) * EVERY + if k == 7 { 90_000 } else { 0 };
        }
        run.hangs[7].1 = run.end() + 90_000;
        let analysis = run.analysis();
        let ack = row(&analysis, "ack");
        assert_eq!(ack.recover.value, None);
        assert!(ack.recover.why.as_deref().unwrap().contains("not reached within"), "{:?}", ack.recover);
        // Two of eight recovered: the median may still be anything from the first of them on; the longest is decided.
        assert_eq!(finding(&analysis, "objective-2").verdict, Verdict::Unknown, "{:?}", finding(&analysis, "objective-2"));
        run.objectives = vec![("recovery{fault:kill}".into(), "max < 10s".into())];
        assert_eq!(finding(&run.analysis(), "objective-1").verdict, Verdict::Fail);
    }

    a_relapse_within_the_settle_time_restarts_the_search {
        let mut run = Synthetic::default();
        run.hangs.insert(1, (FAULTS + 3_000, FAULTS + 3_500));
        let analysis = run.analysis();
        let first = &row(&analysis, "ack").runs[0];
        let t3 = first.t3_ns.unwrap();
        assert!(t3.lo >= Nanos::ms(FAULTS + 3_400).0 && t3.hi >= Nanos::ms(FAULTS + 3_500).0, "{t3:?}");
        assert_eq!(first.relapses, 1);
        assert_eq!(row(&analysis, "ack").runs[1].relapses, 0);
        assert!(first.t2_ns.unwrap().hi < t3.lo);
    }

    a_relapse_after_the_settle_time_is_none {
        let mut run = Synthetic::default();
        run.hangs.insert(1, (FAULTS + 9_000, FAULTS + 9_300));
        let first = &row(&run.analysis(), "ack").runs[0].clone();
        assert_eq!(first.relapses, 0);
        assert!(first.t3_ns.unwrap().hi < Nanos::ms(FAULTS + 2_000).0);
    }

    what_leaves_no_band_is_absorbed_and_has_no_recovery_time {
        let mut run = quiet();
        run.short = Synthetic::default().short;
        let analysis = run.analysis();
        let ack = row(&analysis, "ack");
        assert_eq!((ack.absorbed.k, ack.absorbed.n, ack.reached.n), (8, 8, 0));
        assert!(ack.recover.value.is_none() && ack.runs.iter().all(|run| run.absorbed && run.t1_ns.is_none()));
        assert_eq!(row(&analysis, ALL_PROBES).reached.k, 8);
        assert_eq!(row(&analysis, ALL_PROBES).runs[0].affected, (1, 3));
    }

    absorbed_repeats_stay_out_of_the_median {
        let mut run = quiet();
        run.short = Synthetic::default().short;
        run.hangs = kills(200, |_| 2_000)[..3].to_vec();
        let ack = row(&run.analysis(), "ack").clone();
        assert_eq!((ack.recover.n, ack.absorbed.k, ack.reached.n), (3, 5, 3));
        near(ack.recover.value.unwrap(), 2.2, 0.1);
    }

    recovery_before_the_heal_is_no_zero {
        let mut run = Synthetic { held: true, ..Synthetic::default() };
        run.hangs = kills(200, |k| if k < 4 { 500 } else { 3_000 });
        let after = row(&run.analysis(), "ack").recover_after_heal.clone().unwrap();
        assert_eq!(after.n, 4);
        assert!(after.method.contains("4 recovered before the heal"), "{}", after.method);
        near(after.value.unwrap(), 1.2, 0.1);
    }

    a_one_shot_has_no_recovery_after_heal {
        assert!(row(&Synthetic::default().analysis(), "ack").recover_after_heal.is_none());
    }

    latency_counts_from_the_intended_start {
        let (ms, s) = UNITS;
        let ops = stall_at(10 * ms, ms, (10 * s, 11_400 * ms), 3_000);
        let values = |from: fn(&model::samples::Op) -> Nanos| Sampled { values: ops.iter().map(|op| op.ended.since(from(op)).as_s()).collect(), ..Sampled::default() };
        let p99 = estimate(Method::P(99.0), &values(|op| op.intended)).value.unwrap();
        near(p99, 1.101_823, 1.101_823e-3);
        near(estimate(Method::Max, &values(|op| op.intended)).value.unwrap(), 1.401_855, 1.401_855e-3);
        // The same through the analysis of a run whose probe hangs: waiting from the intended start is the latency.
        let analysis = Synthetic::default().analysis();
        let row = analysis.latency.iter().find(|row| row.source == "ack" && row.window == "fault").unwrap();
        near(row.percentiles[4].value_s.value.unwrap(), 1.709, 0.01);
        let late = Synthetic { stalled: vec![(FAULTS + 5_000, FAULTS + 5_090)], ..quiet() };
        let analysis = late.analysis();
        let row = analysis.latency.iter().find(|row| row.source == "ack" && row.window == "whole").unwrap();
        near(row.percentiles[4].value_s.value.unwrap(), 0.097, 0.003);
    }

    unanswered_samples_stay_in_as_lower_bounds {
        let run = Synthetic { refused: kills(200, |_| 3_000), hangs: vec![], ..Synthetic::default() };
        let analysis = run.analysis();
        let row = analysis.latency.iter().find(|row| row.source == "ack" && row.window == "fault").unwrap();
        assert!(row.saturated > 200);
        let p99 = &row.percentiles[2].value_s;
        assert_eq!((p99.value, p99.low), (None, Some(5.0)));
        assert!(p99.why.as_deref().unwrap().starts_with("at least 5"));
    }

    no_samples_are_no_zero_latency {
        let run = Synthetic { repeats: 1, silent: vec![(0, u64::MAX / 2)], ..quiet() };
        let analysis = run.analysis();
        let measure = analysis.latency.iter().find(|row| row.source == "ack" && row.window == "whole").map(|row| row.percentiles[0].value_s.clone()).unwrap();
        assert_eq!((measure.value, measure.why.as_deref()), (None, Some("no samples in this window")));
        assert_eq!(analysis.verdict.value, Verdict::Unknown);
    }

    warm_up_is_not_judged {
        let run = Synthetic { hangs: vec![(1_000, 3_000)], ..quiet() };
        let analysis = run.analysis();
        assert_eq!(available(&analysis, "ack", "whole").requests.value, Some(1.0));
        let row = analysis.latency.iter().find(|row| row.source == "ack" && row.window == "whole").unwrap();
        assert!(row.percentiles[4].value_s.value.unwrap() < 0.02);
    }

    late_answers_are_bad {
        let analysis = Synthetic::default().analysis();
        let fault = available(&analysis, "ack", "fault");
        // Stretches of 1.0 to 1.7 s but for the last, which begins in the fault phase's last 2 s.
        near(fault.downtime.value.unwrap(), 10.8, fault.downtime.error.unwrap() + 0.05);
        assert!(fault.requests.value.unwrap() < 0.95);
    }

    downtime_holds_the_known_outage_within_its_bar {
        for (at, long) in [(200, 1_000), (233, 777), (271, 4_321)] {
            let run = Synthetic { repeats: 1, refused: vec![(FAULTS + at, FAULTS + at + long)], ..quiet() };
            let analysis = run.analysis();
            let whole = available(&analysis, "ack", "whole");
            let known = long as f64 / 1e3;
            assert!(whole.downtime.low.unwrap() <= known && known <= whole.downtime.high.unwrap() + 0.006, "{known}: {:?}", whole.downtime);
            near(whole.availability.value.unwrap(), 1.0 - known / 52.0, 0.1 / 52.0);
            assert_eq!((whole.availability.n, whole.availability.level), (1, None));
        }
    }

    unmeasured_time_widens_availability_to_the_bad_side {
        let run = Synthetic { repeats: 1, silent: vec![(FAULTS + 5_000, FAULTS + 13_000)], ..quiet() };
        let whole = available(&run.analysis(), "ack", "whole").clone();
        assert_eq!((whole.missing, whole.availability.value, whole.availability.high), (80, Some(1.0), Some(1.0)));
        near(whole.availability.low.unwrap(), 1.0 - 8.0 / 52.0, 1e-9);
        near(whole.requests.low.unwrap(), 440.0 / 520.0, 1e-9);
    }

    missing_samples_make_the_run_unknown {
        let run = Synthetic { stalled: vec![(FAULTS + 5_000, FAULTS + 6_000)], ..Synthetic::default() };
        let analysis = run.analysis();
        assert_eq!(finding(&analysis, "probe-ack").verdict, Verdict::Unknown);
        assert_eq!(analysis.verdict.value, Verdict::Unknown);
        assert_eq!(analysis.verdict.reasons, ["probe-ack"]);
        // Neither good nor bad: 10 samples were sent 100 ms to 1 s late.
        let whole = available(&analysis, "ack", "whole");
        assert_eq!(whole.missing, 10, "{whole:?}");
        assert_eq!(row(&analysis, "ack").runs[0].relapses, 0);
        let streams = Stream::of(&Synthetic::probes()[0], &crate::input::Records::Ops(run.ack()), &windows(&run), Nanos(u64::MAX));
        assert_eq!(streams.samples.iter().filter(|sample| sample.state == State::Missing).count(), 10);
    }

    absent_samples_are_missing_too {
        let run = Synthetic { silent: vec![(FAULTS + 5_000, FAULTS + 6_000)], ..Synthetic::default() };
        let analysis = run.analysis();
        assert_eq!(available(&analysis, "ack", "whole").missing, 10);
        assert_eq!(finding(&analysis, "probe-ack").verdict, Verdict::Unknown);
    }

    strays_of_the_baseline_are_no_impact {
        // One late answer every 10 s in the baseline, and the same later on: within the noise.
        let run = Synthetic { hangs: (0..20).map(|k| (BASELINE + 1_050 + k * 10_000, BASELINE + 1_250 + k * 10_000)).collect(), ..quiet() };
        let analysis = run.analysis();
        assert_eq!(row(&analysis, "ack").absorbed.k, 8, "{:?}", row(&analysis, "ack").runs[0]);
        assert_eq!(available(&analysis, "ack", "fault").requests.value, Some(1.0));
    }

    an_outlier_in_the_baseline_does_not_blind_the_band {
        let edge = band::upper_edge(&[98.0, 101.0, 100.0, 99.0, 102.0, 100.0, 97.0, 103.0, 100.0, 180.0], 0.0).unwrap();
        near(edge, 106.672, 5e-4);
        let run = Synthetic { outlier: true, ..Synthetic::default() };
        assert_eq!(row(&run.analysis(), "freshness").reached.k, 8);
    }

    the_fault_is_not_in_its_own_baseline {
        // Stale for so long that a band over the whole run would take it for normal.
        let run = Synthetic { stale: kills(200, |_| 12_000), ..Synthetic::default() };
        assert_eq!(row(&run.analysis(), "freshness").reached.k, 8);
        let bound = run.analysis().timeline.series.iter().find(|series| series.id == "freshness").unwrap().bound.unwrap();
        assert!(bound < 4.0, "{bound}");
    }

    clopper_pearson_is_the_published_one {
        near(share(19, 20).low, 0.7513, 5e-5);
        near(share(59, 59).low, 0.9394, 5e-5);
        near(share(0, 30).high, 0.1157, 5e-5);
    }

    a_run_without_objectives_is_unknown {
        let run = Synthetic { objectives: vec![], ..Synthetic::default() };
        assert_eq!(run.analysis().verdict.value, Verdict::Unknown);
    }

    unknown_outweighs_pass_and_fail_outweighs_unknown {
        let mut run = Synthetic { silent: vec![(FAULTS + 5_000, FAULTS + 8_000)], ..Synthetic::default() };
        assert_eq!(run.analysis().verdict.value, Verdict::Unknown);
        run.objectives.push(("freshness".into(), "max < 1s".into()));
        let analysis = run.analysis();
        assert_eq!((analysis.verdict.value, analysis.findings[0].verdict), (Verdict::Fail, Verdict::Fail));
    }

    a_median_of_five_repeats_is_unknown_and_says_what_would_do {
        let analysis = Synthetic { repeats: 5, ..Synthetic::default() }.analysis();
        let objective = finding(&analysis, "objective-2");
        assert_eq!(objective.verdict, Verdict::Unknown);
        assert!(objective.why.contains("at least 6 times"), "{}", objective.why);
        assert!(row(&analysis, "ack").recover.level.is_none());
    }

    an_objective_that_the_interval_straddles_is_unknown {
        let with = |threshold: &str| {
            let analysis = Synthetic { objectives: vec![("recovery{fault:kill,probe:ack}".into(), threshold.into())], ..Synthetic::default() }.analysis();
            finding(&analysis, "objective-1").verdict
        };
        assert_eq!([with("med < 1s"), with("med < 1.5s"), with("med < 5s")], [Verdict::Fail, Verdict::Unknown, Verdict::Pass]);
        assert_eq!([with("rate >= 100%"), with("count == 8"), with("count == 7")], [Verdict::Pass, Verdict::Pass, Verdict::Fail]);
    }

    a_late_generator_makes_the_load_unknown {
        let run = Synthetic { load_stalled: (0..4).map(|k| (FAULTS + k * EVERY, FAULTS + k * EVERY + 2_000)).collect(), ..Synthetic::default() };
        let analysis = run.analysis();
        assert_eq!(finding(&analysis, "load").verdict, Verdict::Unknown);
        near(analysis.load.unwrap().slip[2].value_s.value.unwrap(), 2.0, 0.02);
    }

    the_ledger_of_the_worked_example_comes_out {
        use crate::ledger::{Stage, classify};
        let ops: Vec<model::samples::Op> = (0..12_u32)
            .map(|k| model::samples::Op { intended: Nanos(0), sent: Nanos(0), ended: Nanos(1), outcome: if k <= 8 { Outcome::Ok } else if k == 9 { Outcome::Fail } else { Outcome::Info }, class: 0, kind: 0, process: k })
            .collect();
        let read = [0, 1, 2, 4, 3, 5, 5, 7, 8, 9, 10, 42];
        let (ledger, intact, corrupted_ok) = classify(&ops, &Stage { name: "x", read: &read, corrupted: &[8], ..Stage::default() });
        let counts = [ledger.lost.unwrap(), ledger.duplicated, ledger.corrupted, ledger.resurrected, ledger.recovered, ledger.phantom, ledger.unseen_tail];
        assert_eq!(counts, [1, 1, 1, 1, 1, 1, 0]);
        assert_eq!((ledger.ok, ledger.fail, ledger.info, intact, corrupted_ok), (9, 1, 2, 7, 1));
        assert!(["lost 6", "duplicated 5", "corrupted 8", "resurrected 9", "phantom 42"].iter().all(|example| ledger.examples.contains(&(*example).to_owned())), "{:?}", ledger.examples);
        let cut = classify(&ops, &Stage { name: "x", read: &read[..7], incomplete: Some("cut".into()), ..Stage::default() });
        assert_eq!((cut.0.lost, cut.0.unseen_tail), (None, 3));
    }

    an_unread_end_is_unknown_and_never_lost {
        let run = Synthetic::default();
        let stored = run.stored();
        let analysis = run.with_stored(&stored[..stored.len() - 30], &[], false);
        assert_eq!((analysis.ledger[0].lost, analysis.ledger[0].unseen_tail), (None, 30));
        assert_eq!(finding(&analysis, "objective-3").verdict, Verdict::Unknown);
        assert_eq!(analysis.verdict.value, Verdict::Unknown);
    }

    what_is_unknown_to_the_sender_makes_no_claim {
        let run = Synthetic::default();
        let mut stored = run.stored();
        assert_eq!(run.with_stored(&stored, &[], true).ledger[0].lost, Some(0));
        stored.push(10);
        let analysis = run.with_stored(&stored, &[], true);
        assert_eq!((analysis.ledger[0].recovered, analysis.ledger[0].resurrected), (1, 0));
        assert_eq!(analysis.verdict.value, Verdict::Pass);
    }

    the_same_bytes_give_the_same_analysis {
        let input = Synthetic::default().input();
        let json = |input| serde_json::to_string(&crate::analyze(input).unwrap()).unwrap();
        assert_eq!(json(&input), json(&input));
    }

    a_timeline_stays_small {
        let analysis = Synthetic::default().analysis();
        assert!(analysis.timeline.series.iter().all(|series| series.values.len() <= 601 && series.values.len() == series.bad.len()));
        assert!(serde_json::to_string(&analysis).unwrap().len() < 250_000, "{}", serde_json::to_string(&analysis).unwrap().len());
    }

    overlapping_outages_are_counted_once {
        use crate::{availability::{Outage, joined, outages}, input::Records, report::Bounds};
        let outage = |from: u64, to: u64| Outage { from: Bounds { lo: from, hi: from }, to: Bounds { lo: to, hi: to } };
        assert_eq!(joined(vec![outage(1, 5), outage(4, 9), outage(12, 13)]), [outage(1, 9), outage(12, 13)]);
        // Timeouts that end long after the service is back: their stretch overlaps the next one.
        let run = Synthetic { repeats: 1, hangs: vec![(FAULTS + 1_000, FAULTS + 8_000)], refused: vec![(FAULTS + 8_200, FAULTS + 8_500)], ..quiet() };
        let stream = Stream::of(&Synthetic::probes()[0], &Records::Ops(run.ack()), &windows(&run), Nanos(u64::MAX));
        let all = outages(&stream);
        assert!(all.windows(2).all(|pair| pair[0].to.mid() < pair[1].from.mid()), "{all:?}");
        let down = available(&run.analysis(), "ack", "whole").downtime.clone();
        assert!(down.low.unwrap() <= 7.3 && down.high.unwrap() >= 7.3 && down.value.unwrap() <= 7.6, "{down:?}");
    }

    percentiles_come_from_pooled_samples {
        let samples = |n: usize, value: f64| Sampled { values: vec![value; n], ..Sampled::default() };
        let pooled = Sampled { values: [samples(990, 0.001).values, samples(10, 1.0).values].concat(), ..Sampled::default() };
        assert_eq!(latency::percentiles(&pooled, "s")[2].value_s.value, Some(0.001));
        assert_eq!(latency::percentiles(&pooled, "s")[4].value_s.value, Some(1.0));
        assert!(latency::percentiles(&pooled, "s")[3].value_s.why.as_deref().unwrap().contains("needs 2995"));
    }
}

fn windows(run: &Synthetic) -> Windows {
    Windows::of(&crate::input::Folder::read(&run.input()).unwrap())
}

/// The period of the probes is what the widths above rest on.
const _: () = assert!(PERIOD == 100);
