//! Whom a fault hits, as written: nodes of a role, nodes by name, or the answer to a question that only the running system knows.
use super::{Fields, Keys, Node, Place, Placed, Refusal, Tree, placed_text};
use crate::units;

/// Whom a fault hits.
#[derive(Clone, Debug, PartialEq)]
pub struct Selector {
    /// Where it stands.
    pub at: Place,
    /// Which nodes ...
    pub among: Among,
    /// ... so many of them.
    pub amount: Placed<Amount>,
}

/// Which nodes are meant.
#[derive(Clone, Debug, PartialEq)]
pub enum Among {
    /// `{role: ...}`
    Role(Placed<String>),
    /// `{node: ...}` and `{nodes: [...]}`
    Nodes(Vec<Placed<String>>),
    /// `{ask: ...}`: answered at injection.
    Ask(Placed<String>),
}

/// How many of the nodes that match.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Amount {
    /// So many, drawn from the seed; of an answer, the first so many.
    Pick(u32),
    /// This share, rounded up, drawn from the seed.
    Share(f64),
    /// Every one.
    All,
}

pub(super) const KEYS: Keys = &[
    ("role", "nodes of this role"),
    ("node", "this node"),
    ("nodes", "these nodes"),
    (
        "ask",
        "whoever is the answer to this question, asked at injection",
    ),
    (
        "pick",
        "how many, drawn from the seed, or `all`; default 1, all of `nodes`",
    ),
    ("share", "which share of them, rounded up"),
];
const OUTSIDE: &str =
    "a fault acts on nodes of its own testbed only, chosen by `role`, `node`, `nodes` or `ask`";

impl Selector {
    pub(super) fn read(tree: &Tree) -> Result<Self, Refusal> {
        let fields = Fields::open("a target", tree, KEYS).map_err(|error| error.hint(OUTSIDE))?;
        let among = among(tree, &fields)?;
        let all = match &among {
            Among::Nodes(nodes) => nodes.len() > 1,
            _ => false,
        };
        let amount = amount(&fields, if all { Amount::All } else { Amount::Pick(1) })?;
        if let (Among::Ask(_), Amount::Share(_)) = (&among, amount.value) {
            return Err(Refusal::new(amount.at, "take a share of an answer").hint(
                "give `pick: 1` or `pick: all`: how many an answer holds is known only then",
            ));
        }
        Ok(Self {
            at: tree.at,
            among,
            amount,
        })
    }
}

fn among(tree: &Tree, fields: &Fields<'_>) -> Result<Among, Refusal> {
    let text = |key: &str, what: &str| {
        fields
            .get(key)
            .map(|tree| placed_text(tree, what))
            .transpose()
    };
    let (role, node, ask) = (
        text("role", "the role")?,
        text("node", "the node")?,
        text("ask", "the question")?,
    );
    match (role, node, fields.get("nodes"), ask) {
        (Some(role), None, None, None) => Ok(Among::Role(role)),
        (None, Some(node), None, None) => Ok(Among::Nodes(vec![node])),
        (None, None, Some(list), None) => names(list),
        (None, None, None, Some(ask)) => Ok(Among::Ask(ask)),
        _ => Err(Refusal::new(tree.at, "read the target")
            .label("give one of `role`, `node`, `nodes`, `ask`")
            .hint("like `{role: ROLE, pick: 1}`")),
    }
}

fn names(list: &Tree) -> Result<Among, Refusal> {
    let names: Vec<Placed<String>> = list
        .items()
        .iter()
        .map(|item| placed_text(item, "the node"))
        .collect::<Result<_, _>>()?;
    if names.is_empty() {
        return Err(list
            .refuse("read the target".into())
            .label("at least one node is due here")
            .hint("like `{nodes: [NODE, NODE]}`"));
    }
    let twice = |at: usize| {
        names[..at]
            .iter()
            .any(|other| other.value == names[at].value)
    };
    if let Some(at) = (0..names.len()).find(|at| twice(*at)) {
        return Err(Refusal::new(
            names[at].at,
            format!("hit node `{}` twice", names[at].value),
        )
        .wide(names[at].value.len())
        .hint("name each node once"));
    }
    Ok(Among::Nodes(names))
}

fn amount(fields: &Fields<'_>, default: Amount) -> Result<Placed<Amount>, Refusal> {
    match (fields.get("pick"), fields.get("share")) {
        (Some(_), Some(share)) => Err(share
            .refuse("read the target".into())
            .label("give either `pick` or `share`")),
        (None, Some(share)) => Ok(Placed {
            value: Amount::Share(share.quantity(units::share)?),
            at: share.at,
        }),
        (Some(pick), None) if pick.node == Node::Scalar("all".into()) => Ok(Placed {
            value: Amount::All,
            at: pick.at,
        }),
        (Some(pick), None) => Ok(Placed {
            value: Amount::Pick(pick.whole("how many targets", 1, 1000)? as u32),
            at: pick.at,
        }),
        (None, None) => Ok(Placed {
            value: default,
            at: fields.at(),
        }),
    }
}
