//! Published worked numbers that no single measure owns: binomial tails behind ranks and canaries, widths, unmeasured time.

use super::*;
use crate::{share::at_most, survival::Watched};

/// The widest pair of ranks from outside in whose binomial coverage of the quantile `q` holds 95 %, each side 2.5 % at most.
fn ranks_of(q: f64, n: u64) -> (u64, u64) {
    let low = (1..=n)
        .take_while(|k| at_most(k - 1, n, q) <= 0.025)
        .last()
        .unwrap();
    let high = (1..=n).find(|k| at_most(k - 1, n, q) >= 0.975).unwrap();
    (low, high)
}

claims! {
    five_repeats_reach_ninety_percent_and_no_more {
        near(1.0 - 2.0 * at_most(0, 5, 0.5), 0.9375, 1e-12);
    }

    the_standard_error_at_19_s_is_greenwoods {
        let step = survival(&watched(A))[3];
        // Back from the log-log ends: half their distance on the scale ln(-ln S), over 1.96, times |S ln S|.
        let scale = |share: f64| (-share.ln()).ln();
        let half = (scale(step.low.unwrap()) - scale(step.high.unwrap())) / 2.0;
        near(half / 1.959_964 * 0.5 * 0.5_f64.ln().abs(), 0.158114, 5e-7);
    }

    the_ranks_of_a_high_quantile_are_the_published_ones {
        for (n, low, high) in [(400, 392, 400), (1_000, 983, 997), (3_000, 2_959, 2_981), (10_000, 9_880, 9_920)] {
            assert_eq!(ranks_of(0.99, n), (low, high), "n = {n}");
        }
        let coverage = at_most(399, 400, 0.99) - at_most(391, 400, 0.99);
        near(coverage, 0.961, 5e-4);
    }

    an_extreme_quantile_needs_the_published_number_of_samples {
        use model::objective::estimate::samples_needed;
        assert_eq!([samples_needed(0.99), samples_needed(0.999)], [299, 2_995]);
        let two_sided = |q: f64| (1_u64..).find(|n| q.powi(*n as i32) <= 0.025).unwrap();
        assert_eq!([two_sided(0.99), two_sided(0.999)], [368, 3_688]);
    }

    a_canary_needs_the_published_number_of_requests {
        for (errors, needed) in [(0, 299), (1, 473), (2, 628), (3, 773)] {
            let enough = |n: &u64| at_most(errors, *n, 0.01) <= 0.05;
            assert_eq!((1..).find(enough), Some(needed), "{errors} errors");
        }
    }

    counts_under_equal_exposure_have_the_published_ratio {
        // 20 against 3: given 23 in all, the second arm's share is binomial, and the ratio is its odds.
        let odds = |p: f64| p / (1.0 - p);
        let share = share(3, 23);
        near(odds(3.0 / 23.0), 0.15, 1e-9);
        near(odds(share.low), 0.0285, 5e-5);
        near(odds(share.high), 0.5058, 5e-5);
    }

    coordinated_omission_is_as_large_as_published {
        let (ms, s) = UNITS;
        let ops = stall_at(10 * ms, ms, (10 * s, 11_400 * ms), 3_000);
        let values = Sampled { values: ops.iter().map(|op| op.ended.since(op.intended).as_s()).collect(), ..Sampled::default() };
        let got = |method| estimate(method, &values).value.unwrap();
        near(got(Method::P(99.0)), 1.101_823, 1.101_823e-3);
        near(got(Method::P(99.9)), 1.371_135, 1.371_135e-3);
        near(got(Method::Max), 1.401_855, 1.401_855e-3);
    }

    where_five_of_six_are_censored_the_median_has_a_lower_end_only {
        let repeats: Vec<Watched> = watched("5 60+ 60+ 60+ 60+ 60+");
        let curve = survival(&repeats);
        assert_eq!((median(&curve), median_interval(&curve)), (None, (Some(5.0), None)));
        assert_eq!(curve.len(), 1);
    }
}
