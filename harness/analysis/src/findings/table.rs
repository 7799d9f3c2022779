//! Objectives on the rows of the table: completeness by column, uniqueness, conformity.
use super::{Evidence, Measured, line};
use crate::{
    headline::grouped,
    report::{Check, Quality, QualityCheck},
};
use model::objective::{Estimate, Objective};

/// What an objective of this name asks.
fn asked(metric: &str) -> Option<Check> {
    match metric {
        "completeness" => Some(Check::Completeness),
        "uniqueness" => Some(Check::Uniqueness),
        "conformity" => Some(Check::Conformity),
        _ => None,
    }
}

/// The checks of the window that an objective asks for; of every required column where it names none.
fn checks<'a>(objective: &'a Objective, quality: &'a Quality) -> Vec<&'a QualityCheck> {
    let (name, column) = (
        objective.tag("window").unwrap_or("whole"),
        objective.tag("column"),
    );
    let window = quality.windows.iter().find(|one| one.window == name);
    let all = window.into_iter().flat_map(|window| &window.checks);
    let wanted = all.filter(|one| asked(&objective.metric) == Some(one.check));
    wanted
        .filter(|one| column.is_none() || column == one.column.as_deref())
        .collect()
}

/// The worst of them; one that cannot be told makes all unknown.
pub(super) fn measure(objective: &Objective, quality: Option<&Quality>) -> Estimate {
    let Some(quality) = quality else {
        return Estimate::none(0, "no table was read for the quality of its rows");
    };
    let checks = checks(objective, quality);
    let n = checks.iter().map(|one| one.share.n).min().unwrap_or(0);
    let why = checks.iter().find_map(|one| one.share.why.clone());
    let least = |end: fn(&QualityCheck) -> Option<f64>| {
        let ends = checks.iter().map(|one| end(one).unwrap_or(f64::NAN));
        if crate::mutant("Q5") {
            return ends.fold(f64::NEG_INFINITY, f64::max);
        }
        ends.fold(f64::INFINITY, f64::min)
    };
    match (checks.is_empty(), why) {
        (true, _) => Estimate::none(0, unasked(objective, quality)),
        (false, Some(why)) => Estimate::none(n, why),
        (false, None) => Estimate {
            value: Some(least(|one| one.share.value)),
            low: least(|one| one.share.low),
            high: least(|one| one.share.high),
            n,
            why: None,
        },
    }
}

/// Why nothing answers.
fn unasked(objective: &Objective, quality: &Quality) -> String {
    match (objective.metric.as_str(), objective.tag("column")) {
        ("completeness", Some(column)) => format!(
            "`{column}` is no required column of the workload: {}",
            match quality.required.is_empty() {
                true => "it requires none".to_owned(),
                false => quality.required.join(", "),
            }
        ),
        ("completeness", None) => "the workload requires no column".into(),
        ("conformity", _) => "the workload declares no `schema` of its table".into(),
        _ => "the run has no such window".into(),
    }
}

/// How many rows of how many, where any are bad, and where to look.
pub(super) fn flaws(objective: &Objective, measured: &Measured) -> String {
    let Some(quality) = measured
        .quality
        .filter(|_| asked(&objective.metric).is_some())
    else {
        return String::new();
    };
    let worst = checks(objective, quality)
        .into_iter()
        .max_by_key(|one| one.bad);
    let Some(worst) = worst.filter(|one| one.bad > 0) else {
        return String::new();
    };
    let column = worst.column.as_ref();
    let about = |note: &&String| match (worst.check, column) {
        (Check::Completeness, Some(column)) => note.starts_with(&format!("`{column}` is null")),
        (Check::Conformity, _) => !note.contains("` is null"),
        _ => false,
    };
    let column = column.map_or_else(String::new, |name| format!(" in `{name}`"));
    let note = quality.notes.iter().find(about);
    let note = note.map_or_else(String::new, |note| format!(", e.g. {note}"));
    let (bad, rows) = (grouped(worst.bad), grouped(worst.share.n));
    format!("; {bad} of {rows} rows{column}{note}")
}

pub(super) fn evidence(measured: &Measured) -> Vec<Evidence> {
    let stage = measured.quality.map(|quality| &quality.stage);
    let ledgers = measured.ledgers.iter();
    let of = ledgers.filter(|one| Some(&one.ledger.stage) == stage);
    of.flat_map(|one| line(one.line)).collect()
}
