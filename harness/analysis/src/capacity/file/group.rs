//! What must be up: so many executors for the load, so many of so many, replicas, erasure sets.
use super::quantity::{one, rate};
use crate::capacity::{odds, quorum};
use model::{
    scenario::{Fields, Keys, Node, Placed, Refusal, Tree},
    units,
};

/// Parts that are needed together.
#[derive(Clone, Debug, PartialEq)]
pub struct Group {
    /// Its name.
    pub name: Placed<String>,
    /// Name of its class.
    pub class: Placed<String>,
    /// What must be up.
    pub need: Need,
    /// How many such groups; all of them are needed.
    pub copies: u64,
}

/// What must be up.
#[derive(Clone, Debug, PartialEq)]
pub enum Need {
    /// As many as carry the load; spares are searched.
    Load,
    /// So many; spares are searched.
    Some(u64),
    /// So many of so many.
    Of(u64, u64),
    /// Every partition written.
    Replicas(ReplicaNeed),
    /// Every object written.
    Erasure(ErasureNeed),
}

/// Every partition written.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ReplicaNeed {
    /// In sync before a write is acknowledged.
    pub min_isr: u64,
    /// Replicas; searched where it is left out.
    pub factor: Option<u64>,
    /// Brokers; as few as do where it is left out.
    pub brokers: Option<u64>,
    /// Writes that one broker takes, per s, replicas counted.
    pub each: Option<f64>,
    /// Controllers on the same nodes.
    pub controllers: Option<u64>,
}

/// Every object written.
#[derive(Clone, Debug, PartialEq)]
pub struct ErasureNeed {
    /// Drives of a set; where several are given the one with the fewest drives in all.
    pub drives: Vec<u64>,
    /// Parity; searched where it is left out.
    pub parity: Option<u64>,
    /// Sets; as few as do where it is left out.
    pub sets: Option<u64>,
    /// Writes that one drive takes, per s, whole records.
    pub each: Option<f64>,
}

const KEYS: Keys = &[
    ("class", "how its parts fail"),
    ("need", "`load`, a number, or `2 of 3`"),
    ("replicas", "partitions with a minimum in sync"),
    ("erasure", "objects in data and parity"),
    (
        "copies",
        "how many such groups, all of them needed; default 1",
    ),
];
const REPLICAS: Keys = &[
    ("min_isr", "replicas in sync before a write is acknowledged"),
    ("factor", "replicas; searched where it is left out"),
    ("brokers", "brokers; as few as do where it is left out"),
    ("each", "writes that one broker takes, replicas counted"),
    (
        "controllers",
        "controllers on the same nodes: a quorum of them is needed too",
    ),
];
const ERASURE: Keys = &[
    (
        "drives",
        "drives of a set, 2 to 16; or a list to choose from",
    ),
    (
        "parity",
        "drives that may be lost; searched where it is left out",
    ),
    ("sets", "sets; as few as do where it is left out"),
    ("each", "writes that one drive takes"),
];
/// Most parts or copies that a file may ask for.
const MOST: u64 = odds::MOST_NODES;

pub(super) fn read(name: &Placed<String>, tree: &Tree) -> Result<Group, Refusal> {
    let fields = Fields::open("a group", tree, KEYS)?;
    let class = fields.need("class")?;
    let need = match (
        fields.get("need"),
        fields.get("replicas"),
        fields.get("erasure"),
    ) {
        (Some(tree), None, None) => need(tree)?,
        (None, Some(tree), None) => Need::Replicas(replicas(tree)?),
        (None, None, Some(tree)) => Need::Erasure(erasure(tree)?),
        _ => {
            return Err(Refusal::new(tree.at, "find what this group needs")
                .hint("give one of `need`, `replicas` or `erasure`"));
        }
    };
    let copies = fields.get("copies");
    if let (Some(tree), Need::Load | Need::Erasure(_) | Need::Replicas(_)) = (copies, &need) {
        return Err(tree
            .refuse("take copies of a group that finds its own size".into())
            .hint("leave `copies` out; an erasure group has `sets`"));
    }
    let number = copies.map_or(Ok(1), |tree| tree.whole("the number of copies", 1, MOST))?;
    let of_each = match need {
        Need::Some(k) => k,
        Need::Of(_, n) => n,
        _ => 1,
    };
    if of_each.saturating_mul(number) > MOST {
        return Err(tree
            .refuse(format!("take {number} copies of {of_each} parts"))
            .hint(format!("at most {MOST} parts in all of a group")));
    }
    Ok(Group {
        name: name.clone(),
        class: Placed {
            value: class.text("the name of a class")?.to_owned(),
            at: class.at,
        },
        need,
        copies: number,
    })
}

fn need(tree: &Tree) -> Result<Need, Refusal> {
    let like = "write it like `load`, `2` or `2 of 3`";
    match &tree.node {
        Node::Scalar(serde_json::Value::String(text)) if text == "load" => Ok(Need::Load),
        Node::Scalar(serde_json::Value::String(text)) if text.contains(" of ") => {
            let counts = |text: &str| {
                text.split_once(" of ")
                    .map(|(k, n)| (k.trim().parse::<u64>(), n.trim().parse::<u64>()))
            };
            if let Some((Ok(k), Ok(n))) = counts(text)
                && (k > n || k == 0)
            {
                return Err(tree
                    .refuse(format!("need {k} of {n}: k must be from 1 to n"))
                    .hint(like));
            }
            let (k, n) = tree
                .quantity(units::count_of)
                .map_err(|refusal| refusal.hint(like))?;
            Ok(Need::Of(u64::from(k), u64::from(n)))
        }
        _ => tree
            .whole("what the group needs", 1, MOST)
            .map(Need::Some)
            .map_err(|refusal| refusal.hint(like)),
    }
}

fn count(fields: &Fields<'_>, key: &'static str, most: u64) -> Result<Option<u64>, Refusal> {
    fields
        .get(key)
        .map(|tree| tree.whole(&format!("`{key}`"), 1, most))
        .transpose()
}

fn replicas(tree: &Tree) -> Result<ReplicaNeed, Refusal> {
    let fields = Fields::open("the replicas", tree, REPLICAS)?;
    let need = ReplicaNeed {
        min_isr: fields.need("min_isr")?.whole("`min_isr`", 1, 100)?,
        factor: count(&fields, "factor", 100)?,
        brokers: count(&fields, "brokers", MOST)?,
        each: fields.get("each").map(|tree| one(tree, rate)).transpose()?,
        controllers: count(&fields, "controllers", 100)?,
    };
    let least = need.factor.unwrap_or(need.min_isr);
    if least < need.min_isr {
        let (at, width) = tree.blame("factor");
        return Err(Refusal::new(
            at,
            format!("keep {} of {least} replicas in sync", need.min_isr),
        )
        .wide(width)
        .hint("the minimum in sync is from 1 to the factor"));
    }
    let (brokers, nodes) = (
        need.brokers.unwrap_or(MOST),
        least.max(need.controllers.unwrap_or(1)),
    );
    if brokers < nodes {
        let (at, width) = tree.blame("brokers");
        return Err(Refusal::new(
            at,
            format!("put {nodes} replicas or controllers on {brokers} brokers"),
        )
        .wide(width)
        .hint("give at least one broker for each"));
    }
    Ok(need)
}

fn erasure(tree: &Tree) -> Result<ErasureNeed, Refusal> {
    let fields = Fields::open("the erasure set", tree, ERASURE)?;
    let sizes = fields.need("drives")?;
    let drives = sizes
        .items()
        .iter()
        .map(|tree| tree.whole("the drives of a set", 2, 16))
        .collect::<Result<Vec<_>, _>>()?;
    let parity = fields
        .get("parity")
        .map(|tree| tree.whole("the parity", 0, 8))
        .transpose()?;
    if let Some(parity) = parity {
        for size in &drives {
            quorum::ErasureSet::of(*size, parity).map_err(|error| {
                let (at, width) = tree.blame("parity");
                Refusal::new(at, error.to_string()).wide(width)
            })?;
        }
    }
    Ok(ErasureNeed {
        drives,
        parity,
        sets: count(&fields, "sets", MOST / 16)?,
        each: fields.get("each").map(|tree| one(tree, rate)).transpose()?,
    })
}
