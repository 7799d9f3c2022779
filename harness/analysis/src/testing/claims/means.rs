//! Means, where a mean can be had: exponential recoveries, the area under the curve, mean times between failures, two medians apart.

use super::*;
use crate::{
    compare::{hodges_lehmann::Known, medians::difference, over_runs},
    exponential::mean_time,
    mtbf::{self, Class, steady, up_share},
    report::Measure,
    restricted::restricted_mean,
};

const HOUR: f64 = 3_600.0;

fn class(name: &str, per_month: f64, down_s: f64) -> Class {
    Class {
        name: name.into(),
        per_month,
        down_s,
        bar_s: Span {
            lo: down_s * 0.5,
            hi: down_s * 2.0,
        },
    }
}

fn of_text(text: &str) -> Measure {
    let (reached, censored): (Vec<Watched>, Vec<Watched>) =
        watched(text).into_iter().partition(|one| one.recovered);
    Durations {
        reached: reached
            .iter()
            .map(|one| Span {
                lo: one.t_s,
                hi: one.t_s,
            })
            .collect(),
        censored: censored.iter().map(|one| one.t_s).collect(),
        what: "kills".into(),
    }
    .median()
}

claims! {
    the_mean_of_exponential_recoveries_is_time_at_risk_over_recoveries {
        let mean = mean_time(&watched(A));
        near(mean.value.unwrap(), 34.5, 1e-9);
        assert_eq!((mean.n, mean.level), (10, Some(0.95)));
    }

    its_interval_has_the_published_multipliers {
        for (n, low, high) in [(3, 0.415, 4.849), (5, 0.488, 3.080), (10, 0.585, 2.085), (20, 0.674, 1.637)] {
            let same = vec![Watched { t_s: 60.0, recovered: true }; n];
            let mean = mean_time(&same);
            near(mean.value.unwrap(), 60.0, 1e-9);
            near(mean.low.unwrap() / 60.0, low, 5e-4);
            near(mean.high.unwrap() / 60.0, high, 5e-4);
        }
    }

    where_nobody_recovered_the_mean_has_a_lower_end_only {
        let mean = mean_time(&watched("60+ 60+ 30+"));
        assert_eq!((mean.value, mean.high), (None, None));
        near(150.0 / mean.low.unwrap(), 2.9957, 5e-5);
    }

    /// The published bias of what others do, from the law itself: dropped and clamped, a true mean of 60 s, limits of 60, 120, 300 s.
    dropping_or_clamping_the_censored_is_wrong_by_as_much_as_published {
        let quantiles = |limit: f64| -> Vec<Watched> {
            // Evenly through the distribution: 20 000 repeats without luck.
            let one = |k: u32| -60.0 * (1.0 - (f64::from(k) + 0.5) / 20_000.0_f64).ln();
            (0..20_000).map(one).map(|t| Watched { t_s: t.min(limit), recovered: t <= limit }).collect()
        };
        for (limit, dropped, clamped) in [(60.0, 25.1, 37.9), (120.0, 41.2, 51.9), (300.0, 58.0, 59.6)] {
            let repeats = quantiles(limit);
            let mean = |values: &[&Watched]| values.iter().map(|one| one.t_s).sum::<f64>() / values.len() as f64;
            near(mean(&repeats.iter().filter(|one| one.recovered).collect::<Vec<_>>()), dropped, 0.05);
            near(restricted_mean(&repeats, limit).value.unwrap(), clamped, 0.05);
            near(mean_time(&repeats).value.unwrap(), 60.0, 0.05);
        }
    }

    the_area_under_the_published_curves_is_the_published_one {
        near(restricted_mean(&watched(A), 60.0).value.unwrap(), 27.6, 1e-9);
        near(restricted_mean(&watched(B), 60.0).value.unwrap(), 29.8583, 5e-5);
        let beyond = restricted_mean(&watched(A), 61.0);
        assert!(beyond.value.is_none() && beyond.why.unwrap().contains("nobody was watched for 61 s"));
    }

    ranks_over_censored_repeats_are_wider_than_the_curve_and_valid {
        let known: Vec<Known> = watched(A).iter().map(|one| if one.recovered { Known::exact(one.t_s) } else { Known::above(one.t_s) }).collect();
        let median = over_runs::median(&known);
        assert_eq!((median.value, median.low, median.high), (Some(20.5), Some(14.0), None));
        let curve = of_text(A);
        assert_eq!((curve.value, curve.low, curve.high), (Some(20.5), Some(11.0), Some(33.0)));
    }

    two_medians_apart_keep_the_ends_on_their_own_sides {
        let median = |value: f64, low: f64, high: f64| Measure { value: Some(value), low: Some(low), high: Some(high), level: Some(0.96), n: 9, ..Measure::default() };
        let apart = difference(&median(30.0, 27.0, 42.0), &median(10.0, 5.0, 14.0));
        assert_eq!((apart.value, apart.low, apart.high), (Some(-20.0), Some(-33.0), Some(-15.0)));
        let same = difference(&of_text(A), &of_text(A));
        assert!(same.low.unwrap() < 0.0 && same.high.unwrap() > 0.0);
        near(same.low.unwrap() + same.high.unwrap(), 0.0, 1e-9);
        assert!(difference(&of_text(A), &of_text(B)).high.is_none());
    }

    the_reference_formula_reads_mtbf_as_up_time {
        near(up_share(720.0 * HOUR, 6.0 * HOUR), 0.991736, 5e-7);
        near(up_share(720.0 * HOUR, 22.5 * 60.0), 0.999479, 5e-7);
        near(mtbf::longest_repair(720.0 * HOUR, 0.999).unwrap() / HOUR, 0.7207, 5e-5);
    }

    stated_rates_and_measured_repairs_give_the_published_availability {
        let all = [class("kill", 2.0, 12.0), class("partition", 0.5, 70.0), class("disk", 0.1, 600.0)];
        let steady = steady(&all).unwrap();
        near(steady.mttr_s / steady.mttf_s, 4.5910e-5, 5e-10);
        near(steady.availability.value.unwrap(), 0.99995409, 5e-9);
        near(steady.mtbf_s, steady.mttf_s + steady.mttr_s, 1e-6);
        near(1.0 - steady.mttr_s / steady.mtbf_s, 0.99995409, 5e-9);
        // Half and twice the down times: half and twice the down time per up time.
        near(steady.availability.low.unwrap(), 1.0 / (1.0 + 2.0 * 4.5910e-5), 5e-9);
        near(steady.availability.high.unwrap(), 1.0 / (1.0 + 0.5 * 4.5910e-5), 5e-9);
    }

    the_tables_of_a_known_run_say_how_often_and_for_how_long {
        let run = Synthetic { refused: kills(200, |_| 2_000), hangs: vec![], ..Synthetic::default() };
        let analysis = run.analysis();
        let table = |id: &str| analysis.sections.iter().find(|one| one.id == id).unwrap_or_else(|| panic!("no section {id}"));
        let ack = table("spells").rows.iter().find(|row| row[0] == "ack").unwrap();
        // The last kill's outage is cut by the end of the fault phase after 1.8 s: 8 outages in 142 s.
        assert_eq!(ack[1], 8);
        let number = |at: usize| ack[at].as_f64().unwrap();
        near(number(2), (7.0 * 2.0 + 1.8) / 8.0, number(3) + 1e-6);
        near(number(5), 142.0 / 8.0, 1e-6);
        near(number(6), available(&analysis, "ack", "fault").availability.value.unwrap(), 1e-9);
        near(number(7), -(1.0 - number(6)).log10(), 1e-9);
        near(number(8), (1.0 - number(6)) * 8_760.0, 1e-6);
        let means = table("mean-recovery").rows.iter().find(|row| row[1] == "ack").unwrap();
        assert_eq!((&means[2], &means[3]), (&8.into(), &8.into()));
        near(means[4].as_f64().unwrap(), 2.2, 0.1);
        near(means[7].as_f64().unwrap(), 2.2, 0.1);
        // Never down: no outage has no length.
        let calm = quiet().analysis();
        let ack = calm.sections.iter().find(|one| one.id == "spells").unwrap().rows.iter().find(|row| row[0] == "ack").unwrap().clone();
        assert_eq!((&ack[1], ack[2].is_null(), ack.len()), (&0.into(), true, 9));
    }
}
