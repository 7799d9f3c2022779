//! `brinell analyze` as text.
use super::{budget, lines, table, told};
use crate::{
    number::{fixed, share},
    text::clean,
};
use analysis::{
    report::{ALL_PROBES, Finding, Measure, Recovery},
    schedule::Schedule,
    summary::{Available, Summary},
};

/// All of it, the verdict first.
#[must_use]
pub fn text(summary: &Summary) -> String {
    let run = &summary.run;
    let mut out = format!(
        "{} {}\n",
        summary.verdict.value.word(),
        clean(&summary.verdict.headline)
    );
    out += &lines(&[
        ("run", clean(&run.id)),
        ("scenario", clean(&run.scenario)),
        ("claim", clean(&run.claim)),
        ("began", clean(&run.started)),
        (
            "interrupted",
            clean(run.interrupted.as_deref().unwrap_or_default()),
        ),
    ]);
    out += &findings(&summary.findings);
    let mut faults: Vec<&str> = Vec::new();
    for row in &summary.recovery {
        if !faults.contains(&row.fault.as_str()) {
            faults.push(&row.fault);
        }
    }
    faults
        .iter()
        .for_each(|fault| out += &recovery(fault, &summary.recovery));
    out += &schedule(&summary.schedule);
    out += &availability(&summary.availability);
    summary
        .budgets
        .iter()
        .for_each(|one| out += &budget::one(one));
    for one in &summary.forecasts {
        out += &format!("\nseen by {}", clean(&one.probe));
        out += &budget::forecasted(&one.forecast);
    }
    let missing: Vec<Vec<String>> = summary
        .not_measured
        .iter()
        .map(|one| vec![clean(&one.what), clean(&one.why)])
        .collect();
    out + &table("not measured", &["what", "why"], &missing)
}

fn findings(all: &[Finding]) -> String {
    let row = |one: &Finding| {
        vec![
            one.verdict.word().to_owned(),
            clean(&one.name),
            clean(&one.measured),
            clean(&one.why),
        ]
    };
    let rows: Vec<Vec<String>> = all.iter().map(row).collect();
    table(
        "what keeps it from passing",
        &["verdict", "what", "measured", "why"],
        &rows,
    )
}

fn recovery(fault: &str, rows: &[Recovery]) -> String {
    let of: Vec<&Recovery> = rows.iter().filter(|row| row.fault == fault).collect();
    let row = |row: &&Recovery| {
        let of = |measure: &Measure| match measure.why.is_some()
            && measure.value.is_none()
            && row.absorbed.k == row.absorbed.n
        {
            true => "absorbed".to_owned(),
            false => told(measure),
        };
        vec![
            clean(&row.probe),
            share(&row.reached).replace('\u{a0}', " "),
            share(&row.absorbed).replace('\u{a0}', " "),
            of(&row.detect),
            of(&row.recover),
            row.recover_after_heal
                .as_ref()
                .map_or_else(|| "-".into(), of),
            ends(&row.catch_up),
            ends(&row.reprotect),
        ]
    };
    let cells: Vec<Vec<String>> = of.iter().map(row).collect();
    let head = [
        "seen by",
        "recovered",
        "absorbed",
        "detect",
        "recover",
        "after heal",
        "catch up",
        "re-protect",
    ];
    let mut out = table(
        &format!(
            "recovery from {}: medians with their order-statistic intervals",
            clean(fault)
        ),
        &head,
        &cells,
    );
    let how = |row: &&&Recovery| row.recover.value.is_some();
    for row in of.iter().filter(how) {
        out += &format!("  {}: {}\n", clean(&row.probe), clean(&row.recover.method));
    }
    out + &curves(&of)
}

/// Backlog and redundancy have no value where no gauge left its band: a dash, the reasons stand in the report.
fn ends(measure: &Measure) -> String {
    measure.value.map_or_else(|| "-".into(), |_| told(measure))
}

/// The survival curve of those of which some were censored.
fn curves(rows: &[&Recovery]) -> String {
    let censored = |row: &&&Recovery| row.runs.iter().any(|run| run.censored);
    let mut out = String::new();
    for row in rows.iter().filter(censored) {
        let percent = |share: f64| fixed(share * 100.0, 1);
        let step = |step: &analysis::report::Step| {
            let interval = match (step.low, step.high) {
                (Some(low), Some(high)) => format!("[{}, {}] %", percent(low), percent(high)),
                _ => "-".into(),
            };
            vec![
                format!("{} s", fixed(step.t_s, 3)),
                format!("{} %", percent(step.share)),
                interval,
                step.at_risk.to_string(),
            ]
        };
        let steps: Vec<Vec<String>> = row.survival.iter().map(step).collect();
        let title = format!(
            "not yet recovered, seen by {} (Kaplan-Meier; some were not watched long enough)",
            clean(&row.probe)
        );
        out += &table(
            &title,
            &["after T0", "share", "95 % interval", "at risk"],
            &steps,
        );
        if steps.is_empty() {
            out += &format!("\n{title}\n  nobody recovered while watched\n");
        }
    }
    out
}

fn schedule(all: &[Schedule]) -> String {
    let row = |one: &Schedule| {
        vec![
            clean(&one.fault),
            clean(&one.probe),
            told(&one.mtbf_between_starts),
            told(&one.mttr),
            told(&one.mttf),
            told(&one.steady),
        ]
    };
    let rows: Vec<Vec<String>> = all
        .iter()
        .filter(|one| one.probe == ALL_PROBES || one.mttr.value.is_some())
        .map(row)
        .collect();
    let head = [
        "fault",
        "seen by",
        "MTBF, start to start",
        "MTTR",
        "MTTF, mean time up",
        "steady state",
    ];
    let mut out = table("under the schedule of the run", &head, &rows);
    if !rows.is_empty() {
        out += "  steady state = MTTF / (MTTF + MTTR) = 1 - MTTR / MTBF start to start; of the schedule, which is ours\n";
    }
    out
}

fn availability(all: &[Available]) -> String {
    let row = |one: &Available| {
        let of = &one.measured;
        vec![
            clean(&of.probe),
            clean(&of.window),
            told(&of.availability),
            told(&of.downtime),
            told(&of.requests),
            told(&one.nines),
            told(&one.downtime_per_year),
            of.missing.to_string(),
        ]
    };
    let rows: Vec<Vec<String>> = all.iter().map(row).collect();
    let head = [
        "probe",
        "window",
        "good time",
        "bad time",
        "good samples",
        "nines",
        "a year at this rate",
        "missing",
    ];
    let mut out = table("availability", &head, &rows);
    if !rows.is_empty() {
        out += "  of one run: the interval is the bar of the measurement; 6 runs would give one over runs\n";
    }
    out
}
