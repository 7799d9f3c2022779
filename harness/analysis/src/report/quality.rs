//! How good the rows of the workload's table are, window by window.
use super::Measure;
use model::{ledger::quality::Counts, verdict::Verdict};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Rows of one table against its contract.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Quality {
    /// Stage of the ledger whose rows they are.
    pub stage: String,
    /// Columns that must not be null.
    pub required: Vec<String>,
    /// Declared columns with their types; none where nothing is declared.
    pub columns: BTreeMap<String, String>,
    /// Why nothing can be told of any window; none where it can.
    pub untold: Option<String>,
    /// All rows of the table.
    pub rows: u64,
    /// Rows of which nobody can tell when their records were due; `nulls` by required column.
    pub timeless: Counts,
    /// `baseline`, each injection by its id (one that lasts also in two parts: `ID, until healed` and `ID, after`), `fault` (all
    /// injections together), `recovery`, `whole`.
    pub windows: Vec<QualityWindow>,
    /// Where to look.
    pub notes: Vec<String>,
}

/// Rows whose records were due in one window.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct QualityWindow {
    /// Its name.
    pub window: String,
    /// Rows of the seconds that lie inside.
    pub rows: u64,
    /// Rows that may belong to it: those of seconds that its edges cut, and those without a time.
    pub edge_rows: u64,
    /// Completeness by required column, then uniqueness, then conformity where a schema is declared.
    pub checks: Vec<QualityCheck>,
}

/// What is asked of rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Check {
    /// Rows with the cell over rows: 1 - nulls / rows.
    Completeness,
    /// Distinct records over rows.
    Uniqueness,
    /// Rows as declared over rows.
    Conformity,
}

/// One question and its answer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct QualityCheck {
    /// What is asked.
    pub check: Check,
    /// Of which column; completeness only.
    pub column: Option<String>,
    /// Rows inside that fail it.
    pub bad: u64,
    /// Share of rows that keep it. Its ends are what it would be if rows that may or may not belong to the window all did for the
    /// worse, or all for the better.
    pub share: Measure,
    /// What it is held to by default; only an objective of the scenario enters the verdict of the run.
    pub at_least: f64,
    /// Of this question alone.
    pub verdict: Verdict,
}
