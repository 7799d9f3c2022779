//! Common-cause groups, beta-factor model: each member fails alone with (1 - beta) q, all together with beta q.
use super::{expression::Expressions, text::Page};
use crate::structure::draft::{Draft, Refused};
use roxmltree::Node;

/// `<define-CCF-group model="beta-factor">` with `members`, `distribution` and one `factor`.
pub fn group<'a>(node: Node<'a, 'a>, page: &Page<'a>, expressions: &Expressions<'a>, mission: f64, draft: &mut Draft) -> Result<(), Refused> {
    let (name, spot) = page.name(node)?;
    let (kind, at) = page.attribute(node, "model")?;
    if kind != "beta-factor" {
        return Err(at.refused(at.refuse(format!("read the common-cause model `{kind}`")).wide(kind.chars().count()).label("known here: beta-factor")));
    }
    let parts = page.parts(node)?;
    let only = |wanted: &str| -> Result<Node<'a, 'a>, Refused> {
        let mut found = parts.iter().filter(|part| part.has_tag_name(wanted));
        match (found.next(), found.next()) {
            (Some(part), None) => Ok(*part),
            _ => Err(page.refuse(node, format!("find exactly one `{wanted}` in the common-cause group `{name}`"))),
        }
    };
    if let Some(other) = parts.iter().find(|part| !["members", "distribution", "factor", "factors"].contains(&part.tag_name().name())) {
        return Err(page.unknown(*other, &["members", "distribution", "factor", "factors"]));
    }
    let factor = match parts.iter().find(|part| part.has_tag_name("factors")) {
        Some(factors) => page.one(*factors)?,
        None => only("factor")?,
    };
    let q = expressions.value(page.one(only("distribution")?)?, mission)?;
    let beta = expressions.value(page.one(factor)?, mission)?;
    if !(0.0..=1.0).contains(&beta) {
        return Err(page.refuse(factor, format!("read the factor: {beta} is outside 0 to 1")));
    }
    let members = page.parts(only("members")?)?;
    let common = format!("common cause of {name}");
    draft.basic(&common, spot, Some(beta * q))?;
    for member in members {
        let (name, at) = page.name(member)?;
        draft.shared(name, at, (1.0 - beta) * q, &common)?;
    }
    Ok(())
}
