//! Recovery of each fault over its repeats: one row over all probes (the first to suffer, the last to recover), one per probe.
//!
//! A repeat that never recovered is censored at `end of watching - settle - T0`: a later recovery could not have been recognised,
//! and the last bad sample would depend on the outcome. A repeat without impact on a probe has no recovery time there.
use crate::{
    input::Folder,
    instants::{Seen, instants},
    median::Durations,
    report::{ALL_PROBES, Bounds, Measure, Recovery, Repeat},
    share::share,
    span::{Span, seconds},
    stream::Stream,
    window::{Injection, Windows},
};
use model::{
    system::ProbeKind::{self, GaugeFull, GaugeLow},
    units::Nanos,
};

/// One injection as every probe saw it, in the order of the streams.
struct Observed<'a> {
    injection: &'a Injection,
    t0: Bounds,
    seen: Vec<Seen>,
}

/// A measure's instants of one repeat: from where, to where.
type Ends = fn(&Repeat) -> (Option<Bounds>, Option<Bounds>);

/// The rows of all faults.
pub fn recovery(folder: &Folder, windows: &Windows, streams: &[Stream]) -> Vec<Recovery> {
    let settle = folder.plan.phases.settle_ns;
    let mut groups: Vec<&str> = Vec::new();
    for injection in &windows.injections {
        if !groups.contains(&injection.group.as_str()) {
            groups.push(&injection.group);
        }
    }
    let mut rows = Vec::new();
    for group in groups {
        let of_group = windows
            .injections
            .iter()
            .filter(|injection| injection.group == group);
        let observed: Vec<Observed> = of_group
            .filter_map(|injection| observe(injection, streams, settle))
            .collect();
        let name = folder
            .plan
            .faults
            .iter()
            .find(|fault| fault.group == group)
            .map_or(group, |fault| fault.fault.as_str());
        let what = plural(observed.len(), name);
        rows.push(row(
            group,
            ALL_PROBES,
            observed
                .iter()
                .map(|one| joined(one, streams, settle))
                .collect(),
            &observed,
            &what,
        ));
        for (index, stream) in streams.iter().enumerate() {
            let repeats = observed
                .iter()
                .map(|one| of_stream(one, index, stream.spec.kind, streams, settle))
                .collect();
            rows.push(row(group, &stream.spec.name, repeats, &observed, &what));
        }
    }
    rows
}

/// `8 kills in 1 run`: repeats within one run are no runs.
fn plural(n: usize, name: &str) -> String {
    format!("{n} {name}{} in 1 run", if n == 1 { "" } else { "s" })
}

fn observe<'a>(
    injection: &'a Injection,
    streams: &[Stream],
    settle: Nanos,
) -> Option<Observed<'a>> {
    let t0 = injection.t0?;
    let seen = streams
        .iter()
        .map(|stream| instants(stream, t0, injection.watched_until, settle))
        .collect();
    Some(Observed {
        injection,
        t0,
        seen,
    })
}

fn blank(one: &Observed, settle: Nanos) -> Repeat {
    let end = one.injection.watched_until;
    let settle = if crate::mutant("R3") {
        Nanos(0)
    } else {
        settle
    };
    let watched_s = seconds(end.since(settle).0, one.t0.mid().0).max(0.0);
    Repeat {
        id: one.injection.id.clone(),
        t0_ns: Some(one.t0),
        th_ns: one.injection.healed,
        watched_s,
        ..Repeat::default()
    }
}

/// The first to suffer, the last to recover; censored while any is. T2 has no meaning over several streams.
fn joined(one: &Observed, streams: &[Stream], settle: Nanos) -> Repeat {
    let affected: Vec<&Seen> = one.seen.iter().filter(|seen| seen.t1.is_some()).collect();
    let all_back = affected.iter().all(|seen| seen.t3.is_some());
    let last = |a: Bounds, b: Bounds| {
        if crate::mutant("R10") {
            a.earlier(b)
        } else {
            a.later(b)
        }
    };
    Repeat {
        t1_ns: affected
            .iter()
            .filter_map(|seen| seen.t1)
            .reduce(Bounds::earlier),
        t3_ns: affected
            .iter()
            .filter_map(|seen| seen.t3)
            .reduce(last)
            .filter(|_| all_back),
        t4_ns: last_of(one, streams, GaugeLow),
        t5_ns: last_of(one, streams, GaugeFull),
        censored: !all_back,
        absorbed: affected.is_empty(),
        relapses: affected.iter().map(|seen| seen.relapses).sum(),
        affected: (affected.len() as u32, one.seen.len() as u32),
        ..blank(one, settle)
    }
}

fn of_stream(
    one: &Observed,
    index: usize,
    kind: ProbeKind,
    streams: &[Stream],
    settle: Nanos,
) -> Repeat {
    let seen = &one.seen[index];
    // Backlog and redundancy are read from the gauges, so a gauge has neither of its own.
    let of_gauges = |wanted: ProbeKind| {
        if kind == ProbeKind::Latency {
            last_of(one, streams, wanted)
        } else {
            None
        }
    };
    Repeat {
        t1_ns: seen.t1,
        t2_ns: seen.t2,
        t3_ns: seen.t3,
        t4_ns: of_gauges(GaugeLow),
        t5_ns: of_gauges(GaugeFull),
        censored: seen.t1.is_some() && seen.t3.is_none(),
        absorbed: seen.t1.is_none(),
        relapses: seen.relapses,
        affected: (u32::from(seen.t1.is_some()), 1),
        ..blank(one, settle)
    }
}

/// When the last gauge of a kind that left its band was back for good; none where none left it, or one never came back.
fn last_of(one: &Observed, streams: &[Stream], wanted: ProbeKind) -> Option<Bounds> {
    let of_kind = one
        .seen
        .iter()
        .zip(streams)
        .filter(|(_, stream)| stream.spec.kind == wanted);
    let affected: Vec<&Seen> = of_kind
        .map(|(seen, _)| seen)
        .filter(|seen| seen.t1.is_some())
        .collect();
    let back: Option<Vec<Bounds>> = affected.iter().map(|seen| seen.t3).collect();
    back?.into_iter().reduce(Bounds::later)
}

fn row(group: &str, probe: &str, runs: Vec<Repeat>, observed: &[Observed], what: &str) -> Recovery {
    let held = observed.iter().any(|one| one.injection.held);
    let recover = recover_times(&runs, what);
    let impacted = runs.iter().filter(|run| !run.absorbed).count() as u64;
    let reached = runs.iter().filter(|run| run.t3_ns.is_some()).count() as u64;
    Recovery {
        fault: group.into(),
        probe: probe.into(),
        detect: simple(&runs, what, |run| (run.t0_ns, run.t1_ns)),
        recover: recover.median(),
        recover_after_heal: held.then(|| after_heal(&runs, what)),
        catch_up: simple(&runs, what, |run| (run.t3_ns, run.t4_ns)),
        reprotect: simple(&runs, what, |run| (run.t3_ns, run.t5_ns)),
        reached: share(reached, impacted),
        absorbed: share(
            runs.iter().filter(|run| run.absorbed).count() as u64,
            runs.len() as u64,
        ),
        survival: recover.survival(),
        runs,
    }
}

/// T3 - T0 of every repeat with impact; what did not recover is censored.
pub fn recover_times(runs: &[Repeat], what: &str) -> Durations {
    let mut times = Durations {
        what: what.into(),
        ..Durations::default()
    };
    for run in runs {
        match (run.t0_ns, run.t3_ns) {
            _ if run.absorbed && crate::mutant("R11") => {
                times.reached.push(Span { lo: 0.0, hi: 0.0 })
            }
            _ if run.absorbed => {}
            (Some(t0), Some(t3)) => times.reached.push(t3.since(t0)),
            _ => times.censored.push(run.watched_s),
        }
    }
    times
}

/// A measure of those repeats that have both instants.
fn simple(runs: &[Repeat], what: &str, ends: Ends) -> Measure {
    let spans = runs.iter().filter_map(|run| match ends(run) {
        (Some(from), Some(to)) => Some(to.since(from)),
        _ => None,
    });
    let reached: Vec<Span> = spans.collect();
    let what = match runs.len() - reached.len() {
        0 => what.to_owned(),
        _ if reached.is_empty() => what.to_owned(),
        without => format!("{what}, {without} of them without"),
    };
    Durations {
        reached,
        censored: Vec::new(),
        what,
    }
    .median()
}

/// T3 - TH of the repeats that recovered after their heal; those that recovered before are counted, not averaged in.
fn after_heal(runs: &[Repeat], what: &str) -> Measure {
    let spans: Vec<Span> = runs
        .iter()
        .filter_map(|run| Some(run.t3_ns?.since(run.th_ns?)))
        .collect();
    let (before, mut reached): (Vec<Span>, Vec<Span>) =
        spans.into_iter().partition(|span| span.mid() < 0.0);
    if crate::mutant("R20") {
        reached.extend(before.iter().map(|_| Span { lo: 0.0, hi: 0.0 }));
    }
    let censored = runs
        .iter()
        .filter(|run| run.censored)
        .filter_map(censored_after_heal)
        .collect();
    let what = if before.is_empty() {
        what.to_owned()
    } else {
        format!("{what}, {} recovered before the heal", before.len())
    };
    Durations {
        reached,
        censored,
        what,
    }
    .median()
}

fn censored_after_heal(run: &Repeat) -> Option<f64> {
    let (t0, th) = (run.t0_ns?, run.th_ns?);
    Some((run.watched_s - th.since(t0).mid()).max(0.0))
}
