//! What fills the template: strings, tables and drawn charts, in the order of the page.
use crate::charts::{self, Chart, Size};
use crate::figures::{Figure, figures};
use crate::number::{fixed, moment};
use crate::tables::{self, Table, findings::sorted, tone};
use crate::text::{clean, script_json};
use crate::{RenderError, number};
use analysis::report::{ALL_PROBES, Analysis, Finding, Recovery};
use askama::Template;
use model::verdict::Verdict;

/// The whole page.
#[derive(Template)]
#[template(path = "report.html")]
pub struct Page {
    title: String,
    dark: String,
    word: &'static str,
    tone: &'static str,
    claim: String,
    long: bool,
    headline: String,
    interrupted: String,
    reasons: Vec<Reason>,
    figures: Vec<Figure>,
    facts: Vec<(String, String)>,
    timeline: Option<Picture>,
    phases: String,
    series: Table,
    faults: Table,
    recovery: Vec<FaultView>,
    availability: Table,
    latency: Table,
    load: Table,
    ledger: Table,
    quality: Table,
    findings: Table,
    sections: Vec<Table>,
    testbed: Vec<Table>,
    methods: Vec<String>,
    not_measured: Table,
    command: String,
    data: String,
}

/// A finding that decides, with what would change it.
struct Reason {
    tone: &'static str,
    word: &'static str,
    name: String,
    measured: String,
    expected: String,
    why: String,
}

/// The same chart for a desk and for a phone, as SVG elements.
struct Picture {
    wide: String,
    narrow: String,
}

impl Picture {
    fn new(draw: impl Fn(Size) -> Result<Chart, RenderError>) -> Result<Self, RenderError> {
        Ok(Self {
            wide: draw(Size::Wide)?.element("wide"),
            narrow: draw(Size::Narrow)?.element("narrow"),
        })
    }
}

/// Everything about one fault of the scenario.
struct FaultView {
    name: String,
    dots: Picture,
    summary: Table,
    curve: Option<Picture>,
    steps: Table,
    whole: Table,
    probes: Vec<Table>,
}

/// Most repeats that are listed once per probe; beyond them the row over all probes and the embedded data hold them.
const REPEATS: usize = 40;

impl FaultView {
    fn of(rows: &[&Recovery]) -> Result<Self, RenderError> {
        let first = rows.first().copied();
        let whole = rows
            .iter()
            .copied()
            .find(|r| r.probe == ALL_PROBES)
            .or(first);
        let felt = whole.filter(|r| r.runs.iter().any(|run| !run.absorbed));
        Ok(Self {
            name: clean(first.map_or("", |r| r.fault.as_str())),
            dots: Picture::new(|size| charts::recovery::recovery(rows, size))?,
            summary: tables::recovery::summary(rows),
            curve: felt
                .map(|r| Picture::new(|size| charts::survival::survival(r, size)))
                .transpose()?,
            steps: felt.map(tables::recovery::survival).unwrap_or_default(),
            whole: whole.map(tables::recovery::repeats).unwrap_or_default(),
            probes: rows
                .iter()
                .filter(|r| whole.is_none_or(|w| w.probe != r.probe) && r.runs.len() <= REPEATS)
                .map(|r| tables::recovery::repeats(r))
                .collect(),
        })
    }
}

impl Page {
    /// Draws and collects.
    pub fn of(a: &Analysis) -> Result<Self, RenderError> {
        let (run, t) = (&a.run, &a.timeline);
        let drawn = !t.series.is_empty() || !t.faults.is_empty();
        Ok(Self {
            title: format!(
                "{} · {}",
                a.verdict.value.word(),
                crate::text::clip(&run.claim, 120)
            ),
            dark: charts::palette::dark_css(),
            word: a.verdict.value.word(),
            tone: tone(a.verdict.value),
            claim: clean(&run.claim),
            long: run.claim.chars().count() > 160,
            headline: clean(&a.verdict.headline),
            interrupted: clean(run.interrupted.as_deref().unwrap_or_default()),
            reasons: reasons(a),
            figures: figures(a),
            facts: facts(a),
            timeline: drawn
                .then(|| Picture::new(|size| charts::timeline::timeline(t, size)))
                .transpose()?,
            phases: phases(a),
            series: tables::series::series(t),
            faults: tables::faults::faults(a),
            recovery: by_fault(a)
                .iter()
                .map(|rows| FaultView::of(rows))
                .collect::<Result<_, _>>()?,
            availability: tables::availability::availability(a),
            latency: tables::latency::latency(a),
            load: tables::load::load(a),
            ledger: tables::ledger::ledger(a),
            quality: tables::quality::quality(a),
            findings: tables::findings::findings(a),
            sections: tables::sections::sections(a),
            testbed: vec![
                tables::testbed::nodes(a),
                tables::testbed::versions(a),
                tables::testbed::degraded(a),
            ],
            methods: methods(a),
            not_measured: tables::testbed::not_measured(a),
            command: clean(&run.command),
            data: script_json(&serde_json::to_string(a)?),
        })
    }
}

/// The findings that decide a fail or an unknown, at most eight; the table has them all.
fn reasons(a: &Analysis) -> Vec<Reason> {
    let named = |f: &&Finding| {
        a.verdict.reasons.contains(&f.id)
            || (a.verdict.reasons.is_empty() && f.verdict == a.verdict.value)
    };
    let all = sorted(a)
        .into_iter()
        .filter(|f| f.verdict != Verdict::Pass)
        .filter(named)
        .take(8);
    all.map(|f| Reason {
        tone: tone(f.verdict),
        word: f.verdict.word(),
        name: clean(&f.name),
        measured: clean(&f.measured),
        expected: clean(&f.expected),
        why: clean(&f.why),
    })
    .collect()
}

fn facts(a: &Analysis) -> Vec<(String, String)> {
    let run = &a.run;
    let wall = run
        .started
        .split_once('.')
        .map_or(run.started.as_str(), |(whole, _)| whole)
        .replace('T', " ");
    let all = [
        ("Scenario", run.scenario.clone()),
        ("Run", run.id.clone()),
        ("Started", format!("{} UTC", wall.trim_end_matches('Z'))),
        ("Duration", format!("{} min:s", moment(run.duration_s, 1))),
        ("Seed", run.seed.to_string()),
    ];
    all.into_iter()
        .map(|(name, value)| (name.to_owned(), clean(&value)))
        .collect()
}

/// `warm-up 0:22–0:34, baseline ...`.
fn phases(a: &Analysis) -> String {
    let at = |ns: u64| moment(std::time::Duration::from_nanos(ns).as_secs_f64(), 0);
    let all = a
        .timeline
        .phases
        .iter()
        .map(|p| format!("{} {}–{}", clean(&p.name), at(p.from_ns), at(p.to_ns)));
    all.collect::<Vec<_>>().join(", ")
}

/// Rows of one fault together, in the order of the analysis.
fn by_fault(a: &Analysis) -> Vec<Vec<&Recovery>> {
    let mut groups: Vec<Vec<&Recovery>> = Vec::new();
    for row in &a.recovery {
        match groups
            .iter_mut()
            .find(|g| g.first().is_some_and(|r| r.fault == row.fault))
        {
            Some(group) => group.push(row),
            None => groups.push(vec![row]),
        }
    }
    groups
}

/// How each kind of interval in this report was computed, as the analysis says it; each sentence once.
fn methods(a: &Analysis) -> Vec<String> {
    let mut out: Vec<String> = Vec::new();
    for m in a
        .recovery
        .iter()
        .flat_map(|r| [&r.detect, &r.recover, &r.catch_up, &r.reprotect])
        .filter(|m| m.value.is_some())
    {
        let level = m.level.map_or_else(String::new, |l| {
            format!(", coverage {}\u{a0}%", fixed(l * 100.0, 2))
        });
        let words = clean(&format!("{}{level}", m.method));
        if !words.is_empty() && !out.contains(&words) && out.len() < 6 {
            out.push(words);
        }
    }
    let taken: u64 = a
        .latency
        .iter()
        .filter(|l| l.window == "fault")
        .map(|l| l.count)
        .sum();
    if taken > 0 {
        out.push(format!(
            "{} probe operations while faults were injected",
            number::count(taken)
        ));
    }
    out
}
