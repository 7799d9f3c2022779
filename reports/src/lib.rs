//! From an analysis to the bytes of a report. Pure: the same `Analysis` in, the same bytes out; no clock, no network, no fonts
//! of the machine.
//!
//! - [`Renderer`] and [`CATALOG`]: a format is one file and two lines here. Start here.
//! - [`html`] one file that opens offline; [`png`] its first screen as a picture; [`json`] everything; [`markdown`] a comment.
//! - [`charts`] one function per picture, drawn once as SVG for both HTML and PNG; [`tables`] one function per table.
//! - [`comparison`] the report of two arms beside each other.   - [`plain`] analyses as text for a terminal; [`capacity`] the answer of the capacity file.
//! - [`figures`] the numbers a reader sees first; [`number`] how a measure is printed; [`text`] how foreign text is made harmless.
//! ```text
//!             ┌─> charts ──┬─> html ─> report.html
//! Analysis ───┤            └─> png  ─> report.png
//!             └─> tables ──┬─> html
//!                          └─> markdown ─> summary.md          json ─> report.json
//! ```
use analysis::report::Analysis;

pub mod capacity;
pub mod charts;
pub mod comparison;
pub mod figures;
pub mod html;
pub mod json;
pub mod markdown;
pub mod number;
pub mod plain;
pub mod png;
pub mod tables;
pub mod text;

pub use comparison::comparison;

/// One file of a report.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct File {
    /// Name below the run folder.
    pub name: String,
    /// Content.
    pub bytes: Vec<u8>,
}

/// A report format.
pub trait Renderer: Sync {
    /// Kebab-case name, unique in [`CATALOG`].
    fn name(&self) -> &'static str;

    /// What it is for, one line.
    fn doc(&self) -> &'static str;

    /// The files of this format. The same analysis gives the same bytes.
    ///
    /// # Errors
    /// What kept the bytes from being made; nothing was written.
    fn render(&self, analysis: &Analysis) -> Result<Vec<File>, RenderError>;
}

/// All formats, in the order in which they are written: the record first, the derived ones after it.
pub const CATALOG: &[&dyn Renderer] = &[&json::Json, &html::Html, &png::Png, &markdown::Markdown];

/// Why a report could not be made. Each text fits after "failed to".
#[derive(Debug, thiserror::Error)]
pub enum RenderError {
    /// The analysis did not become JSON.
    #[error("write the report as JSON")]
    Json(#[from] serde_json::Error),
    /// A chart was not drawn.
    #[error("draw chart `{chart}`: {why}")]
    Chart {
        /// Which.
        chart: &'static str,
        /// What the drawing backend said.
        why: String,
    },
    /// The template was not filled.
    #[error("fill the HTML template")]
    Template(#[from] askama::Error),
    /// The SVG was not understood by the rasteriser.
    #[error("read the drawn picture back")]
    Svg(#[from] resvg::usvg::Error),
    /// The picture was not encoded.
    #[error("encode the picture: {0}")]
    Png(String),
}

/// Renders every format of the catalog.
///
/// # Errors
/// The first format that failed.
pub fn render_all(analysis: &Analysis) -> Result<Vec<File>, RenderError> {
    let parts = CATALOG
        .iter()
        .map(|format| format.render(analysis))
        .collect::<Result<Vec<_>, _>>()?;
    Ok(parts.into_iter().flatten().collect())
}

fn file(name: &str, bytes: Vec<u8>) -> Vec<File> {
    vec![File {
        name: name.to_owned(),
        bytes,
    }]
}
