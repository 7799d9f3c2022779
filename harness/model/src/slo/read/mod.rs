//! OpenSLO v1, strictly: several documents in one file, an unknown key is an error at its place.
//!
//! Of `metricSource` the type `brinell` is ours: `spec: {measure, filter}`. `measure: availability` with `filter: {probe: ...}` is the
//! probe's own judgement, as time where it is a `raw` ratio or has no slices, else sample by sample; a probe's name as `measure` is its
//! value, held against the objective's `op` and `value`. Seconds are not among OpenSLO's units: `brinell/window` and `brinell/slice`
//! among the annotations say them. Kinds that nothing here uses are named in a note.
//! - [`parse`] start here.   - `slo` an objective; `indicator` what is measured; `goal` its targets; `duration` the units.
mod duration;
mod goal;
mod indicator;
mod slo;

use super::File;
use crate::scenario::{Fields, Keys, Placed, Refusal, Tree};

/// Reads a file.
///
/// # Errors
/// The first thing that is not as it should be, at its place, with the fix.
pub fn parse(text: &str) -> Result<File, Refusal> {
    let documents = Tree::parse_all(text)?;
    let documents: Vec<Document> = documents.iter().map(document).collect::<Result<_, _>>()?;
    once_each(&documents)?;
    let mut file = File {
        slos: Vec::new(),
        notes: Vec::new(),
    };
    let mut foreign = None;
    for one in documents.iter().filter(|one| one.kind.value == "SLO") {
        match slo::read(one, &documents)? {
            slo::Read::Ours(slo) => file.slos.push(slo),
            slo::Read::Foreign(refusal) => {
                file.notes.push(format!(
                    "SLO `{}` is not measured here: its metricSource (line {}) is not of type `brinell`",
                    one.name.value, refusal.at.line
                ));
                foreign.get_or_insert(refusal);
            }
        }
    }
    match (file.slos.is_empty(), foreign) {
        (true, Some(refusal)) => return Err(refusal),
        (true, None) => return Err(nothing(&documents)),
        _ => {}
    }
    file.notes.extend(unused(&documents));
    Ok(file)
}

/// One document with what all kinds have.
struct Document<'a> {
    kind: Placed<String>,
    name: Placed<String>,
    title: Option<String>,
    annotations: Option<&'a Tree>,
    spec: &'a Tree,
}

const DOCUMENT: Keys = &[
    ("apiVersion", "openslo/v1"),
    ("kind", "SLO, SLI, ..."),
    ("metadata", "name and labels"),
    ("spec", "what it says"),
];
const METADATA: Keys = &[
    ("name", "unique in the file"),
    ("displayName", "as people call it"),
    ("labels", "for the reader"),
    ("annotations", "also ours: brinell/window, brinell/slice"),
];
/// Kinds of the format, and whether anything here uses them.
const KINDS: [(&str, bool); 7] = [
    ("SLO", true),
    ("SLI", true),
    ("Service", false),
    ("DataSource", false),
    ("AlertPolicy", false),
    ("AlertCondition", false),
    ("AlertNotificationTarget", false),
];
const VERSION: &str = "openslo/v1";

fn document(tree: &Tree) -> Result<Document<'_>, Refusal> {
    let fields = Fields::open("an OpenSLO document", tree, DOCUMENT)?;
    let version = fields.need("apiVersion")?;
    if version.text("the apiVersion")? != VERSION {
        return Err(version
            .refuse(format!(
                "read version `{}` of OpenSLO",
                version.text("the apiVersion")?
            ))
            .label(format!("known here: {VERSION}")));
    }
    let kind = fields.need("kind")?;
    let word = kind.text("the kind")?;
    if !KINDS.iter().any(|(known, _)| *known == word) {
        let known = KINDS.map(|(known, _)| known);
        return Err(Refusal::unknown(
            kind.at,
            format!("find the kind `{word}`"),
            word,
            &known,
        ));
    }
    let metadata = metadata(fields.need("metadata")?)?;
    Ok(Document {
        kind: Placed {
            value: word.to_owned(),
            at: kind.at,
        },
        spec: fields.need("spec")?,
        ..metadata
    })
}

fn metadata(tree: &Tree) -> Result<Document<'_>, Refusal> {
    let fields = Fields::open("metadata", tree, METADATA)?;
    let name = fields.need("name")?;
    let text = name.text("the name")?;
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    let ends = [text.chars().next(), text.chars().last()];
    let held = ends.iter().all(|end| end.is_some_and(|c| c != '-'));
    if !held || text.len() > 63 || !text.chars().all(plain) {
        return Err(name
            .refuse(format!("take `{text}` for a name"))
            .hint("use up to 63 lower-case letters, digits and `-`, neither beginning nor ending with `-`"));
    }
    let title = fields
        .get("displayName")
        .map(|tree| tree.text("the displayName"));
    Ok(Document {
        kind: Placed {
            value: String::new(),
            at: tree.at,
        },
        name: Placed {
            value: text.to_owned(),
            at: name.at,
        },
        title: title.transpose()?.map(ToOwned::to_owned),
        annotations: fields.get("annotations"),
        spec: tree,
    })
}

fn once_each(documents: &[Document]) -> Result<(), Refusal> {
    for (at, one) in documents.iter().enumerate() {
        let same = |other: &&Document| {
            (&other.kind.value, &other.name.value) == (&one.kind.value, &one.name.value)
        };
        if let Some(first) = documents[..at].iter().find(same) {
            let name = &one.name.value;
            return Err(Refusal::new(
                one.name.at,
                format!("tell two {}s called `{name}` apart", one.kind.value),
            )
            .wide(name.chars().count())
            .label(format!("the first one is in line {}", first.name.at.line)));
        }
    }
    Ok(())
}

fn nothing(documents: &[Document]) -> Refusal {
    let at = documents.first().map(|one| one.kind.at).unwrap_or_default();
    Refusal::new(at, "find an SLO in the file").hint("add a document with `kind: SLO`")
}

/// One note for each kind that nothing here uses.
fn unused(documents: &[Document]) -> Vec<String> {
    let of = |kind: &str| -> Vec<&str> {
        let named = documents.iter().filter(|one| one.kind.value == kind);
        named.map(|one| one.name.value.as_str()).collect()
    };
    let unused = KINDS.iter().filter(|(_, used)| !used);
    let note = |kind: &str, names: Vec<&str>| format!("not used here: {kind} {}", names.join(", "));
    unused
        .map(|(kind, _)| (*kind, of(kind)))
        .filter(|(_, names)| !names.is_empty())
        .map(|(kind, names)| note(kind, names))
        .collect()
}

#[cfg(test)]
mod tests;
