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
}
