//! `brinell budget` as text.
use super::{explained, lines, table, time, told};
use crate::text::clean;
use analysis::{
    budget::{
        alert::{Alert, State},
        report::{Budget, By, Forecast, Point, Report},
    },
    report::Measure,
};

/// All of it, the gate first.
#[must_use]
pub fn text(report: &Report) -> String {
    let by = match report.by {
        By::Runs => "by the watched time",
        By::Window => "by the whole window, taking what nobody watched as good",
        By::Forecast => "by the stated fault frequencies",
    };
    let why = report
        .why
        .as_ref()
        .map_or_else(String::new, |why| format!(": {}", clean(why)));
    let mut out = format!("{} {by}{why}\n", report.gate.word());
    let run = |ran: &analysis::budget::report::Ran| {
        let verdict = ran.verdict.word().to_owned();
        vec![
            clean(&ran.id),
            clean(&ran.scenario),
            clean(&ran.started),
            verdict,
        ]
    };
    let runs: Vec<Vec<String>> = report.runs.iter().map(run).collect();
    out += &table("runs", &["run", "scenario", "began", "verdict"], &runs);
    report.budgets.iter().for_each(|budget| out += &one(budget));
    for note in &report.notes {
        out += &format!("\nnote: {}", clean(note));
    }
    if !report.notes.is_empty() {
        out.push('\n');
    }
    out
}

/// One target.
#[must_use]
pub fn one(budget: &Budget) -> String {
    let why = budget
        .why
        .as_ref()
        .map_or_else(String::new, |why| format!(": {}", clean(why)));
    let mut out = format!(
        "\n{} {}, {}\n  {}{why}\n",
        clean(&budget.slo),
        clean(&budget.objective),
        clean(&budget.probe),
        budget.gate.word()
    );
    let lowest = budget
        .lowest
        .map_or_else(String::new, |point| lowest(budget, point));
    out += &lines(&[
        (
            "target",
            format!(
                "{} % of {} good",
                short(budget.target * 100.0),
                clean(&budget.form)
            ),
        ),
        ("window", window(budget)),
        ("allowed", told(&budget.allowed)),
        ("spent", explained(&budget.spent)),
        ("left", told(&budget.left)),
        ("left of allowed", told(&budget.left_share)),
        ("lowest", lowest),
        ("availability", told(&budget.availability)),
        ("over runs", explained(&budget.over_runs)),
        ("burn rate", told(&budget.burn)),
        ("gone in", gone(&budget.exhaustion)),
        ("whole window", explained(&budget.whole_window)),
    ]);
    out += &burn_down(budget);
    out += &alerts(&budget.alerts);
    let forecast = budget.forecast.as_ref();
    out + &forecast.map_or_else(String::new, |one| forecasted(one) + &left_of(one))
}

/// What stated frequencies leave of the window.
fn left_of(forecast: &Forecast) -> String {
    lines(&[
        ("left of the window", told(&forecast.left)),
        ("gate", forecast.gate.word().to_owned()),
    ])
}

fn short(value: f64) -> String {
    let text = format!("{value:.6}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

fn window(budget: &Budget) -> String {
    let window = &budget.window;
    let asked = format!("{} {}", window.kind, time(window.asked_s));
    match (window.watched_s > 0.0, window.scaled) {
        (false, _) => asked,
        (true, false) => format!("{asked}, all of it watched"),
        (true, true) => format!(
            "{asked}; {} of it watched: the runs stand for the window, scaled",
            time(window.watched_s)
        ),
    }
}

fn lowest(budget: &Budget, point: Point) -> String {
    format!(
        "{} {} at {}",
        short(point.left),
        budget.left.unit,
        time(point.t_s)
    )
}

fn gone(exhaustion: &Measure) -> String {
    match (exhaustion.value, exhaustion.low) {
        (Some(value), _) => format!("{} at this rate", time(value)),
        (None, Some(low)) => format!(
            "not before {} ({})",
            time(low),
            exhaustion.why.as_deref().unwrap_or_default()
        ),
        (None, None) => exhaustion.why.clone().unwrap_or_default(),
    }
}

/// Rows of a burn-down on a terminal.
const ROWS: usize = 12;
/// Characters of its widest bar.
const BAR: usize = 40;

/// Evenly spaced points as bars; below zero there is none.
fn burn_down(budget: &Budget) -> String {
    let points = &budget.burn_down;
    let (Some(allowed), Some(last)) = (budget.allowed.value, points.last()) else {
        return String::new();
    };
    let row = |k: usize| {
        let t = last.t_s * k as f64 / ROWS as f64;
        let point = points.iter().rev().find(|point| point.t_s <= t + 1e-9)?;
        let share = if allowed > 0.0 {
            (point.left / allowed).clamp(0.0, 1.0)
        } else {
            0.0
        };
        let bar = "#".repeat((share * BAR as f64).round() as usize);
        Some(vec![
            time(t),
            format!(
                "{} {}",
                short((point.left * 1e3).round() / 1e3),
                budget.left.unit
            ),
            bar,
        ])
    };
    let rows: Vec<Vec<String>> = (0..=ROWS).filter_map(row).collect();
    table("burn-down", &["at", "left", "of allowed"], &rows)
}

fn alerts(alerts: &[Alert]) -> String {
    let row = |alert: &Alert| {
        let state = match alert.state {
            State::Fired => firing(alert),
            State::Quiet => "quiet".into(),
            State::TooShort => format!("too short: {}", alert.why.as_deref().unwrap_or_default()),
            State::Unreachable => {
                format!("unreachable: {}", alert.why.as_deref().unwrap_or_default())
            }
        };
        let windows = format!("{} and {}", time(alert.long_s), time(alert.short_s));
        vec![
            alert.severity.clone(),
            format!("{}", alert.factor),
            windows,
            state,
        ]
    };
    let rows: Vec<Vec<String>> = alerts.iter().map(row).collect();
    table(
        "burn-rate alerts",
        &["severity", "burn rate", "over", "state"],
        &rows,
    )
}

/// Stretches of firing that are listed.
const STRETCHES: usize = 4;

fn firing(alert: &Alert) -> String {
    let stretch = |(from, to): &(f64, f64)| format!("{} to {}", time(*from), time(*to));
    let shown: Vec<String> = alert.firing_s.iter().take(STRETCHES).map(stretch).collect();
    let more = match alert.firing_s.len().saturating_sub(STRETCHES) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    format!("fired {}{more}", shown.join(", "))
}

/// Stated fault frequencies.
pub(super) fn forecasted(forecast: &Forecast) -> String {
    let row = |class: &analysis::budget::report::Class| {
        vec![
            clean(&class.fault),
            format!("{}", class.per_month),
            told(&class.lasts),
            told(&class.downtime_per_month),
        ]
    };
    let rows: Vec<Vec<String>> = forecast.classes.iter().map(row).collect();
    let head = [
        "fault",
        "a month, stated",
        "lasts, measured",
        "downtime a month",
    ];
    let mut out = table(
        "at the stated frequencies (month of 720 h up)",
        &head,
        &rows,
    );
    out += &lines(&[
        ("availability", explained(&forecast.availability)),
        ("nines", told(&forecast.nines)),
        ("downtime a year", told(&forecast.downtime_per_year)),
        ("MTTF, mean time up", told(&forecast.mttf)),
        ("MTTR", told(&forecast.mttr)),
        ("MTBF, start to start", told(&forecast.mtbf_between_starts)),
    ]);
    out + "  A = MTTF / (MTTF + MTTR) = 1 - MTTR / MTBF start to start; medians: a skewed duration costs more\n"
}
