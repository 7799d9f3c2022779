//! The one line under the verdict: the reason where there is no pass, then the numbers that matter.
use crate::report::{ALL_PROBES, Finding, FindingKind, Judgement, Ledger, Measure, Recovery};
use model::verdict::Verdict;

/// The worst of the findings, with its line.
pub fn judgement(findings: &[Finding], recovery: &[Recovery], ledgers: &[&Ledger]) -> Judgement {
    let value = worst(findings);
    let reasons: Vec<String> = findings
        .iter()
        .filter(|finding| finding.verdict == value && value != Verdict::Pass)
        .map(|finding| finding.id.clone())
        .collect();
    let mut parts: Vec<String> = findings
        .iter()
        .find(|finding| value != Verdict::Pass && finding.verdict == value)
        .map(reason)
        .into_iter()
        .collect();
    parts.extend(
        recovery
            .iter()
            .filter(|row| row.probe == ALL_PROBES)
            .map(recovered),
    );
    let shown = |finding: &&Finding| {
        finding.kind == FindingKind::Objective && finding.verdict == Verdict::Pass
    };
    let told = |finding: &&Finding| {
        !finding.name.starts_with("recovery") && !finding.name.starts_with("records_")
    };
    parts.extend(
        findings
            .iter()
            .filter(shown)
            .filter(told)
            .take(1)
            .map(|finding| format!("{} {}", finding.name, finding.measured)),
    );
    // What a reader of the data gets.
    parts.extend(ledgers.last().map(|ledger| lost(ledger)));
    Judgement {
        value,
        headline: parts.join("; "),
        reasons,
    }
}

fn worst(findings: &[Finding]) -> Verdict {
    let verdicts = findings.iter().map(|finding| finding.verdict);
    if crate::mutant("N5") {
        return verdicts
            .filter(|verdict| *verdict != Verdict::Unknown)
            .max()
            .unwrap_or(Verdict::Pass);
    }
    Verdict::worst(verdicts)
}

fn reason(finding: &Finding) -> String {
    match finding.verdict {
        Verdict::Fail => format!(
            "{}: {}, expected {}",
            finding.name, finding.measured, finding.expected
        ),
        _ => format!("{}: {}", finding.name, finding.why),
    }
}

fn recovered(row: &Recovery) -> String {
    let of = format!("recovery from `{}`", row.fault);
    match (&row.recover, row.absorbed.n) {
        (_, 0) => format!("{of} not seen"),
        (_, n) if row.absorbed.k == n => format!("{of} not needed: {n} of {n} absorbed"),
        (
            Measure {
                value: Some(value),
                low,
                high,
                n,
                error,
                ..
            },
            _,
        ) => {
            let interval = match (low, high) {
                (Some(low), Some(high)) => format!(" [{}, {}]", short(*low), short(*high)),
                (Some(low), None) => format!(" [{}, not reached]", short(*low)),
                _ => String::new(),
            };
            let bar = error.map_or(String::new(), |error| {
                format!(", probe ±{}", number(error, "s"))
            });
            let absorbed = if row.absorbed.k > 0 {
                format!(", {} more absorbed", row.absorbed.k)
            } else {
                String::new()
            };
            format!(
                "{of} median {}{interval} (n = {n}{bar}{absorbed})",
                number(*value, "s")
            )
        }
        (measure, _) => format!("{of} {}", measure.why.as_deref().unwrap_or("not measured")),
    }
}

fn lost(ledger: &Ledger) -> String {
    match ledger.lost {
        Some(lost) => format!("lost {lost} of {} ({})", grouped(ledger.ok), ledger.stage),
        None => format!("loss unknown in {}", ledger.stage),
    }
}

/// A number with its unit, at three significant digits: `1.25 s`, `99.9 %`, `0 records`.
pub fn number(value: f64, unit: &str) -> String {
    match unit {
        "s" if value.abs() < 1.0 && value != 0.0 => format!("{} ms", short(value * 1e3)),
        "1" => format!("{} %", trimmed(value * 100.0, 3)),
        unit => format!("{} {unit}", short(value)),
    }
}

fn short(value: f64) -> String {
    let size = value.abs();
    let decimals = if size >= 100.0 || value == value.trunc() {
        0
    } else if size >= 10.0 {
        1
    } else {
        2
    };
    format!("{value:.decimals$}")
}

fn trimmed(value: f64, decimals: usize) -> String {
    let text = format!("{value:.decimals$}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// Digits in groups of three, with thin breaks a terminal shows too.
pub fn grouped(value: u64) -> String {
    let digits = value.to_string();
    let groups: Vec<&str> = digits
        .as_bytes()
        .rchunks(3)
        .rev()
        .map(|group| std::str::from_utf8(group).unwrap_or_default())
        .collect();
    groups.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_read_as_people_write_them() {
        assert_eq!(number(0.0506, "s"), "50.6 ms");
        assert_eq!(number(1.254, "s"), "1.25 s");
        assert_eq!(number(0.9995, "1"), "99.95 %");
        assert_eq!(number(0.0, "records"), "0 records");
        assert_eq!(grouped(72_000), "72 000");
        assert_eq!(grouped(7), "7");
    }
}
