//! Measures that came without a table of their own.
use super::{Cell, Column, Table};
use crate::number::fixed;
use crate::text::clean;
use analysis::report::{Analysis, Section};
use serde_json::Value;

/// One table per section.
#[must_use]
pub fn sections(a: &Analysis) -> Vec<Table> {
    a.sections.iter().map(table).collect()
}

fn table(s: &Section) -> Table {
    let numeric = |i: usize| {
        s.rows
            .iter()
            .filter_map(|r| r.get(i))
            .all(|v| v.is_number() || v.is_null())
    };
    let column = |(i, c): (usize, &analysis::report::Column)| Column {
        name: clean(&c.name),
        unit: clean(&c.unit),
        numeric: numeric(i),
    };
    let columns: Vec<Column> = s.columns.iter().enumerate().map(column).collect();
    let width = columns.len();
    let row = |r: &Vec<Value>| {
        (0..width)
            .map(|i| r.get(i).map_or_else(Cell::none, cell))
            .collect()
    };
    Table {
        title: clean(&s.title),
        columns,
        rows: s.rows.iter().map(row).collect(),
        note: String::new(),
    }
}

fn cell(v: &Value) -> Cell {
    match v {
        Value::Null => Cell::none(),
        Value::String(text) => Cell::new(text),
        Value::Number(n) => Cell::new(&n.as_f64().map_or_else(|| n.to_string(), short)),
        other => Cell::new(&other.to_string()),
    }
}

/// Up to six significant digits, without zeros at the end.
fn short(v: f64) -> String {
    let decimals = (0..6_u32)
        .find(|d| (v * 10_f64.powi(d.cast_signed())).fract().abs() < 1e-9)
        .unwrap_or(6);
    fixed(v, decimals as usize)
}
