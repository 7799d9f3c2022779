//! Limits of what is normal, alarms over history, risk and coverage, against published worked numbers.

use super::*;
use crate::{
    band::limits::{self, Rule},
    distribution::{normal_above, student_quantile},
    risk::{self, LayerRisk},
};
use model::{
    defence::{Alerts, Layer},
    scenario::{Place, Placed},
};

/// The worked baseline of the science notes.
const BASELINE_OF_NINE: [f64; 9] = [98.0, 101.0, 100.0, 99.0, 102.0, 100.0, 97.0, 103.0, 100.0];

fn limit(rule: Rule, values: &[f64]) -> f64 {
    rule.limit(values, 0.0).limit.unwrap()
}

fn layer(name: &str, probes: u64, passed: u64) -> Layer {
    Layer {
        name: Placed {
            value: name.into(),
            at: Place::default(),
        },
        probes,
        passed,
    }
}

fn risks(layers: &[Layer]) -> Vec<LayerRisk> {
    let file = model::defence::Defence {
        layers: layers.to_vec(),
        alerts: None,
    };
    risk::risk(&file).layers
}

claims! {
    the_limits_of_the_worked_baseline_come_out {
        let (mean, s) = limits::mean_and_deviation(&BASELINE_OF_NINE).unwrap();
        near(mean, 100.0, 1e-12);
        near(s, 1.8708, 5e-5);
        near(limit(Rule::ThreeSigma, &BASELINE_OF_NINE), 105.612, 5e-4);
        near(limit(Rule::Prediction, &BASELINE_OF_NINE), 108.434, 5e-4);
        let outlier = [BASELINE_OF_NINE.as_slice(), &[180.0]].concat();
        near(limit(Rule::ThreeSigma, &outlier), 184.079, 5e-4);
        near(limit(Rule::Robust, &outlier), 106.672, 5e-4);
        let (mean, s) = limits::mean_and_deviation(&outlier).unwrap();
        near((180.0 - mean) / s, 2.84, 5e-3);
    }

    the_factors_of_the_prediction_limit_are_the_published_ones {
        for (n, factor) in [(5.0, 7.252), (10.0, 4.294), (20.0, 3.532), (30.0, 3.335), (100.0, 3.093)] {
            let t = student_quantile(normal_above(3.0), n - 1.0);
            near(t * (1.0_f64 + 1.0 / n).sqrt(), factor, 6e-4);
        }
    }

    three_sigma_means_what_is_published_of_known_normal_values {
        let each = normal_above(3.0);
        near(each, 0.00135, 5e-6);
        near(each * 1_440.0, 1.94, 5e-3);
        near(1.0 - (1.0 - each).powi(100), 0.126, 5e-4);
        // Lognormal with sigma 0.5, and exponential: their tails beyond mean and three deviations.
        let s2: f64 = 0.25;
        let (mean, deviation) = ((s2 / 2.0).exp(), ((s2.exp() - 1.0) * s2.exp()).sqrt());
        near(normal_above((mean + 3.0 * deviation).ln() / 0.5), 0.015, 5e-4);
        near((-4.0_f64).exp(), 0.018, 5e-4);
    }

    a_value_is_not_tested_against_itself {
        near(limits::most_deviations(10), 2.846, 5e-4);
        // Ten values of which the last lies far out: with itself in the baseline three deviations are never reached.
        let values = [BASELINE_OF_NINE.as_slice(), &[1e6]].concat();
        assert_eq!(limits::alerts(Rule::ThreeSigma, &values, 0.0), Some(true));
        assert_eq!(limits::alerts(Rule::ThreeSigma, &BASELINE_OF_NINE, 0.0), Some(false));
    }

    the_free_limit_needs_as_many_values_as_its_rate_says {
        assert_eq!(Rule::Free.least(), 99);
        near(Rule::Free.false_alarms(99).unwrap(), 0.01, 1e-12);
        assert_eq!(Rule::Free.false_alarms(98), None);
    }

    total_risk_is_the_product_and_a_layer_without_probes_stops_nothing {
        let all = risks(&[layer("a", 10, 1), layer("b", 10, 2), layer("c", 20, 1)]);
        near(risk::total(&all).risk, 0.001, 1e-15);
        let quiet = risks(&[layer("a", 60, 0), layer("b", 60, 0), layer("c", 60, 0)]);
        near(quiet[0].upper, 0.0487, 5e-5);
        near(risk::total(&quiet).upper, 1.155e-4, 5e-8);
        assert_eq!(risk::total(&quiet).risk, 0.0);
        let blind = risks(&[layer("a", 60, 0), layer("b", 0, 0)]);
        assert_eq!((blind[1].risk, blind[1].upper), (1.0, 1.0));
        near(risk::total(&blind).upper, 0.0487, 5e-5);
    }

    coverage_counts_incidents_and_no_false_alarm {
        let alerts = |incidents, detected, false_alarms| risk::coverage(Alerts { incidents, detected, false_alarms, clean_runs: 30 });
        let one_missed = alerts(20, 19, 4);
        assert_eq!((one_missed.detected.k, one_missed.proven, one_missed.would_do), (19, false, 59));
        near(one_missed.detected.low, 0.7513, 5e-5);
        near(one_missed.detected.high, 0.9987, 5e-5);
        assert!(alerts(59, 59, 0).proven && !alerts(58, 58, 0).proven);
        near(alerts(72, 72, 0).detected.low, 0.9501, 5e-5);
        assert!(!alerts(0, 0, 0).proven);
    }
}
