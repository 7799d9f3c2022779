//! The open-loop load: what was asked, what was sent, and how late the generator was. A late generator is not a slow system.
use crate::{
    input::Folder,
    latency,
    report::{Bounds, ErrorCount, Load, Percentile},
    window::{self, Windows},
};
use model::{
    journal::Event,
    objective::{Method, Sampled, estimate},
    samples::Op,
    system::Outcome,
};
use std::collections::BTreeMap;

/// Counts and slip from the start of the baseline to the end of the recovery; none where the run had no load.
pub fn load(folder: &Folder, windows: &Windows) -> Option<Load> {
    folder.sources.get("load")?;
    let judged = windows.stretches("whole");
    let ops: Vec<&Op> = folder
        .load()
        .iter()
        .filter(|op| window::within(&judged, op.intended))
        .collect();
    let refused = closed(folder).map_or(0, |(lost, _)| lost);
    let (cpu_s, rss) = own_cost(folder);
    let outcome = |wanted: Outcome| ops.iter().filter(|op| op.outcome == wanted).count() as u64;
    Some(Load {
        asked: ops.len() as u64 + if crate::mutant("L8") { 0 } else { refused },
        sent: ops.len() as u64,
        ok: outcome(Outcome::Ok),
        fail: outcome(Outcome::Fail),
        info: outcome(Outcome::Info),
        slip: slip_percentiles(&slip(folder, &judged)),
        errors: errors(folder, &ops),
        harness_cpu_s: cpu_s,
        harness_rss_bytes: rss,
    })
}

/// Actual minus intended start of the load, s.
pub fn slip(folder: &Folder, stretches: &[Bounds]) -> Sampled {
    let judged = folder
        .load()
        .iter()
        .filter(|op| window::within(stretches, op.intended));
    Sampled {
        values: judged.map(|op| op.sent.since(op.intended).as_s()).collect(),
        ..Sampled::default()
    }
}

fn slip_percentiles(slip: &Sampled) -> Vec<Percentile> {
    let one = |p: f64| {
        let method = if p == 100.0 {
            Method::Max
        } else {
            Method::P(p)
        };
        Percentile {
            p,
            value_s: latency::measure(&estimate(method, slip), "s"),
        }
    };
    [50.0, 99.0, 100.0].map(one).to_vec()
}

/// Operations refused for want of our own resources in the whole run, and the names of error classes.
fn closed(folder: &Folder) -> Option<(u64, &[String])> {
    folder.facts().find_map(|(_, event)| match event {
        Event::SamplesClosed {
            source,
            lost,
            classes,
            ..
        } if source == "load" => Some((*lost, classes.as_slice())),
        _ => None,
    })
}

fn errors(folder: &Folder, ops: &[&Op]) -> Vec<ErrorCount> {
    let names = closed(folder).map_or(&[][..], |(_, classes)| classes);
    let mut counts: BTreeMap<u8, u64> = BTreeMap::new();
    for op in ops.iter().filter(|op| op.outcome != Outcome::Ok) {
        *counts.entry(op.class).or_default() += 1;
    }
    let named = |(class, count): (u8, u64)| {
        let name = usize::from(class)
            .checked_sub(1)
            .and_then(|index| names.get(index));
        ErrorCount {
            class: name.cloned().unwrap_or_else(|| "unnamed".into()),
            count,
        }
    };
    counts.into_iter().map(named).collect()
}

fn own_cost(folder: &Folder) -> (Option<f64>, Option<u64>) {
    let last = folder.facts().filter_map(|(_, event)| match event {
        Event::HarnessMeasured { cpu_s, rss_bytes } => Some((*cpu_s, *rss_bytes)),
        _ => None,
    });
    last.last()
        .map_or((None, None), |(cpu_s, rss)| (Some(cpu_s), Some(rss)))
}
