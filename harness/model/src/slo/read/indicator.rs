//! What an objective measures: given in place, or by the name of an SLI of the same file.
use super::{DOCUMENT, Document, METADATA};
use crate::scenario::{Fields, Keys, Node, Placed, Refusal, Tree};

/// What came of an indicator.
pub(super) enum Found {
    /// It asks our numbers.
    Ours(Indicator),
    /// It asks somebody else's: where, and what would do.
    Foreign(Refusal),
}

/// An indicator over our numbers.
#[derive(Clone, Debug)]
pub(super) struct Indicator {
    /// Where it stands.
    pub at: crate::scenario::Place,
    /// Whose samples.
    pub probe: Placed<String>,
    /// How.
    pub how: How,
}

/// How an indicator is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum How {
    /// A threshold metric over the value of a probe: `op` and `value` of the objective judge it.
    Value,
    /// A threshold metric over availability.
    Available,
    /// A ratio of samples: good ones within the bound, or answered however late.
    Samples {
        /// Late counts as good.
        late: bool,
    },
    /// A ratio that is given as such: good time over time.
    Time,
}

const SPEC: Keys = &[
    ("description", "what it is for"),
    (
        "thresholdMetric",
        "a value, held against `op` and `value` of an objective",
    ),
    ("ratioMetric", "good or bad over total, or a ratio as such"),
];
const RATIO: Keys = &[
    ("counter", "whether the numbers only grow"),
    ("good", "what is good"),
    ("bad", "what is bad"),
    ("total", "of what"),
    ("rawType", "success or failure"),
    ("raw", "a ratio as such"),
];
const METRIC: Keys = &[("metricSource", "whose number")];
const SOURCE: Keys = &[
    ("metricSourceRef", "a DataSource; not used for our numbers"),
    ("type", "brinell"),
    ("spec", "measure and filter"),
];
const OURS: Keys = &[
    (
        "measure",
        "availability, unavailability, samples, or a probe's name for its value",
    ),
    ("filter", "probe and outcome"),
];
const FILTER: Keys = &[
    ("probe", "whose samples"),
    ("outcome", "good, ok, bad or all"),
];

/// The indicator of an objective; none where neither is given.
pub(super) fn of(
    given: (Option<&Tree>, Option<&Tree>),
    all: &[Document],
) -> Result<Option<Found>, Refusal> {
    match given {
        (None, None) => Ok(None),
        (Some(inline), None) => {
            let fields = Fields::open("an indicator", inline, DOCUMENT)?;
            if let Some(metadata) = fields.get("metadata") {
                Fields::open("metadata", metadata, METADATA)?;
            }
            read(fields.need("spec")?).map(Some)
        }
        (None, Some(name)) => {
            let word = name.text("the indicatorRef")?;
            let known: Vec<&Document> = all.iter().filter(|one| one.kind.value == "SLI").collect();
            match known.iter().find(|one| one.name.value == word) {
                Some(one) => read(one.spec).map(Some),
                None => {
                    let names: Vec<&str> =
                        known.iter().map(|one| one.name.value.as_str()).collect();
                    let what = format!("find the SLI `{word}` in this file");
                    Err(Refusal::unknown(name.at, what, word, &names))
                }
            }
        }
        (Some(_), Some(name)) => Err(name
            .refuse("choose between `indicator` and `indicatorRef`".into())
            .hint("leave one of them out")),
    }
}

fn read(spec: &Tree) -> Result<Found, Refusal> {
    let fields = Fields::open("an SLI", spec, SPEC)?;
    match (fields.get("thresholdMetric"), fields.get("ratioMetric")) {
        (Some(metric), None) => threshold(metric),
        (None, Some(ratio)) => ratio_of(ratio),
        _ => Err(spec
            .refuse("read an SLI".into())
            .hint("give either `thresholdMetric` or `ratioMetric`")),
    }
}

/// One of our numbers.
struct Source {
    at: crate::scenario::Place,
    measure: Placed<String>,
    probe: Option<Placed<String>>,
    outcome: Option<Placed<String>>,
}

/// A metric's source; a refusal of its own where it is not ours.
fn source(metric: &Tree) -> Result<Result<Source, Refusal>, Refusal> {
    let fields = Fields::open("a metric", metric, METRIC)?;
    let fields = Fields::open("a metricSource", fields.need("metricSource")?, SOURCE)?;
    let known = || {
        Refusal::new(fields.at(), "measure what no run of ours knows")
            .hint("say `type: brinell` and `spec: {measure, filter}`")
    };
    let Some(kind) = fields.get("type") else {
        return Ok(Err(known()));
    };
    let word = kind.text("the type")?;
    if word != "brinell" {
        let refusal = kind.refuse(format!("measure with a source of type `{word}`"));
        return Ok(Err(refusal
            .label("known here: brinell")
            .hint("say `type: brinell` and `spec: {measure, filter}`")));
    }
    let spec = fields.need("spec")?;
    let ours = Fields::open("the spec of a metricSource", spec, OURS)?;
    let measure = ours.need("measure")?;
    let [probe, outcome] = ours.get("filter").map_or(Ok([None, None]), filter)?;
    Ok(Ok(Source {
        at: measure.at,
        measure: placed(measure, "the measure")?,
        probe,
        outcome,
    }))
}

/// A map, or the text `probe:ack,outcome:ok`.
fn filter(tree: &Tree) -> Result<[Option<Placed<String>>; 2], Refusal> {
    if let Node::Map(_) = &tree.node {
        let fields = Fields::open("a filter", tree, FILTER)?;
        let one = |key: &str| {
            fields
                .get(key)
                .map(|tree| placed(tree, "a filter"))
                .transpose()
        };
        return Ok([one("probe")?, one("outcome")?]);
    }
    let mut found = [None, None];
    for part in tree.text("a filter")?.split(',').map(str::trim) {
        let known = FILTER.iter().position(|(key, _)| {
            part.split_once(':')
                .is_some_and(|(name, _)| name.trim() == *key)
        });
        let Some((at, (_, value))) = known.zip(part.split_once(':')) else {
            return Err(tree
                .refuse(format!("read `{part}` as a filter"))
                .hint("write it like `probe:ack,outcome:ok`"));
        };
        found[at] = Some(Placed {
            value: value.trim().to_owned(),
            at: tree.at,
        });
    }
    Ok(found)
}

fn threshold(metric: &Tree) -> Result<Found, Refusal> {
    let source = match source(metric)? {
        Ok(source) => source,
        Err(foreign) => return Ok(Found::Foreign(foreign)),
    };
    if let Some(outcome) = &source.outcome {
        return Err(
            Refusal::new(outcome.at, "filter a threshold metric by outcome")
                .wide(outcome.value.chars().count())
                .hint("what is not answered is never good here: leave it out"),
        );
    }
    let how = match source.measure.value.as_str() {
        "availability" => How::Available,
        "unavailability" | "samples" => return Err(unfit(&source, "a thresholdMetric")),
        _ => How::Value,
    };
    ours(source, how)
}

fn unfit(source: &Source, what: &str) -> Refusal {
    let word = &source.measure.value;
    Refusal::new(source.at, format!("use `{word}` in {what}"))
        .wide(word.chars().count())
        .hint("`availability` or a probe's name fits a thresholdMetric, `samples` good over total, `availability` a raw success, `unavailability` a raw failure")
}

fn ours(source: Source, how: How) -> Result<Found, Refusal> {
    let named = (how == How::Value).then(|| source.measure.clone());
    let probe = match (named, source.probe) {
        (Some(named), Some(probe)) if named.value != probe.value => {
            return Err(Refusal::new(
                probe.at,
                format!(
                    "take the value of `{}` from the probe `{}`",
                    named.value, probe.value
                ),
            )
            .wide(probe.value.chars().count())
            .hint("leave the filter out: the measure names the probe"));
        }
        (Some(probe), _) | (None, Some(probe)) => probe,
        (None, None) => {
            return Err(Refusal::new(source.at, "find whose samples these are")
                .wide(source.measure.value.chars().count())
                .hint("add `filter: {probe: ...}`"));
        }
    };
    Ok(Found::Ours(Indicator {
        at: source.at,
        probe,
        how,
    }))
}

fn ratio_of(tree: &Tree) -> Result<Found, Refusal> {
    let fields = Fields::open("a ratioMetric", tree, RATIO)?;
    let [good, bad, total, raw] = ["good", "bad", "total", "raw"].map(|key| fields.get(key));
    match (good, bad, total, raw, fields.get("rawType")) {
        (Some(part), None, Some(total), None, None) => counts(part, total, true),
        (None, Some(part), Some(total), None, None) => counts(part, total, false),
        (None, None, None, Some(raw), Some(kind)) => as_such(raw, kind),
        _ => Err(tree
            .refuse("read a ratioMetric".into())
            .hint("give `good` or `bad` with `total`, or `raw` with `rawType`")),
    }
}

fn counts(part: &Tree, total: &Tree, good: bool) -> Result<Found, Refusal> {
    let (part, total) = match (source(part)?, source(total)?) {
        (Ok(part), Ok(total)) => (part, total),
        (Err(foreign), _) | (_, Err(foreign)) => return Ok(Found::Foreign(foreign)),
    };
    for one in [&part, &total] {
        if one.measure.value != "samples" {
            return Err(unfit(one, "good over total"));
        }
    }
    let word = |one: &Source| one.outcome.as_ref().map(|outcome| outcome.value.clone());
    let refuse = |one: &Source, known: &[&str]| {
        let outcome = one.outcome.clone().unwrap_or_else(|| one.measure.clone());
        Refusal::unknown(
            outcome.at,
            format!("count the outcome `{}` here", outcome.value),
            &outcome.value,
            known,
        )
    };
    if word(&total).is_some_and(|word| word != "all") {
        return Err(refuse(&total, &["all"]));
    }
    let late = match (good, word(&part).as_deref()) {
        (true, None | Some("good")) | (false, None | Some("bad")) => false,
        (true, Some("ok")) => true,
        (true, _) => return Err(refuse(&part, &["good", "ok"])),
        (false, _) => return Err(refuse(&part, &["bad"])),
    };
    let names = [&part, &total].map(|one| one.probe.as_ref().map(|probe| probe.value.clone()));
    if names[0] != names[1] {
        return Err(
            Refusal::new(total.at, "divide samples of one probe by those of another")
                .wide(total.measure.value.chars().count())
                .hint("give both the same `filter: {probe: ...}`"),
        );
    }
    ours(part, How::Samples { late })
}

fn as_such(raw: &Tree, kind: &Tree) -> Result<Found, Refusal> {
    let due = match kind.text("the rawType")? {
        "success" => "availability",
        "failure" => "unavailability",
        other => {
            let what = format!("find the rawType `{other}`");
            return Err(Refusal::unknown(
                kind.at,
                what,
                other,
                &["success", "failure"],
            ));
        }
    };
    let source = match source(raw)? {
        Ok(source) => source,
        Err(foreign) => return Ok(Found::Foreign(foreign)),
    };
    if source.measure.value != due {
        return Err(unfit(&source, &format!("a raw ratio where `{due}` is due")));
    }
    if let Some(outcome) = &source.outcome {
        return Err(Refusal::new(outcome.at, "filter time by outcome")
            .wide(outcome.value.chars().count())
            .hint("leave it out"));
    }
    ours(source, How::Time)
}

fn placed(tree: &Tree, what: &str) -> Result<Placed<String>, Refusal> {
    Ok(Placed {
        value: tree.text(what)?.to_owned(),
        at: tree.at,
    })
}
