//! Analyses as text for a terminal: the words carry the meaning, every number its unit, n and interval or the reason why there is none.
//!
//! - [`budget`] what objectives leave.   - [`summary`] all of a run.   - [`trend`] a run against its history.   - [`delivery`], [`risk`] from files.
pub mod budget;
pub mod delivery;
pub mod risk;
pub mod summary;
pub mod trend;

use crate::{number::show, text::clean};
use analysis::report::Measure;

/// Widest column; what is longer is not cut, but pushes its row.
const WIDE: usize = 44;

/// Rows under a title, columns set apart; nothing where there are no rows.
fn table(title: &str, head: &[&str], rows: &[Vec<String>]) -> String {
    if rows.is_empty() {
        return String::new();
    }
    let width = |at: usize| {
        let cells = rows.iter().filter_map(|row| row.get(at));
        let widest = cells.map(|cell| cell.chars().count()).max().unwrap_or(0);
        widest.max(head[at].chars().count()).min(WIDE)
    };
    let widths: Vec<usize> = (0..head.len()).map(width).collect();
    let line = |cells: &[String]| {
        let set = |(cell, width): (&String, &usize)| {
            let pad = width.saturating_sub(cell.chars().count());
            format!("{cell}{}", " ".repeat(pad))
        };
        let joined: Vec<String> = cells.iter().zip(&widths).map(set).collect();
        format!("  {}\n", joined.join("  ").trim_end())
    };
    let head: Vec<String> = head.iter().map(|cell| (*cell).to_owned()).collect();
    let body: String = rows.iter().map(|row| line(row)).collect();
    format!("\n{title}\n{}{body}", line(&head))
}

/// A measure in one line, with plain spaces.
fn told(measure: &Measure) -> String {
    show(measure).line().replace('\u{a0}', " ")
}

/// The same with how it was found.
fn explained(measure: &Measure) -> String {
    match measure.method.as_str() {
        "" => told(measure),
        method => format!("{} ({})", told(measure), clean(method)),
    }
}

/// A length of time as people say it: `43.2 min`, `30 d`.
fn time(seconds: f64) -> String {
    let (value, unit) = match seconds.abs() {
        s if s >= 2.0 * 86_400.0 => (seconds / 86_400.0, "d"),
        s if s >= 2.0 * 3_600.0 => (seconds / 3_600.0, "h"),
        s if s >= 120.0 => (seconds / 60.0, "min"),
        s if s >= 1.0 || s == 0.0 => (seconds, "s"),
        _ => (seconds * 1e3, "ms"),
    };
    let text = format!("{value:.3}");
    format!(
        "{} {unit}",
        text.trim_end_matches('0').trim_end_matches('.')
    )
}

/// `name  value` lines.
fn lines(pairs: &[(&str, String)]) -> String {
    let widest = pairs.iter().map(|(name, _)| name.len()).max().unwrap_or(0);
    let line = |(name, value): &(&str, String)| format!("  {name:<widest$}  {value}\n");
    pairs
        .iter()
        .filter(|(_, value)| !value.is_empty())
        .map(line)
        .collect()
}
