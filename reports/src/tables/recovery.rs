//! Recovery of one fault: a summary row per probe, and every repeat with its instants since it became effective.
use super::faults::seconds;
use super::{Cell, Table};
use crate::number::{apart, fixed, middle, moment, share};
use crate::text::clean;
use analysis::report::{Bounds, Measure, Recovery, Repeat, Share};

/// Medians with intervals, one row per probe.
#[must_use]
pub fn summary(rows: &[&Recovery]) -> Table {
    let heal = rows.iter().any(|r| r.recover_after_heal.is_some());
    let mut columns = vec![
        "seen by",
        "#recovered",
        "#absorbed",
        "#detect/T1 − T0",
        "#recover/T3 − T0",
    ];
    columns.extend(heal.then_some("#after heal/T3 − TH"));
    columns.extend(["#catch up/T4 − T3", "#re-protect/T5 − T3"]);
    let title = format!(
        "Recovery from {}",
        rows.first().map_or("", |r| r.fault.as_str())
    );
    Table::new(&title, &columns)
        .noted(NOTE)
        .rows(rows.iter().map(|r| row(r, heal)))
}

const NOTE: &str = "Medians over the repeats with their order-statistic intervals; ± is the bar of the instrument. Absorbed: \
nothing left the normal band, so there is no recovery time. Backlog and \
redundancy are read from gauges, which have no catch up and no re-protect of their own; a negative one: it was back before the probe \
had recovered.";

fn row(r: &Recovery, heal: bool) -> Vec<Cell> {
    let felt = r.absorbed.n == 0 || r.absorbed.k < r.absorbed.n;
    // How many repeats a median rests on stands in two columns of its own.
    let of = |m: &Measure| {
        if felt {
            Cell::measure(&Measure { n: 0, ..m.clone() })
        } else {
            Cell::none()
        }
    };
    let mut cells = vec![
        Cell::new(&r.probe),
        counted(r.reached, felt),
        counted(r.absorbed, true),
        of(&r.detect),
        named(of(&r.recover), r),
    ];
    cells.extend(heal.then(|| r.recover_after_heal.as_ref().map_or_else(Cell::none, of)));
    let ends = |m: &Measure, known: fn(&Repeat) -> bool| match r.runs.iter().any(known) {
        true => of(m),
        false => Cell::none(),
    };
    cells.extend([
        ends(&r.catch_up, |run| run.t4_ns.is_some()),
        ends(&r.reprotect, |run| run.t5_ns.is_some()),
    ]);
    cells
}

/// A median that was not reached is not just unknown: enough repeats outlasted the watch.
fn named(cell: Cell, r: &Recovery) -> Cell {
    let outlasted = r.recover.value.is_none() && r.runs.iter().any(|run| run.censored);
    if outlasted {
        Cell {
            text: "not reached".to_owned(),
            ..cell
        }
    } else {
        cell
    }
}

fn counted(s: Share, shown: bool) -> Cell {
    if !shown || s.n == 0 {
        return Cell::none();
    }
    let interval = format!(
        "[{}, {}]\u{a0}%",
        fixed(s.low * 100.0, 0),
        fixed(s.high * 100.0, 0)
    );
    let cell = Cell::new(&share(&s));
    if s.k == 0 { cell } else { cell.note(&interval) }
}

/// Every repeat as one probe (or all of them) saw it.
#[must_use]
pub fn repeats(r: &Recovery) -> Table {
    let columns = [
        "repeat",
        "#T0/min:s",
        "#T1/s",
        "#T2/s",
        "#T3/s",
        "#T4/s",
        "#T5/s",
        "#TH/s",
        "#relapses",
        "#probes hit",
    ];
    Table::new(&format!("Each repeat, {}", r.probe), &columns)
        .noted(INSTANTS)
        .rows(r.runs.iter().map(instants))
}

const INSTANTS: &str = "T0 effective, on the clock of the run; all others in seconds after it, as midpoint ± half width: T1 first bad \
sample, T2 first success after it, T3 good for good, T4 backlog gone, T5 redundancy full, TH heal proved. “> C”: not recovered while watched, C seconds.";

fn instants(r: &Repeat) -> Vec<Cell> {
    let since = |to: Option<Bounds>| {
        r.t0_ns
            .zip(to)
            .map(|(from, to)| Cell::new(&seconds(apart(from, to))))
    };
    let mut cells = vec![
        Cell::new(&r.id),
        r.t0_ns
            .map_or_else(Cell::none, |b| Cell::new(&moment(middle(b), 3))),
    ];
    if r.absorbed {
        cells.push(Cell::new("absorbed").tone("quiet"));
        cells.extend([r.t2_ns, r.t3_ns].map(|t| since(t).unwrap_or_else(Cell::none)));
    } else {
        cells.extend([r.t1_ns, r.t2_ns].map(|t| since(t).unwrap_or_else(Cell::none)));
        cells.push(since(r.t3_ns).unwrap_or_else(|| censored(r)));
    }
    cells.extend([r.t4_ns, r.t5_ns, r.th_ns].map(|t| since(t).unwrap_or_else(Cell::none)));
    cells.push(Cell::new(&r.relapses.to_string()));
    cells.push(Cell::new(&format!(
        "{}\u{a0}of\u{a0}{}",
        r.affected.0, r.affected.1
    )));
    cells
}

fn censored(r: &Repeat) -> Cell {
    if r.censored {
        Cell::new(&format!(">\u{a0}{}", fixed(r.watched_s, 2))).tone("fail")
    } else {
        Cell::none()
    }
}

/// The steps of the survival curve.
#[must_use]
pub fn survival(r: &Recovery) -> Table {
    let columns = [
        "#t/s after T0",
        "#not yet recovered/%",
        "#95 % interval/%",
        "#at risk",
    ];
    let percent = |v: f64| fixed(v * 100.0, 1);
    let rows = r.survival.iter().map(|s| {
        let interval = s
            .low
            .zip(s.high)
            .map(|(low, high)| format!("[{}, {}]", percent(low), percent(high)));
        let interval = interval.map_or_else(Cell::none, |i| Cell::new(&i));
        vec![
            Cell::new(&fixed(s.t_s, 3)),
            Cell::new(&percent(s.share)),
            interval,
            Cell::new(&s.at_risk.to_string()),
        ]
    });
    Table::new(&format!("Survival curve, {}", clean(&r.probe)), &columns).rows(rows)
}
