//! `report.json`: the analysis itself, indented, keys in declared order, one line feed at the end.
use crate::{File, RenderError, Renderer, file};
use analysis::report::Analysis;

/// Everything, for programs.
pub struct Json;

impl Renderer for Json {
    fn name(&self) -> &'static str {
        "json"
    }

    fn doc(&self) -> &'static str {
        "every number with unit, n and interval, for programs (report.json)"
    }

    fn render(&self, analysis: &Analysis) -> Result<Vec<File>, RenderError> {
        let mut bytes = serde_json::to_vec_pretty(analysis)?;
        bytes.push(b'\n');
        Ok(file("report.json", bytes))
    }
}
