//! Good time and good requests of each probe, in each window.
use super::{Cell, Table};
use crate::number::count;
use analysis::report::Analysis;

/// One row per probe and window.
#[must_use]
pub fn availability(a: &Analysis) -> Table {
    let columns = [
        "probe",
        "window",
        "#good time",
        "#bad time",
        "#good requests",
        "#missing",
    ];
    let note = "Of one run: the bar is that of the measurement, not of a sample of runs. Missing: not sent in time by our own fault, neither good nor bad.";
    let rows = a.availability.iter().enumerate().map(|(i, r)| {
        let again = i > 0
            && a.availability
                .get(i - 1)
                .is_some_and(|before| before.probe == r.probe);
        let probe = Cell::new(&r.probe).tone(if again { "again" } else { "" });
        vec![
            probe,
            Cell::new(&r.window),
            Cell::measure(&r.availability),
            Cell::measure(&r.downtime),
            Cell::measure(&r.requests),
            Cell::new(&count(r.missing)),
        ]
    });
    Table::new("Availability", &columns).noted(note).rows(rows)
}
