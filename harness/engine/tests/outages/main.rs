//! Known outages: what the harness says of an outage whose length it is not told.
//!
//! Each probe of a real run (the engine's own pacing, on the real clock) goes through a relay of its own in this process, which is
//! switched off for a drawn time at a drawn instant and knows by itself to under a millisecond when that was. The analysis sees the
//! run folder only. Every bar must hold the length that the relay knows: 100 %, whatever the machine does meanwhile, since what the
//! harness is late by itself belongs into the bar.
//!
//! One relay in two refuses while it is off, the other holds back what comes and lets it through afterwards.
//! `cargo test -p engine --test outages -- --nocapture` prints the table; `BRINELL_OUTAGES` sets the outages of each probe (26).
mod bed;
mod judge;
mod relay;
mod run;

use judge::{Judged, judge};
use model::units::Nanos;
use relay::Kind;

/// A probe and its relay: name, what an outage does, time between intended starts.
pub const PROBES: [(&str, Kind, Nanos); 8] = [
    ("refuses-10a", Kind::Refuses, Nanos::ms(10)),
    ("refuses-10b", Kind::Refuses, Nanos::ms(10)),
    ("refuses-10c", Kind::Refuses, Nanos::ms(10)),
    ("refuses-5", Kind::Refuses, Nanos::ms(5)),
    ("holds-10a", Kind::Holds, Nanos::ms(10)),
    ("holds-10b", Kind::Holds, Nanos::ms(10)),
    ("holds-10c", Kind::Holds, Nanos::ms(10)),
    ("holds-5", Kind::Holds, Nanos::ms(5)),
];

/// Lengths that are drawn from, ms; up to one period is added.
pub const LENGTHS: [u64; 4] = [60, 120, 200, 350];

/// Outages of each probe.
fn count() -> usize {
    let asked = std::env::var("BRINELL_OUTAGES").ok();
    asked.and_then(|text| text.parse().ok()).unwrap_or(26)
}

#[test]
fn every_bar_holds_the_known_length_of_its_outage() {
    let told = run::press(count());
    let judged = judge(&told);
    print(&judged);
    let measured = judged.iter().filter(|one| one.why_not.is_none()).count();
    let outside: Vec<&Judged> = judged.iter().filter(|one| !one.holds()).collect();
    println!(
        "known outages: {} of {measured} bars hold the length, {} not measured",
        measured - outside.len(),
        judged.len() - measured
    );
    assert!(outside.is_empty(), "{outside:#?}");
    assert!(
        2 * measured >= judged.len(),
        "fewer than half could be measured: {judged:#?}"
    );
}

fn print(judged: &[Judged]) {
    println!(
        "{:10} {:>5} {:>6} {:>4} {:>10} {:>10} {:>9} {:>9} {:>6}",
        "outage", "h ms", "d ms", "n", "median err", "worst err", "mean bar", "worst bar", "holds"
    );
    for kind in [Kind::Refuses, Kind::Holds] {
        for period in [Nanos::ms(10), Nanos::ms(5)] {
            for length in LENGTHS {
                let is_row = |one: &&Judged| {
                    one.kind == kind
                        && one.period == period
                        && one.nominal == length
                        && one.why_not.is_none()
                };
                row(&judged.iter().filter(is_row).collect::<Vec<_>>());
            }
        }
    }
    for one in judged.iter().filter(|one| one.why_not.is_some()) {
        println!(
            "not measured: {} ms of {:?}: {}",
            one.nominal,
            one.kind,
            one.why_not.as_deref().unwrap_or_default()
        );
    }
}

fn row(of: &[&Judged]) {
    let Some(first) = of.first() else { return };
    let mut errors: Vec<f64> = of.iter().map(|one| one.error_ms().abs()).collect();
    errors.sort_by(f64::total_cmp);
    let bars: Vec<f64> = of.iter().map(|one| one.bar_ms()).collect();
    println!(
        "{:10} {:5} {:6} {:4} {:10.2} {:10.2} {:9.2} {:9.2} {:>6}",
        format!("{:?}", first.kind).to_lowercase(),
        first.period.0 / model::units::MS,
        first.nominal,
        of.len(),
        errors[errors.len() / 2],
        errors[errors.len() - 1],
        bars.iter().sum::<f64>() / bars.len() as f64,
        bars.iter().copied().fold(0.0, f64::max),
        format!(
            "{}/{}",
            of.iter().filter(|one| one.holds()).count(),
            of.len()
        ),
    );
}
