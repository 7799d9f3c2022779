//! Two arms: the published worked numbers, and comparisons whose outcome is known.

use super::*;
use crate::{
    compare::{
        compare,
        hodges_lehmann::{Known, difference, ratio},
        log_rank::log_rank,
    },
    report::FindingKind,
    testing::arms::{NEVER, WITH, WITHOUT, arms, claim, held, order},
};
use model::compare::Measured;

/// Worked 1 and 2 of the science notes.
const A1: &str = "21 24 27 31 35 60+";
const B1: &str = "3 4 5 6 8 9";
const A2: &str = "5 9 12 18 25 40 60+ 60+";
const B2: &str = "3 4 6 7 11 14 16 22";

fn known(text: &str) -> Vec<Known> {
    let one = |one: &Watched| match one.recovered {
        true => Known::exact(one.t_s),
        false => Known::above(one.t_s),
    };
    watched(text).iter().map(one).collect()
}

fn judged(without: &[u64], with: &[u64], reduction: f64) -> Verdict {
    held(without, with, claim(Measured::Recovery, Some(reduction)))
        .verdict
        .value
}

/// What the arms are held to per run: six runs each whose last stage lost, doubled or damaged that many.
fn lost(without: [u64; 6], with: [u64; 6], incomplete: bool) -> crate::compare::Comparison {
    let mut all = arms(&WITHOUT, &WITH);
    for (at, analysis) in all.iter_mut().enumerate() {
        let ledger = analysis
            .as_mut()
            .unwrap()
            .ledger
            .iter_mut()
            .rfind(|one| one.partition.is_none())
            .unwrap();
        ledger.lost = Some([without, with][at % 2][at / 2]);
        ledger.incomplete = (incomplete && at % 2 == 1).then(|| "the deadline passed".into());
    }
    compare(&order(6, 6, vec![claim(Measured::Lost, Some(0.9))]), &all)
}

claims! {
    log_rank_is_the_published_one_and_its_p_is_exact {
        for (a, b, sums, p) in [(A1, B1, (5.0, 8.919264, 1.270105, 12.0940), 2.0 / 924.0), (A2, B2, (6.0, 9.602206, 2.666336, 4.8666), 506.0 / 12870.0)] {
            let test = log_rank(&watched(a), &watched(b), 1);
            near(test.observed, sums.0, 1e-9);
            near(test.expected, sums.1, 5e-7);
            near(test.variance, sums.2, 5e-7);
            near(test.chi2.unwrap(), sums.3, 5e-5);
            near(test.p.unwrap(), p, 1e-12);
        }
    }

    the_ratio_is_the_published_one {
        let a = known("21 24 27 31 35 60");
        let got = ratio(&[(a, known(B1))]);
        near(got.value.unwrap(), 0.1783, 5e-5);
        near(got.low.unwrap(), 0.1, 5e-5);
        near(got.high.unwrap(), 0.2963, 5e-5);
        near(got.level.unwrap(), 0.959, 5e-4);
        assert_eq!(got.n, 36);
    }

    a_censored_first_arm_is_ratio_0_and_a_censored_second_one_without_end {
        let got = ratio(&[(known(A1), known(B1))]);
        near(got.value.unwrap(), 0.1783, 0.02);
        assert!(got.low.unwrap() <= 0.1 && got.high.unwrap() >= 0.2963 - 1e-4, "{got:?}");
        let back = ratio(&[(known(B1), known("21 24 27 60+ 60+ 60+"))]);
        assert!(back.high.is_none() && back.method.contains("upper end not reached"), "{back:?}");
        let none = ratio(&[(known(B1), known("60+ 60+ 60+ 60+ 60+ 60+"))]);
        assert_eq!((none.value, none.high), (None, None));
        assert!(none.low.unwrap() > 1.0, "{none:?}");
    }

    a_middle_among_the_censored_of_the_first_arm_is_no_measured_0 {
        let got = ratio(&[(known("60+ 60+ 60+ 60+ 60+ 60+"), known(B1))]);
        assert_eq!((got.value, got.low), (None, Some(0.0)));
        near(got.high.unwrap(), 9.0 / 60.0, 1e-9);
        assert!(got.why.unwrap().contains("less than 0.092"));
        assert_eq!(ratio(&[(known("5 6 7 8"), vec![Known::exact(0.0); 4])]).value, Some(0.0));
    }

    pairs_of_which_nothing_is_known_widen_the_interval {
        let (a, b) = (known("20 21 22 23 60+ 60+"), known("2 3 4 5 60+ 60+"));
        let got = ratio(&[(a, b)]);
        assert_eq!(got.n, 32);
        assert!(got.high.is_none() && got.method.contains("4 more"), "{got:?}");
    }

    ninety_percent_less_is_not_shown_by_the_published_ratio_and_seventy_is {
        let without = [4_200, 4_800, 5_400, 6_200, 7_000, 12_000];
        assert_eq!(judged(&without, &WITH, 0.9), Verdict::Unknown);
        assert_eq!(judged(&without, &WITH, 0.7), Verdict::Pass);
        assert_eq!(judged(&without, &WITH, 0.97), Verdict::Fail);
        assert_eq!(judged(&WITH, &without, 0.5), Verdict::Fail);
    }

    three_a_side_pass_nothing_however_far_apart {
        assert_eq!(judged(&[9_000, 9_100, 9_200], &[100, 110, 120], 0.5), Verdict::Unknown);
        assert_eq!(judged(&WITHOUT[..1], &WITH[..1], 0.5), Verdict::Unknown);
    }

    what_was_never_over_counts_as_longer_and_not_as_gone {
        let never = [600, 700, 800, NEVER, NEVER, NEVER];
        let got = held(&WITHOUT, &never, claim(Measured::Recovery, Some(0.7)));
        let side = &got.faults[0].arms[1];
        assert_eq!((side.recovered, side.censored, side.limits.len()), (3, 3, 3));
        near(side.limits[0], 17.0, 0.02);
        assert_eq!(got.verdict.value, Verdict::Unknown);
        assert!(got.faults[0].ratio.high.is_none());
        assert!(got.lines[0].arms[1].method.contains("3 of 6 recovered"), "{:?}", got.lines[0].arms[1]);
    }

    where_all_are_absorbed_there_is_no_recovery_to_compare {
        let got = held(&WITHOUT, &[0; 6], claim(Measured::Recovery, Some(0.9)));
        let side = &got.faults[0].arms[1];
        assert_eq!((side.effective, side.absorbed, side.recovered), (6, 6, 0));
        assert_eq!((side.median.value, got.faults[0].ratio.value, got.faults[0].log_rank.p), (None, None, None));
        assert_eq!(got.verdict.value, Verdict::Unknown);
        assert!(got.verdict.headline.contains("all 6 absorbed"), "{}", got.verdict.headline);
    }

    runs_that_cannot_be_used_are_left_out_and_counted {
        let mut all = arms(&WITHOUT, &WITH);
        let change = |all: &mut Vec<Result<Analysis, String>>, at: usize, change: fn(&mut Analysis)| change(all[at].as_mut().unwrap());
        change(&mut all, 0, |one| one.run.interrupted = Some("a signal".into()));
        change(&mut all, 2, |one| one.run.seed += 100);
        change(&mut all, 4, |one| one.findings.iter_mut().filter(|finding| finding.kind == FindingKind::SteadyState).for_each(|finding| finding.verdict = Verdict::Unknown));
        change(&mut all, 6, |one| one.findings.iter_mut().filter(|finding| finding.id == "probe-freshness").for_each(|finding| finding.verdict = Verdict::Unknown));
        let got = compare(&order(6, 6, vec![claim(Measured::Recovery, Some(0.5))]), &all);
        let side = &got.faults[0].arms[0];
        assert_eq!((side.runs, side.injections, side.left_out, side.effective), (2, 6, 4, 2));
        assert_eq!(got.runs.iter().filter(|run| run.left_out.is_some()).count(), 4);
        assert!(got.notes[0].contains("2 of 6 planned runs can be used"), "{:?}", got.notes);
    }

    a_run_of_the_second_arm_that_was_hurt_and_says_nothing_lets_no_claim_pass {
        let order = order(7, 7, vec![claim(Measured::Recovery, Some(0.5))]);
        let (without, with) = ([&WITHOUT[..], &[5_000]].concat(), [&WITH[..], &[900]].concat());
        let mut all = arms(&without, &with);
        assert_eq!(compare(&order, &all).verdict.value, Verdict::Pass);
        all[13] = Err("no plan.json".into());
        let got = compare(&order, &all);
        assert_eq!(got.verdict.value, Verdict::Unknown);
        assert!(got.verdict.headline.contains("1 run of the second arm may have been hurt"), "{}", got.verdict.headline);
        assert_eq!(got.runs[13].left_out.as_deref(), Some("could not be analysed: no plan.json"));
    }

    losses_are_compared_run_by_run_and_none_in_either_arm_is_no_ratio {
        let none = lost([0; 6], [0; 6], false);
        let line = &none.lines[0];
        assert_eq!((line.arms[0].value, line.effects[0].value.value, line.verdict), (Some(0.0), None, Some(Verdict::Unknown)));
        assert!(line.reason.contains("none in either arm"), "{}", line.reason);
        let gone = lost([5, 6, 7, 8, 9, 10], [0; 6], false);
        assert_eq!((gone.lines[0].effects[0].value.value, gone.lines[0].verdict), (Some(0.0), Some(Verdict::Pass)));
        assert_eq!(lost([0; 6], [3; 6], false).lines[0].verdict, Some(Verdict::Fail));
    }

    losses_in_a_stage_not_read_to_its_end_are_the_least_there_are {
        let open = lost([50, 60, 70, 80, 90, 99], [1; 6], true);
        assert_eq!(open.lines[0].verdict, Some(Verdict::Unknown));
        assert_eq!(open.lines[0].arms[1].value, None);
        let unread = lost([50, 60, 70, 80, 90, 99], [0; 6], true);
        assert_eq!(unread.lines[0].verdict, Some(Verdict::Unknown));
        assert!(unread.lines[0].reason.contains("not read to a known end"), "{}", unread.lines[0].reason);
    }

    objectives_that_could_not_be_judged_may_have_been_missed {
        let mut all = arms(&WITHOUT, &WITH);
        for (at, analysis) in all.iter_mut().enumerate() {
            let objectives = analysis.as_mut().unwrap().findings.iter_mut().filter(|finding| finding.kind == FindingKind::Objective);
            for (n, finding) in objectives.enumerate() {
                finding.verdict = if at % 2 == 0 && n < 3 { Verdict::Fail } else if at % 2 == 1 && n == 0 { Verdict::Unknown } else { Verdict::Pass };
            }
        }
        let line = compare(&order(6, 6, vec![claim(Measured::Violations, Some(0.85))]), &all).lines.remove(0);
        assert_eq!((line.arms[0].value, line.arms[1].value, line.arms[1].high), (Some(3.0), Some(0.0), Some(1.0)));
        near(line.effects[0].value.high.unwrap(), 1.0 / 3.0, 1e-9);
        assert_eq!(line.verdict, Some(Verdict::Unknown));
        assert!(line.arms[1].method.contains("6 more could not be judged"), "{}", line.arms[1].method);
    }

    good_time_age_and_load_are_measured_run_by_run {
        let measures = [Measured::Availability, Measured::Freshness, Measured::Throughput, Measured::Quality];
        let got = compare(&order(6, 6, measures.map(|one| claim(one, None)).to_vec()), &arms(&WITHOUT, &WITH));
        assert_eq!((got.verdict.value, got.lines.iter().filter(|line| line.verdict.is_some()).count()), (Verdict::Unknown, 0));
        let value = |line: usize, arm: usize| got.lines[line].arms[arm].value.unwrap();
        assert!(value(0, 0) < value(0, 1) && value(0, 1) < 1.0);
        near(got.lines[0].effects[1].value.value.unwrap(), value(0, 1) - value(0, 0), 0.2);
        assert!(value(1, 0) > value(1, 1) + 1.0, "{} {}", value(1, 0), value(1, 1));
        near(value(2, 0), 568.0 / 570.0, 1e-9);
        assert_eq!(value(3, 0), 0.0);
        assert!(got.baseline.iter().all(|one| one.value.is_some() && one.level.is_some()), "{:?}", got.baseline);
    }

    an_arm_without_runs_is_said {
        let got = held(&[], &WITH, claim(Measured::Recovery, Some(0.9)));
        assert_eq!((got.verdict.value, got.faults[0].arms[0].injections), (Verdict::Unknown, 0));
        assert!(got.faults[0].ratio.why.is_some() && got.faults[0].log_rank.method.contains("an arm has no repeat"));
        let none = held(&[], &[], claim(Measured::Lost, Some(0.9)));
        assert_eq!((none.verdict.value, none.notes.as_slice()), (Verdict::Unknown, &["no run was begun".to_owned()][..]));
    }

    a_difference_points_from_the_first_arm_to_the_second {
        let got = difference(&[(known("1 2 3 4"), known("5 6 7 8"))], "s");
        assert_eq!(got.value, Some(4.0));
    }
}
