//! JSON lines. A line that is no object is a row that nothing can be read from.
use super::{Cell, Rows, Told};
use bytes::Bytes;
use serde_json::{Map, Value};

pub(super) struct Json;

impl Rows for Json {
    fn read(&self, file: Bytes, each: &mut dyn FnMut(Told<'_>)) -> Result<(), String> {
        let text = std::str::from_utf8(&file).map_err(|error| error.to_string())?;
        for line in text.lines().filter(|line| !line.trim().is_empty()) {
            let row: Map<String, Value> = serde_json::from_str(line).unwrap_or_default();
            for (name, value) in &row {
                let text = value.as_str().map(Cell::Text);
                if let Some(cell) = value.as_i64().map(Cell::Number).or(text) {
                    each(Told::Cell(name, cell));
                }
            }
            each(Told::End);
        }
        Ok(())
    }
}
