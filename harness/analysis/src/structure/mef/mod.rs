//! Open-PSA MEF fault trees: the subset that published model sets use, read strictly. What is not understood is refused by name,
//! line and column, never skipped. Document types are off, so there are no entities; nesting and size are bounded; nothing recurses.
//!
//! - [`text`] elements with places.   - [`formula`] gates.   - [`expression`] probabilities.   - [`cause`] common-cause groups.
mod cause;
mod expression;
mod formula;
mod text;

use super::{
    draft::{Draft, Refused, Spot},
    tree::{Meaning, Structure},
};
use expression::Expressions;
use roxmltree::Node;
use text::Page;

/// Hours that a mission lasts where the user does not say: a year of 365 days, as scram has it.
pub const MISSION_HOURS: f64 = 8760.0;

/// How to read.
#[derive(Clone, Copy, Debug)]
pub struct Reading<'a> {
    /// The top gate, where several are used by no other.
    pub top: Option<&'a str>,
    /// What `system-mission-time` stands for, hours.
    pub mission_hours: f64,
}

impl Default for Reading<'_> {
    fn default() -> Self {
        Self { top: None, mission_hours: MISSION_HOURS }
    }
}

/// Reads one model that may be spread over several files: gates in one, probabilities in another.
///
/// # Errors
/// The first thing that is wrong, with its file, line and column.
pub fn read(texts: &[&str], reading: Reading) -> Result<Structure, Refused> {
    let documents = texts.iter().enumerate().map(|(file, text)| text::parse(file, text)).collect::<Result<Vec<_>, _>>()?;
    let mut draft = Draft::default();
    let mut model = Model::default();
    for (file, document) in documents.iter().enumerate() {
        let page = Page::new(file, texts[file]);
        model.document(document.root_element(), &page, &mut draft)?;
    }
    model.finish(&mut draft, reading.mission_hours)?;
    draft.resolve(reading.top, Meaning::Top)
}

/// What waits until every file is read, because it may use parameters defined later.
#[derive(Default)]
struct Model<'a> {
    events: Vec<(&'a str, Spot, Option<Node<'a, 'a>>)>,
    groups: Vec<(Node<'a, 'a>, Page<'a>)>,
    expressions: Expressions<'a>,
}

impl<'a> Model<'a> {
    fn document(&mut self, root: Node<'a, 'a>, page: &Page<'a>, draft: &mut Draft) -> Result<(), Refused> {
        if !root.has_tag_name("opsa-mef") {
            return Err(page.unknown(root, &["opsa-mef"]));
        }
        // Containers inside containers: a stack, topmost last; children pushed in reverse so that the file's order is kept.
        let mut stack = page.children(root)?;
        stack.reverse();
        while let Some(node) = stack.pop() {
            match node.tag_name().name() {
                "define-fault-tree" | "define-component" | "model-data" => {
                    page.public(node)?;
                    let mut inside = page.children(node)?;
                    inside.reverse();
                    stack.append(&mut inside);
                }
                "label" | "attributes" => {}
                "define-gate" => formula::gate(node, page, draft)?,
                "define-basic-event" => self.event(node, page)?,
                "define-house-event" => house(node, page, draft)?,
                "define-parameter" => self.parameter(node, page)?,
                "define-CCF-group" => self.groups.push((node, page.clone())),
                _ => return Err(page.unknown(node, KNOWN)),
            }
        }
        Ok(())
    }

    fn event(&mut self, node: Node<'a, 'a>, page: &Page<'a>) -> Result<(), Refused> {
        page.public(node)?;
        let (name, spot) = page.name(node)?;
        let value = page.at_most_one(node)?;
        if let Some(value) = value {
            self.expressions.place(value, page);
        }
        self.events.push((name, spot, value));
        Ok(())
    }

    fn parameter(&mut self, node: Node<'a, 'a>, page: &Page<'a>) -> Result<(), Refused> {
        page.public(node)?;
        let (name, spot) = page.name(node)?;
        let value = page.one(node)?;
        self.expressions.place(value, page);
        self.expressions.define(name, spot, value)
    }

    fn finish(self, draft: &mut Draft, mission_hours: f64) -> Result<(), Refused> {
        for (name, spot, value) in &self.events {
            let p = value.map(|value| self.expressions.value(value, mission_hours)).transpose()?;
            draft.basic(name, *spot, p)?;
        }
        for (group, page) in &self.groups {
            cause::group(*group, page, &self.expressions, mission_hours, draft)?;
        }
        Ok(())
    }
}

const KNOWN: &[&str] = &[
    "define-fault-tree",
    "define-component",
    "define-gate",
    "define-basic-event",
    "define-house-event",
    "define-parameter",
    "define-CCF-group",
    "model-data",
    "label",
    "attributes",
];

fn house<'a>(node: Node<'a, 'a>, page: &Page<'a>, draft: &mut Draft) -> Result<(), Refused> {
    page.public(node)?;
    let (name, spot) = page.name(node)?;
    // MEF: a house event without a constant is false.
    let value = match page.at_most_one(node)? {
        Some(constant) => page.constant(constant)?,
        None => false,
    };
    draft.house(name, spot, value)
}

#[cfg(test)]
mod tests;
