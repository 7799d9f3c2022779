//! MTTR and MTBF of each fault under the schedule that it came by, and the steady-state availability that they make.
//!
//! The schedule is ours: MTBF says how often the scenario struck, not how often anything fails by itself. Measured from the start of
//! one failure to the start of the next it holds the repair, so that A = 1 - MTTR / MTBF; with the repair taken off it is the mean
//! time up, MTTF, and A = MTTF / (MTTF + MTTR) is the same number. Putting the first into the second formula is the usual mistake.
use crate::{
    budget::forecast,
    report::{Measure, Recovery},
    span::seconds,
};
use serde::{Deserialize, Serialize};

/// One fault as one probe saw it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Schedule {
    /// Id of the fault in the scenario.
    pub fault: String,
    /// Probe, or all of them.
    pub probe: String,
    /// From the start of one failure to the start of the next, mean of the schedule.
    pub mtbf_between_starts: Measure,
    /// Median recovery since it took effect.
    pub mttr: Measure,
    /// MTBF between starts less MTTR: mean time up.
    pub mttf: Measure,
    /// Steady-state availability, the same by both readings.
    pub steady: Measure,
}

/// One per fault and probe, in the order of `rows`.
pub fn schedule(rows: &[Recovery]) -> Vec<Schedule> {
    rows.iter().map(of).collect()
}

fn of(row: &Recovery) -> Schedule {
    let mtbf = between_starts(row);
    let absorbed = row.absorbed.n > 0 && row.absorbed.k == row.absorbed.n;
    let mttr = if absorbed {
        Measure {
            unit: "s".into(),
            why: Some("nothing to recover from: all repeats were absorbed".into()),
            ..Measure::default()
        }
    } else {
        row.recover.clone()
    };
    let of =
        |unit: &str, change: &dyn Fn(f64, f64) -> Option<f64>| derived(&mtbf, &mttr, unit, change);
    Schedule {
        fault: row.fault.clone(),
        probe: row.probe.clone(),
        mttf: of("s", &|mtbf, mttr| (mttr <= mtbf).then_some(mtbf - mttr)),
        steady: of("1", &forecast::of_mtbf_between_starts),
        mtbf_between_starts: mtbf,
        mttr,
    }
}

fn between_starts(row: &Recovery) -> Measure {
    let starts: Vec<u64> = row
        .runs
        .iter()
        .filter_map(|run| Some(run.t0_ns?.mid().0))
        .collect();
    let (first, last) = (starts.iter().min(), starts.iter().max());
    match (first, last, starts.len()) {
        (Some(first), Some(last), n) if n >= 2 && last > first => Measure {
            value: Some(seconds(*last, *first) / (n - 1) as f64),
            unit: "s".into(),
            n: n as u64 - 1,
            method: "stated: mean time between the starts of the schedule".into(),
            ..Measure::default()
        },
        (_, _, n) => Measure {
            unit: "s".into(),
            why: Some(format!(
                "{n} repeat{} effective: 2 at different instants would do",
                if n == 1 { "" } else { "s" }
            )),
            ..Measure::default()
        },
    }
}

/// What falls as MTTR rises.
fn derived(
    mtbf: &Measure,
    mttr: &Measure,
    unit: &str,
    change: &dyn Fn(f64, f64) -> Option<f64>,
) -> Measure {
    let with = |mttr: Option<f64>| change(mtbf.value?, mttr?);
    let value = with(mttr.value);
    let why = || {
        let known = mtbf.why.clone().or_else(|| mttr.why.clone());
        known.unwrap_or_else(|| {
            "MTTR is longer than the time between two failures: the schedule leaves no time up"
                .into()
        })
    };
    Measure {
        value,
        unit: unit.into(),
        n: mttr.n,
        low: with(mttr.high),
        high: with(mttr.low),
        level: mttr.level.filter(|_| value.is_some()),
        method: "from the schedule and the median recovery".into(),
        why: value.is_none().then(why),
        ..Measure::default()
    }
}
