//! `report.html`: one file that opens offline. No request leaves it and no script runs: the policy in its head forbids both.
//!
//! The template holds the order and the words; [`view`] says what fills it. Everything foreign is cleaned and then escaped by
//! the template, except the charts (escaped where they are drawn) and the embedded data ([`crate::text::script_json`]).
mod view;

use crate::{File, RenderError, Renderer, file};
use analysis::report::Analysis;
use askama::Template;

/// The report for people.
pub struct Html;

impl Renderer for Html {
    fn name(&self) -> &'static str {
        "html"
    }

    fn doc(&self) -> &'static str {
        "the report for people: one self-contained page (report.html)"
    }

    fn render(&self, analysis: &Analysis) -> Result<Vec<File>, RenderError> {
        let page = view::Page::of(analysis)?.render()?;
        Ok(file("report.html", page.into_bytes()))
    }
}
