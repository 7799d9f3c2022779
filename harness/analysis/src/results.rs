//! One run as rows of the table of results: each fault of the scenario with what proved it, what healed it, and what the clients saw.
use crate::{
    Error, RunInput,
    input::Folder,
    report::Bounds,
    stream::{State, Stream},
    window::{Injection, Windows},
};
use model::{system::ProbeKind, units::Nanos, verdict::Verdict};
use serde::Serialize;

/// One fault of one run, all its injections together.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Row {
    /// Scenario, as `folder/name`.
    pub scenario: String,
    /// Fault of the catalog.
    pub fault: String,
    /// Id in the scenario.
    pub id: String,
    /// Whom it hit; each once.
    pub targets: Vec<String>,
    /// Injections that were proved effective, of how many.
    pub effective: (u64, u64),
    /// From the begin of the act to the proof of its effect, ms: the least and the most.
    pub effective_ms: Option<(f64, f64)>,
    /// From the request to heal to the proof of it, s: the least and the most.
    pub healed_s: Option<(f64, f64)>,
    /// What each probe saw in the fault's windows.
    pub felt: Vec<Felt>,
    /// Verdict of the run.
    pub verdict: Verdict,
    /// Run id.
    pub run: String,
}

/// What one probe saw while a fault was watched.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Felt {
    /// Probe.
    pub probe: String,
    /// `longest without success`, `most`, `least`.
    pub what: String,
    /// How much.
    pub value: f64,
    /// In what.
    pub unit: String,
    /// Operations that failed, of how many; for gauges, readings.
    pub failed: (u64, u64),
}

/// The rows of a run, in the order of its scenario. `verdict` and `run` are its report's.
///
/// # Errors
/// Those of [`crate::analyze`].
pub fn rows(input: &RunInput) -> Result<Vec<Row>, Error> {
    let folder = Folder::read(input)?;
    let windows = Windows::of(&folder);
    let streams = crate::streams(&folder, &windows);
    let analysis = crate::analyze(input)?;
    let mut groups: Vec<&str> = Vec::new();
    for injection in &windows.injections {
        if !groups.contains(&injection.group.as_str()) {
            groups.push(&injection.group);
        }
    }
    let row = |group: &&str| {
        let of_group: Vec<&Injection> = windows
            .injections
            .iter()
            .filter(|injection| injection.group == *group)
            .collect();
        Row {
            scenario: folder.plan.name.clone(),
            fault: folder.plan.faults[of_group[0].index].fault.clone(),
            id: (*group).to_owned(),
            targets: targets(&of_group),
            effective: (
                of_group.iter().filter(|one| one.t0.is_some()).count() as u64,
                of_group.len() as u64,
            ),
            effective_ms: extremes(of_group.iter().filter_map(|one| one.t0).map(length_ms)),
            healed_s: extremes(of_group.iter().filter_map(|one| healed_s(one))),
            felt: felt(&of_group, &streams),
            verdict: analysis.verdict.value,
            run: analysis.run.id.clone(),
        }
    };
    Ok(groups.iter().map(row).collect())
}

fn targets(of_group: &[&Injection]) -> Vec<String> {
    let mut all: Vec<String> = of_group
        .iter()
        .flat_map(|one| one.targets.clone())
        .collect();
    all.sort();
    all.dedup();
    all
}

fn length_ms(bounds: Bounds) -> f64 {
    (bounds.hi - bounds.lo) as f64 / 1e6
}

fn healed_s(injection: &Injection) -> Option<f64> {
    let (asked, healed) = (injection.heal_requested?, injection.healed?);
    Some(Nanos(healed.hi).since(asked).as_s())
}

fn extremes(values: impl Iterator<Item = f64>) -> Option<(f64, f64)> {
    values.fold(None, |all, value| {
        let (least, most) = all.unwrap_or((value, value));
        Some((least.min(value), most.max(value)))
    })
}

fn felt(of_group: &[&Injection], streams: &[Stream]) -> Vec<Felt> {
    let watched: Vec<Bounds> = of_group
        .iter()
        .filter_map(|one| one.window)
        .filter(|window| window.hi > window.lo)
        .collect();
    let seen = |stream: &Stream| (!watched.is_empty()).then(|| of_stream(stream, &watched));
    streams.iter().filter_map(seen).flatten().collect()
}

fn of_stream(stream: &Stream, watched: &[Bounds]) -> Option<Felt> {
    let told = || {
        stream
            .within(watched)
            .filter(|sample| sample.state != State::Missing)
    };
    let values = || told().filter_map(|sample| sample.value);
    let (what, value, unit) = match stream.spec.kind {
        ProbeKind::Latency => (
            "longest without success",
            watched
                .iter()
                .map(|one| silence_s(stream, one))
                .fold(0.0, f64::max),
            "s",
        ),
        ProbeKind::GaugeLow => (
            "most",
            values().reduce(f64::max)?,
            stream.spec.unit.as_str(),
        ),
        ProbeKind::GaugeFull => (
            "least",
            values().reduce(f64::min)?,
            stream.spec.unit.as_str(),
        ),
    };
    let failed = told().filter(|sample| sample.value.is_none()).count() as u64;
    Some(Felt {
        probe: stream.spec.name.clone(),
        what: what.into(),
        value,
        unit: unit.into(),
        failed: (failed, told().count() as u64),
    })
}

/// The longest time between two successes, or one and an edge of the window.
fn silence_s(stream: &Stream, window: &Bounds) -> f64 {
    crate::findings::grey::silence(stream, window).inside_s
}

/// The table, one line a row, in Markdown.
pub fn markdown(rows: &[Row]) -> String {
    let head = "# Results\n\nMade by `brinell results --markdown` from run folders; nothing here is typed. Effective after: from the \
        begin of the act to the proof of its effect. Healed after: from the request to heal to the proof of it. What clients saw: in the \
        windows of the fault.\n\n| scenario | fault | target | effective after | healed after | what clients saw | verdict | run |\n\
        |---|---|---|---|---|---|---|---|\n";
    head.to_owned() + &rows.iter().map(line).collect::<String>()
}

fn line(row: &Row) -> String {
    let spread = |unit: &'static str| {
        move |(least, most): (f64, f64)| {
            if round(least) == round(most) {
                format!("{} {unit}", round(most))
            } else {
                format!("{} to {} {unit}", round(least), round(most))
            }
        }
    };
    let (proved, of) = row.effective;
    let effective = row
        .effective_ms
        .map_or_else(|| "never".into(), spread("ms"));
    let healed = row
        .healed_s
        .map_or_else(|| "not proved".into(), spread("s"));
    let felt: Vec<String> = row.felt.iter().map(words).collect();
    format!(
        "| {} | `{}` | {} | {effective} ({proved} of {of}) | {healed} | {} | {} | {} |\n",
        row.scenario,
        row.fault,
        row.targets.join(", "),
        felt.join("; "),
        row.verdict.word(),
        row.run
    )
}

fn words(felt: &Felt) -> String {
    let Felt {
        probe,
        what,
        value,
        unit,
        failed: (failed, of),
    } = felt;
    let failures = if *failed == 0 {
        String::new()
    } else {
        format!(", {failed} of {of} failed")
    };
    format!("`{probe}` {what} {} {unit}{failures}", round(*value))
}

/// Three figures.
fn round(value: f64) -> String {
    let digits = match value.abs() {
        0.0 => 0,
        small if small < 10.0 => 2,
        some if some < 100.0 => 1,
        _ => 0,
    };
    format!("{value:.digits$}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_three_figures() {
        let shown = [0.0, 0.1234, 12.34, 123.4].map(round);
        assert_eq!(shown, ["0", "0.12", "12.3", "123"]);
    }
}
