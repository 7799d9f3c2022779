//! From a comparison to the bytes of its report. Pure, as every format here.
//!
//! - [`html`] the page; [`markdown`] the tables for a page or a comment; the record itself as JSON.   - [`tables`] what both show.
mod html;
mod markdown;
pub mod tables;

use crate::{File, RenderError};
use analysis::compare::Comparison;

/// The files of a comparison: `comparison-report.json`, `comparison.html`, `comparison.md`. The same comparison gives the same bytes.
///
/// # Errors
/// What kept the bytes from being made; nothing was written.
pub fn comparison(comparison: &Comparison) -> Result<Vec<File>, RenderError> {
    let mut json = serde_json::to_vec_pretty(comparison)?;
    json.push(b'\n');
    let parts = [
        crate::file("comparison-report.json", json),
        crate::file("comparison.html", html::page(comparison)?),
        crate::file("comparison.md", markdown::page(comparison)),
    ];
    Ok(parts.into_iter().flatten().collect())
}
