//! Reading a map strictly: each key once, by name, with its unit; what is left over is refused with what is known.
use super::{
    place::{Place, Refusal},
    tree::{Node, Tree},
};

/// The keys of a map, each with a sentence for help and schema.
pub type Keys = &'static [(&'static str, &'static str)];

/// A map being read.
pub struct Fields<'a> {
    what: &'static str,
    tree: &'a Tree,
    known: Keys,
}

impl<'a> Fields<'a> {
    /// Opens `tree` as the map called `what`, which knows these keys and no others.
    ///
    /// # Errors
    /// No map, or a key that is not known.
    pub fn open(what: &'static str, tree: &'a Tree, known: Keys) -> Result<Self, Refusal> {
        let Node::Map(members) = &tree.node else {
            let like = known.first().map_or("", |(key, _)| *key);
            return Err(tree
                .refuse(format!("read {what}"))
                .label(format!("a map is due here, like `{like}: ...`")));
        };
        match members
            .iter()
            .find(|(key, _)| !known.iter().any(|(name, _)| key.value == *name))
        {
            Some((key, _)) => Err(Refusal::unknown(
                key.at,
                format!("read the key `{}` of {what}", key.value),
                &key.value,
                &known.iter().map(|(name, _)| *name).collect::<Vec<_>>(),
            )),
            None => Ok(Self { what, tree, known }),
        }
    }

    /// The value of a key, where it is there.
    pub fn get(&self, key: &str) -> Option<&'a Tree> {
        debug_assert!(
            self.known.iter().any(|(name, _)| *name == key),
            "`{key}` is not among the known keys of {}",
            self.what
        );
        let Node::Map(members) = &self.tree.node else {
            return None;
        };
        members
            .iter()
            .find(|(name, _)| name.value == key)
            .map(|(_, value)| value)
    }

    /// The value of a key that must be there.
    ///
    /// # Errors
    /// Where it is missing.
    pub fn need(&self, key: &str) -> Result<&'a Tree, Refusal> {
        self.get(key).ok_or_else(|| {
            Refusal::new(self.at(), format!("find `{key}` in {}", self.what))
                .hint(format!("add `{key}: ...`"))
        })
    }

    /// The value of a key as `read` takes it, or `default` where it is left out.
    ///
    /// # Errors
    /// What `read` refuses.
    pub fn or<T>(
        &self,
        key: &str,
        default: T,
        read: impl FnOnce(&'a Tree) -> Result<T, Refusal>,
    ) -> Result<T, Refusal> {
        self.get(key).map_or(Ok(default), read)
    }

    /// Where the map stands.
    pub fn at(&self) -> Place {
        self.tree.at
    }
}
