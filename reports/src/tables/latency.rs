//! Quantiles of each source in each window, from the intended start of each operation.
use super::{Cell, Table};
use crate::number::{count, show};
use analysis::report::{Analysis, Latency, Percentile};

/// One row per source and window.
#[must_use]
pub fn latency(a: &Analysis) -> Table {
    let columns = [
        "source",
        "window",
        "#p50",
        "#p90",
        "#p99",
        "#p99.9",
        "#maximum",
        "#n",
        "#unanswered",
    ];
    let note = "From the intended start, so that a stall is charged to every operation it delayed. An unanswered operation counts at its deadline.";
    let rows = a.latency.iter().enumerate().map(|(i, l)| {
        let again = i > 0
            && a.latency
                .get(i - 1)
                .is_some_and(|before| before.source == l.source);
        row(l, again)
    });
    Table::new("Latency", &columns).noted(note).rows(rows)
}

fn row(l: &Latency, again: bool) -> Vec<Cell> {
    let at = |p: f64| l.percentiles.iter().find(|q| (q.p - p).abs() < 1e-9);
    let mut cells = vec![
        Cell::new(&l.source).tone(if again { "again" } else { "" }),
        Cell::new(&l.window),
    ];
    cells.extend([50.0, 90.0, 99.0, 99.9, 100.0].map(|p| at(p).map_or_else(Cell::none, quantile)));
    cells.extend([Cell::new(&count(l.count)), Cell::new(&count(l.saturated))]);
    cells
}

/// A quantile without its n, which has a column of its own.
pub(super) fn quantile(q: &Percentile) -> Cell {
    let shown = show(&q.value_s);
    if shown.why.is_empty() {
        Cell::new(&shown.figure()).note(&shown.interval)
    } else {
        Cell::new("unknown").note(&shown.why).tone("quiet")
    }
}
