//! Budgets, gates, alerts and forecasts against published worked numbers.

use super::*;
use crate::{
    availability::Outage,
    budget::{
        DAY_S, HOUR_S, MONTH_S, YEAR_S,
        alert::{State as Fired, alerts},
        burn::{burn, exhaustion},
        counted::{Counted, Judged},
        forecast::{self, Class},
        judge::{self, Asked, Period},
        left::{Amount, Gate, gate, left},
        over_runs,
        record::{Form, Record},
        report::{Budget, By},
        take::Taken,
        track::{Stretches, Track},
    },
    report::Bounds,
};
use model::{slo, units::S};
use std::collections::BTreeMap;

fn outage(from: u64, to: u64) -> Outage {
    let at = |s: u64| Bounds {
        lo: s * S,
        hi: s * S,
    };
    Outage {
        from: at(from),
        to: at(to),
    }
}

fn window(from: u64, to: u64) -> Bounds {
    Bounds {
        lo: from * S,
        hi: to * S,
    }
}

/// The worked outages of the science notes.
fn worked() -> Track {
    Track::new(
        vec![window(0, 2_000)],
        &[outage(100, 104), outage(400, 405), outage(650, 652)],
        &[],
    )
}

fn month_down(from: u64, to: u64) -> (Record, Bounds) {
    let whole = window(0, MONTH_S as u64);
    let record = Record {
        watched: Stretches::union(vec![whole]),
        step: Nanos::secs(1),
        period: Nanos::secs(1),
        form: Form::Time(Track::new(vec![whole], &[outage(from, to)], &[])),
    };
    (record, whole)
}

pub(super) fn taken(run: &Synthetic) -> Taken {
    Taken::of(&run.input()).unwrap()
}

/// A target of availability, in time or samples, held against runs.
pub(super) fn budget(
    runs: &[Taken],
    target: f64,
    form: slo::Form,
    per_month: &[(&str, f64)],
    by: By,
) -> Budget {
    let text = "apiVersion: openslo/v1\nkind: SLO\nmetadata: {name: a}\nspec:\n  indicator: {spec: {thresholdMetric: {metricSource: {type: brinell, spec: {measure: availability, filter: {probe: ack}}}}}}\n  timeWindow: [{duration: 30d, isRolling: true}]\n  budgetingMethod: Timeslices\n  objectives: [{target: 0.5}]\n";
    let mut slo = slo::parse(text).unwrap().slos.remove(0);
    (slo.goals[0].target.value, slo.goals[0].form) = (target, form);
    let per_month: BTreeMap<String, f64> = per_month
        .iter()
        .map(|(fault, n)| ((*fault).to_owned(), *n))
        .collect();
    let asked = Asked {
        slo: &slo,
        goal: &slo.goals[0],
        period: Period::Rolling((MONTH_S as u64) * S),
        per_month: &per_month,
        by,
    };
    judge::budget(&asked, runs)
}

claims! {
    the_budget_of_a_month_is_the_published_one {
        let after = |minutes: f64| left(0.999, MONTH_S, Amount::exact(minutes * 60.0)).value / 60.0;
        near(after(0.0), 43.2, 1e-9);
        near(after(30.0), 13.2, 1e-9);
        near(after(50.0), -6.8, 1e-9);
        let down = |a: f64, period: f64| forecast::downtime_s(a, period);
        near(down(0.99, YEAR_S) / HOUR_S, 87.6, 1e-9);
        near(down(0.999, MONTH_S) / 60.0, 43.2, 1e-9);
        near(down(0.9999, DAY_S), 8.64, 1e-9);
        near(forecast::downtime_per_year_s(0.999) / HOUR_S, 8.76, 1e-9);
        near(forecast::downtime_per_year_s(0.9999) / 60.0, 52.56, 1e-9);
        near(forecast::nines(0.95).unwrap(), 1.301, 5e-4);
        near(forecast::nines(0.9995).unwrap(), 3.301, 5e-4);
    }

    nothing_left_is_blocked_and_what_straddles_nothing_is_unknown {
        assert_eq!(gate(left(0.99, 600.0, Amount::exact(6.0))), Gate::Blocked);
        assert_eq!(gate(Amount { value: 0.5, low: 0.0, high: 1.0 }), Gate::Unknown);
        assert_eq!(gate(Amount { value: -0.5, low: -1.0, high: 0.0 }), Gate::Blocked);
        assert_eq!(gate(left(0.99, 600.0, Amount { value: 6.0, low: 5.9, high: 6.1 })), Gate::Unknown);
        assert_eq!(gate(left(0.99, 600.0, Amount::exact(5.9))), Gate::Open);
    }

    only_the_part_of_an_outage_inside_the_window_counts {
        let track = worked();
        let b = |t: u64| left(0.99, 600.0, track.spent(window(t.saturating_sub(600), t))).value;
        for (t, want) in [(600, -3.0), (652, -5.0), (702, -3.0), (704, -1.0), (1_000, -1.0), (1_003, 2.0), (1_005, 4.0)] {
            near(b(t), want, 1e-9);
        }
    }

    what_overlaps_is_bad_once {
        let track = Track::new(vec![window(0, 100)], &[outage(10, 20), outage(15, 30)], &[]);
        assert_eq!(track.spent(window(0, 100)), Amount::exact(20.0));
    }

    unmeasured_time_may_have_been_bad {
        let track = Track::new(vec![window(0, 3_600)], &[], &[window(10, 18)]);
        assert_eq!(track.spent(window(0, 3_600)), Amount { value: 0.0, low: 0.0, high: 8.0 });
        let counted = Counted::new(vec![Judged::one(0, Amount::exact(1.0)), Judged::untold(1, 3.0)]);
        assert_eq!(counted.spent(Bounds { lo: 0, hi: 9 }), Amount { value: 1.0, low: 1.0, high: 4.0 });
        assert_eq!(counted.total(Bounds { lo: 0, hi: 9 }).all, 4.0);
        // 3600 s with 12.4 s bad and 8 s unmeasured.
        let bad = [Outage { from: Bounds { lo: 100 * S, hi: 100 * S }, to: Bounds { lo: 112_400_000_000, hi: 112_400_000_000 } }];
        let whole = vec![window(0, 3_600)];
        let record = Record { watched: Stretches::union(whole.clone()), step: Nanos::secs(1), period: Nanos::secs(1), form: Form::Time(Track::new(whole, &bad, &[window(10, 18)])) };
        let a = record.availability(window(0, 3_600)).unwrap();
        near(a.low, 0.994_333, 5e-7);
        near(a.high, 0.996_556, 5e-7);
    }

    burn_and_exhaustion_are_the_published_ones {
        let all = burn(0.999, 60.0, Amount::exact(60.0)).unwrap().value;
        near(all, 1_000.0, 1e-6);
        near(exhaustion(MONTH_S, all).unwrap() / 60.0, 43.2, 1e-6);
        assert_eq!((burn(0.999, 0.0, Amount::exact(0.0)), exhaustion(MONTH_S, 0.0)), (None, None));
    }

    a_total_outage_fires_when_both_windows_have_seen_enough {
        let (record, whole) = month_down(0, 3_000_000);
        let all = alerts(&record, 0.999, whole, MONTH_S);
        near(all[0].firing_s[0].0, 51.84, 1e-6);
        near(all[1].firing_s[0].0, 129.6, 1e-6);
        assert!(all.iter().all(|one| one.state == Fired::Fired));
    }

    an_alert_ends_with_its_short_window {
        // 10 minutes of total outage: the long window stays above for an hour, the short one forgets within 5 minutes.
        let (record, whole) = month_down(1_000, 1_600);
        let page = alerts(&record, 0.999, whole, MONTH_S).remove(0);
        assert_eq!(page.firing_s.len(), 1);
        near(page.firing_s[0].0, 1_051.84, 1e-6);
        near(page.firing_s[0].1, 1_600.0 + 300.0 - 4.32, 1e-6);
    }

    a_tenth_of_errors_fires_after_ten_times_as_long {
        // One bad sample in ten, at ten samples a second.
        let judged = |k: u64| Judged::one(k * S / 10, Amount::exact(0.1));
        let record = Record { watched: Stretches::union(vec![window(0, 3_600)]), step: Nanos::ms(100), period: Nanos::ms(100), form: Form::Samples(Counted::new((0..36_000).map(judged).collect())) };
        let page = alerts(&record, 0.999, window(0, 3_600), MONTH_S).remove(0);
        near(page.firing_s[0].0, 518.4, 1e-3);
    }

    stated_frequencies_and_measured_durations_make_availability {
        let class = |per_month, lasts_s| Class { per_month, lasts_s: Amount::exact(lasts_s) };
        let a = forecast::availability(&[class(2.0, 12.0), class(0.5, 70.0), class(0.1, 600.0)]).value;
        near(a, 0.999_954_09, 5e-9);
        near(1.0 / a - 1.0, 4.5910e-5, 5e-10);
        near(forecast::of_mttf(720.0, 6.0), 0.991_736, 5e-7);
        near(forecast::of_mttf(720.0, 0.375), 0.999_479, 5e-7);
        near(forecast::most_mttr(0.999, 720.0).unwrap(), 0.7207, 5e-5);
        near(forecast::of_mtbf_between_starts(726.0, 6.0).unwrap(), 720.0 / 726.0, 1e-12);
    }

    an_outage_is_one_event_however_many_seconds_it_lasts {
        // Eight runs of 600 s, one of which was down for 60 s: drawn by seconds, the interval would be a third as wide.
        let runs: Vec<(f64, f64)> = (0..8).map(|k| (if k == 3 { 60.0 } else { 1.0 }, 600.0)).collect();
        let a = over_runs::availability(&runs, 7);
        near(a.value.unwrap(), 1.0 - 67.0 / 4_800.0, 1e-12);
        assert!(a.high.unwrap() - a.low.unwrap() > 0.02, "{a:?}");
        assert_eq!(over_runs::availability(&runs[..5], 7).low, None);
    }

    a_run_spends_what_its_outages_last {
        let run = taken(&Synthetic::default());
        let known: f64 = (0..8).map(|k| 1.0 + 0.1 * f64::from(k)).sum();
        let got = budget(std::slice::from_ref(&run), 0.9, slo::Form::Time, &[], By::Runs);
        let watched = run.watched().unwrap().as_s();
        near(got.window.watched_s, watched, 1e-9);
        assert!(got.window.scaled);
        near(got.allowed.value.unwrap(), 0.1 * watched, 1e-9);
        assert!(got.spent.low.unwrap() <= known && known <= got.spent.high.unwrap() + 0.05, "{known}: {:?}", got.spent);
        near(got.left.value.unwrap(), 0.1 * watched - got.spent.value.unwrap(), 1e-9);
        assert_eq!((got.gate, got.why), (Gate::Open, None));
        let down = available(&run.analysis, "ack", "whole").downtime.value.unwrap();
        near(got.spent.value.unwrap(), down, 1e-9);
        assert_eq!(budget(std::slice::from_ref(&run), 0.97, slo::Form::Time, &[], By::Runs).gate, Gate::Blocked);
        let last = got.burn_down.last().unwrap();
        near(last.left, got.left.value.unwrap(), 1e-9);
        near(got.burn_down[0].left, got.allowed.value.unwrap(), 1e-9);
    }

    missing_samples_keep_a_gate_from_opening {
        let run = taken(&Synthetic { silent: vec![(FAULTS + 5_000, FAULTS + 13_000)], ..quiet() });
        let got = budget(std::slice::from_ref(&run), 0.99, slo::Form::Time, &[], By::Runs);
        assert_eq!((got.spent.value, got.gate), (Some(0.0), Gate::Unknown));
        near(got.spent.high.unwrap(), 8.0, 1e-9);
        let samples = budget(std::slice::from_ref(&run), 0.99, slo::Form::Samples, &[], By::Runs);
        assert_eq!((samples.spent.high, samples.gate), (Some(80.0), Gate::Unknown));
    }

    stated_frequencies_are_held_against_the_whole_window {
        let run = taken(&Synthetic::default());
        let got = budget(std::slice::from_ref(&run), 0.999, slo::Form::Time, &[("kill", 2.0)], By::Forecast);
        let forecast = got.forecast.unwrap();
        let mttr = forecast.classes[0].lasts.value.unwrap();
        near(mttr, row(&run.analysis, "ack").recover.value.unwrap(), 1e-12);
        near(forecast.spent.value.unwrap(), MONTH_S * (2.0 * mttr / MONTH_S) / (1.0 + 2.0 * mttr / MONTH_S), 1e-6);
        near(forecast.mttf.value.unwrap(), MONTH_S / 2.0, 1e-6);
        near(forecast.mtbf_between_starts.value.unwrap(), MONTH_S / 2.0 + mttr, 1e-6);
        assert_eq!(got.gate, Gate::Open);
        let often = budget(std::slice::from_ref(&run), 0.999, slo::Form::Time, &[("kill", 20_000.0)], By::Forecast);
        assert_eq!(often.gate, Gate::Blocked);
        let unseen = budget(std::slice::from_ref(&run), 0.999, slo::Form::Time, &[("pause", 1.0)], By::Forecast);
        assert_eq!(unseen.gate, Gate::Unknown);
        assert!(unseen.why.unwrap().contains("no run shows fault `pause`"));
    }

    the_schedule_of_a_run_gives_both_readings_of_mtbf {
        let analysis = Synthetic::default().analysis();
        let all = crate::schedule::schedule(&analysis.recovery);
        let ack = all.iter().find(|one| one.probe == "ack").unwrap();
        let (every, mttr) = (EVERY as f64 / 1e3, row(&analysis, "ack").recover.value.unwrap());
        near(ack.mtbf_between_starts.value.unwrap(), every, 1e-9);
        near(ack.mttf.value.unwrap(), every - mttr, 1e-9);
        near(ack.steady.value.unwrap(), 1.0 - mttr / every, 1e-9);
        near(ack.steady.value.unwrap(), forecast::of_mttf(every - mttr, mttr), 1e-9);
        assert!(ack.steady.low < ack.steady.value && ack.steady.value < ack.steady.high);
        let once = Synthetic { repeats: 1, ..Synthetic::default() }.analysis();
        assert!(crate::schedule::schedule(&once.recovery).iter().all(|one| one.steady.value.is_none() && one.steady.why.is_some()));
    }

    a_claimed_availability_has_a_budget_in_summary_and_report {
        let claims = vec![("availability{probe:ack}".to_owned(), "rate > 90%".to_owned())];
        let run = taken(&Synthetic { objectives: claims, ..Synthetic::default() });
        let summary = crate::summary::summary(&run, &[("kill".to_owned(), 2.0)].into());
        assert_eq!(summary.budgets.len(), 1);
        assert_eq!((summary.budgets[0].gate, summary.budgets[0].window.scaled), (Gate::Open, false));
        assert_eq!(summary.forecasts.len(), 3);
        let section = run.analysis.sections.iter().find(|one| one.id == "error-budget").unwrap();
        near(section.rows[0][4].as_f64().unwrap(), summary.budgets[0].left.value.unwrap(), 1e-9);
        assert!(run.analysis.not_measured.iter().all(|one| !one.what.contains("budget")));
        let json = serde_json::to_string(&summary).unwrap();
        assert_eq!(serde_json::from_str::<crate::summary::Summary>(&json).unwrap(), summary);
    }
}
