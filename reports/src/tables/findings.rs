//! What was examined: failures first, then unknowns, then passes, each with what was expected and what was found.
use super::{Cell, Table};
use analysis::report::{Analysis, Evidence, Finding, FindingKind};

/// All findings, worst first.
#[must_use]
pub fn findings(a: &Analysis) -> Table {
    let columns = [
        "verdict", "finding", "expected", "measured", "why", "evidence",
    ];
    Table::new("Findings", &columns).rows(sorted(a).into_iter().map(row))
}

/// Worst first; among equals what the scenario asked for before what each fault did; then the order of the analysis.
#[must_use]
pub fn sorted(a: &Analysis) -> Vec<&Finding> {
    let mut all: Vec<&Finding> = a.findings.iter().collect();
    all.sort_by_key(|f| (std::cmp::Reverse(f.verdict), rank(f.kind)));
    all
}

const fn rank(kind: FindingKind) -> u8 {
    match kind {
        FindingKind::Objective => 0,
        FindingKind::Ledger => 1,
        FindingKind::SteadyState => 2,
        FindingKind::Measurement | FindingKind::Cleanup => 3,
        FindingKind::Effective | FindingKind::Healed => 4,
    }
}

fn row(f: &Finding) -> Vec<Cell> {
    let why = if f.why.is_empty() {
        Cell::none()
    } else {
        Cell::new(&f.why)
    };
    vec![
        Cell::verdict(f.verdict),
        Cell::new(&f.name).note(kind(f.kind)),
        Cell::new(&f.expected),
        Cell::new(&f.measured),
        why,
        Cell::new(&evidence(&f.evidence)).tone("code"),
    ]
}

/// What a finding is about, in words.
#[must_use]
pub const fn kind(kind: FindingKind) -> &'static str {
    match kind {
        FindingKind::SteadyState => "steady state",
        FindingKind::Effective => "fault effective",
        FindingKind::Healed => "fault healed",
        FindingKind::Objective => "objective",
        FindingKind::Ledger => "record ledger",
        FindingKind::Measurement => "measurement",
        FindingKind::Cleanup => "cleanup",
    }
}

/// `events.jsonl n 131, logs/kafka.log`.
fn evidence(all: &[Evidence]) -> String {
    let one = |e: &Evidence| {
        e.n.map_or_else(|| e.file.clone(), |n| format!("{} n\u{a0}{n}", e.file))
    };
    let shown: Vec<String> = all.iter().take(6).map(one).collect();
    let more = all.len().saturating_sub(shown.len());
    if more == 0 {
        shown.join(", ")
    } else {
        format!("{}, and {more} more", shown.join(", "))
    }
}
