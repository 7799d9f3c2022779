//! The load: what was due, what was sent, what came of it, and how late the generator was.
use super::latency::quantile;
use super::{Cell, Table};
use crate::number::{count, fixed};
use analysis::report::{Analysis, Load, Percentile};

/// Quantities one below the other; no rows where the run had no load.
#[must_use]
pub fn load(a: &Analysis) -> Table {
    let note = "Open loop: the schedule was fixed before the run and never waits for an answer. Slip: actual minus intended instant of sending.";
    Table::new("Load and slip", &["quantity", "#value"])
        .noted(note)
        .rows(a.load.iter().flat_map(rows))
}

fn rows(l: &Load) -> Vec<Vec<Cell>> {
    let number = |name: &str, n: u64| vec![Cell::new(name), Cell::new(&count(n))];
    let mut rows = vec![
        number("records due", l.asked),
        number("sent", l.sent),
        number("acknowledged", l.ok),
        number("refused", l.fail),
        number("outcome unknown", l.info),
    ];
    rows.extend(
        l.slip
            .iter()
            .map(|q| vec![Cell::new(&slip(q)), quantile(q)]),
    );
    rows.extend(
        l.errors
            .iter()
            .map(|e| number(&format!("error {}", e.class), e.count)),
    );
    rows.extend(l.harness_cpu_s.map(|s| {
        vec![
            Cell::new("CPU time of the harness itself"),
            Cell::new(&format!("{}\u{a0}s", fixed(s, 1))),
        ]
    }));
    rows.extend(l.harness_rss_bytes.map(|b| {
        vec![
            Cell::new("most memory of the harness itself"),
            Cell::new(&format!("{}\u{a0}MiB", count(b >> 20))),
        ]
    }));
    rows
}

fn slip(q: &Percentile) -> String {
    if q.p >= 100.0 {
        "schedule slip, most".into()
    } else {
        format!("schedule slip, p{}", q.p)
    }
}
