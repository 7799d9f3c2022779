//! The claims of a comparison: lines of a before/after table, each either measured or said not to be, with the reason.
use crate::{
    compare::{Claim, Measured},
    scenario::{Fields, Keys, Refusal, Tree},
    units,
};

/// Keys of a claim.
pub const CLAIM: Keys = &[
    ("metric", "what it is about"),
    ("without", "what it says of the first arm"),
    ("with", "what it says of the second arm"),
    ("claimed", "the improvement that it promises, in words"),
    (
        "reduction",
        "the same as a share: 90% where a tenth is to remain",
    ),
    (
        "measure",
        "what measures it: recovery, violations, quality, availability, lost, freshness, throughput",
    ),
    (
        "why",
        "why nothing here measures it, where `measure` is left out",
    ),
];

/// Reads the table.
pub(super) fn read(tree: &Tree) -> Result<Vec<Claim>, Refusal> {
    tree.items().iter().map(claim).collect()
}

fn claim(tree: &Tree) -> Result<Claim, Refusal> {
    let fields = Fields::open("a claim", tree, CLAIM)?;
    let text =
        |key: &'static str| fields.or(key, String::new(), |tree| Ok(tree.text(key)?.to_owned()));
    let measure = fields.get("measure").map(measured).transpose()?;
    let why = text("why")?;
    if measure.is_none() == why.is_empty() {
        return Err(tree
            .refuse("read a claim".into())
            .hint("give either `measure`, or `why` nothing here measures it"));
    }
    Ok(Claim {
        metric: fields.need("metric")?.text("the metric")?.to_owned(),
        without: text("without")?,
        with: text("with")?,
        claimed: text("claimed")?,
        reduction: fields
            .get("reduction")
            .map(|tree| tree.quantity(units::share))
            .transpose()?,
        measure,
        why,
    })
}

fn measured(tree: &Tree) -> Result<Measured, Refusal> {
    let word = tree.text("the measure")?;
    serde_json::from_value(word.into()).map_err(|_| {
        let known = Measured::ALL.map(Measured::name);
        Refusal::unknown(tree.at, format!("find the measure `{word}`"), word, &known)
    })
}
