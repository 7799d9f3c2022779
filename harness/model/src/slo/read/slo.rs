//! One objective document.
use super::{
    Document, duration, goal,
    indicator::{self, Found},
};
use crate::{
    scenario::{Fields, Keys, Node, Placed, Refusal, Tree},
    slo::{Calendar, Slo, Window},
    units::{self, Nanos},
};

/// What came of an objective.
pub(super) enum Read {
    /// It can be measured here.
    Ours(Slo),
    /// It asks somebody else's numbers: where, and what would do.
    Foreign(Refusal),
}

const SPEC: Keys = &[
    ("description", "what it is for"),
    ("service", "of which service"),
    ("indicator", "what is measured"),
    (
        "indicatorRef",
        "the same by the name of an SLI of this file",
    ),
    ("timeWindow", "over which time: one entry"),
    (
        "budgetingMethod",
        "Occurrences, Timeslices or RatioTimeslices",
    ),
    ("objectives", "the targets"),
    (
        "alertPolicies",
        "not used: the recommended rules of two windows are",
    ),
];
const WINDOW: Keys = &[
    ("duration", "like 30d"),
    ("isRolling", "true, or false with a calendar"),
    ("calendar", "where the boundaries lie"),
];
const CALENDAR: Keys = &[
    ("startTime", "a first boundary: 2026-01-01 00:00:00"),
    ("timeZone", "like Europe/Berlin"),
];
/// Prefix of annotations that are ours.
const OURS: &str = "brinell/";
const ANNOTATIONS: [&str; 2] = ["brinell/window", "brinell/slice"];

/// What our annotations say.
#[derive(Clone, Copy, Default)]
pub(super) struct Ours {
    window: Option<Nanos>,
    /// Length of a slice.
    pub slice: Option<Nanos>,
}

/// Reads one.
pub(super) fn read(one: &Document, all: &[Document]) -> Result<Read, Refusal> {
    let fields = Fields::open("an SLO", one.spec, SPEC)?;
    let ours = annotations(one)?;
    let method = goal::method(fields.need("budgetingMethod")?)?;
    let text =
        |key: &'static str| fields.or(key, String::new(), |tree| Ok(tree.text(key)?.to_owned()));
    let window = window(fields.need("timeWindow")?, ours)?;
    let given = (fields.get("indicator"), fields.get("indicatorRef"));
    let indicator = match indicator::of(given, all)? {
        Some(Found::Foreign(refusal)) => return Ok(Read::Foreign(refusal)),
        Some(Found::Ours(indicator)) => Some(indicator),
        None => None,
    };
    let objectives = fields.need("objectives")?;
    let Node::List(entries) = &objectives.node else {
        return Err(objectives
            .refuse("read the objectives".into())
            .label("a list is due here, like `- target: 0.999`"));
    };
    if entries.is_empty() {
        return Err(objectives
            .refuse("read the objectives".into())
            .hint("add `- target: 0.999`"));
    }
    let mut goals = Vec::new();
    for entry in entries {
        match goal::read(entry, method, indicator.as_ref(), all, ours)? {
            Ok(goal) => goals.push(goal),
            Err(refusal) => return Ok(Read::Foreign(refusal)),
        }
    }
    Ok(Read::Ours(Slo {
        name: one.name.clone(),
        title: one.title.clone().unwrap_or_else(|| one.name.value.clone()),
        service: text("service")?,
        description: text("description")?,
        window,
        goals,
    }))
}

fn annotations(one: &Document) -> Result<Ours, Refusal> {
    let mut ours = Ours::default();
    let Some(tree) = one.annotations else {
        return Ok(ours);
    };
    let Node::Map(members) = &tree.node else {
        return Err(tree
            .refuse("read the annotations".into())
            .label("a map is due here, like `brinell/window: 30s`"));
    };
    for (key, value) in members
        .iter()
        .filter(|(key, _)| key.value.starts_with(OURS))
    {
        let length = || some(value, value.quantity(units::duration)?);
        match key.value.as_str() {
            "brinell/window" => ours.window = Some(length()?),
            "brinell/slice" => ours.slice = Some(length()?),
            other => {
                let what = format!("find the annotation `{other}`");
                return Err(Refusal::unknown(key.at, what, other, &ANNOTATIONS));
            }
        }
    }
    Ok(ours)
}

fn some(tree: &Tree, length: Nanos) -> Result<Nanos, Refusal> {
    if length.0 > 0 {
        return Ok(length);
    }
    Err(tree
        .refuse("count over no time".into())
        .hint("write it like `30s`"))
}

fn window(tree: &Tree, ours: Ours) -> Result<Window, Refusal> {
    let [entry] = tree.items() else {
        return Err(tree
            .refuse("read the timeWindow".into())
            .label("exactly one entry is due here")
            .hint("write `timeWindow: [{duration: 30d, isRolling: true}]`"));
    };
    let fields = Fields::open("a timeWindow", entry, WINDOW)?;
    let duration = fields.need("duration")?;
    let (count, unit) = duration::parts(duration, "the duration of the window")?;
    let rolling = fields.get("isRolling").map(flag).transpose()?;
    let window = match (fields.get("calendar"), rolling) {
        (Some(calendar), None | Some(false)) => {
            let fields = Fields::open("a calendar", calendar, CALENDAR)?;
            Window::Calendar(Calendar {
                count,
                unit,
                start: placed(fields.need("startTime")?, "the startTime")?,
                zone: placed(fields.need("timeZone")?, "the timeZone")?,
            })
        }
        (None, Some(true)) => Window::Rolling(Nanos(u64::from(count) * unit.length().0)),
        (Some(calendar), Some(true)) => {
            return Err(calendar
                .refuse("let a window roll and follow a calendar".into())
                .hint("leave out `calendar`, or say `isRolling: false`"));
        }
        (None, _) => {
            return Err(entry
                .refuse("tell where the window begins".into())
                .hint("say `isRolling: true`, or give a `calendar`"));
        }
    };
    Ok(ours.window.map_or(window, Window::Rolling))
}

fn flag(tree: &Tree) -> Result<bool, Refusal> {
    match &tree.node {
        Node::Scalar(serde_json::Value::Bool(flag)) => Ok(*flag),
        _ => Err(tree
            .refuse("read a yes or no".into())
            .label("true or false is due here")),
    }
}

fn placed(tree: &Tree, what: &str) -> Result<Placed<String>, Refusal> {
    Ok(Placed {
        value: tree.text(what)?.to_owned(),
        at: tree.at,
    })
}
