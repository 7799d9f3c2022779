//! `comparison.md`: the before/after table for a page or a comment. GitHub-flavoured tables, no HTML.
use super::tables;
use crate::tables::{Cell, Table};
use crate::text::{clip, code, markdown};
use analysis::compare::Comparison;

/// Longest foreign text in a cell, characters.
const CELL: usize = 320;

/// The bytes of the file.
pub(super) fn page(c: &Comparison) -> Vec<u8> {
    let mut parts = vec![
        format!("# {} {}", c.verdict.value.word(), cell(&c.claim)),
        cell(&c.verdict.headline),
        table(&tables::before_after(c)),
        table(&tables::faults(c)),
        table(&tables::baseline(c)),
        notes(c),
        format!("{}, seed {}, {} runs.", cell(&c.name), c.seed, c.runs.len()),
        format!("Repeat: {}", code(&clip(&c.command, 400))),
    ];
    parts.retain(|part| !part.is_empty());
    (parts.join("\n\n") + "\n").into_bytes()
}

fn cell(text: &str) -> String {
    markdown(&clip(text, CELL))
}

fn notes(c: &Comparison) -> String {
    let left_out = c
        .runs
        .iter()
        .filter_map(|run| Some(format!("{}: {}", run.folder, run.left_out.as_ref()?)));
    let all = c.notes.iter().cloned().chain(left_out);
    let lines: Vec<String> = all.map(|note| format!("- {}", cell(&note))).collect();
    lines.join("\n")
}

fn table(t: &Table) -> String {
    if t.rows.is_empty() {
        return String::new();
    }
    let row = |cells: Vec<String>| format!("| {} |", cells.join(" | "));
    let head = row(t.columns.iter().map(|column| cell(&column.name)).collect());
    let rule = format!("|{}", " --- |".repeat(t.columns.len()));
    let rows = t
        .rows
        .iter()
        .map(|cells| row(cells.iter().map(both).collect()));
    let lines: Vec<String> = [head, rule].into_iter().chain(rows).collect();
    format!(
        "## {}\n\n{}\n\n{}",
        cell(&t.title),
        lines.join("\n"),
        markdown(&t.note)
    )
}

/// First and second line of a cell in one.
fn both(one: &Cell) -> String {
    match (one.tone, one.note.is_empty()) {
        ("again", _) => String::new(),
        (_, true) => cell(&one.text),
        (_, false) => format!("{} ({})", cell(&one.text), cell(&one.note)),
    }
}
