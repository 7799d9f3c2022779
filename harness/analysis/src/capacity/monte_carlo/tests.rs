//! Every path of the simulation against a closed form, and against itself on other threads.
use super::*;
use crate::capacity::{Odds, k_of_n};

const TWO_OF_THREE: Fleet = Fleet {
    groups: 1,
    k: 2,
    n: 3,
    crews: Some(1),
    fail: 1e-3,
    repair: 0.1,
    beta: 0.0,
};
const STOP: Stop = Stop {
    half_width: 0.01,
    lifetimes: 4_000_000,
};

/// Within twice the distance of the 95 % ends (four standard errors), and not wider than a few per cent, so that it can fail.
fn holds(measure: &Measure, truth: f64, within: f64) {
    let (value, low, high) = (
        measure.value.unwrap(),
        measure.low.unwrap(),
        measure.high.unwrap(),
    );
    assert!(
        truth >= value - 2.0 * (value - low) && truth <= value + 2.0 * (high - value),
        "{truth} is not near {value} [{low}, {high}]"
    );
    assert!(
        (high - low) / 2.0 <= within * value,
        "too wide: {value} [{low}, {high}]"
    );
}

fn against_the_chain(fleet: Fleet, within: f64) -> Outcome {
    let outcome = simulate(&fleet, &STOP, 7, 1).unwrap();
    let chain = fleet.chain().unwrap();
    let steady = chain.steady().unwrap();
    holds(
        &outcome.unavailability,
        steady.odds.times(fleet.groups).down,
        within,
    );
    holds(&outcome.group_unavailability, steady.odds.down, within);
    holds(&outcome.down, steady.down * fleet.groups as f64, 0.05);
    if fleet.groups == 1 && outcome.samples == "cycles" {
        holds(&outcome.first_loss, chain.first_loss().unwrap(), within);
        holds(&outcome.losses, steady.losses, within);
    }
    outcome
}

#[test]
fn cycles_with_any_number_of_crews_are_the_chain() {
    for crews in [Some(1), Some(2), None] {
        let outcome = against_the_chain(
            Fleet {
                crews,
                ..TWO_OF_THREE
            },
            0.03,
        );
        assert_eq!(outcome.samples, "cycles");
    }
    let five = Fleet {
        k: 3,
        n: 5,
        fail: 1.0 / 500.0,
        repair: 1.0 / 24.0,
        ..TWO_OF_THREE
    };
    let outcome = against_the_chain(five, 0.05);
    holds(&outcome.first_loss, 5397.4537, 0.05);
}

#[test]
fn common_causes_are_the_chain() {
    for beta in [0.05, 0.3, 1.0] {
        against_the_chain(
            Fleet {
                beta,
                ..TWO_OF_THREE
            },
            0.03,
        );
    }
}

#[test]
fn groups_with_crews_enough_are_a_product() {
    let fleet = Fleet {
        groups: 20,
        crews: None,
        ..TWO_OF_THREE
    };
    against_the_chain(fleet, 0.03);
    against_the_chain(Fleet { beta: 0.1, ..fleet }, 0.03);
}

#[test]
fn windows_are_the_chain() {
    let many = Fleet {
        groups: 1,
        k: 960,
        n: 1000,
        crews: None,
        fail: 0.002,
        repair: 0.06,
        beta: 0.0,
    };
    assert_eq!(against_the_chain(many, 0.2).samples, "windows");
    let few_crews = Fleet {
        crews: Some(35),
        ..many
    };
    assert_eq!(against_the_chain(few_crews, 0.2).samples, "windows");
}

#[test]
fn windows_of_many_groups_are_a_product() {
    let fleet = Fleet {
        groups: 400,
        k: 2,
        n: 4,
        crews: None,
        fail: 0.002,
        repair: 0.1,
        beta: 0.02,
    };
    assert_eq!(against_the_chain(fleet, 0.05).samples, "windows");
}

/// One part in each group, one crew for all: the queue of the machine-repair model has a closed form though groups share the crew.
#[test]
fn shared_crews_are_the_machine_repair_model() {
    let fleet = Fleet {
        groups: 12,
        k: 1,
        n: 1,
        crews: Some(2),
        fail: 0.002,
        repair: 0.05,
        beta: 0.0,
    };
    let one = Chain {
        k: 12,
        n: 12,
        crews: Some(2),
        fail: 0.002,
        repair: 0.05,
        beta: 0.0,
    };
    let outcome = simulate(&fleet, &STOP, 7, 1).unwrap();
    assert!(fleet.chain().is_none());
    holds(
        &outcome.unavailability,
        one.steady().unwrap().odds.down,
        0.03,
    );
    holds(&outcome.down, one.steady().unwrap().down, 0.03);
    let shared = one.steady().unwrap().down / 12.0;
    holds(&outcome.group_unavailability, shared, 0.03);
}

#[test]
fn shared_crews_in_windows_are_the_machine_repair_model() {
    let fleet = Fleet {
        groups: 1000,
        k: 1,
        n: 1,
        crews: Some(35),
        fail: 0.002,
        repair: 0.06,
        beta: 0.0,
    };
    let one = Chain {
        k: 1000,
        n: 1000,
        crews: Some(35),
        fail: 0.002,
        repair: 0.06,
        beta: 0.0,
    };
    let outcome = simulate(&fleet, &STOP, 7, 1).unwrap();
    assert_eq!(outcome.samples, "windows");
    let down = one.steady().unwrap().down;
    holds(&outcome.down, down, 0.05);
    holds(&outcome.group_unavailability, down / 1000.0, 0.05);
}

#[test]
fn a_hundred_thousand_parts_are_simulated() {
    let fleet = Fleet {
        groups: 25_000,
        k: 3,
        n: 4,
        crews: None,
        fail: 1e-3,
        repair: 0.1,
        beta: 0.0,
    };
    let stop = Stop {
        half_width: 0.05,
        lifetimes: 1_000_000,
    };
    let outcome = simulate(&fleet, &stop, 7, 2).unwrap();
    let each = k_of_n(3, 4, Odds::repaired(1e-3, 0.1).unwrap()).unwrap();
    holds(&outcome.group_unavailability, each.down, 0.01);
    holds(&outcome.down, 100_000.0 / 101.0, 0.01);
    assert!(outcome.lifetimes >= 1_000_000);
}

#[test]
fn the_outcome_does_not_depend_on_the_threads() {
    for fleet in [
        Fleet {
            beta: 0.1,
            ..TWO_OF_THREE
        },
        Fleet {
            groups: 300,
            n: 4,
            crews: Some(20),
            fail: 0.01,
            ..TWO_OF_THREE
        },
    ] {
        let stop = Stop {
            half_width: 0.2,
            lifetimes: 300_000,
        };
        let at = |threads, seed| simulate(&fleet, &stop, seed, threads).unwrap();
        assert_eq!(at(1, 7), at(2, 7));
        assert_eq!(at(1, 7), at(5, 7));
        assert_ne!(at(1, 7).down, at(1, 8).down);
    }
}

#[test]
fn nothing_lost_is_a_bound_and_no_zero() {
    let fleet = Fleet {
        k: 1,
        n: 8,
        fail: 1e-6,
        crews: None,
        ..TWO_OF_THREE
    };
    let outcome = simulate(
        &fleet,
        &Stop {
            half_width: 0.1,
            lifetimes: 100_000,
        },
        7,
        1,
    )
    .unwrap();
    assert_eq!(
        (outcome.unavailability.value, outcome.stopped),
        (None, "counted out")
    );
    assert!(outcome.unavailability.why.unwrap().contains("3/N"));
    assert!(outcome.losses.high.unwrap() > 0.0 && outcome.losses.value.is_none());
    assert!(outcome.first_loss.low.unwrap() > 0.0);
}

#[test]
fn a_narrow_interval_ends_it_early() {
    let outcome = simulate(
        &TWO_OF_THREE,
        &Stop {
            half_width: 0.2,
            lifetimes: u64::MAX,
        },
        7,
        1,
    )
    .unwrap();
    assert_eq!(outcome.stopped, "narrow enough");
}

#[test]
fn what_is_no_fleet_is_refused() {
    let refused = |fleet: Fleet| simulate(&fleet, &STOP, 7, 1).is_err();
    assert!(
        refused(Fleet {
            k: 4,
            ..TWO_OF_THREE
        }) && refused(Fleet {
            groups: 0,
            ..TWO_OF_THREE
        })
    );
    assert!(
        refused(Fleet {
            crews: Some(0),
            ..TWO_OF_THREE
        }) && refused(Fleet {
            beta: -0.1,
            ..TWO_OF_THREE
        })
    );
    assert!(
        refused(Fleet {
            fail: f64::NAN,
            ..TWO_OF_THREE
        }) && refused(Fleet {
            repair: 0.0,
            ..TWO_OF_THREE
        })
    );
    assert!(
        refused(Fleet {
            groups: 1_000_000,
            ..TWO_OF_THREE
        }) && refused(Fleet {
            fail: 1e6,
            ..TWO_OF_THREE
        })
    );
}

/// 95 % intervals hold the truth about as often: 200 seeds each of a common and of a rare loss.
#[test]
fn intervals_hold_the_truth_as_often_as_they_promise() {
    for (name, fleet) in [
        (
            "common",
            Fleet {
                fail: 0.01,
                ..TWO_OF_THREE
            },
        ),
        (
            "rare",
            Fleet {
                fail: 2e-5,
                ..TWO_OF_THREE
            },
        ),
    ] {
        let chain = fleet.chain().unwrap();
        let (down, first) = (
            chain.steady().unwrap().odds.down,
            chain.first_loss().unwrap(),
        );
        let (mut lost, mut time) = (0, 0);
        for seed in 0..200 {
            let outcome = simulate(
                &fleet,
                &Stop {
                    half_width: 1e-9,
                    lifetimes: 1,
                },
                seed,
                1,
            )
            .unwrap();
            let inside = |m: &Measure, truth: f64| {
                u32::from(
                    m.low.is_some_and(|low| low <= truth)
                        && m.high.is_none_or(|high| high >= truth),
                )
            };
            lost += inside(&outcome.unavailability, down);
            time += inside(&outcome.first_loss, first);
        }
        println!(
            "{name}: unavailability in {lost} of 200 intervals, time to the first loss in {time} of 200"
        );
        // 95 % of 200 is 190; 182 is 2.6 standard errors below.
        assert!(lost >= 182 && time >= 182);
    }
}
