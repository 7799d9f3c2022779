//! How it was measured, as a table of the probes, and what is not measured at all.
use crate::{
    input::Folder,
    ledger::Balanced,
    report::{Column, NotMeasured, Quality, Section},
    stream::{State, Stream},
    window::Windows,
};
use model::{system::ProbeKind, units::show};
use serde_json::{Value, json};

/// Tables without a member of their own.
pub fn sections(windows: &Windows, streams: &[Stream]) -> Vec<Section> {
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
    let columns = columns
        .map(|(name, unit)| Column {
            name: name.into(),
            unit: unit.into(),
        })
        .to_vec();
    let rows = streams.iter().map(|stream| row(windows, stream)).collect();
    vec![Section {
        id: "probes".into(),
        title: "How it was measured".into(),
        columns,
        rows,
    }]
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
            "error budget, burn rate",
            "this version has no budget measure",
        ),
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
