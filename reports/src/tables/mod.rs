//! Tables, one function per measure, for HTML and Markdown alike. Text in a [`Cell`] is cleaned but not yet escaped: each
//! format does that in its own way.
//!
//! - [`findings`] - [`faults`] - [`recovery`] - [`availability`] - [`latency`] - [`load`] - [`ledger`] - [`quality`] - [`testbed`]
//! - [`series`] the timeline as numbers - [`sections`] measures without a table of their own.
pub mod availability;
pub mod faults;
pub mod findings;
pub mod latency;
pub mod ledger;
pub mod load;
pub mod quality;
pub mod recovery;
pub mod sections;
pub mod series;
pub mod testbed;

use crate::number::show;
use crate::text::clean;
use analysis::report::Measure;
use model::verdict::Verdict;

/// A table. Without rows it is not shown.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Table {
    /// What it holds, sentence case.
    pub title: String,
    /// What a reader must know to read it; may be empty.
    pub note: String,
    /// Headings.
    pub columns: Vec<Column>,
    /// Cells, as many per row as there are columns.
    pub rows: Vec<Vec<Cell>>,
}

/// A heading.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Column {
    /// Words.
    pub name: String,
    /// Unit of all cells; empty where each cell has its own or none.
    pub unit: String,
    /// Numbers are set to the right.
    pub numeric: bool,
}

/// A cell: what is read first, and what stands small below it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Cell {
    /// First line.
    pub text: String,
    /// Second line, smaller; may be empty.
    pub note: String,
    /// CSS class that repeats a verdict: `pass`, `fail`, `unknown`, `quiet`, `code` or empty.
    pub tone: &'static str,
}

impl Cell {
    /// Plain words; foreign text is cleaned.
    #[must_use]
    pub fn new(text: &str) -> Self {
        Self {
            text: clean(text),
            ..Self::default()
        }
    }

    /// With a second line.
    #[must_use]
    pub fn note(self, note: &str) -> Self {
        Self {
            note: clean(note),
            ..self
        }
    }

    /// With a tone.
    #[must_use]
    pub fn tone(self, tone: &'static str) -> Self {
        Self { tone, ..self }
    }

    /// Nothing to say here, on purpose.
    #[must_use]
    pub fn none() -> Self {
        Self::new("–").tone("quiet")
    }

    /// Figure above, interval, bar and n below; the reason where there is no value.
    #[must_use]
    pub fn measure(m: &Measure) -> Self {
        let shown = show(m);
        if shown.why.is_empty() {
            Self::new(&shown.figure()).note(&shown.detail())
        } else {
            Self::new(&shown.value).note(&shown.why).tone("unknown")
        }
    }

    /// Whether a word of it is too long to be kept in one piece.
    #[must_use]
    pub fn long(&self) -> bool {
        [&self.text, &self.note].iter().any(|t| {
            t.split([' ', '-', '/'])
                .any(|word| word.chars().count() > 22)
        })
    }

    /// The word of a verdict.
    #[must_use]
    pub fn verdict(v: Verdict) -> Self {
        Self::new(v.word()).tone(tone(v))
    }
}

/// CSS class of a verdict.
#[must_use]
pub const fn tone(v: Verdict) -> &'static str {
    match v {
        Verdict::Pass => "pass",
        Verdict::Unknown => "unknown",
        Verdict::Fail => "fail",
    }
}

impl Table {
    /// Title and headings: `name`, `name/unit` or `#name/unit` for a column of numbers.
    #[must_use]
    pub fn new(title: &str, columns: &[&str]) -> Self {
        Self {
            title: clean(title),
            columns: columns.iter().map(|c| column(c)).collect(),
            ..Self::default()
        }
    }

    /// With a note.
    #[must_use]
    pub fn noted(self, note: &str) -> Self {
        Self {
            note: clean(note),
            ..self
        }
    }

    /// With rows.
    #[must_use]
    pub fn rows(self, rows: impl IntoIterator<Item = Vec<Cell>>) -> Self {
        Self {
            rows: rows.into_iter().collect(),
            ..self
        }
    }
}

fn column(spec: &str) -> Column {
    let (words, numeric) = spec
        .strip_prefix('#')
        .map_or((spec, false), |rest| (rest, true));
    let (name, unit) = words.split_once('/').unwrap_or((words, ""));
    Column {
        name: clean(name),
        unit: clean(unit),
        numeric,
    }
}
