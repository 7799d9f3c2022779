//! Rules against a slow reading of every instant, and against the published figures.
use super::*;
use crate::{
    availability::Outage,
    budget::{
        record::Form,
        track::{Stretches, Track},
    },
};
use proptest::{collection::vec, prelude::*};

/// A record of `long_s` with bad stretches of whole ms.
fn record(long_s: u64, bad_ms: &[(u64, u64)], period: Nanos) -> (Record, Bounds) {
    let window = Bounds {
        lo: 0,
        hi: long_s * S,
    };
    let at = |ms: u64| Bounds {
        lo: ms * 1_000_000,
        hi: ms * 1_000_000,
    };
    let outage = |(from, to): &(u64, u64)| Outage {
        from: at(*from),
        to: at(*to),
    };
    let outages: Vec<Outage> = bad_ms.iter().map(outage).collect();
    let record = Record {
        watched: Stretches::union(vec![window]),
        step: period,
        period,
        form: Form::Time(Track::new(vec![window], &outages, &[])),
    };
    (record, window)
}

#[test]
fn short_runs_scale_the_windows_and_say_when_they_are_too_short() {
    let (record, window) = record(1_800, &[(60_000, 1_800_000)], Nanos::ms(100));
    let all = alerts(&record, 0.999, window, 1_800.0);
    assert!((all[0].long_s - 2.5).abs() < 1e-9 && (all[0].short_s - 0.2083).abs() < 1e-4);
    let states: Vec<State> = all.iter().map(|one| one.state).collect();
    assert_eq!(
        states,
        [State::TooShort, State::Fired, State::Fired, State::Fired]
    );
    assert!(
        all[0].why.as_deref().unwrap().contains("8640 s"),
        "{:?}",
        all[0].why
    );
    assert!(all[0].firing_s.is_empty());
}

#[test]
fn a_factor_beyond_a_total_outage_is_unreachable() {
    let (record, window) = record(86_400, &[(0, 86_400_000)], Nanos::ms(100));
    assert_eq!(
        alerts(&record, 0.9, window, MONTH_S)[0].state,
        State::Unreachable
    );
}

proptest! {
    /// The slow reading: bad seconds of both windows counted one by one, at every whole second.
    #[test]
    fn it_fires_where_a_slow_reading_of_every_second_says(bad in vec((0_u64..400, 1_u64..60), 0..6), factor in 1.0..15.0_f64, short in 5_u64..40) {
        let target = 0.95;
        let ms: Vec<(u64, u64)> = bad.iter().map(|(from, long)| (from * 1_000, (from + long) * 1_000)).collect();
        let (record, window) = record(500, &ms, Nanos::ms(100));
        let lengths = [120.0, short as f64];
        let got = firing(&record, target, window, factor, lengths);
        let is_bad = |second: u64| bad.iter().any(|(from, long)| *from <= second && second < from + long);
        let burn = |t: u64, length: u64| (t.saturating_sub(length)..t).filter(|second| is_bad(*second)).count() as f64 / length as f64 / (1.0 - target);
        for t in 1..500_u64 {
            let (long_burn, short_burn) = (burn(t, 120), burn(t, short));
            let least = long_burn.min(short_burn);
            // At the very threshold rounding decides either way.
            if (least - factor).abs() > 1e-6 {
                let at = t as f64;
                let fires = got.iter().any(|(from, to)| *from <= at && at <= *to);
                prop_assert_eq!(fires, least > factor, "at {} s: {} and {} against {}, {:?}", t, long_burn, short_burn, factor, got);
            }
        }
    }
}
