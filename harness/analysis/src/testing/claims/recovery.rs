//! Recovery of synthetic runs whose outages are known.

use super::*;

claims! {
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

    strays_of_the_baseline_are_no_impact {
        // One late answer every 10 s in the baseline, and the same later on: within the noise.
        let run = Synthetic { hangs: (0..20).map(|k| (BASELINE + 1_050 + k * 10_000, BASELINE + 1_250 + k * 10_000)).collect(), ..quiet() };
        let analysis = run.analysis();
        assert_eq!(row(&analysis, "ack").absorbed.k, 8, "{:?}", row(&analysis, "ack").runs[0]);
        assert_eq!(available(&analysis, "ack", "fault").requests.value, Some(1.0));
    }

    what_was_under_way_when_the_fault_came_is_no_stray {
        // Due in the last moments of the baseline, known to be late only under the fault.
        let run = Synthetic { repeats: 1, hangs: vec![(FAULTS - 110, FAULTS + 4_000)], ..quiet() };
        assert_eq!(row(&run.analysis(), "ack").absorbed.k, 0);
    }

    an_outlier_in_the_baseline_does_not_blind_the_band {
        let edge = band::upper_edge(&[98.0, 101.0, 100.0, 99.0, 102.0, 100.0, 97.0, 103.0, 100.0, 180.0], 0.0, 0.0).unwrap();
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
}
