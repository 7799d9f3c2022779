//! YAML with the place of every key and value kept, so that any refusal, ours or a catalog entry's, points at the exact scalar.
use super::place::{Place, Placed, Refusal};
use serde::{Deserialize, Deserializer, de};
use serde_json::{Map, Value};
use serde_saphyr::Spanned;

/// One value of the file.
#[derive(Clone, Debug, PartialEq)]
pub struct Tree {
    /// Where it stands.
    pub at: Place,
    /// What it is.
    pub node: Node,
}

/// The three shapes of a value.
#[derive(Clone, Debug, PartialEq)]
pub enum Node {
    /// Keys in the order written.
    Map(Vec<(Placed<String>, Tree)>),
    /// Items in order.
    List(Vec<Tree>),
    /// Text, number, boolean or null.
    Scalar(Value),
}

impl Tree {
    /// Reads a file.
    ///
    /// # Errors
    /// What is no YAML, or has a key twice, at its place.
    pub fn parse(text: &str) -> Result<Self, Refusal> {
        serde_saphyr::from_str(text).map_err(|error| refused(&error))
    }

    /// Reads a file of several documents, in order; empty ones are none.
    ///
    /// # Errors
    /// As [`Self::parse`].
    pub fn parse_all(text: &str) -> Result<Vec<Self>, Refusal> {
        serde_saphyr::from_multiple(text).map_err(|error| refused(&error))
    }

    /// An empty map that stands where something was left out.
    pub const fn nothing(at: Place) -> Self {
        Self {
            at,
            node: Node::Map(Vec::new()),
        }
    }

    /// The same without places, for settings that a catalog entry reads itself.
    pub fn plain(&self) -> Value {
        match &self.node {
            Node::Scalar(value) => value.clone(),
            Node::List(items) => Value::Array(items.iter().map(Self::plain).collect()),
            Node::Map(members) => Value::Object(
                members
                    .iter()
                    .map(|(key, value)| (key.value.clone(), value.plain()))
                    .collect::<Map<_, _>>(),
            ),
        }
    }

    /// Place and width of a key's value, or of the whole where there is no such key.
    pub fn blame(&self, key: &str) -> (Place, usize) {
        let Node::Map(members) = &self.node else {
            return (self.at, self.width());
        };
        match members.iter().find(|(name, _)| name.value == key) {
            Some((_, value)) if matches!(value.node, Node::Scalar(_)) => (value.at, value.width()),
            Some((name, _)) => (name.at, name.value.chars().count()),
            None => (self.at, 1),
        }
    }

    /// How many characters a scalar takes, about.
    pub fn width(&self) -> usize {
        match &self.node {
            Node::Scalar(Value::String(text)) => text.chars().count(),
            Node::Scalar(other) => other.to_string().chars().count(),
            _ => 1,
        }
    }

    /// The text of a scalar.
    ///
    /// # Errors
    /// Anything else, saying what was due.
    pub fn text(&self, what: &str) -> Result<&str, Refusal> {
        match &self.node {
            Node::Scalar(Value::String(text)) => Ok(text),
            _ => Err(self
                .refuse(format!("read {what}"))
                .label("a text is due here")),
        }
    }

    /// A whole number from `least` to `most`.
    ///
    /// # Errors
    /// Anything else, saying what was due.
    pub fn whole(&self, what: &str, least: u64, most: u64) -> Result<u64, Refusal> {
        match &self.node {
            Node::Scalar(Value::Number(number)) => {
                number.as_u64().filter(|n| (least..=most).contains(n))
            }
            _ => None,
        }
        .ok_or_else(|| {
            self.refuse(format!("read {what}"))
                .label(format!("a whole number from {least} to {most} is due here"))
        })
    }

    /// A quantity by one of the readers of [`crate::units`].
    ///
    /// # Errors
    /// The reader's, at this place.
    pub fn quantity<T>(
        &self,
        read: fn(&str) -> Result<T, crate::units::UnitError>,
    ) -> Result<T, Refusal> {
        let text = match &self.node {
            Node::Scalar(Value::String(text)) => text.clone(),
            Node::Scalar(other) => other.to_string(),
            _ => {
                return Err(self
                    .refuse("read a quantity".into())
                    .label("a number with its unit is due here"));
            }
        };
        read(&text).map_err(|error| {
            self.refuse(error.to_string())
                .hint(format!("write it like {}", error.like))
        })
    }

    /// A refusal of this value.
    pub fn refuse(&self, what: String) -> Refusal {
        Refusal::new(self.at, what).wide(self.width())
    }

    /// The items of a list; a lone value is a list of one.
    pub fn items(&self) -> &[Self] {
        match &self.node {
            Node::List(items) => items,
            _ => std::slice::from_ref(self),
        }
    }

    /// The only key of a map with its value: how variants are written.
    ///
    /// # Errors
    /// Anything else, saying how it is written.
    pub fn variant(&self, like: &str) -> Result<(&Placed<String>, &Self), Refusal> {
        match &self.node {
            Node::Map(members) if members.len() == 1 => Ok((&members[0].0, &members[0].1)),
            _ => Err(self
                .refuse("read one name with its settings".into())
                .hint(format!("write it like `{like}`"))),
        }
    }
}

fn refused(error: &serde_saphyr::Error) -> Refusal {
    let at = error
        .location()
        .map_or(Place::default(), |found| place(&found));
    let plain = error.without_snippet().to_string();
    let first = plain.lines().next().unwrap_or_default().to_owned();
    Refusal::new(at, format!("read the YAML: {first}"))
}

fn place(found: &serde_saphyr::Location) -> Place {
    Place {
        line: found.line() as u32,
        column: found.column() as u32,
    }
}

impl<'de> Deserialize<'de> for Tree {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let spanned = Spanned::<Node>::deserialize(deserializer)?;
        Ok(Self {
            at: place(&spanned.referenced),
            node: spanned.value,
        })
    }
}

impl<'de> Deserialize<'de> for Node {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(NodeVisitor)
    }
}

struct NodeVisitor;

impl<'de> de::Visitor<'de> for NodeVisitor {
    type Value = Node;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("any YAML value")
    }
    fn visit_bool<E: de::Error>(self, value: bool) -> Result<Node, E> {
        Ok(Node::Scalar(value.into()))
    }
    fn visit_i64<E: de::Error>(self, value: i64) -> Result<Node, E> {
        Ok(Node::Scalar(value.into()))
    }
    fn visit_u64<E: de::Error>(self, value: u64) -> Result<Node, E> {
        Ok(Node::Scalar(value.into()))
    }
    fn visit_f64<E: de::Error>(self, value: f64) -> Result<Node, E> {
        Ok(Node::Scalar(value.into()))
    }
    fn visit_str<E: de::Error>(self, value: &str) -> Result<Node, E> {
        Ok(Node::Scalar(value.into()))
    }
    fn visit_unit<E: de::Error>(self) -> Result<Node, E> {
        Ok(Node::Scalar(Value::Null))
    }
    fn visit_none<E: de::Error>(self) -> Result<Node, E> {
        Ok(Node::Scalar(Value::Null))
    }
    fn visit_seq<A: de::SeqAccess<'de>>(self, mut access: A) -> Result<Node, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = access.next_element()? {
            items.push(item);
        }
        Ok(Node::List(items))
    }
    fn visit_map<A: de::MapAccess<'de>>(self, mut access: A) -> Result<Node, A::Error> {
        let mut members = Vec::new();
        while let Some((key, value)) = access.next_entry::<Spanned<String>, Tree>()? {
            members.push((
                Placed {
                    at: place(&key.referenced),
                    value: key.value,
                },
                value,
            ));
        }
        Ok(Node::Map(members))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_scalar_keeps_its_place() {
        let tree =
            Tree::parse("a: 1\nfaults:\n  - {id: kill, do: {kill: {signal: KILL}}}\n").unwrap();
        let Node::Map(top) = &tree.node else { panic!() };
        let item = &top[1].1.items()[0];
        let Node::Map(fault) = &item.node else {
            panic!()
        };
        let (name, settings) = fault[1].1.variant("x").unwrap();
        assert_eq!((name.at.line, name.at.column), (3, 21));
        assert_eq!(
            settings.blame("signal").0,
            Place {
                line: 3,
                column: 36
            }
        );
    }

    #[test]
    fn places_count_through_all_documents_of_a_file() {
        let all = Tree::parse_all("a: 1\n---\n\nb: [2, 3]\n---\n").unwrap();
        let plain: Vec<Value> = all.iter().map(Tree::plain).collect();
        assert_eq!(
            plain,
            [
                serde_json::json!({"a": 1}),
                serde_json::json!({"b": [2, 3]})
            ]
        );
        assert_eq!(all[1].blame("b").0, Place { line: 4, column: 1 });
        assert_eq!(
            Tree::parse_all("a: 1\n---\nb: [2\nc: 3\n")
                .unwrap_err()
                .at
                .line,
            4
        );
    }

    #[test]
    fn a_key_twice_is_refused_at_its_place() {
        assert_eq!(Tree::parse("a: 1\na: 2\n").unwrap_err().at.line, 2);
    }

    #[test]
    fn what_is_no_yaml_is_refused_at_its_place() {
        assert_eq!(Tree::parse("a: [1, 2\nb: 3\n").unwrap_err().at.line, 2);
    }
}
