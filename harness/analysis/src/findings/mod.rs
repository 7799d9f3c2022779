//! Everything that was examined, each with verdict, bound, measured value, reason and evidence.
//!
//! - [`trust`] whether the run itself can be believed: journal, end, nodes, leftovers; [`probes`] and what measured it.
//! - [`faults`] steady before, each fault proved effective and healed.   - [`objectives`] what the scenario claims; `grey` those that failures without errors need, `table` those of its rows.
mod faults;
pub(crate) mod grey;
pub mod objectives;
mod probes;
mod table;
mod trust;

use crate::{
    input::Folder,
    ledger::Balanced,
    report::{Availability, Evidence, Finding, FindingKind, Quality, Recovery},
    stream::Stream,
    window::Windows,
};
use model::verdict::Verdict;

/// All that findings are made of.
pub struct Measured<'a> {
    /// The folder.
    pub folder: &'a Folder,
    /// Its windows.
    pub windows: &'a Windows,
    /// Its probes.
    pub streams: &'a [Stream],
    /// Recovery rows.
    pub recovery: &'a [Recovery],
    /// Availability rows.
    pub availability: &'a [Availability],
    /// Ledgers.
    pub ledgers: &'a [Balanced],
    /// The rows of the table.
    pub quality: Option<&'a Quality>,
}

/// Every finding, the worst first, else in the order of the run.
pub fn findings(measured: &Measured) -> Vec<Finding> {
    let mut all = faults::findings(measured);
    all.extend(objectives::findings(measured));
    all.extend(probes::findings(measured));
    all.extend(trust::findings(measured));
    all.sort_by_key(|finding| std::cmp::Reverse(finding.verdict));
    all
}

/// The file of facts.
const JOURNAL: &str = "events.jsonl";

fn line(n: u64) -> Vec<Evidence> {
    vec![Evidence {
        file: JOURNAL.into(),
        n: Some(n),
    }]
}

fn file(path: &str) -> Vec<Evidence> {
    vec![Evidence {
        file: path.into(),
        n: None,
    }]
}

/// A finding of which the reason is empty where it passes.
fn finding(
    kind: FindingKind,
    id: impl Into<String>,
    name: impl Into<String>,
    verdict: Verdict,
) -> Finding {
    Finding {
        id: id.into(),
        kind,
        name: name.into(),
        verdict,
        expected: String::new(),
        measured: String::new(),
        why: String::new(),
        evidence: Vec::new(),
    }
}

impl Finding {
    fn expected(mut self, text: impl Into<String>) -> Self {
        self.expected = text.into();
        self
    }

    fn measured(mut self, text: impl Into<String>) -> Self {
        self.measured = text.into();
        self
    }

    fn why(mut self, text: impl Into<String>) -> Self {
        if self.verdict != Verdict::Pass {
            self.why = text.into();
        }
        self
    }

    fn evidence(mut self, evidence: Vec<Evidence>) -> Self {
        self.evidence = evidence;
        self
    }
}

/// Pass where it holds, else unknown: what keeps a run from being believed never fails the system.
const fn unless(holds: bool) -> Verdict {
    if holds {
        Verdict::Pass
    } else {
        Verdict::Unknown
    }
}
