//! Text to [`Objective`]; every refusal at its place, with what is known there and the fix.
use super::{
    Method, Objective, Op,
    metric::{self, FROM, Metric, OURS, OUTCOMES, WINDOWS},
};
use crate::{
    scenario::{Place, Placed, Refusal},
    system::ProbeSpec,
    units,
};
use std::collections::BTreeMap;

/// Reads one objective. `probes` and `faults` are what the scenario has.
///
/// # Errors
/// An unknown metric, tag, method or operator, a missing or wrong unit: with what would be right.
pub fn parse(
    key: &Placed<String>,
    threshold: &Placed<String>,
    probes: &[ProbeSpec],
    faults: &[&str],
) -> Result<Objective, Refusal> {
    let (name, tags) = split_key(key)?;
    let found = metric::lookup(name, probes).ok_or_else(|| unknown_metric(key.at, name, probes))?;
    for (tag, value) in &tags {
        known_tag(key.at, name, &found, tag)?;
        known_value(key.at, tag, value, probes, faults)?;
    }
    if let Some(missing) = found.needs.iter().find(|need| !tags.contains_key(**need)) {
        let fix = format!("write `{name}{{{missing}:...}}`");
        return Err(Refusal::new(
            key.at,
            format!("judge `{name}` without the tag `{missing}`"),
        )
        .wide(key.value.len())
        .hint(fix));
    }
    let (method, op, bound) = split_threshold(threshold)?;
    let method = read_method(threshold, method, name, &found)?;
    only_counted(threshold, method, &tags)?;
    let unit = found.bound_unit(method);
    Ok(Objective {
        key: key.value.clone(),
        threshold: threshold.value.clone(),
        metric: name.to_owned(),
        bound: read_bound(threshold, bound, unit)?,
        unit: unit.to_owned(),
        tags,
        method,
        op,
    })
}

fn unknown_metric(at: Place, name: &str, probes: &[ProbeSpec]) -> Refusal {
    let known: Vec<&str> = probes
        .iter()
        .map(|probe| probe.name.as_str())
        .chain(OURS.iter().copied())
        .collect();
    Refusal::unknown(at, format!("find a measure `{name}`"), name, &known)
}

fn split_key(key: &Placed<String>) -> Result<(&str, BTreeMap<String, String>), Refusal> {
    let text = key.value.trim();
    let refuse = || {
        Refusal::new(key.at, format!("read `{text}` as a measure"))
            .wide(text.len())
            .hint("write `metric` or `metric{tag:value,tag:value}`")
    };
    let Some((name, rest)) = text.split_once('{') else {
        return Ok((text, BTreeMap::new()));
    };
    let inside = rest.strip_suffix('}').ok_or_else(refuse)?;
    let mut tags = BTreeMap::new();
    for pair in inside.split(',') {
        let (tag, value) = pair.split_once(':').ok_or_else(refuse)?;
        let (tag, value) = (tag.trim(), value.trim().trim_matches('"'));
        if tag.is_empty()
            || value.is_empty()
            || tags.insert(tag.to_owned(), value.to_owned()).is_some()
        {
            return Err(refuse());
        }
    }
    Ok((name.trim(), tags))
}

fn known_tag(at: Place, name: &str, found: &Metric, tag: &str) -> Result<(), Refusal> {
    if found.tags.contains(&tag) {
        return Ok(());
    }
    Err(Refusal::unknown(
        at,
        format!("find a tag `{tag}` of `{name}`"),
        tag,
        found.tags,
    ))
}

fn known_value(
    at: Place,
    tag: &str,
    value: &str,
    probes: &[ProbeSpec],
    faults: &[&str],
) -> Result<(), Refusal> {
    let names: Vec<&str> = probes.iter().map(|probe| probe.name.as_str()).collect();
    let known: &[&str] = match tag {
        "window" => WINDOWS,
        "outcome" => OUTCOMES,
        "from" => FROM,
        "fault" => faults,
        "probe" => &names,
        // Stages, columns and classes are the workload's and the clients' to name, and known only once they ran.
        _ => return Ok(()),
    };
    if known.contains(&value) {
        return Ok(());
    }
    Err(Refusal::unknown(
        at,
        format!("find `{value}` for the tag `{tag}`"),
        value,
        known,
    ))
}

const OPS: &[(&str, Op)] = &[
    ("<=", Op::Le),
    (">=", Op::Ge),
    ("==", Op::Eq),
    ("!=", Op::Ne),
    ("<", Op::Lt),
    (">", Op::Gt),
];

fn split_threshold(threshold: &Placed<String>) -> Result<(&str, Op, &str), Refusal> {
    let text = threshold.value.trim();
    let refuse = |hint: &str| {
        Refusal::new(threshold.at, format!("read `{text}` as a threshold"))
            .wide(text.len())
            .hint(hint)
    };
    if text.contains("===") {
        return Err(refuse(&format!("write `{}`", text.replace("===", "=="))));
    }
    let at = text
        .find(['<', '>', '=', '!'])
        .ok_or_else(|| refuse("write `<method> <op> <bound>`, like `p(99) < 10s`"))?;
    let (method, rest) = text.split_at(at);
    let found = OPS
        .iter()
        .find_map(|(sign, op)| rest.strip_prefix(sign).map(|bound| (*op, bound.trim())));
    let (op, bound) = found.ok_or_else(|| refuse("the operators are `< <= > >= == !=`"))?;
    Ok((method.trim(), op, bound))
}

fn read_method(
    threshold: &Placed<String>,
    text: &str,
    name: &str,
    found: &Metric,
) -> Result<Method, Refusal> {
    let method = match text {
        "count" => Some(Method::Count),
        "rate" => Some(Method::Rate),
        "value" => Some(Method::Value),
        "avg" => Some(Method::Avg),
        "min" => Some(Method::Min),
        "max" => Some(Method::Max),
        "med" => Some(Method::Med),
        "gap" => Some(Method::Gap),
        _ => percentile(text),
    };
    let refuse = || {
        Refusal::new(threshold.at, format!("find a method `{text}` of `{name}`"))
            .wide(threshold.value.len())
            .label(format!("known here: {}", found.methods.join(", ")))
    };
    method
        .filter(|method| found.has(*method))
        .ok_or_else(refuse)
}

/// Operations of one class are counted; what they took says nothing about the others.
fn only_counted(
    threshold: &Placed<String>,
    method: Method,
    tags: &BTreeMap<String, String>,
) -> Result<(), Refusal> {
    if !tags.contains_key("class") || matches!(method, Method::Count | Method::Rate) {
        return Ok(());
    }
    let what = format!("judge `{}` of one class", threshold.value);
    Err(Refusal::new(threshold.at, what)
        .wide(threshold.value.len())
        .hint("judge its `count` or its `rate`, the share of all operations"))
}

fn percentile(text: &str) -> Option<Method> {
    let inside = text.strip_prefix("p(")?.strip_suffix(')')?;
    let p: f64 = inside.trim().parse().ok()?;
    (0.0..=100.0).contains(&p).then_some(Method::P(p))
}

fn read_bound(threshold: &Placed<String>, text: &str, unit: &str) -> Result<f64, Refusal> {
    let refuse = |hint: String| {
        Refusal::new(threshold.at, format!("read the bound `{text}`"))
            .wide(threshold.value.len())
            .hint(hint)
    };
    match unit {
        "s" => units::duration(text)
            .map(units::Nanos::as_s)
            .map_err(|_| refuse("give a duration with its unit, like `10s` or `250ms`".into())),
        "1" => units::share(text)
            .map_err(|_| refuse("give a share with its unit, like `99.9%`".into())),
        other => {
            let number = text.parse::<f64>().ok().filter(|number| number.is_finite());
            number.ok_or_else(|| refuse(format!("give a plain number of {other}, like `0`")))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{system::ProbeKind, units::Nanos};
    use proptest::prelude::*;

    fn probes() -> Vec<ProbeSpec> {
        let probe = |name: &str, kind, unit: &str| ProbeSpec {
            name: name.into(),
            kind,
            unit: unit.into(),
            doc: String::new(),
            period_ns: Nanos::ms(100),
            deadline_ns: Nanos::secs(5),
            full: None,
        };
        vec![
            probe("freshness", ProbeKind::GaugeLow, "s"),
            probe("executors", ProbeKind::GaugeFull, "executors"),
            probe("put", ProbeKind::Latency, "s"),
        ]
    }

    fn read(key: &str, threshold: &str) -> Result<Objective, Refusal> {
        let placed = |text: &str, line| Placed {
            value: text.to_owned(),
            at: Place { line, column: 1 },
        };
        parse(&placed(key, 1), &placed(threshold, 2), &probes(), &["kill"])
    }

    #[test]
    fn what_the_scenarios_write_is_read() {
        let objective = read("freshness{window:fault}", "p(99) < 10s").unwrap();
        assert_eq!(
            (
                objective.method,
                objective.op,
                objective.bound,
                objective.unit.as_str()
            ),
            (Method::P(99.0), Op::Lt, 10.0, "s")
        );
        assert_eq!(objective.tag("window"), Some("fault"));
        assert_eq!(read("records_lost", "count == 0").unwrap().bound, 0.0);
        assert_eq!(
            read("availability{probe:freshness}", "rate>99.9%")
                .unwrap()
                .bound,
            0.999
        );
        assert_eq!(read("executors", "min >= 1").unwrap().unit, "executors");
        assert_eq!(
            read("recovery{fault:kill,probe:executors}", "med < 5s")
                .unwrap()
                .tags
                .len(),
            2
        );
    }

    #[test]
    fn what_grey_failures_need_is_read() {
        let read = |key, threshold| {
            let read = read(key, threshold).unwrap();
            (read.method, read.bound, read.unit)
        };
        let share = |bound| (Method::Rate, bound, "1".to_owned());
        assert_eq!(
            read("put{window:fault}", "gap > 8s"),
            (Method::Gap, 8.0, "s".into())
        );
        assert_eq!(read("put{window:fault}", "rate < 1%"), share(0.01));
        assert_eq!(
            read("put{class:lost-read}", "count == 0"),
            (Method::Count, 0.0, "samples".into())
        );
        assert_eq!(
            read("recovery{fault:kill,probe:put}", "rate == 0%"),
            share(0.0)
        );
        assert_eq!(
            read("redundancy{fault:kill,from:healed}", "max < 30s"),
            (Method::Max, 30.0, "s".into())
        );
        assert_eq!(
            read("executors{window:fault}", "min == 2"),
            (Method::Min, 2.0, "executors".into())
        );
    }

    #[test]
    fn what_is_wrong_is_refused_with_what_would_be_right() {
        let hint = |key, threshold| read(key, threshold).unwrap_err().hint.unwrap_or_default();
        let label = |key, threshold| read(key, threshold).unwrap_err().label;
        assert_eq!(hint("freshnes", "med < 1s"), "did you mean `freshness`?");
        assert!(label("freshnes", "med < 1s").contains("records_lost"));
        assert_eq!(
            hint("freshness{windw:fault}", "med < 1s"),
            "did you mean `window`?"
        );
        assert_eq!(
            hint("freshness{window:faults}", "med < 1s"),
            "did you mean `fault`?"
        );
        assert_eq!(hint("records_lost", "count === 0"), "write `count == 0`");
        assert!(hint("freshness", "p(99) < 10").contains("`10s`"));
        assert!(hint("freshness", "rate > 0.99").contains('%'));
        assert!(hint("records_lost", "count == 0s").contains("plain number of records"));
        assert!(hint("recovery", "med < 1s").contains("recovery{fault:...}"));
        assert!(label("recovery{fault:kill}", "avg < 1s").contains("med"));
        assert!(label("freshness", "p(101) < 1s").contains("p(N)"));
        assert!(hint("freshness", "p(99)").contains("<method> <op> <bound>"));
        assert!(hint("freshness", "p(99) = 1s").contains("operators"));
        assert!(hint("freshness{window", "max < 1s").contains("tag:value"));
        assert!(hint("put{class:lost-read}", "max < 1s").contains("`count`"));
        assert!(label("freshness{class:late}", "count == 0").contains("window, outcome"));
        assert!(label("recovery{fault:kill,from:heal}", "max < 1s").contains("effective, healed"));
    }

    #[test]
    fn a_refusal_points_at_the_half_that_is_wrong() {
        assert_eq!(read("nothing", "med < 1s").unwrap_err().at.line, 1);
        assert_eq!(read("freshness", "med < 1").unwrap_err().at.line, 2);
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic(key in ".{0,40}", threshold in ".{0,40}") {
            let _ = read(&key, &threshold);
            let _ = read("freshness", &threshold);
            let _ = read(&format!("freshness{{{key}}}"), "med < 1s");
        }
    }
}
