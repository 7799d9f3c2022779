//! How good the rows of a table are, in every window.

use super::*;
use crate::{
    analyze,
    quality::window,
    report::{Bounds, Check, Quality as Told, QualityCheck},
};
use model::{
    ledger::{Quality, Stage, quality::Row},
    system::Outcome,
    units::{MS, S},
};
use proptest::{prelude::*, test_runner::TestRunner};

/// A row of a table with two required columns and a schema: when it was due, and what is wrong with it.
#[derive(Clone, Copy, Debug, Default)]
struct Flaws {
    due: Option<u64>,
    absent: [bool; 2],
    wrong: bool,
    copy: bool,
}

fn counted(rows: &[Flaws]) -> Quality {
    let columns = [("a".to_owned(), "int".to_owned())];
    let mut quality = Quality::new(&["a".into(), "b".into()], columns.into());
    for row in rows {
        quality.take(&Row {
            due: row.due.map(Nanos),
            absent: &row.absent,
            conforms: !row.wrong,
            copy: row.copy,
        });
    }
    quality
}

/// The rows of a run in which all went well.
fn clean(run: &Synthetic) -> Vec<Flaws> {
    let ok = |op: &model::samples::Op| op.outcome == Outcome::Ok;
    let due = |op: model::samples::Op| Flaws {
        due: Some(op.intended.0),
        ..Flaws::default()
    };
    run.load().into_iter().filter(ok).map(due).collect()
}

fn run(objectives: &[(&str, &str)]) -> Synthetic {
    let owned = |(key, threshold): &(&str, &str)| ((*key).to_owned(), (*threshold).to_owned());
    Synthetic {
        repeats: 2,
        objectives: objectives.iter().map(owned).collect(),
        ..Synthetic::default()
    }
}

fn analyzed(run: &Synthetic, change: impl Fn(Stage) -> Stage) -> Analysis {
    let stage = change(run.stage(&run.stored(), &[]));
    analyze(&run.folder_with(&run.events(), &stage)).unwrap()
}

fn with(run: &Synthetic, rows: &[Flaws]) -> Analysis {
    analyzed(run, |stage| stage.rated(counted(rows)))
}

fn of<'a>(told: &'a Told, name: &str, check: Check, column: Option<&str>) -> &'a QualityCheck {
    let window = told.windows.iter().find(|one| one.window == name).unwrap();
    let mut checks = window.checks.iter();
    checks
        .find(|one| one.check == check && one.column.as_deref() == column)
        .unwrap()
}

/// Every row due in this stretch of the run, ms.
fn within(rows: &mut [Flaws], from: u64, to: u64) -> impl Iterator<Item = &mut Flaws> {
    let inside = move |row: &&mut Flaws| {
        row.due
            .is_some_and(|due| (from * MS..to * MS).contains(&due))
    };
    rows.iter_mut().filter(inside)
}

fn ends(check: &QualityCheck) -> [f64; 3] {
    [check.share.low, check.share.value, check.share.high].map(Option::unwrap)
}

claims! {
    a_clean_table_keeps_every_promise_in_every_window {
        let run = run(&[]);
        let rows = clean(&run);
        let told = with(&run, &rows).quality.unwrap();
        assert_eq!(told.rows, rows.len() as u64);
        let names: Vec<&str> = told.windows.iter().map(|one| one.window.as_str()).collect();
        assert_eq!(names, ["baseline", "kill#1", "kill#2", "fault", "recovery", "whole"]);
        for window in &told.windows {
            assert_eq!(window.checks.len(), 4, "two columns, unique, as declared");
            for check in &window.checks {
                assert_eq!((ends(check), check.verdict), ([1.0; 3], Verdict::Pass), "{} {check:?}", window.window);
            }
        }
        let whole = told.windows.last().unwrap();
        assert_eq!((told.windows[0].rows, told.windows[0].edge_rows), (300, 0), "30 s of 10 records");
        assert!(whole.rows + whole.edge_rows < told.rows, "warm-up and cool-down are not judged");
    }

    one_null_in_a_hundred_is_enough_and_two_are_not {
        for (nulls, verdict) in [(3, Verdict::Pass), (4, Verdict::Fail)] {
            let run = run(&[("completeness{column:b,window:baseline}", "rate >= 99%")]);
            let mut rows = clean(&run);
            within(&mut rows, BASELINE, FAULTS).take(nulls).for_each(|row| row.absent[1] = true);
            let analysis = with(&run, &rows);
            let told = analysis.quality.as_ref().unwrap();
            assert_eq!(of(told, "baseline", Check::Completeness, Some("b")).verdict, verdict);
            assert_eq!(of(told, "baseline", Check::Completeness, Some("a")).verdict, Verdict::Pass);
            assert_eq!(of(told, "recovery", Check::Completeness, Some("b")).verdict, Verdict::Pass);
            let found = finding(&analysis, "objective-1");
            assert_eq!(found.verdict, verdict);
            assert!(found.measured.contains(&format!("{nulls} of 300 rows in `b`")), "{}", found.measured);
            assert_eq!(found.evidence.len(), 1);
        }
    }

    the_worst_required_column_decides_where_none_is_named {
        let run = run(&[("completeness{window:baseline}", "rate >= 99%"), ("completeness{column:a}", "rate == 100%")]);
        let mut rows = clean(&run);
        within(&mut rows, BASELINE, FAULTS).take(30).for_each(|row| row.absent[1] = true);
        let analysis = with(&run, &rows);
        assert_eq!(finding(&analysis, "objective-1").verdict, Verdict::Fail);
        assert!(finding(&analysis, "objective-1").measured.starts_with("90 % (n = 300)"));
        assert_eq!(finding(&analysis, "objective-2").verdict, Verdict::Pass);
    }

    a_window_answers_for_its_own_rows_only {
        let run = run(&[("uniqueness{window:baseline}", "rate == 100%"), ("uniqueness{window:fault}", "rate == 100%")]);
        let mut rows = clean(&run);
        within(&mut rows, FAULTS + 5_000, FAULTS + 6_000).for_each(|row| row.copy = true);
        let analysis = with(&run, &rows);
        assert_eq!(finding(&analysis, "objective-1").verdict, Verdict::Pass);
        assert_eq!(finding(&analysis, "objective-2").verdict, Verdict::Fail);
        let told = analysis.quality.as_ref().unwrap();
        let verdicts = ["kill#1", "kill#2"].map(|name| of(told, name, Check::Uniqueness, None).verdict);
        assert_eq!(verdicts, [Verdict::Fail, Verdict::Pass]);
    }

    a_fault_that_lasts_has_a_window_until_it_is_healed_and_one_after {
        let run = Synthetic { held: true, ..run(&[]) };
        let mut rows = clean(&run);
        within(&mut rows, FAULTS, FAULTS + 2_000).for_each(|row| row.absent[0] = true);
        within(&mut rows, FAULTS + EVERY + 3_000, FAULTS + EVERY + 4_000).for_each(|row| row.absent[0] = true);
        // The last injection's window ends with the fault phase: give the second one an end.
        let told = with(&Synthetic { repeats: 3, ..run }, &rows).quality.unwrap();
        let bad = |name: &str| of(&told, name, Check::Completeness, Some("a")).bad;
        let all = ["kill#1", "kill#1, until healed", "kill#1, after", "kill#2, until healed", "kill#2, after"].map(bad);
        assert_eq!(all, [20, 20, 0, 0, 10]);
    }

    only_an_objective_enters_the_verdict_of_the_run {
        let spoilt = |objectives: &[(&str, &str)]| {
            let run = run(objectives);
            let mut rows = clean(&run);
            within(&mut rows, BASELINE, FAULTS).for_each(|row| row.wrong = true);
            with(&run, &rows)
        };
        let told = spoilt(&[("records_lost", "count == 0")]);
        assert_eq!(told.verdict.value, Verdict::Pass);
        let check = of(told.quality.as_ref().unwrap(), "baseline", Check::Conformity, None);
        assert_eq!((check.bad, check.verdict), (300, Verdict::Fail));
        assert_eq!(spoilt(&[("conformity", "rate == 100%")]).verdict.value, Verdict::Fail);
    }

    no_rows_are_unknown_and_neither_all_nor_nothing {
        let run = run(&[("completeness{window:baseline}", "rate >= 99%"), ("uniqueness{window:baseline}", "rate >= 0%")]);
        let mut rows = clean(&run);
        rows.retain(|row| row.due.is_none_or(|due| due >= FAULTS * MS));
        let analysis = with(&run, &rows);
        for id in ["objective-1", "objective-2"] {
            assert_eq!(finding(&analysis, id).verdict, Verdict::Unknown);
            assert!(finding(&analysis, id).why.contains("no rows"), "{}", finding(&analysis, id).why);
        }
    }

    without_the_end_or_with_a_file_unread_nothing_is_known {
        let run = run(&[("completeness", "rate >= 99%"), ("conformity", "rate <= 100%")]);
        let rows = clean(&run);
        let mut unread = counted(&rows);
        unread.unread = 1;
        let endless = analyzed(&run, |stage| stage.rated(counted(&rows)).unread("cut short"));
        let torn = analyzed(&run, |stage| stage.rated(unread.clone()));
        for (analysis, words) in [(endless, "not reached: cut short"), (torn, "1 files of the table")] {
            let found = ["objective-1", "objective-2"].map(|id| finding(&analysis, id).clone());
            assert!(found.iter().all(|one| one.verdict == Verdict::Unknown && one.why.contains(words)), "{found:?}");
            let told = analysis.quality.unwrap();
            let all = told.windows.iter().flat_map(|one| &one.checks);
            assert!(all.clone().all(|one| one.share.value.is_none() && one.verdict == Verdict::Unknown));
        }
    }

    a_row_without_a_time_may_belong_anywhere {
        let run = run(&[("conformity{window:baseline}", "rate == 100%"), ("conformity{window:baseline}", "rate >= 99%")]);
        let mut rows = clean(&run);
        rows.push(Flaws { wrong: true, ..Flaws::default() });
        let analysis = with(&run, &rows);
        assert_eq!(finding(&analysis, "objective-1").verdict, Verdict::Unknown);
        assert_eq!(finding(&analysis, "objective-2").verdict, Verdict::Pass, "one row of 301 at most");
        let told = analysis.quality.as_ref().unwrap();
        assert_eq!((told.timeless.rows, told.timeless.wrong), (1, 1));
        let check = of(told, "baseline", Check::Conformity, None);
        assert_eq!(ends(check), [300.0 / 301.0, 1.0, 1.0]);
    }

    a_second_that_an_edge_cuts_widens_the_bar_and_decides_nothing {
        let row = |due: u64, wrong| Flaws { due: Some(due * MS), wrong, ..Flaws::default() };
        let rows = [row(1_000, false), row(1_900, false), row(2_100, true), row(2_900, false), row(3_000, true)];
        let cut = window("w", &counted(&rows), &[Bounds { lo: S, hi: 2_500 * MS }], None);
        let check = cut.checks.last().unwrap();
        assert_eq!((cut.rows, cut.edge_rows, check.bad), (2, 2, 0));
        assert_eq!((ends(check), check.verdict), ([2.0 / 3.0, 1.0, 1.0], Verdict::Unknown));
        let short = window("w", &counted(&rows), &[Bounds { lo: 2_050 * MS, hi: 2_500 * MS }], None);
        let why = short.checks[0].share.why.clone().unwrap();
        assert!(why.contains("no second inside") && why.contains('2'), "{why}");
        // Two stretches that meet inside a second hold all of it.
        let halves = [Bounds { lo: S, hi: 2_500 * MS }, Bounds { lo: 2_500 * MS, hi: 3 * S }];
        let both = window("w", &counted(&rows), &halves, None);
        assert_eq!((both.rows, both.edge_rows), (4, 0));
    }

    the_ends_of_a_share_are_those_of_every_way_to_place_the_rows_at_the_edges {
        let rows = proptest::collection::vec((proptest::option::weighted(0.9, 0..6 * S), any::<bool>()), 0..14);
        let edges = proptest::collection::btree_set(0..6 * S, 4);
        let law = TestRunner::deterministic().run(&(rows, edges), |(rows, edges)| {
            let edges: Vec<u64> = edges.into_iter().collect();
            let stretches = [Bounds { lo: edges[0], hi: edges[1] }, Bounds { lo: edges[2], hi: edges[3] }];
            let all: Vec<Flaws> = rows.iter().map(|(due, wrong)| Flaws { due: *due, wrong: *wrong, ..Flaws::default() }).collect();
            let told = window("w", &counted(&all), &stretches, None);
            let check = told.checks.last().unwrap();
            let (mut sure, mut maybe) = (Vec::new(), Vec::new());
            for row in &all {
                let second = row.due.map(|due| due / S);
                let ns = |second: u64| [0, 1, S / 2, S - 1].map(|at| second * S + at);
                let holds = |at: u64| stretches.iter().any(|one| one.lo <= at && at < one.hi);
                let touches = |second: u64| stretches.iter().any(|one| one.lo < (second + 1) * S && second * S < one.hi);
                let covered = |second: u64| edges.iter().all(|edge| *edge <= second * S || *edge >= (second + 1) * S) && ns(second).into_iter().all(holds);
                match second {
                    Some(second) if covered(second) => sure.push(row.wrong),
                    Some(second) if !touches(second) => {}
                    _ => maybe.push(row.wrong),
                }
            }
            prop_assert_eq!((told.rows, told.edge_rows), (sure.len() as u64, maybe.len() as u64));
            if sure.is_empty() {
                prop_assert_eq!((check.share.value, check.verdict), (None, Verdict::Unknown));
                return Ok(());
            }
            let placed = (0..1_u32 << maybe.len()).map(|chosen| {
                let some = maybe.iter().enumerate().filter(|(at, _)| (chosen >> at) & 1 == 1).map(|(_, wrong)| wrong);
                let all: Vec<&bool> = sure.iter().chain(some).collect();
                all.iter().filter(|wrong| !***wrong).count() as f64 / all.len() as f64
            });
            let (low, high) = placed.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), share| (low.min(share), high.max(share)));
            let [told_low, value, told_high] = ends(check);
            prop_assert_eq!((told_low, told_high), (low, high));
            prop_assert!(low <= value && value <= high);
            // Where the rows really were is one of the ways.
            let holds = |due: u64| stretches.iter().any(|one| one.lo <= due && due < one.hi);
            let real: Vec<bool> = all.iter().filter(|row| row.due.is_some_and(holds)).map(|row| row.wrong).collect();
            let share = real.iter().filter(|wrong| !**wrong).count() as f64 / real.len() as f64;
            prop_assert!(low <= share && share <= high);
            Ok(())
        });
        law.unwrap();
    }

    what_is_not_promised_is_not_judged {
        let run = run(&[("completeness{column:c}", "rate >= 99%"), ("conformity", "rate == 100%"), ("uniqueness", "rate == 100%")]);
        let bare = |required: &[String]| {
            let mut quality = Quality::new(required, Default::default());
            let absent = vec![false; required.len()];
            for row in clean(&run) {
                quality.take(&Row { due: row.due.map(Nanos), absent: &absent, conforms: true, copy: false });
            }
            analyzed(&run, |stage| stage.rated(quality.clone()))
        };
        let whys = |analysis: &Analysis| ["objective-1", "objective-2", "objective-3"].map(|id| finding(analysis, id).why.clone());
        let [column, schema, unique] = whys(&bare(&["a".into()]));
        assert!(column.contains("`c` is no required column of the workload: a"), "{column}");
        assert!(schema.contains("declares no `schema`"), "{schema}");
        assert_eq!(unique, "");
        assert!(whys(&bare(&[]))[0].contains("requires none"));
    }

    a_folder_of_before_was_not_measured {
        let run = run(&[("completeness", "rate >= 99%")]);
        let analysis = run.analysis();
        assert!(analysis.quality.is_none());
        assert_eq!(finding(&analysis, "objective-1").verdict, Verdict::Unknown);
        assert!(analysis.not_measured.iter().any(|one| one.what.contains("completeness")));
        assert!(analysis.timeline.series.iter().all(|one| one.id != "table-quality"));
    }

    the_timeline_shows_where_rows_were_bad_and_where_none_were {
        let run = run(&[]);
        let mut rows = clean(&run);
        within(&mut rows, 40_000, 41_000).take(5).for_each(|row| row.absent[0] = true);
        rows.retain(|row| row.due.is_none_or(|due| due / S != 45));
        let analysis = with(&run, &rows);
        let line = analysis.timeline.series.iter().find(|one| one.id == "table-quality").unwrap();
        let at = |second: u64| ((second * S - line.start_ns) / line.bucket_ns) as usize;
        assert_eq!((line.values[at(40)], line.bad[at(40)]), (Some(50.0), Some(0.5)));
        assert_eq!((line.values[at(45)], line.values[at(46)]), (None, Some(100.0)));
        assert_eq!((line.values.len(), line.low.len(), line.high.len()), (line.bad.len(), line.bad.len(), line.bad.len()));
    }
}
