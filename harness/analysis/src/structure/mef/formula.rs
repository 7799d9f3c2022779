//! Gates: one formula each, formulas inside formulas to a bounded depth, read with a stack of our own.
use super::text::Page;
use crate::structure::{
    draft::{Draft, Kind, Refused, Spot, Term},
    tree::Op,
};
use roxmltree::Node;

/// Deepest formula inside formulas.
const MOST_DEEP: usize = 10_000;

const KNOWN: &[&str] = &[
    "and", "or", "not", "atleast", "xor", "nand", "nor", "imply", "iff", "cardinality", "constant", "gate", "basic-event", "house-event", "event",
];

/// A formula whose parts are still being read.
struct Open<'a> {
    spot: Spot,
    op: Op,
    terms: Vec<Term>,
    rest: std::vec::IntoIter<Node<'a, 'a>>,
}

/// `<define-gate name="g"> formula </define-gate>`
pub fn gate<'a>(node: Node<'a, 'a>, page: &Page<'a>, draft: &mut Draft) -> Result<(), Refused> {
    page.public(node)?;
    let (name, spot) = page.name(node)?;
    let formula = page.one(node)?;
    let top = match term(formula, page)? {
        Some(alone) => draft.inner(spot, Op::Same, vec![alone]),
        None => nested(formula, page, draft)?,
    };
    draft.gate(name, spot, top)
}

fn nested<'a>(node: Node<'a, 'a>, page: &Page<'a>, draft: &mut Draft) -> Result<usize, Refused> {
    let mut stack = vec![open(node, page)?];
    loop {
        let depth = stack.len();
        let top = stack.last_mut().expect("the outermost formula returns when it closes");
        match top.rest.next() {
            Some(part) => match term(part, page)? {
                Some(term) => top.terms.push(term),
                None if depth >= MOST_DEEP => return Err(page.refuse(part, format!("read a formula more than {MOST_DEEP} deep"))),
                None => stack.push(open(part, page)?),
            },
            None => {
                let Open { spot, op, terms, .. } = stack.pop().expect("it was just looked at");
                let formula = draft.inner(spot, op, terms);
                match stack.last_mut() {
                    Some(outer) => outer.terms.push(Term::Inner(formula)),
                    None => return Ok(formula),
                }
            }
        }
    }
}

fn open<'a>(node: Node<'a, 'a>, page: &Page<'a>) -> Result<Open<'a>, Refused> {
    let op = match node.tag_name().name() {
        "and" => Op::And,
        "or" => Op::Or,
        "not" => Op::Not,
        "xor" => Op::Xor,
        "nand" => Op::Nand,
        "nor" => Op::Nor,
        "imply" => Op::Imply,
        "iff" => Op::Iff,
        "atleast" => Op::AtLeast(page.whole(node, "min")?),
        "cardinality" => Op::Cardinality(page.whole(node, "min")?, page.whole(node, "max")?),
        _ => return Err(page.unknown(node, KNOWN)),
    };
    Ok(Open { spot: page.spot(node), op, terms: Vec::new(), rest: page.children(node)?.into_iter() })
}

/// A name or a constant; none where it is a formula.
fn term<'a>(node: Node<'a, 'a>, page: &Page<'a>) -> Result<Option<Term>, Refused> {
    let kind = match (node.tag_name().name(), node.attribute("type")) {
        ("constant", _) => return page.constant(node).map(|value| Some(Term::Constant(value))),
        ("gate", _) | ("event", Some("gate")) => Kind::Gate,
        ("basic-event", _) | ("event", Some("basic-event")) => Kind::Basic,
        ("house-event", _) | ("event", Some("house-event")) => Kind::House,
        ("event", None) => Kind::Any,
        ("event", Some(other)) => return Err(page.refuse(node, format!("read the event type `{other}`"))),
        _ => return Ok(None),
    };
    let (name, spot) = page.name(node)?;
    Ok(Some(Term::Name { kind, name: name.to_owned(), spot }))
}
