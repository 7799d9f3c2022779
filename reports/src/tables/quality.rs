//! How good the rows of the table are, one row per window.
use super::{Cell, Table, tone};
use crate::number::{count, fixed};
use analysis::report::{Analysis, Check, Quality, QualityCheck, QualityWindow};
use model::verdict::Verdict;

const NOTE: &str = "Rows by the instant at which their records were due, counted by second. Complete: rows in which the required column is not null, good from 99\u{a0}% on. Unique: distinct records over rows. As declared: no wrong type, no column missing, none unknown. A second that an edge of the window cuts, and a row without a time, may belong to it or not: in brackets what the share is if they all count for the worse, or all for the better. The words judge each share alone; only objectives of the scenario enter the verdict.";

/// One row per window; nothing where no table was read.
#[must_use]
pub fn quality(a: &Analysis) -> Table {
    a.quality.as_ref().map_or_else(Table::default, of)
}

fn of(q: &Quality) -> Table {
    let columns = [
        "window".to_owned(),
        "#rows".to_owned(),
        "#at its edges".to_owned(),
    ];
    let checks = q.windows.first().into_iter().flat_map(|w| &w.checks);
    let names: Vec<String> = columns.into_iter().chain(checks.map(heading)).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let mut note = NOTE.to_owned();
    if q.timeless.rows > 0 {
        let rows = count(q.timeless.rows);
        note += &format!(" Of {rows} rows nobody can tell when their records were due.");
    }
    if !q.notes.is_empty() {
        let some: Vec<&str> = q.notes.iter().take(3).map(String::as_str).collect();
        note += &format!(" Where to look: {}.", some.join("; "));
    }
    Table::new("Quality of the table", &names)
        .noted(&note)
        .rows(q.windows.iter().map(row))
}

/// A slash in the name of a column would be read as the begin of a unit.
fn heading(check: &QualityCheck) -> String {
    match (check.check, &check.column) {
        (Check::Completeness, Some(column)) => {
            format!("#{} complete", column.replace('/', "\u{2215}"))
        }
        (Check::Completeness, None) => "#complete".to_owned(),
        (Check::Uniqueness, _) => "#unique".to_owned(),
        (Check::Conformity, _) => "#as declared".to_owned(),
    }
}

fn row(w: &QualityWindow) -> Vec<Cell> {
    let first = [
        Cell::new(&w.window),
        Cell::new(&count(w.rows)),
        Cell::new(&count(w.edge_rows)),
    ];
    first.into_iter().chain(w.checks.iter().map(cell)).collect()
}

/// The share; below it the word where it is no pass, how many rows are bad, and the ends where they differ.
fn cell(c: &QualityCheck) -> Cell {
    let Some(value) = c.share.value else {
        let why = c.share.why.as_deref().unwrap_or_default();
        return Cell::new("unknown").note(why).tone("unknown");
    };
    let bad = (c.bad > 0).then(|| format!("{} bad", count(c.bad)));
    let ends = c.share.low.zip(c.share.high);
    let ends = ends.map(|(low, high)| (percent(low), percent(high)));
    let ends = ends.filter(|(low, high)| low != high);
    let ends = ends.map(|(low, high)| format!("[{low}, {high}]"));
    let word = (c.verdict != Verdict::Pass).then(|| c.verdict.word().to_owned());
    let more: Vec<String> = word.into_iter().chain(bad).chain(ends).collect();
    Cell::new(&percent(value))
        .note(&more.join(" "))
        .tone(tone(c.verdict))
}

/// Never rounded up to all, nor down to nothing: one bad row in a hundred million shows.
fn percent(share: f64) -> String {
    let exact = share * 100.0;
    let shown = |digits: usize| fixed(exact, digits);
    let misleads = |text: &str| {
        let number: f64 = text.parse().unwrap_or(exact);
        (number >= 100.0) != (share >= 1.0) || (number <= 0.0) != (share <= 0.0)
    };
    let digits = (2..=6).find(|digits| !misleads(&shown(*digits)));
    let text = shown(digits.unwrap_or(6));
    let text = text.trim_end_matches('0').trim_end_matches('.');
    format!("{text}\u{a0}%")
}

/// The worst completeness, uniqueness and conformity of a window in one line; empty where no table was read.
#[must_use]
pub fn line(a: &Analysis) -> String {
    let Some(q) = &a.quality else {
        return String::new();
    };
    let shown = |name: &str| {
        let window = q.windows.iter().find(|w| w.window == name)?;
        let kinds = [
            (Check::Completeness, "complete"),
            (Check::Uniqueness, "unique"),
            (Check::Conformity, "as declared"),
        ];
        let parts = kinds.iter().filter_map(|(kind, word)| {
            let of_kind = window.checks.iter().filter(|c| c.check == *kind);
            let worst = of_kind.min_by(|a, b| known(a).total_cmp(&known(b)))?;
            let value = worst
                .share
                .value
                .map_or_else(|| "unknown".to_owned(), percent);
            Some(format!("{value} {word}"))
        });
        let parts: Vec<String> = parts.collect();
        let rows = count(window.rows);
        Some(format!(
            "{name} {} (n\u{a0}=\u{a0}{rows})",
            parts.join(", ")
        ))
    };
    let parts: Vec<String> = ["baseline", "fault", "recovery"]
        .into_iter()
        .filter_map(shown)
        .collect();
    format!("Rows of the table: {}", parts.join("; "))
}

/// What cannot be told is worse than anything that can.
fn known(c: &QualityCheck) -> f64 {
    c.share.value.unwrap_or(-1.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use analysis::report::Measure;

    fn check(
        check: Check,
        column: Option<&str>,
        bad: u64,
        ends: Option<(f64, f64)>,
    ) -> QualityCheck {
        QualityCheck {
            check,
            column: column.map(Into::into),
            bad,
            share: Measure {
                value: ends.map(|(low, high)| f64::midpoint(low, high)),
                low: ends.map(|(low, _)| low),
                high: ends.map(|(_, high)| high),
                why: ends.is_none().then(|| "no rows of this window".into()),
                ..Measure::default()
            },
            at_least: 1.0,
            verdict: if ends.is_some() {
                Verdict::Fail
            } else {
                Verdict::Unknown
            },
        }
    }

    #[test]
    fn one_bad_row_of_many_is_never_shown_as_none() {
        let shown = [1.0, 0.999_999_99, 0.99, 0.995, 0.000_000_1, 0.0].map(percent);
        let expected = ["100", "99.999999", "99", "99.5", "0.00001", "0"];
        assert_eq!(shown, expected.map(|number| format!("{number}\u{a0}%")));
    }

    #[test]
    fn a_window_is_a_row_and_what_is_unknown_says_why() {
        let window = |name: &str, ends| QualityWindow {
            window: name.into(),
            rows: 300,
            edge_rows: 40,
            checks: vec![
                check(Check::Completeness, Some("a/b"), 3, ends),
                check(Check::Uniqueness, None, 0, ends),
            ],
        };
        let quality = Quality {
            windows: vec![window("baseline", Some((0.98, 1.0))), window("fault", None)],
            notes: vec!["`a/b` is null: t/1 row 7".into()],
            ..Quality::default()
        };
        let table = of(&quality);
        assert_eq!(table.columns[3].name, "a\u{2215}b complete");
        let cell = &table.rows[0][3];
        assert_eq!((cell.text.as_str(), cell.tone), ("99\u{a0}%", "fail"));
        assert_eq!(cell.note, "FAIL 3 bad [98\u{a0}%, 100\u{a0}%]");
        let unknown = &table.rows[1][4];
        assert_eq!(
            (unknown.text.as_str(), unknown.tone),
            ("unknown", "unknown")
        );
        assert!(unknown.note.contains("no rows") && table.note.contains("row 7"));
    }
}
