//! Each objective of the scenario against what was measured. No objective at all is unknown: nothing was claimed, nothing shown.
use super::{Measured, finding, grey, line, table};
use crate::{
    headline::number,
    latency, load,
    median::ranks,
    report::{ALL_PROBES, Availability, Evidence, Finding, FindingKind, Ledger, Measure, Recovery},
    span::Span,
};
use model::{
    objective::{Estimate, Method, Objective, Sampled, estimate, judge},
    verdict::Verdict,
};

pub(super) fn findings(measured: &Measured) -> Vec<Finding> {
    let objectives = &measured.folder.plan.objectives;
    if objectives.is_empty() && !crate::mutant("N4") {
        let none = finding(
            FindingKind::Objective,
            "objectives",
            "objectives of the scenario",
            Verdict::Unknown,
        );
        return vec![
            none.expected("at least one objective")
                .measured("none")
                .why("the scenario claims nothing that can be judged; add `objectives`"),
        ];
    }
    objectives
        .iter()
        .enumerate()
        .map(|(index, objective)| of(index, objective, measured))
        .collect()
}

fn of(index: usize, objective: &Objective, measured: &Measured) -> Finding {
    let judged = judge(objective, measure(objective, measured));
    finding(
        FindingKind::Objective,
        format!("objective-{}", index + 1),
        &objective.key,
        judged.verdict,
    )
    .expected(&objective.threshold)
    .measured(
        words(&judged.measured, &objective.unit)
            + &unheard(objective, measured)
            + &trace(objective, measured)
            + &table::flaws(objective, measured),
    )
    .why(judged.why)
    .evidence(evidence(objective, measured))
}

/// A class that no operation of the whole run ended with may be a slip of the pen: that is said, since "none" passes.
fn unheard(objective: &Objective, measured: &Measured) -> String {
    let heard = |class| grey::is_heard(measured.folder, &objective.metric, class);
    match objective.tag("class") {
        Some(class) if !heard(class) => {
            format!("; no operation of the whole run ended with `{class}`")
        }
        _ => String::new(),
    }
}

/// The first stage in which records went wrong as this objective counts them, and one of them with its places.
fn trace(objective: &Objective, measured: &Measured) -> String {
    let (class, wrong): (_, fn(&Ledger) -> u64) = match objective.metric.as_str() {
        "records_lost" => ("lost", |one| one.lost_here.unwrap_or(0)),
        "records_duplicated" => ("duplicated", |one| one.doubled_here),
        "records_corrupted" => ("corrupted", |one| one.corrupted),
        "records_dead_lettered" => ("good dead-lettered", |one| one.good_dead_lettered),
        _ => return String::new(),
    };
    let ledgers = measured.ledgers.iter().map(|balanced| &balanced.ledger);
    let Some(first) = ledgers.clone().find(|one| wrong(one) > 0) else {
        return String::new();
    };
    let example = first.examples.iter().find(|one| one.starts_with(class));
    let example = example.map_or_else(String::new, |one| format!(", e.g. {one}"));
    format!("; first in `{}`: {}{example}", first.stage, wrong(first))
}

fn evidence(objective: &Objective, measured: &Measured) -> Vec<Evidence> {
    match objective.metric.as_str() {
        "records_lost" | "records_duplicated" | "records_corrupted" | "records_dead_lettered" => {
            measured
                .ledgers
                .iter()
                .flat_map(|ledger| line(ledger.line))
                .collect()
        }
        "completeness" | "uniqueness" | "conformity" => table::evidence(measured),
        "slip" => super::file("samples/load.ops"),
        "recovery" | "redundancy" => Vec::new(),
        probe => measured
            .folder
            .sources
            .get(objective.tag("probe").unwrap_or(probe))
            .map(|source| super::file(&source.path))
            .unwrap_or_default(),
    }
}

/// The number that an objective asks for.
pub fn measure(objective: &Objective, measured: &Measured) -> Estimate {
    match objective.metric.as_str() {
        "recovery" => of_recovery(objective, measured.recovery),
        "redundancy" => grey::redundancy(objective, measured),
        "availability" => of_availability(objective, measured.availability),
        "records_lost" => of_ledger(objective, measured, |ledger| Some(ledger.lost.unwrap_or(0))),
        "records_duplicated" => {
            let named = objective.tag("stage").is_some();
            of_ledger(objective, measured, move |ledger| {
                (named || !ledger.copies_allowed).then_some(ledger.duplicated)
            })
        }
        "records_corrupted" => of_ledger(objective, measured, |ledger| {
            Some(ledger.corrupted + ledger.illegible)
        }),
        "records_dead_lettered" => of_ledger(objective, measured, |ledger| {
            Some(ledger.good_dead_lettered)
        }),
        "completeness" | "uniqueness" | "conformity" => table::measure(objective, measured.quality),
        "slip" => estimate(
            objective.method,
            &load::slip(measured.folder, &measured.windows.stretches("whole")),
        ),
        probe => of_probe(objective, probe, measured),
    }
}

fn of_probe(objective: &Objective, probe: &str, measured: &Measured) -> Estimate {
    let Some(stream) = measured
        .streams
        .iter()
        .find(|stream| stream.spec.name == probe)
    else {
        return Estimate::none(0, format!("probe `{probe}` left no samples"));
    };
    let stretches = measured
        .windows
        .stretches(objective.tag("window").unwrap_or("whole"));
    match (objective.tag("class"), objective.method) {
        (Some(class), method) => grey::of_class(measured.folder, probe, class, method, &stretches),
        (None, Method::Gap) => grey::gap(stream, &stretches),
        (None, method) => estimate(
            method,
            &latency::sampled(stream, &stretches, objective.tag("outcome") == Some("ok")),
        ),
    }
}

fn of_recovery(objective: &Objective, rows: &[Recovery]) -> Estimate {
    let probe = objective.tag("probe").unwrap_or(ALL_PROBES);
    let Some(row) = rows
        .iter()
        .find(|row| Some(row.fault.as_str()) == objective.tag("fault") && row.probe == probe)
    else {
        return Estimate::none(0, "the fault is not in the plan");
    };
    let (k, n) = (row.reached.k, row.reached.n);
    let from_heal = objective.tag("from") == Some("healed");
    match objective.method {
        Method::Count => Estimate::exact(k as f64, n),
        _ if n == 0 && row.runs.is_empty() => Estimate::none(0, "no repeat was proved effective"),
        _ if n == 0 => Estimate::none(
            0,
            format!(
                "all {} repeats were absorbed: nothing left its band, so no recovery was seen",
                row.runs.len()
            ),
        ),
        Method::Rate => Estimate::exact(k as f64 / n as f64, n),
        Method::Med if from_heal => Estimate::none(
            n,
            "judge `max`: only a median from `effective` has an interval",
        ),
        Method::Med => of_median(&row.recover),
        other if from_heal => estimate(other, &grey::from_heal(&row.runs)),
        other => estimate(other, &times(row)),
    }
}

/// The median is judged on its sampling interval: repeats in one run are samples of recovery.
fn of_median(recover: &Measure) -> Estimate {
    if ranks(recover.n as usize).is_none() {
        return Estimate::none(
            recover.n,
            format!(
                "a median of {} has no 95 % interval: repeat the fault at least 6 times, or judge `max`",
                recover.n
            ),
        );
    }
    let low = recover
        .low
        .or_else(|| recover.why.as_ref().map(|_| 0.0))
        .unwrap_or(f64::NAN);
    Estimate {
        value: recover.value.or(Some(f64::INFINITY)),
        low,
        high: recover.high.unwrap_or(f64::INFINITY),
        n: recover.n,
        why: None,
    }
}

fn times(row: &Recovery) -> Sampled {
    let durations = crate::recovery::recover_times(&row.runs, "");
    Sampled {
        values: durations
            .reached
            .iter()
            .map(|span: &Span| span.mid())
            .collect(),
        bar: durations.bar().unwrap_or(0.0),
        unanswered: durations.censored,
        ..Sampled::default()
    }
}

/// Good samples over good and bad ones: the share that k6 calls a rate.
fn of_availability(objective: &Objective, rows: &[Availability]) -> Estimate {
    let (probe, window) = (
        objective.tag("probe").unwrap_or_default(),
        objective.tag("window").unwrap_or("whole"),
    );
    let Some(row) = rows
        .iter()
        .find(|row| row.probe == probe && row.window == window)
    else {
        return Estimate::none(0, format!("probe `{probe}` left no samples"));
    };
    match (row.requests.value, row.requests.low, row.requests.high) {
        (Some(value), Some(low), Some(high)) => Estimate {
            value: Some(value),
            low,
            high,
            n: row.requests.n,
            why: None,
        },
        _ => Estimate::none(0, "no samples in this window"),
    }
}

/// The worst count among the stages asked for: what goes wrong in one shows in those after it too. Where a stage was not read to its
/// end, what was found is a lower bound.
fn of_ledger(
    objective: &Objective,
    measured: &Measured,
    count: impl Fn(&Ledger) -> Option<u64>,
) -> Estimate {
    let asked = |ledger: &&Ledger| {
        let stage = objective.tag("stage");
        stage.is_none_or(|stage| stage == ledger.stage) && count(ledger).is_some()
    };
    let ledgers = measured.ledgers.iter().map(|balanced| &balanced.ledger);
    let stages: Vec<&Ledger> = ledgers.filter(asked).collect();
    let n = stages.iter().map(|ledger| ledger.sent).max().unwrap_or(0);
    let found = stages.iter().filter_map(|ledger| count(ledger)).max();
    let found = found.unwrap_or(0);
    let incomplete = stages.iter().find_map(|ledger| {
        let why = ledger.incomplete.as_ref()?;
        Some(format!("`{}` not read to a known end: {why}", ledger.stage))
    });
    match (stages.is_empty(), n, incomplete) {
        (true, ..) => Estimate::none(0, "the workload's output was not read back"),
        (false, 0, _) => Estimate::none(0, "no records were sent"),
        (false, n, None) => Estimate::exact(found as f64, n),
        (false, n, Some(_)) if found > 0 => Estimate {
            value: Some(found as f64),
            low: found as f64,
            high: f64::INFINITY,
            n,
            why: None,
        },
        (false, n, Some(why)) => Estimate::none(n, why),
    }
}

/// `3.1 s (n = 14402)`, with its interval where that is wider than the digits shown.
fn words(measured: &Estimate, unit: &str) -> String {
    let shown = |value: f64| number(value, unit);
    let n = measured.n;
    match measured.value {
        None => format!("no value (n = {n})"),
        Some(value) if value.is_infinite() => format!("at least {} (n = {n})", shown(measured.low)),
        Some(value) if shown(measured.low) == shown(measured.high) => {
            format!("{} (n = {n})", shown(value))
        }
        Some(value) if measured.high.is_infinite() => format!(
            "{} [{}, not reached] (n = {n})",
            shown(value),
            shown(measured.low)
        ),
        Some(value) => format!(
            "{} [{}, {}] (n = {n})",
            shown(value),
            shown(measured.low),
            shown(measured.high)
        ),
    }
}
