//! `summary.md`: a comment on a change. At most 60 lines, GitHub-flavoured tables, no HTML; failures first.
use crate::figures::{Figure, figures};
use crate::number::show;
use crate::tables::faults::seconds;
use crate::tables::findings::sorted;
use crate::text::{clip, code, markdown};
use crate::{File, RenderError, Renderer, file, number};
use analysis::report::{ALL_PROBES, Analysis, FaultMark, Finding, Repeat};
use model::verdict::Verdict;

/// A summary for a pull request.
pub struct Markdown;

/// Rows of each table; what is beyond is counted, so that the whole stays within 60 lines.
const FINDINGS: usize = 16;
const FAULTS: usize = 16;
const MISSING: usize = 6;

/// Longest foreign text in a cell, characters.
const CELL: usize = 160;

impl Renderer for Markdown {
    fn name(&self) -> &'static str {
        "markdown"
    }

    fn doc(&self) -> &'static str {
        "a summary for a pull request, at most 60 lines (summary.md)"
    }

    fn render(&self, analysis: &Analysis) -> Result<Vec<File>, RenderError> {
        Ok(file("summary.md", summary(analysis).into_bytes()))
    }
}

fn summary(a: &Analysis) -> String {
    let head = format!(
        "# {} {}",
        a.verdict.value.word(),
        cell(&clip(&a.run.claim, 300))
    );
    let numbers: Vec<String> = figures(a).iter().take(3).map(number_line).collect();
    let numbers = if numbers.is_empty() {
        "Nothing was measured.".to_owned()
    } else {
        numbers.join(" · ")
    };
    let mut parts = vec![head, numbers];
    if a.verdict.value != Verdict::Pass {
        parts.push(format!("**{}**", cell(&a.verdict.headline)));
    }
    let quality = cell(&crate::tables::quality::line(a));
    parts.extend([
        findings(a),
        faults(a),
        quality,
        not_measured(a),
        environment(a),
    ]);
    parts.push(format!("Repeat: {}", code(&clip(&a.run.command, 400))));
    parts.retain(|p| !p.is_empty());
    parts.join("\n\n") + "\n"
}

fn cell(text: &str) -> String {
    markdown(&clip(text, CELL * 2))
}

fn number_line(f: &Figure) -> String {
    let detail = if f.detail.is_empty() {
        String::new()
    } else {
        format!(" ({})", cell(&f.detail))
    };
    format!("{} **{}**{detail}", cell(&f.label), cell(&f.value))
}

fn table(head: &[&str], rows: Vec<Vec<String>>, most: usize) -> String {
    if rows.is_empty() {
        return String::new();
    }
    let line = |cells: &[String]| format!("| {} |", cells.join(" | "));
    let more = rows.len().saturating_sub(most);
    let mut lines = vec![
        format!("| {} |", head.join(" | ")),
        format!("|{}", " --- |".repeat(head.len())),
    ];
    lines.extend(rows.iter().take(most).map(|r| line(r)));
    if more > 0 {
        lines.push(format!("\nand {more} more rows in the report"));
    }
    lines.join("\n")
}

fn findings(a: &Analysis) -> String {
    let row = |f: &Finding| {
        let why = if f.why.is_empty() {
            String::new()
        } else {
            format!(" ({})", cell(&f.why))
        };
        vec![
            f.verdict.word().to_owned(),
            cell(&f.name),
            cell(&f.expected),
            cell(&f.measured) + &why,
        ]
    };
    table(
        &["verdict", "finding", "expected", "measured"],
        sorted(a).into_iter().map(row).collect(),
        FINDINGS,
    )
}

fn faults(a: &Analysis) -> String {
    let rows = a.timeline.faults.iter().map(|f| fault(a, f)).collect();
    table(
        &[
            "fault",
            "target",
            "effective after, s",
            "healed after, s",
            "recovered after, s",
        ],
        rows,
        FAULTS,
    )
}

/// Effective since the request, healed and recovered since effective.
fn fault(a: &Analysis, f: &FaultMark) -> Vec<String> {
    let asked = f
        .requested_ns
        .map(|ns| analysis::report::Bounds { lo: ns, hi: ns });
    let apart = |from: Option<_>, to: Option<_>| {
        from.zip(to)
            .map(|(from, to)| seconds(number::apart(from, to)))
    };
    let known = |text: Option<String>, other: &str| text.unwrap_or_else(|| other.to_owned());
    vec![
        cell(&f.id),
        cell(&f.targets.join(", ")),
        known(apart(asked, f.effective_ns), "never"),
        known(apart(f.effective_ns, f.healed_ns), "not proved"),
        recovered(a, f),
    ]
}

fn recovered(a: &Analysis, f: &FaultMark) -> String {
    let rows = a.recovery.iter().filter(|r| r.probe == ALL_PROBES);
    rows.flat_map(|r| &r.runs)
        .find(|r| r.id == f.id)
        .map_or_else(|| "unknown".to_owned(), repeat)
}

fn repeat(r: &Repeat) -> String {
    match (r.t0_ns, r.t3_ns) {
        _ if r.absorbed => "absorbed".to_owned(),
        (Some(t0), Some(t3)) => seconds(number::apart(t0, t3)),
        _ if r.censored => format!("longer than {}", number::fixed(r.watched_s, 1)),
        _ => "unknown".to_owned(),
    }
}

fn not_measured(a: &Analysis) -> String {
    if a.not_measured.is_empty() {
        return String::new();
    }
    let all: Vec<String> = a
        .not_measured
        .iter()
        .take(MISSING)
        .map(|n| format!("{} ({})", cell(&n.what), cell(&n.why)))
        .collect();
    let more = a.not_measured.len().saturating_sub(MISSING);
    let tail = if more > 0 {
        format!("; and {more} more")
    } else {
        String::new()
    };
    format!("Not measured: {}{tail}", all.join("; "))
}

/// Digests are left to the report: nobody reads them in a comment.
fn environment(a: &Analysis) -> String {
    let all: Vec<String> = a
        .environment
        .versions
        .iter()
        .filter(|v| !v.value.contains("sha256:"))
        .take(12)
        .map(|v| format!("{} {}", cell(&v.name), cell(&v.value)))
        .collect();
    let load = a
        .load
        .as_ref()
        .and_then(|l| l.slip.iter().find(|q| (q.p - 99.0).abs() < 1e-9))
        .map(|q| format!("slip p99 {}", cell(&show(&q.value_s).figure())));
    let all: Vec<String> = all.into_iter().chain(load).collect();
    let run = format!("Run {}, seed {}", cell(&a.run.id), a.run.seed);
    if all.is_empty() {
        run
    } else {
        format!("{run}, on {}", all.join(", "))
    }
}
