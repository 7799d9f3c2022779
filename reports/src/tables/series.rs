//! The timeline as numbers: least and most of each probe in about sixty equal slots. The embedded data holds every bucket.
use super::{Cell, Table};
use crate::charts::scale::tick;
use crate::number::moment;
use analysis::report::{Series, Timeline};

const SLOTS: u64 = 60;

/// One row per slot, one column per probe.
#[must_use]
pub fn series(t: &Timeline) -> Table {
    let (Some(from), Some(to)) = (
        t.series.iter().map(|s| s.start_ns).min(),
        t.series.iter().map(end).max(),
    ) else {
        return Table::default();
    };
    let slot = slot_ns(to.saturating_sub(from));
    let names: Vec<String> = t
        .series
        .iter()
        .map(|s| format!("#{}/{}", s.id.replace('/', "\u{2215}"), unit(s)))
        .collect();
    let columns: Vec<&str> = std::iter::once("#from/min:s")
        .chain(names.iter().map(String::as_str))
        .collect();
    let rows = (0..=SLOTS)
        .map(|i| from + i * slot)
        .take_while(|start| *start < to);
    let title = format!("Least and most in each {}\u{a0}s", slot / NS);
    Table::new(&title, &columns).rows(rows.map(|start| {
        let at = std::time::Duration::from_nanos(start).as_secs_f64();
        std::iter::once(Cell::new(&moment(at, 0)))
            .chain(t.series.iter().map(|s| range(s, start, start + slot)))
            .collect()
    }))
}

const NS: u64 = 1_000_000_000;

fn end(s: &Series) -> u64 {
    s.start_ns + s.bucket_ns * s.values.len() as u64
}

/// The smallest whole second that leaves at most [`SLOTS`] rows.
fn slot_ns(whole: u64) -> u64 {
    whole.div_ceil(SLOTS).div_ceil(NS).max(1) * NS
}

fn unit(s: &Series) -> &str {
    if s.unit == "s" { "ms" } else { &s.unit }
}

fn range(s: &Series, from: u64, to: u64) -> Cell {
    let inside = |i: usize| (from..to).contains(&(s.start_ns + s.bucket_ns * i as u64));
    let pick = |list: &[Option<f64>], better: fn(f64, f64) -> f64| {
        list.iter()
            .enumerate()
            .filter(|(i, _)| inside(*i))
            .filter_map(|(_, v)| *v)
            .reduce(better)
    };
    let factor = if s.unit == "s" { 1000.0 } else { 1.0 };
    match (pick(&s.low, f64::min), pick(&s.high, f64::max)) {
        (Some(low), Some(high)) => Cell::new(&span(low * factor, high * factor)),
        _ => Cell::new("no sample").tone("quiet"),
    }
}

fn span(low: f64, high: f64) -> String {
    let short = |v: f64| {
        if v.abs() >= 100.0 {
            tick(v.round())
        } else {
            tick((v * 10.0).round() / 10.0)
        }
    };
    if short(low) == short(high) {
        short(low)
    } else {
        format!("{}\u{a0}–\u{a0}{}", short(low), short(high))
    }
}
