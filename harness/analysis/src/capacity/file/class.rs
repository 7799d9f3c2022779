//! How parts of one kind fail and come back.
use super::{
    LookUp,
    quantity::{Ranged, failures, ranged, share, span, span_or_source},
};
use model::scenario::{Fields, Keys, Refusal, Tree};
use serde::Serialize;

/// A kind of parts.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Class {
    /// How one of them lives.
    pub life: Life,
    /// Share of its failures that strike all of a group together.
    pub beta: Ranged,
    /// Repairs at the same time; none for as many as are needed.
    pub crews: Option<u64>,
}

/// How one part lives.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Life {
    /// Only the share of time it is up is known.
    Availability(Ranged),
    /// Failures per h while up, and the mean time to repair, h.
    Rates {
        /// Failures per h.
        fail: Ranged,
        /// Mean time to repair, h.
        mttr: Ranged,
    },
}

const KEYS: Keys = &[
    ("mttf", "mean time up before a failure"),
    (
        "failures",
        "failures of each part, `2/month`; instead of `mttf`",
    ),
    (
        "mttr",
        "mean time to repair, given or `{from: report.json, fault: ...}`",
    ),
    ("availability", "share of time up, instead of the times"),
    (
        "beta",
        "share of failures that strike all of a group together; default 0%",
    ),
    (
        "crews",
        "repairs at the same time; default as many as are needed",
    ),
];
/// Most crews.
const MOST_CREWS: u64 = 1_000_000;

pub(super) fn read(tree: &Tree, look_up: LookUp<'_>) -> Result<Class, Refusal> {
    let fields = Fields::open("a class", tree, KEYS)?;
    let fail = match (fields.get("mttf"), fields.get("failures")) {
        (Some(tree), None) => Some(ranged(tree, span)?.map(|mttf| 1.0 / mttf)),
        (None, Some(tree)) => Some(ranged(tree, failures)?),
        (Some(_), Some(tree)) => {
            return Err(tree
                .refuse("take both `mttf` and `failures`".into())
                .hint("give one: `failures: 1/month` is `mttf: 720h`"));
        }
        (None, None) => None,
    };
    let life = match (fields.get("availability"), fail) {
        (Some(tree), None) => Life::Availability(availability(tree)?),
        (None, Some(fail)) => Life::Rates {
            fail,
            mttr: span_or_source(fields.need("mttr")?, look_up)?,
        },
        (Some(tree), Some(_)) => {
            return Err(tree
                .refuse("take both an availability and the times it follows from".into())
                .hint("give `availability`, or `mttf` with `mttr`"));
        }
        (None, None) => {
            return Err(Refusal::new(tree.at, "find how often these parts fail")
                .hint("give `mttf` or `failures` with `mttr`, or `availability`"));
        }
    };
    if let (Life::Availability(_), Some(tree)) = (&life, fields.get("mttr").or(fields.get("crews")))
    {
        return Err(tree
            .refuse("take repairs of parts of which only the availability is known".into())
            .hint("give `mttf` or `failures` with `mttr`"));
    }
    let zero = Ranged::exactly(0.0, "default: no common cause");
    Ok(Class {
        life,
        beta: fields.or("beta", zero, |tree| ranged(tree, share))?,
        crews: fields
            .get("crews")
            .map(|tree| tree.whole("the number of crews", 1, MOST_CREWS))
            .transpose()?,
    })
}

fn availability(tree: &Tree) -> Result<Ranged, Refusal> {
    let share = ranged(tree, share)?;
    if share.low > 0.0 {
        Ok(share)
    } else {
        Err(tree.refuse("take an availability of 0: it is never up".into()))
    }
}
