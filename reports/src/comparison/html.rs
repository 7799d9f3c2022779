//! `comparison.html`: one file that opens offline, in the look of a run's report.
use super::tables;
use crate::RenderError;
use crate::charts::{self, Size};
use crate::figures::Figure;
use crate::number::show;
use crate::tables::{Table, tone};
use crate::text::{clean, clip, script_json};
use analysis::compare::report::{Comparison, Fault, Line};
use askama::Template;
use model::verdict::Verdict;

/// The whole page.
#[derive(Template)]
#[template(path = "comparison.html")]
struct Page {
    title: String,
    dark: String,
    word: &'static str,
    tone: &'static str,
    claim: String,
    long: bool,
    headline: String,
    notes: Vec<String>,
    figures: Vec<Figure>,
    facts: Vec<(String, String)>,
    arms: Vec<String>,
    lines: Table,
    faults: Table,
    curves: Vec<Curve>,
    baseline: Table,
    runs: Table,
    methods: Table,
    command: String,
    data: String,
}

/// The chart of one fault.
struct Curve {
    fault: String,
    round: String,
    wide: String,
    narrow: String,
}

/// The bytes of the page.
pub(super) fn page(c: &Comparison) -> Result<Vec<u8>, RenderError> {
    let word = c.verdict.value.word();
    let page = Page {
        title: format!("{word} · {}", clip(&c.claim, 120)),
        dark: charts::palette::dark_css(),
        word,
        tone: tone(c.verdict.value),
        claim: clean(&c.claim),
        long: c.claim.chars().count() > 160,
        headline: clean(&c.verdict.headline),
        notes: c.notes.iter().map(|note| clean(note)).collect(),
        figures: figures(c),
        facts: facts(c),
        arms: c.arms.iter().map(|arm| clean(arm)).collect(),
        lines: tables::before_after(c),
        faults: tables::faults(c),
        curves: c
            .faults
            .iter()
            .filter(|one| is_drawn(one))
            .map(|one| curve(c, one))
            .collect::<Result<_, _>>()?,
        baseline: tables::baseline(c),
        runs: tables::runs(c),
        methods: tables::methods(c),
        command: clean(&c.command),
        data: script_json(&serde_json::to_string(c)?),
    };
    Ok(page.render()?.into_bytes())
}

/// Without any impact there is no curve.
fn is_drawn(fault: &Fault) -> bool {
    fault
        .arms
        .iter()
        .any(|side| side.recovered + side.censored > 0)
}

fn curve(c: &Comparison, fault: &Fault) -> Result<Curve, RenderError> {
    Ok(Curve {
        fault: clean(&fault.fault),
        round: clean(&fault.round),
        wide: charts::arms::arms(fault, &c.arms, Size::Wide)?.element("wide"),
        narrow: charts::arms::arms(fault, &c.arms, Size::Narrow)?.element("narrow"),
    })
}

/// The first lines with a verdict, else the first that were measured; at most four.
fn figures(c: &Comparison) -> Vec<Figure> {
    let judged = c.lines.iter().filter(|line| line.verdict.is_some());
    let others = c
        .lines
        .iter()
        .filter(|line| line.verdict.is_none() && !line.effects.is_empty());
    judged.chain(others).take(4).filter_map(figure).collect()
}

fn figure(line: &Line) -> Option<Figure> {
    let effect = line.effects.first()?;
    let shown = show(&effect.value);
    let word = line.verdict.map_or_else(String::new, |verdict: Verdict| {
        format!("{}, ", verdict.word().to_lowercase())
    });
    let detail = if shown.why.is_empty() {
        shown.interval.clone()
    } else {
        shown.why.clone()
    };
    Some(Figure {
        label: clean(&line.metric),
        value: if shown.why.is_empty() {
            shown.figure()
        } else {
            "–".into()
        },
        detail: clean(&format!("{word}{} {detail}", effect.what)),
    })
}

fn facts(c: &Comparison) -> Vec<(String, String)> {
    let used = c.runs.iter().filter(|run| run.left_out.is_none()).count();
    let all = [
        ("Scenario", c.name.clone()),
        (
            "Arms",
            [0, 1].map(|arm| clip(&c.arms[arm], 60)).join(" against "),
        ),
        ("Probe", c.probe.clone()),
        ("Seed", format!("{} and up", c.seed)),
        (
            "Runs",
            format!(
                "{used} of {} used, {} planned of each arm and round",
                c.runs.len(),
                c.repeats
            ),
        ),
    ];
    all.into_iter()
        .map(|(name, value)| (name.to_owned(), clean(&value)))
        .collect()
}
