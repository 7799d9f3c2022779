//! Scaling, spares, common causes, crews and the slot identity against published worked numbers.

use super::*;
use crate::{
    capacity::{
        Chain, Odds, common_cause, k_of_n,
        monte_carlo::{Fleet, Stop, simulate},
    },
    scaling::{Kind, Point, fit::fit, scaling, slots::SlotTimes},
};

claims! {
    the_law_never_has_a_negative_coherence {
        let law = fit(&[(1.0, 100.0), (2.0, 210.0), (4.0, 450.0), (8.0, 1000.0)], Kind::Usl).unwrap().law;
        assert!(law.kappa >= 0.0 && law.sigma >= 0.0);
    }

    efficiency_is_throughput_over_n_times_that_of_one {
        let point = |n, throughput| (1..=3).map(move |repeat| Point { n, repeat, throughput });
        let points: Vec<Point> = point(1, 8000.0).chain(point(10, 60_000.0)).collect();
        near(scaling(&points, 7).unwrap().efficiency[1].efficiency.value.unwrap(), 0.75, 1e-12);
    }

    a_common_cause_is_in_the_sum {
        let each = Odds::of(0.99).unwrap();
        near(common_cause(2, 3, each, 0.05).unwrap().down, 7.689_007e-4, 6e-11);
        let chain = Chain { k: 2, n: 3, crews: None, fail: 1e-3, repair: 0.1, beta: 0.2 };
        let alone = Chain { beta: 0.0, ..chain };
        assert!(chain.steady().unwrap().odds.down > 2.0 * alone.steady().unwrap().odds.down);
    }

    two_of_three_is_two_of_three {
        near(k_of_n(2, 3, Odds::of(0.99).unwrap()).unwrap().down, 2.980e-4, 6e-8);
        near(k_of_n(8, 9, Odds::of(0.995).unwrap()).unwrap().up, 0.999_121, 6e-7);
    }

    crews_are_counted {
        let chain = Chain { k: 2, n: 3, crews: Some(1), fail: 1e-3, repair: 0.1, beta: 0.0 };
        near(chain.steady().unwrap().odds.up, 0.999_411_996, 6e-10);
        near(chain.first_loss().unwrap(), 17_500.0, 1e-6);
    }

    crews_are_counted_in_the_simulation {
        let fleet = Fleet { groups: 1, k: 2, n: 3, crews: Some(1), fail: 0.01, repair: 0.1, beta: 0.0 };
        let outcome = simulate(&fleet, &Stop { half_width: 0.02, lifetimes: 1_000_000 }, 7, 1).unwrap();
        // 1, 3 rho, 6 rho^2, 6 rho^3 at rho = .1: .066 of 1.366.
        near(outcome.unavailability.value.unwrap(), 0.066 / 1.366, 0.004);
    }

    slot_times_that_do_not_add_up_are_unknown {
        let whole = SlotTimes { slots: 4, wall: 60.0, compute: 162.0, fetch_wait: 24.0, serialise: 6.0, gc: 9.0, scheduler_delay: 3.0, idle: 30.0, wasted: 6.0, ..SlotTimes::default() };
        assert_eq!(whole.divide().unwrap().efficiency.value, Some(0.675));
        assert_eq!(SlotTimes { idle: 24.0, ..whole }.divide().unwrap().efficiency.value, None);
    }
}
