//! Whether every probe measured all the time, and whether the load was sent as planned. Our own lateness makes the run unknown.
use super::{Measured, file, finding, unless};
use crate::{
    load,
    report::{Finding, FindingKind},
    stream::{self, Stream},
};
use model::{
    objective::{Method, estimate},
    system::ProbeKind,
    units::{Nanos, show},
    verdict::Verdict,
};

pub(super) fn findings(measured: &Measured) -> Vec<Finding> {
    let probes = measured.folder.plan.probes.iter();
    let mut all: Vec<Finding> = probes.map(|spec| probe(measured, &spec.name)).collect();
    all.extend(generator(measured));
    all
}

/// More than this share of a probe's samples missing makes its window unknown.
const MOST_MISSING: f64 = 0.01;

fn probe(measured: &Measured, name: &str) -> Finding {
    let id = format!("probe-{name}");
    let title = format!("probe `{name}` measured all the time");
    let expected = "at most 1 % of its samples missing, none of its gaps over 3 periods, in every fault window";
    let Some(stream) = measured
        .streams
        .iter()
        .find(|stream| stream.spec.name == name)
    else {
        return finding(FindingKind::Measurement, id, title, Verdict::Unknown)
            .expected(expected)
            .measured("no samples")
            .why("its file is missing");
    };
    let judged = measured.windows.stretches("whole");
    let missing = stream.missing(&judged);
    let due = stream
        .expected(&judged)
        .max(stream.within(&judged).count() as u64);
    let trouble = if crate::mutant("R8") || crate::mutant("R9") {
        None
    } else {
        trouble(measured, stream)
    };
    finding(
        FindingKind::Measurement,
        id,
        title,
        unless(trouble.is_none()),
    )
    .expected(expected)
    .measured(format!("{missing} of {due} samples missing"))
    .why(trouble.unwrap_or_default())
    .evidence(
        measured
            .folder
            .sources
            .get(name)
            .map(|source| file(&source.path))
            .unwrap_or_default(),
    )
}

fn trouble(measured: &Measured, stream: &Stream) -> Option<String> {
    let judged = measured.windows.stretches("whole");
    let windows: Vec<_> = measured
        .windows
        .injections
        .iter()
        .filter_map(|injection| Some((injection.id.as_str(), injection.window?)))
        .collect();
    if stream.within(&judged).next().is_none() {
        return Some("it left no sample in the judged part of the run".into());
    }
    if stream.baseline == 0 && stream.spec.kind != ProbeKind::GaugeFull {
        return Some("it had no answer in the baseline, so it has no band to leave".into());
    }
    let per_window = (stream::STRAY_WINDOW.0 / stream.spec.period_ns.0.max(1)).max(1) as usize;
    // Shorter rows than the settle time are outdone by longer ones; what lasts as long can no longer be told from the baseline.
    let settle = measured.folder.plan.phases.settle_ns;
    if stream.strays >= per_window && stream.stray_row >= settle {
        return Some(format!(
            "its baseline was bad for {} on end, so an impact cannot be told from it; a longer or calmer baseline would do",
            show(stream.stray_row)
        ));
    }
    let whole = std::iter::once(("the run", judged.as_slice()));
    let parts = windows
        .iter()
        .map(|(id, window)| (*id, std::slice::from_ref(window)));
    for (what, stretches) in whole.chain(parts) {
        let (missing, due) = (stream.missing(stretches), stream.expected(stretches));
        if missing as f64 > MOST_MISSING * due as f64 && missing > 1 {
            return Some(format!(
                "{missing} of {due} samples in the window of {what} were not taken in time by our own fault; a faster or idler machine would do"
            ));
        }
    }
    // A gap is a multiple of what a single sample may be late.
    let limit = Nanos(3 * stream::slip_limit(&stream.spec).0);
    let gap = windows
        .iter()
        .map(|(_, window)| stream.longest_gap(std::slice::from_ref(window)))
        .max()
        .unwrap_or_default();
    (gap > limit).then(|| {
        format!(
            "no sample was sent for {} within a fault window; at most {} is allowed",
            show(gap),
            show(limit)
        )
    })
}

/// The least limit of the generator's slip, s: below it the schedule of a general-purpose kernel is not resolved.
const LEAST_SLIP_LIMIT_S: f64 = 0.1;

fn generator(measured: &Measured) -> Option<Finding> {
    let load = load::load(measured.folder, measured.windows)?;
    let slip = estimate(
        Method::P(99.0),
        &load::slip(measured.folder, &measured.windows.stretches("whole")),
    );
    let limit = slip_limit(measured);
    let sent = load.sent as f64 / load.asked.max(1) as f64;
    let planned = planned(measured);
    let short = sent < 0.99 || (load.asked as f64) < 0.99 * planned;
    let late = slip.value.is_none_or(|slip| slip > limit);
    let why = match (&slip.why, short) {
        (Some(why), _) => why.clone(),
        (None, true) => format!("only {} of {:.0} records were sent: the load was not the one planned", load.sent, planned.max(load.asked as f64)),
        (None, false) => "the generator was late, so lateness is ours and not the system's; a lower rate or an idler machine would do".into(),
    };
    let p99 = slip
        .value
        .map_or("none".into(), |slip| format!("{:.1} ms", slip * 1e3));
    Some(
        finding(
            FindingKind::Measurement,
            "load",
            "the load was sent as planned",
            unless(!short && !late),
        )
        .expected(format!(
            "99 % of it sent, p99 of its slip at most {:.0} ms",
            limit * 1e3
        ))
        .measured(format!(
            "{} of {} sent, p99 of the slip {p99}",
            load.sent, load.asked
        ))
        .why(why)
        .evidence(file("samples/load.ops")),
    )
}

/// Records due in the judged part by the plan's rate, less four standard deviations where the gaps are drawn.
fn planned(measured: &Measured) -> f64 {
    let length: f64 = measured
        .windows
        .stretches("whole")
        .iter()
        .map(|stretch| crate::span::seconds(stretch.hi, stretch.lo))
        .sum();
    let load = measured.folder.plan.load;
    let due = load.rate * length;
    if load.poisson {
        due - 4.0 * due.sqrt()
    } else {
        due - 1.0
    }
}

/// A tenth of the strictest latency that an objective asks of a probe.
fn slip_limit(measured: &Measured) -> f64 {
    let of_probes = measured.folder.plan.objectives.iter().filter(|objective| {
        objective.unit == "s" && objective.metric != "recovery" && objective.metric != "slip"
    });
    let strictest = of_probes
        .map(|objective| objective.bound)
        .fold(f64::INFINITY, f64::min);
    if strictest.is_finite() {
        (strictest / 10.0).max(LEAST_SLIP_LIMIT_S)
    } else {
        LEAST_SLIP_LIMIT_S
    }
}
