//! What ran, on what.
use super::{Cell, Table};
use analysis::report::Analysis;

/// One row per node.
#[must_use]
pub fn nodes(a: &Analysis) -> Table {
    let rows = a.environment.nodes.iter().map(|n| {
        let image = n
            .image
            .split_once('@')
            .map_or((n.image.as_str(), ""), |parts| parts);
        let image = if n.image.is_empty() {
            Cell::new("process in another node").tone("quiet")
        } else {
            Cell::new(image.0).note(image.1).tone("code")
        };
        vec![
            Cell::new(&n.node),
            Cell::new(&n.role),
            image,
            Cell::new(&n.addresses.join(", ")),
        ]
    });
    Table::new("Nodes", &["node", "role", "image", "address"]).rows(rows)
}

/// Everything with a version.
#[must_use]
pub fn versions(a: &Analysis) -> Table {
    let rows = a
        .environment
        .versions
        .iter()
        .map(|v| vec![Cell::new(&v.name), Cell::new(&v.value)]);
    Table::new("Versions", &["of", "version"]).rows(rows)
}

/// Faults carried by a lesser mechanism than the best.
#[must_use]
pub fn degraded(a: &Analysis) -> Table {
    let rows = a.environment.degraded.iter().map(|d| {
        vec![
            Cell::new(&d.fault),
            Cell::new(&d.from),
            Cell::new(&d.to),
            Cell::new(&d.lost),
        ]
    });
    Table::new(
        "Degraded on this machine",
        &["fault", "best", "used", "what that costs"],
    )
    .rows(rows)
}

/// What a reader might expect and does not get.
#[must_use]
pub fn not_measured(a: &Analysis) -> Table {
    let rows = a
        .not_measured
        .iter()
        .map(|n| vec![Cell::new(&n.what), Cell::new(&n.why)]);
    Table::new("Not measured", &["what", "why"]).rows(rows)
}
