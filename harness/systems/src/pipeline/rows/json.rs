//! JSON lines. A line that is no object is a row that nothing can be read from.
use super::{Cell, Rows, Told};
use bytes::Bytes;
use serde_json::{Map, Value};

pub(super) struct Json;

impl Rows for Json {
    fn read(&self, file: Bytes, each: &mut dyn FnMut(Told<'_>)) -> Result<(), String> {
        let text = std::str::from_utf8(&file).map_err(|error| error.to_string())?;
        for line in text.lines().filter(|line| !line.trim().is_empty()) {
            match serde_json::from_str::<Map<String, Value>>(line) {
                Ok(row) => row
                    .iter()
                    .for_each(|(name, value)| each(Told::Cell(name, cell(value)))),
                Err(_) => each(Told::Torn),
            }
            each(Told::End);
        }
        Ok(())
    }
}

fn cell(value: &Value) -> Cell<'_> {
    match value {
        Value::Null => Cell::Null,
        Value::Bool(_) => Cell::Flag,
        Value::Number(number) => number.as_i64().map_or(Cell::Real, Cell::Number),
        Value::String(text) => Cell::Text(text),
        Value::Array(_) => Cell::List,
        Value::Object(_) => Cell::Object,
    }
}
