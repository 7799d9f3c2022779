//! Which runs belong to one history: the same scenario, the same versions, the same class of machine.
use crate::{budget::take::Taken, report::FindingKind};
use model::verdict::Verdict;
use serde::{Deserialize, Serialize};

/// A run that is not comparable.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LeftOut {
    /// Its id.
    pub run: String,
    /// Why.
    pub why: String,
}

/// Those of `before` that belong to the history of `newest`, and the others.
pub fn comparable<'a>(newest: &Taken, before: &[&'a Taken]) -> (Vec<&'a Taken>, Vec<LeftOut>) {
    let (mut kept, mut left_out) = (Vec::new(), Vec::new());
    let key = key(newest);
    for run in before {
        match why_not(&key, run) {
            None => kept.push(*run),
            Some(why) => left_out.push(LeftOut {
                run: run.analysis.run.id.clone(),
                why,
            }),
        }
    }
    (kept, left_out)
}

fn why_not(newest: &[(String, String)], run: &Taken) -> Option<String> {
    let of_run = key(run);
    let differs = newest.iter().find(|pair| !of_run.contains(pair));
    let differs = differs.or_else(|| of_run.iter().find(|pair| !newest.contains(pair)));
    if let Some((name, _)) = differs {
        let value = |of: &[(String, String)]| {
            let found = of.iter().find(|(known, _)| known == name);
            found.map_or("nothing".to_owned(), |(_, value)| value.clone())
        };
        return Some(format!(
            "{name} is {}, not {}",
            value(&of_run),
            value(newest)
        ));
    }
    if let Some(why) = &run.analysis.run.interrupted {
        return Some(format!("interrupted: {why}"));
    }
    let mut findings = run.analysis.findings.iter();
    let doubt = findings
        .find(|one| one.kind == FindingKind::Measurement && one.verdict != Verdict::Pass)?;
    Some(format!("{}: {}", doubt.name, doubt.why))
}

/// What must be the same, by name.
fn key(run: &Taken) -> Vec<(String, String)> {
    let mut key = vec![("scenario".to_owned(), run.scenario_sha256.clone())];
    for version in &run.analysis.environment.versions {
        let name = version.name.as_str();
        let machine = matches!(name, "cpus" | "cgroup" | "engine" | "brinell");
        let image = name.starts_with("images.") && name.ends_with(".tag");
        if machine || image {
            key.push((name.to_owned(), version.value.clone()));
        } else if name == "memory" {
            key.push((name.to_owned(), gibibytes(&version.value)));
        }
    }
    key
}

/// `16397184 kB` as whole GiB: the kernel's own share differs from boot to boot.
fn gibibytes(text: &str) -> String {
    let number = text
        .split_whitespace()
        .next()
        .and_then(|number| number.parse::<f64>().ok());
    number.map_or_else(
        || text.to_owned(),
        |kb| format!("{:.0} GiB", kb / f64::from(1 << 20)),
    )
}
