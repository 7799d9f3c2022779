//! Verdicts, objectives and the ledger.

use super::*;

claims! {
    a_known_run_passes_with_its_numbers {
        let analysis = Synthetic::default().analysis();
        assert_eq!(analysis.verdict.value, Verdict::Pass, "{:?}", analysis.findings.first());
        assert!(analysis.verdict.headline.contains("n = 8"), "{}", analysis.verdict.headline);
        assert!(analysis.verdict.headline.contains("lost 0 of"), "{}", analysis.verdict.headline);
        assert_eq!(analysis.run.interrupted, None);
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
}
