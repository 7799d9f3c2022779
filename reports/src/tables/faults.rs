//! The faults as they were injected: whom they hit, how, and when each was proved to hurt and to be over.
use super::{Cell, Table};
use crate::number::{apart, fixed, middle, moment};
use analysis::report::{Analysis, Bounds, FaultMark};

/// One row per injection.
#[must_use]
pub fn faults(a: &Analysis) -> Table {
    let columns = [
        "#no.",
        "fault",
        "target",
        "means",
        "#effective at/min:s",
        "#healed after/s",
    ];
    let note = "Effective and healed are proved by a check of their own, not taken from the reply of a call. Healed after = TH − T0.";
    Table::new("Faults injected", &columns)
        .noted(note)
        .rows(a.timeline.faults.iter().enumerate().map(row))
}

fn row((i, f): (usize, &FaultMark)) -> Vec<Cell> {
    vec![
        Cell::new(&(i + 1).to_string()),
        Cell::new(&f.id).note(&[f.fault.as_str(), &settings(f)].join(" ")),
        Cell::new(&f.targets.join(", ")),
        Cell::new(&f.backend),
        f.effective_ns.map_or_else(
            || Cell::new("never").tone("unknown"),
            |b| Cell::new(&moment(middle(b), 3)),
        ),
        healed(f.effective_ns, f.healed_ns),
    ]
}

fn healed(from: Option<Bounds>, to: Option<Bounds>) -> Cell {
    match (from, to) {
        (Some(from), Some(to)) => Cell::new(&seconds(apart(from, to))),
        (Some(_), None) => Cell::new("not proved").tone("unknown"),
        _ => Cell::none(),
    }
}

fn settings(f: &FaultMark) -> String {
    match f.settings.as_object() {
        Some(map) => map
            .iter()
            .map(|(name, value)| {
                format!(
                    "{name} {}",
                    value
                        .as_str()
                        .map_or_else(|| value.to_string(), str::to_owned)
                )
            })
            .collect::<Vec<_>>()
            .join(", "),
        None if f.settings.is_null() => String::new(),
        None => f.settings.to_string(),
    }
}

/// Midpoint and half width of a difference, s: `1.21 ±0.13`. Decimals follow the half width; it is never printed as zero.
#[must_use]
pub fn seconds((mid, half): (f64, f64)) -> String {
    let (decimals, least) = match half {
        h if h < 0.000_5 => (4, 0.000_1),
        h if h < 0.005 => (3, 0.001),
        h if h < 0.5 => (2, 0.01),
        _ => (1, 0.1),
    };
    format!(
        "{}\u{a0}±{}",
        fixed(mid, decimals),
        fixed(half.max(least), decimals)
    )
}
