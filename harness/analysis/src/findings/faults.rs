//! Steady before, then of every planned fault: proved effective, proved healed. What was not proved is unknown.
use super::{Measured, finding, line, unless};
use crate::{
    report::{Bounds, Finding, FindingKind},
    window::Injection,
};
use model::journal::Event;

pub(super) fn findings(measured: &Measured) -> Vec<Finding> {
    let mut all = vec![steady(measured)];
    for injection in &measured.windows.injections {
        all.push(effective(injection));
        if injection.t0.is_some() {
            all.push(healed(injection));
        }
    }
    all
}

fn steady(measured: &Measured) -> Finding {
    let checked = measured
        .folder
        .facts()
        .find_map(|(line, event)| match event {
            Event::SteadyStateChecked { when, held, checks } if when == "before" => {
                Some((line.n, *held, checks))
            }
            _ => None,
        });
    let expected = "medians of the last windows of the baseline alike, every probe answering";
    let Some((n, held, checks)) = checked else {
        return finding(
            FindingKind::SteadyState,
            "steady-state",
            "steady before the first fault",
            unless(false),
        )
        .expected(expected)
        .measured("not checked")
        .why("the run did not get to the end of its baseline");
    };
    let failing: Vec<String> = checks
        .iter()
        .filter(|check| !check.held)
        .map(|check| format!("{}: {}", check.name, check.measured))
        .collect();
    let holding = checks.len() - failing.len();
    finding(
        FindingKind::SteadyState,
        "steady-state",
        "steady before the first fault",
        unless(held && !checks.is_empty()),
    )
    .expected(expected)
    .measured(format!("{holding} of {} checks hold", checks.len()))
    .why(format!(
        "not steady, so nothing was hurt: {}; a longer warm-up or baseline may do",
        failing.join("; ")
    ))
    .evidence(line(n))
}

fn effective(injection: &Injection) -> Finding {
    let measured = match (injection.t0, injection.requested) {
        (Some(t0), _) => format!("proved {} after the act began", milliseconds(t0)),
        (None, Some(_)) => "not proved".into(),
        (None, None) => "not reached".into(),
    };
    let why = match (&injection.seen.0, injection.requested) {
        (Some(seen), _) => {
            format!("the fault was not in effect, so what was measured is not about it: {seen}")
        }
        (None, Some(_)) => "the journal has no proof of its effect".into(),
        (None, None) => "the run ended before it".into(),
    };
    finding(
        FindingKind::Effective,
        format!("effective-{}", injection.id),
        format!("fault `{}` takes effect", injection.id),
        unless(injection.t0.is_some()),
    )
    .expected("its effect is seen by an independent check")
    .measured(measured)
    .why(why)
    .evidence(injection.lines.0.map(line).unwrap_or_default())
}

fn healed(injection: &Injection) -> Finding {
    let measured = match injection.healed {
        Some(healed) => {
            let after = injection.escalated.as_ref();
            let after = after.map_or_else(String::new, |what| format!(", only after {what}"));
            format!(
                "proved {} after the heal began{after}",
                milliseconds(healed)
            )
        }
        None => "not proved".into(),
    };
    // A target that ended by itself must be started again by somebody; else undoing alone has to do.
    let by_undo = injection.escalated.is_none() || !injection.vanished.is_empty();
    let why = injection
        .seen
        .1
        .clone()
        .unwrap_or_else(|| "the journal has no proof of the heal".into());
    finding(
        FindingKind::Healed,
        format!("healed-{}", injection.id),
        format!("fault `{}` is healed", injection.id),
        unless(injection.healed.is_some() && by_undo),
    )
    .expected("the end of its effect is seen by an independent check")
    .measured(measured)
    .why(why)
    .evidence(injection.lines.1.map(line).unwrap_or_default())
}

fn milliseconds(bounds: Bounds) -> String {
    format!("{:.1} ms", (bounds.hi - bounds.lo) as f64 / 1e6)
}
