//! Availability over runs, with an interval from runs drawn anew. Seconds and requests of one run are no independent samples: an
//! outage is one event however many seconds it lasts, and whoever draws them anew finds an interval that is far too narrow.
use crate::report::Measure;
use model::seed::Draw;

/// Fewest runs for an interval.
pub const LEAST_RUNS: usize = 6;

/// How often the runs are drawn anew.
const DRAWS: usize = 9_999;

/// `1 - bad / all` over runs, each with its bad and all time (or samples), with the percentile interval of runs drawn anew; `seed`
/// fixes the draws.
///
/// Source: Efron, Ann. Stat. 7 (1979); the unit that is drawn is the run.
pub fn availability(runs: &[(f64, f64)], seed: u64) -> Measure {
    let n = runs.len();
    let all: f64 = runs.iter().map(|(_, all)| all).sum();
    if all <= 0.0 {
        return Measure {
            unit: "1".into(),
            why: Some("nothing was watched".into()),
            ..Measure::default()
        };
    }
    let bad: f64 = runs.iter().map(|(bad, _)| bad).sum();
    let measure = Measure {
        value: Some(1.0 - bad / all),
        unit: "1".into(),
        n: n as u64,
        method: format!("good over all of {n} runs"),
        ..Measure::default()
    };
    if n < LEAST_RUNS {
        let method = format!(
            "{}; no 95 % interval below {LEAST_RUNS} runs",
            measure.method
        );
        return Measure { method, ..measure };
    }
    if bad <= 0.0 {
        let method = format!(
            "{}; none of them was bad, so runs drawn anew say nothing",
            measure.method
        );
        return Measure { method, ..measure };
    }
    let (low, high) = drawn(runs, seed);
    Measure {
        low: Some(low),
        high: Some(high),
        level: Some(0.95),
        method: format!("{}, {DRAWS} times drawn anew (percentiles)", measure.method),
        ..measure
    }
}

fn drawn(runs: &[(f64, f64)], seed: u64) -> (f64, f64) {
    let mut draw = Draw::new(seed, "availability over runs");
    let parts = if crate::mutant("B8") {
        by_second(runs)
    } else {
        runs.to_vec()
    };
    let mut one = || {
        let (mut bad, mut all) = (0.0, 0.0);
        for _ in 0..parts.len() {
            let (b, a) = parts[draw.below(parts.len() as u64) as usize];
            bad += b;
            all += a;
        }
        1.0 - bad / all
    };
    let mut drawn: Vec<f64> = (0..DRAWS).map(|_| one()).collect();
    drawn.sort_by(f64::total_cmp);
    // Of 9999 draws the 250th from either end: 2.5 % are beyond.
    (drawn[249], drawn[DRAWS - 250])
}

/// What must not be done: every second as if it were a run.
fn by_second(runs: &[(f64, f64)]) -> Vec<(f64, f64)> {
    let seconds = |(bad, all): &(f64, f64)| {
        let (bad, all) = (*bad as usize, *all as usize);
        (0..all)
            .map(move |at| (f64::from(u8::from(at < bad)), 1.0))
            .collect::<Vec<_>>()
    };
    runs.iter().flat_map(seconds).collect()
}
