//! How it was measured, as a table of the probes, and what is not measured at all.
use crate::{
    budget::{
        burn,
        left::{self, Amount},
    },
    findings::Measured,
    input::Folder,
    ledger::Balanced,
    report::{Availability, Column, NotMeasured, Quality, Section},
    span::seconds,
    stream::{State, Stream},
    summary,
    window::Windows,
};
use model::{objective::Objective, system::ProbeKind, units::show};
use serde_json::{Value, json};

/// Tables without a member of their own.
pub fn sections(measured: &Measured) -> Vec<Section> {
    let probes = probes(measured.windows, measured.streams);
    std::iter::once(probes).chain(budget(measured)).collect()
}

/// What is left of every availability that the scenario claims of its whole run: `B = (1 - s) T - downtime`.
fn budget(measured: &Measured) -> Option<Section> {
    let claimed = measured
        .folder
        .plan
        .objectives
        .iter()
        .filter(|one| summary::is_floor(one));
    let rows: Vec<Vec<Value>> = claimed
        .filter_map(|one| budget_row(one, measured))
        .collect();
    let columns = [
        ("objective", ""),
        ("watched", "s"),
        ("allowed", "s"),
        ("spent", "s"),
        ("left", "s"),
        ("at least", "s"),
        ("at most", "s"),
        ("burn rate", "times"),
        ("gate", ""),
    ];
    (!rows.is_empty()).then(|| Section {
        id: "error-budget".into(),
        title: "Error budget of the run".into(),
        columns: headed(&columns),
        rows,
    })
}

fn budget_row(objective: &Objective, measured: &Measured) -> Option<Vec<Value>> {
    let probe = objective.tag("probe")?;
    let of = |row: &&Availability| row.probe == probe && row.window == "whole";
    let row = measured.availability.iter().find(of)?;
    let watched = measured
        .windows
        .whole()
        .map(|whole| seconds(whole.hi, whole.lo))?;
    let (value, low, high) = (row.downtime.value?, row.downtime.low?, row.downtime.high?);
    let spent = Amount { value, low, high };
    let left = left::left(objective.bound, watched, spent);
    let burn = burn::burn(objective.bound, watched, spent);
    Some(vec![
        json!(objective.text()),
        json!(watched),
        json!(left::allowed(objective.bound, watched)),
        json!(spent.value),
        json!(left.value),
        json!(left.low),
        json!(left.high),
        json!(burn.map(|burn| burn.value)),
        json!(left::gate(left).word().to_lowercase()),
    ])
}

fn headed(columns: &[(&str, &str)]) -> Vec<Column> {
    let column = |(name, unit): &(&str, &str)| Column {
        name: (*name).into(),
        unit: (*unit).into(),
    };
    columns.iter().map(column).collect()
}

fn probes(windows: &Windows, streams: &[Stream]) -> Section {
    let columns = [
        ("probe", ""),
        ("does", ""),
        ("period", "s"),
        ("deadline", "s"),
        ("bound", "unit"),
        ("unit", ""),
        ("bound from", ""),
        ("slip p99", "s"),
        ("samples", ""),
        ("missing", ""),
    ];
    Section {
        id: "probes".into(),
        title: "How it was measured".into(),
        columns: headed(&columns),
        rows: streams.iter().map(|stream| row(windows, stream)).collect(),
    }
}

fn row(windows: &Windows, stream: &Stream) -> Vec<Value> {
    let judged = windows.stretches("whole");
    let mut slip: Vec<f64> = stream
        .within(&judged)
        .map(|sample| sample.sent.since(sample.due).as_s())
        .collect();
    slip.sort_by(f64::total_cmp);
    let p99 = slip
        .get(((slip.len() as f64 * 0.99).ceil() as usize).saturating_sub(1))
        .copied();
    let spec = &stream.spec;
    let from = match spec.kind {
        ProbeKind::GaugeFull => "the full number".to_owned(),
        _ => format!(
            "upper edge of its baseline ({} samples; at most {} strays in {})",
            stream.baseline,
            stream.strays,
            show(crate::stream::STRAY_WINDOW)
        ),
    };
    let unit = if spec.kind == ProbeKind::Latency {
        "s"
    } else {
        &spec.unit
    };
    let taken = stream
        .within(&judged)
        .filter(|sample| sample.state != State::Missing)
        .count();
    vec![
        json!(spec.name),
        json!(spec.doc),
        json!(spec.period_ns.as_s()),
        json!(spec.deadline_ns.as_s()),
        json!(stream.bound),
        json!(unit),
        json!(from),
        json!(p99),
        json!(taken),
        json!(stream.missing(&judged)),
    ]
}

/// What a reader might look for.
pub fn not_measured(
    folder: &Folder,
    ledgers: &[Balanced],
    quality: Option<&Quality>,
) -> Vec<NotMeasured> {
    let mut all: Vec<(&str, &str)> = vec![
        (
            "throughput, capacity",
            "this version has no throughput measure",
        ),
        (
            "retries, circuit breakers",
            "this version has no proxy to see attempts on the wire",
        ),
        (
            "sampling interval of availability and of quantiles",
            "needs at least 6 runs; one run carries the measurement bar only",
        ),
    ];
    if !folder
        .plan
        .probes
        .iter()
        .any(|probe| probe.kind == ProbeKind::GaugeFull)
    {
        all.push(("time to redundancy (T5)", "no probe reads redundancy"));
    }
    if !folder
        .plan
        .probes
        .iter()
        .any(|probe| probe.kind == ProbeKind::GaugeLow)
    {
        all.push((
            "time to catch up (T4)",
            "no probe reads a backlog or an age",
        ));
    }
    if !folder.plan.objectives.iter().any(summary::is_floor) {
        all.push((
            "error budget, burn rate",
            "the scenario claims no availability of its whole run; `brinell budget` holds a run against a file of objectives",
        ));
    }
    if ledgers.is_empty() {
        all.push((
            "loss, duplication, corruption",
            "the workload's output was not read back",
        ));
    } else if ledgers.iter().all(|stage| stage.ledger.reordered.is_none()) {
        all.push(("order of records", "a table has no order to compare with"));
    }
    match quality {
        None => all.push((
            "completeness, uniqueness, conformity",
            "no table was read for them: the workload keeps none, or the run is of before",
        )),
        Some(quality) if quality.columns.is_empty() => all.push((
            "conformity",
            "the workload declares no `schema` of its table",
        )),
        Some(_) => {}
    }
    all.into_iter()
        .map(|(what, why)| NotMeasured {
            what: what.into(),
            why: why.into(),
        })
        .collect()
}
