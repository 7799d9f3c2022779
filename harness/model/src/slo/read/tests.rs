//! What an author of an objective file gets wrong, where the refusal points, and what a right one means.
use super::*;
use crate::{
    objective::Op,
    scenario::Place,
    slo::{Form, Good, Unit, Window},
    units::Nanos,
};
use proptest::prelude::*;

const GOOD: &str = "apiVersion: openslo/v1
kind: Service
metadata: {name: pipeline}
spec: {description: it}
---
apiVersion: openslo/v1
kind: SLI
metadata:
  name: answered
spec:
  ratioMetric:
    counter: true
    good: {metricSource: {type: brinell, spec: {measure: samples, filter: {probe: ack, outcome: good}}}}
    total: {metricSource: {type: brinell, spec: {measure: samples, filter: \"probe:ack\"}}}
---
apiVersion: openslo/v1
kind: SLO
metadata:
  name: ack-requests
  displayName: Acknowledged in time
  labels: {team: data}
  annotations: {brinell/slice: 1s, owner: me}
spec:
  service: pipeline
  indicatorRef: answered
  timeWindow: [{duration: 4w, isRolling: true}]
  budgetingMethod: Occurrences
  objectives:
    - {displayName: three nines, target: 0.999}
    - targetPercent: 99.5
---
apiVersion: openslo/v1
kind: SLO
metadata: {name: fresh, annotations: {brinell/window: 30s}}
spec:
  service: pipeline
  indicator:
    metadata: {name: age}
    spec:
      thresholdMetric:
        metricSource: {type: brinell, spec: {measure: freshness}}
  timeWindow:
    - {duration: 1M, calendar: {startTime: 2026-01-01 00:00:00, timeZone: Europe/Berlin}}
  budgetingMethod: Timeslices
  objectives:
    - {op: lte, value: 10, target: 0.99, timeSliceTarget: 0.9, timeSliceWindow: 1m}
";

fn refused(from: &str, to: &str) -> Refusal {
    assert!(GOOD.contains(from), "the sample has no `{from}`");
    parse(&GOOD.replacen(from, to, 1)).unwrap_err()
}

fn place(needle: &str) -> Place {
    let at = GOOD.find(needle).unwrap();
    let before = &GOOD[..at];
    Place {
        line: before.matches('\n').count() as u32 + 1,
        column: (at - before.rfind('\n').map_or(0, |end| end + 1)) as u32 + 1,
    }
}

fn hint(refusal: &Refusal) -> &str {
    refusal.hint.as_deref().unwrap_or_default()
}

#[test]
fn a_good_file_reads_with_every_part() {
    let file = parse(GOOD).unwrap();
    assert_eq!(file.notes, ["not used here: Service pipeline"]);
    let [requests, fresh] = &file.slos[..] else {
        panic!("{file:?}")
    };
    assert_eq!(
        (requests.name.value.as_str(), requests.title.as_str()),
        ("ack-requests", "Acknowledged in time")
    );
    assert_eq!(requests.window, Window::Rolling(Nanos::secs(28 * 86_400)));
    let titles: Vec<&str> = requests.goals.iter().map(|goal| &*goal.title).collect();
    assert_eq!(titles, ["three nines", "99.5 %"]);
    let goal = &requests.goals[0];
    assert_eq!(
        (goal.target.value, &*goal.probe.value, goal.good, goal.form),
        (0.999, "ack", Good::Available, Form::Samples)
    );
    assert_eq!(
        fresh.window,
        Window::Rolling(Nanos::secs(30)),
        "the annotation wins"
    );
    let goal = &fresh.goals[0];
    assert_eq!(
        (goal.good, &*goal.probe.value),
        (Good::Value(Op::Le, 10.0), "freshness")
    );
    assert_eq!(
        goal.form,
        Form::Slices {
            length: Nanos::secs(60),
            target: 0.9
        }
    );
}

#[test]
fn a_calendar_keeps_its_boundary_and_zone() {
    let file = parse(&GOOD.replace(", annotations: {brinell/window: 30s}", "")).unwrap();
    let Window::Calendar(calendar) = &file.slos[1].window else {
        panic!("{file:?}")
    };
    assert_eq!((calendar.count, calendar.unit), (1, Unit::Month));
    assert_eq!(
        (&*calendar.start.value, &*calendar.zone.value),
        ("2026-01-01 00:00:00", "Europe/Berlin")
    );
}

#[test]
fn the_form_follows_indicator_and_method() {
    let slo = |metric: &str, method: &str, more: &str| {
        format!(
            "apiVersion: openslo/v1\nkind: SLO\nmetadata: {{name: a}}\nspec:\n  indicator: {{spec: {{{metric}}}}}\n  timeWindow: [{{duration: 1d, isRolling: true}}]\n  budgetingMethod: {method}\n  objectives: [{{target: 0.9{more}}}]\n"
        )
    };
    let source = |measure: &str| {
        format!(
            "{{metricSource: {{type: brinell, spec: {{measure: {measure}, filter: {{probe: ack}}}}}}}}"
        )
    };
    let up = format!("thresholdMetric: {}", source("availability"));
    let raw = |kind: &str, measure: &str| {
        format!("ratioMetric: {{rawType: {kind}, raw: {}}}", source(measure))
    };
    let form = |text: String| parse(&text).map(|file| file.slos[0].goals[0].form);
    assert_eq!(form(slo(&up, "Occurrences", "")), Ok(Form::Samples));
    assert_eq!(form(slo(&up, "Timeslices", "")), Ok(Form::Time));
    assert_eq!(
        form(slo(&up, "Timeslices", ", op: gte, value: 1")),
        Ok(Form::Time)
    );
    assert_eq!(
        form(slo(&up, "RatioTimeslices", ", timeSliceWindow: 1m")),
        Ok(Form::Ratios {
            length: Nanos::secs(60)
        })
    );
    assert_eq!(
        form(slo(&raw("success", "availability"), "Occurrences", "")),
        Ok(Form::Time)
    );
    assert_eq!(
        form(slo(&raw("failure", "unavailability"), "Timeslices", "")),
        Ok(Form::Time)
    );
    for (metric, method, more) in [
        (&raw("failure", "availability"), "Occurrences", ""),
        (
            &raw("success", "availability"),
            "Timeslices",
            ", timeSliceWindow: 1m",
        ),
        (&up, "Timeslices", ", timeSliceWindow: 1m"),
        (&up, "Timeslices", ", timeSliceTarget: 0.9"),
        (&up, "RatioTimeslices", ""),
        (&up, "Occurrences", ", timeSliceWindow: 1m"),
        (&up, "Occurrences", ", op: lte, value: 0.5"),
        (&up, "Occurrences", ", op: gte"),
        (&up, "Occurrences", ", compositeWeight: 1"),
        (
            &format!("thresholdMetric: {}", source("samples")),
            "Occurrences",
            "",
        ),
    ] {
        let refusal = form(slo(metric, method, more)).unwrap_err();
        assert!(
            refusal.at.line > 0 && refusal.hint.is_some(),
            "{metric} {method}{more}: {refusal:?}"
        );
    }
}

#[test]
fn unknown_words_are_refused_with_the_nearest_at_their_place() {
    for (from, to, near) in [
        (
            "budgetingMethod: Occurrences",
            "budgetingMetod: Occurrences",
            "did you mean `budgetingMethod`?",
        ),
        ("kind: SLI", "kind: SLII", "did you mean `SLI`?"),
    ] {
        let refusal = refused(from, to);
        assert_eq!(hint(&refusal), near);
        assert_eq!(refusal.at.line, place(from).line);
    }
    let refusal = refused("budgetingMethod: Occurrences", "budgetingMethod: Occurence");
    assert_eq!(hint(&refusal), "did you mean `Occurrences`?");
    let refusal = refused("indicatorRef: answered", "indicatorRef: answred");
    assert_eq!(
        (refusal.at, hint(&refusal)),
        (
            Place {
                column: 17,
                ..place("indicatorRef: answered")
            },
            "did you mean `answered`?"
        )
    );
    let refusal = refused("brinell/slice", "brinell/slise");
    assert_eq!(
        (refusal.at, hint(&refusal)),
        (place("brinell/slice"), "did you mean `brinell/slice`?")
    );
    assert_eq!(
        refused("measure: freshness", "messure: freshness").at,
        place("measure: freshness")
    );
}

#[test]
fn what_cannot_be_meant_is_refused_at_its_place() {
    for (from, to, at) in [
        ("target: 0.999", "target: 1.0", "0.999}"),
        ("target: 0.999", "target: 99.9", "0.999}"),
        ("target: 0.999", "target: -0.1", "0.999}"),
        ("targetPercent: 99.5", "targetPercent: 100", "99.5"),
        ("duration: 4w", "duration: 30s", "4w"),
        ("duration: 4w", "duration: 0d", "4w"),
        ("duration: 4w", "duration: 99999999Y", "4w"),
        (
            "duration: 4w, isRolling: true",
            "duration: 4w",
            "{duration: 4w",
        ),
        ("name: answered", "name: Answered", "answered\n"),
        ("name: ack-requests", "name: fresh", "fresh, ann"),
        (
            "apiVersion: openslo/v1",
            "apiVersion: openslo/v2alpha",
            "openslo/v1",
        ),
        ("timeSliceTarget: 0.9", "timeSliceTarget: 90", "0.9, time"),
        ("op: lte, value: 10", "op: lte", "lte, value"),
        (
            "filter: \"probe:ack\"",
            "filter: \"prob:ack\"",
            "\"probe:ack\"",
        ),
        ("outcome: good", "outcome: fine", "good}}}}"),
        ("brinell/window: 30s", "brinell/window: 30", "30s"),
    ] {
        assert_eq!(
            refused(from, to).at,
            place(at),
            "{from} -> {to}: {:?}",
            refused(from, to)
        );
    }
}

#[test]
fn numbers_of_others_are_noted_beside_ours_and_refused_alone() {
    let foreign = "{metricSource: {type: prometheus, spec: {query: up}}}";
    let theirs = GOOD.replacen("{metricSource: {type: brinell, spec: {measure: samples, filter: {probe: ack, outcome: good}}}}", foreign, 1);
    let file = parse(&theirs).unwrap();
    assert_eq!(file.slos.len(), 1);
    assert!(
        file.notes[0].contains("`ack-requests` is not measured here"),
        "{:?}",
        file.notes
    );
    let alone = theirs
        .split("---\n")
        .filter(|part| !part.contains("fresh"))
        .collect::<Vec<_>>()
        .join("---\n");
    let refusal = parse(&alone).unwrap_err();
    assert!(
        refusal.what.contains("prometheus") && hint(&refusal).contains("type: brinell"),
        "{refusal:?}"
    );
}

#[test]
fn a_file_without_an_objective_is_refused() {
    for text in ["", "---\n", "# nothing\n"] {
        assert!(hint(&parse(text).unwrap_err()).contains("kind: SLO"));
    }
    assert!(parse("a: 1\n").is_err());
    assert!(parse("[1, 2]\n").is_err());
}

proptest! {
    /// Whatever is cut out of a file: an answer or a refusal within the file, no panic.
    #[test]
    fn a_file_with_a_hole_is_read_or_refused_at_a_place(from in 0..GOOD.len(), long in 0_usize..200) {
        let to = (from + long).min(GOOD.len());
        if let Err(refusal) = parse(&format!("{}{}", &GOOD[..from], &GOOD[to..])) {
            prop_assert!(refusal.at.line as usize <= GOOD.lines().count() + 1);
            prop_assert!(!refusal.what.is_empty());
        }
    }
}
