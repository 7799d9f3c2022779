//! Measured recoveries under the user's stated fault frequencies.
//!
//! How long a fault is felt is the median of its repeats with its order-statistic interval: a mean would need a distribution. Where
//! times are skewed the expected downtime is more than the median says. The interval over several classes adds their ends: it holds
//! at least as often as the ends of all classes hold at once.
use super::{
    MONTH_S, forecast,
    judge::of_measure,
    left::{self, Amount},
    report::{Class, Forecast},
    take::Taken,
};
use crate::{
    median::ranks,
    recovery::recover_times,
    report::{Measure, Recovery, Repeat},
};
use std::collections::BTreeMap;

/// What was stated, and what it is held against.
#[derive(Clone, Copy, Debug)]
pub struct Stated<'a> {
    /// Whose samples tell how long a fault is felt.
    pub probe: &'a str,
    /// Share that must be good.
    pub target: f64,
    /// Over which time, s.
    pub asked_s: f64,
    /// By fault, per month of time up.
    pub per_month: &'a BTreeMap<String, f64>,
}

/// None where no frequencies were stated.
pub fn forecast(asked: &Stated, runs: &[Taken]) -> Option<Forecast> {
    if asked.per_month.is_empty() {
        return None;
    }
    let classes: Vec<Class> = asked
        .per_month
        .iter()
        .map(|(fault, per_month)| class(asked, runs, fault, *per_month))
        .collect();
    let availability = availability(&classes);
    let of = |unit: &str, falls: bool, change: &dyn Fn(f64) -> Option<f64>| {
        changed(&availability, unit, falls, change)
    };
    let asked_s = asked.asked_s;
    let spent = of("s", true, &|a| Some(forecast::downtime_s(a, asked_s)));
    let left = of("s", false, &|a| {
        let spent = Amount::exact(forecast::downtime_s(a, asked_s));
        Some(left::left(asked.target, asked_s, spent).value)
    });
    let rate: f64 = classes.iter().map(|class| class.per_month).sum();
    let mttf = mttf(rate);
    let mttr = of("s", true, &|a| {
        (rate > 0.0 && a > 0.0).then(|| (1.0 / a - 1.0) * MONTH_S / rate)
    });
    let mtbf = shifted(&mttr, mttf.value);
    Some(Forecast {
        nines: of("nines", false, &forecast::nines),
        downtime_per_year: of("s", true, &|a| Some(forecast::downtime_per_year_s(a))),
        mtbf_between_starts: mtbf,
        mttf,
        mttr,
        gate: of_measure(&left),
        spent,
        left,
        classes,
        availability,
    })
}

fn class(asked: &Stated, runs: &[Taken], fault: &str, per_month: f64) -> Class {
    let lasts = lasts(runs, fault, asked.probe);
    let per = |value: Option<f64>| value.map(|value| value * per_month);
    let downtime_per_month = Measure {
        value: per(lasts.value),
        low: per(lasts.low),
        high: per(lasts.high),
        error: None,
        method: "stated frequency times duration".into(),
        ..lasts.clone()
    };
    Class {
        fault: fault.into(),
        per_month,
        lasts,
        downtime_per_month,
    }
}

/// How long a fault is felt, over the repeats of all runs.
pub fn lasts(runs: &[Taken], fault: &str, probe: &str) -> Measure {
    let rows = || runs.iter().flat_map(|run| &run.analysis.recovery);
    let of: Vec<&Recovery> = rows()
        .filter(|row| row.fault == fault && row.probe == probe)
        .collect();
    let repeats: Vec<Repeat> = of.iter().flat_map(|row| row.runs.clone()).collect();
    if repeats.is_empty() {
        let mut known: Vec<&str> = rows().map(|row| row.fault.as_str()).collect();
        known.sort_unstable();
        known.dedup();
        let known = if known.is_empty() {
            "none".into()
        } else {
            known.join(", ")
        };
        return Measure {
            unit: "s".into(),
            why: Some(format!(
                "no run shows fault `{fault}` to this probe; shown are: {known}"
            )),
            ..Measure::default()
        };
    }
    let n = repeats.len();
    let what = format!(
        "{n} of `{fault}` in {} run{}",
        of.len(),
        if of.len() == 1 { "" } else { "s" }
    );
    let absorbed = repeats.iter().filter(|one| one.absorbed).count();
    if absorbed == n {
        return never_felt(n, &what);
    }
    let median = recover_times(&repeats, &what).median();
    match absorbed {
        0 => median,
        k => Measure {
            method: format!(
                "{}; {k} more were absorbed, taken as felt like the others",
                median.method
            ),
            ..median
        },
    }
}

/// Nothing was ever felt: the median of `n` zeros.
fn never_felt(n: usize, what: &str) -> Measure {
    let level = ranks(n).map(|(_, level)| level);
    Measure {
        value: Some(0.0),
        unit: "s".into(),
        n: n as u64,
        low: level.map(|_| 0.0),
        high: level.map(|_| 0.0),
        level,
        method: format!("{what}, all absorbed"),
        ..Measure::default()
    }
}

fn availability(classes: &[Class]) -> Measure {
    let missing = classes.iter().find_map(|class| {
        class
            .lasts
            .why
            .as_ref()
            .map(|why| format!("`{}`: {why}", class.fault))
    });
    if let Some(why) = missing {
        return Measure {
            unit: "1".into(),
            why: Some(why),
            ..Measure::default()
        };
    }
    let with = |end: fn(&Measure) -> Option<f64>| -> Option<f64> {
        let of = |class: &Class| {
            Some(forecast::Class {
                per_month: class.per_month,
                lasts_s: Amount::exact(end(&class.lasts)?),
            })
        };
        let all: Option<Vec<forecast::Class>> = classes.iter().map(of).collect();
        Some(forecast::availability(&all?).value)
    };
    let (low, high) = (with(|lasts| lasts.high), with(|lasts| lasts.low));
    let both = low.is_some() && high.is_some();
    let outside: f64 = classes
        .iter()
        .filter_map(|class| class.lasts.level)
        .map(|level| 1.0 - level)
        .sum();
    let short: Vec<&str> = classes
        .iter()
        .filter(|class| class.lasts.low.is_none() || class.lasts.high.is_none())
        .map(|class| class.fault.as_str())
        .collect();
    let note = if short.is_empty() {
        String::new()
    } else {
        format!(
            "; no interval: {} needs at least 6 repeats, recovered while watched",
            short.join(", ")
        )
    };
    Measure {
        value: with(|lasts| lasts.value),
        unit: "1".into(),
        n: classes.iter().map(|class| class.lasts.n).sum(),
        low: low.filter(|_| both),
        high: high.filter(|_| both),
        level: both.then(|| (1.0 - outside).max(0.0)),
        method: format!(
            "1 / (1 + sum of stated frequency times measured duration), at least this level{note}"
        ),
        ..Measure::default()
    }
}

/// A number that follows from availability, rising with it or falling.
fn changed(a: &Measure, unit: &str, falls: bool, change: &dyn Fn(f64) -> Option<f64>) -> Measure {
    let (low, high) = if falls {
        (a.high, a.low)
    } else {
        (a.low, a.high)
    };
    let value = a.value.and_then(change);
    let perfect = || "a perfect availability: no number is large enough".to_owned();
    Measure {
        value,
        unit: unit.into(),
        low: low.and_then(change),
        high: high.and_then(change),
        why: value
            .is_none()
            .then(|| a.why.clone().unwrap_or_else(perfect)),
        error: None,
        ..a.clone()
    }
}

fn mttf(rate: f64) -> Measure {
    if rate > 0.0 {
        return Measure {
            value: Some(MONTH_S / rate),
            unit: "s".into(),
            method: "stated: mean time up between failures, a month of 720 h over the sum of frequencies".into(),
            ..Measure::default()
        };
    }
    Measure {
        unit: "s".into(),
        why: Some("all stated frequencies are 0: nothing ever fails".into()),
        ..Measure::default()
    }
}

fn shifted(mttr: &Measure, mttf: Option<f64>) -> Measure {
    let by = |value: Option<f64>| Some(value? + mttf?);
    let value = by(mttr.value);
    Measure {
        value,
        low: by(mttr.low),
        high: by(mttr.high),
        method: "from the start of one failure to the start of the next: MTTF + MTTR".into(),
        why: value.is_none().then(|| {
            mttr.why
                .clone()
                .unwrap_or_else(|| "nothing ever fails".into())
        }),
        ..mttr.clone()
    }
}
