//! Elements with their places, and the refusals that point at them.
use crate::structure::draft::{Refused, Spot};
use model::scenario::{Place, Refusal};
use roxmltree::{Document, Node, ParsingOptions};
use std::{cell::Cell, rc::Rc};

/// Largest file, bytes: ten times the largest published model would still be far below it.
const MOST_BYTES: usize = 64 << 20;
/// Most elements, texts and comments of one file.
const MOST_NODES: u32 = 8 << 20;

/// Parses one file, document types refused.
///
/// # Errors
/// No XML, or too large, with its place.
pub fn parse(file: usize, text: &str) -> Result<Document<'_>, Refused> {
    let refuse = |at: Place, what: String| Refused { file, refusal: Box::new(Refusal::new(at, what)) };
    if text.len() > MOST_BYTES {
        return Err(refuse(Place::default(), format!("read the file: {} bytes are more than {MOST_BYTES}", text.len())));
    }
    let options = ParsingOptions { allow_dtd: false, nodes_limit: MOST_NODES, ..ParsingOptions::default() };
    Document::parse_with_options(text, options).map_err(|error| {
        let at = error.pos();
        refuse(Place { line: at.row, column: at.col }, format!("read the XML: {}", lower(&error.to_string())))
    })
}

fn lower(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or(String::new(), |first| first.to_lowercase().chain(letters).collect())
}

/// One file while it is read. Places are asked for in about the order of the file, so a cursor that moves on finds them in one
/// pass; counting from the start each time would be quadratic.
#[derive(Clone)]
pub struct Page<'a> {
    file: usize,
    text: &'a str,
    cursor: Rc<Cell<(usize, Place)>>,
}

const START: (usize, Place) = (0, Place { line: 1, column: 1 });

impl<'a> Page<'a> {
    /// The text of file number `file`.
    pub fn new(file: usize, text: &'a str) -> Self {
        Self { file, text, cursor: Rc::new(Cell::new(START)) }
    }

    fn spot_at(&self, offset: usize) -> Spot {
        let (from, mut at) = if self.cursor.get().0 <= offset { self.cursor.get() } else { START };
        for letter in self.text[from..offset].chars() {
            match letter {
                '\n' => at = Place { line: at.line + 1, column: 1 },
                _ => at.column += 1,
            }
        }
        self.cursor.set((offset, at));
        Spot { file: self.file, at }
    }

    /// Where an element stands.
    pub fn spot(&self, node: Node) -> Spot {
        self.spot_at(node.range().start)
    }

    /// Refuses an element.
    pub fn refuse(&self, node: Node, what: impl Into<String>) -> Refused {
        let spot = self.spot(node);
        spot.refused(spot.refuse(what).wide(node.tag_name().name().chars().count() + 1))
    }

    /// Refuses an element that does not belong here.
    pub fn unknown(&self, node: Node, known: &[&str]) -> Refused {
        let spot = self.spot(node);
        let name = node.tag_name().name();
        spot.refused(Refusal::unknown(spot.at, format!("read the element `{name}`"), name, known))
    }

    /// The elements inside; text between them is refused, comments are not.
    pub fn children(&self, node: Node<'a, 'a>) -> Result<Vec<Node<'a, 'a>>, Refused> {
        let stray = node.children().find(|child| child.is_text() && child.text().is_some_and(|text| !text.trim().is_empty()));
        match stray {
            Some(_) => Err(self.refuse(node, format!("read the element `{}`: it holds loose text", node.tag_name().name()))),
            None => Ok(node.children().filter(Node::is_element).collect()),
        }
    }

    /// The elements that carry meaning: without labels and attributes.
    pub fn parts(&self, node: Node<'a, 'a>) -> Result<Vec<Node<'a, 'a>>, Refused> {
        let mut parts = self.children(node)?;
        parts.retain(|part| !part.has_tag_name("label") && !part.has_tag_name("attributes"));
        Ok(parts)
    }

    /// The only such element.
    pub fn one(&self, node: Node<'a, 'a>) -> Result<Node<'a, 'a>, Refused> {
        self.at_most_one(node)?.ok_or_else(|| self.refuse(node, format!("read the element `{}`: it is empty", node.tag_name().name())))
    }

    /// The only such element, or none.
    pub fn at_most_one(&self, node: Node<'a, 'a>) -> Result<Option<Node<'a, 'a>>, Refused> {
        let parts = self.parts(node)?;
        match parts[..] {
            [] => Ok(None),
            [part] => Ok(Some(part)),
            [_, second, ..] => Err(self.refuse(second, format!("read the element `{}`: one part is due, {} found", node.tag_name().name(), parts.len()))),
        }
    }

    /// The name that an element gives, and where.
    pub fn name(&self, node: Node<'a, 'a>) -> Result<(&'a str, Spot), Refused> {
        let attribute = node.attribute_node("name");
        let found = attribute.filter(|attribute| !attribute.value().is_empty());
        let found = found.ok_or_else(|| self.refuse(node, format!("find the name of `{}`", node.tag_name().name())))?;
        Ok((found.value(), self.spot_at(found.range_value().start)))
    }

    /// An attribute that must be there.
    pub fn attribute(&self, node: Node<'a, 'a>, key: &str) -> Result<(&'a str, Spot), Refused> {
        let found = node.attribute_node(key).ok_or_else(|| self.refuse(node, format!("find `{key}` of `{}`", node.tag_name().name())))?;
        Ok((found.value(), self.spot_at(found.range_value().start)))
    }

    /// A whole number.
    pub fn whole(&self, node: Node<'a, 'a>, key: &str) -> Result<u32, Refused> {
        let (text, spot) = self.attribute(node, key)?;
        text.parse().map_err(|_| {
            spot.refused(spot.refuse(format!("read `{key}`: `{text}` is no whole number from 0")).wide(text.chars().count()))
        })
    }

    /// Names of private elements are local in MEF; here every name is global, so they are refused.
    pub fn public(&self, node: Node) -> Result<(), Refused> {
        match node.attribute("role") {
            None | Some("public") => Ok(()),
            Some(role) => Err(self.refuse(node, format!("read `{}` with the role `{role}`: only public names are read", node.tag_name().name()))),
        }
    }

    /// `<constant value="true"/>`
    pub fn constant(&self, node: Node<'a, 'a>) -> Result<bool, Refused> {
        if !node.has_tag_name("constant") {
            return Err(self.unknown(node, &["constant"]));
        }
        match self.attribute(node, "value")? {
            ("true", _) => Ok(true),
            ("false", _) => Ok(false),
            (text, spot) => Err(spot.refused(spot.refuse(format!("read the constant `{text}`")).wide(text.chars().count()).label("true or false is due here"))),
        }
    }
}
