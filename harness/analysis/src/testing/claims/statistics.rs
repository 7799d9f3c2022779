//! Medians, survival curves and shares against published worked numbers.

use super::*;

claims! {
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

    clopper_pearson_is_the_published_one {
        near(share(19, 20).low, 0.7513, 5e-5);
        near(share(59, 59).low, 0.9394, 5e-5);
        near(share(0, 30).high, 0.1157, 5e-5);
    }

    percentiles_come_from_pooled_samples {
        let samples = |n: usize, value: f64| Sampled { values: vec![value; n], ..Sampled::default() };
        let pooled = Sampled { values: [samples(990, 0.001).values, samples(10, 1.0).values].concat(), ..Sampled::default() };
        assert_eq!(latency::percentiles(&pooled, "s")[2].value_s.value, Some(0.001));
        assert_eq!(latency::percentiles(&pooled, "s")[4].value_s.value, Some(1.0));
        assert!(latency::percentiles(&pooled, "s")[3].value_s.why.as_deref().unwrap().contains("needs 2995"));
    }

    the_bar_is_half_of_the_interval {
        near(Span { lo: 1.0, hi: 1.5 }.half_width(), 0.25, 1e-12);
        let analysis = Synthetic::default().analysis();
        let run = &row(&analysis, "ack").runs[0];
        let whole = run.t3_ns.unwrap().since(run.t0_ns.unwrap());
        assert!(row(&analysis, "ack").recover.error.unwrap() >= (whole.hi - whole.lo) / 2.0 - 1e-9);
    }
}
