//! What an image is made of, and the tag that follows from it.
use super::{ImageError, cache, config::Config, shop::Shop};
use model::BoxFuture;
use sha2::{Digest, Sha256};
use std::path::PathBuf;

/// One image: its inputs as text, and how it is made from them.
#[derive(Clone, Copy)]
pub(crate) struct Recipe {
    /// Second half of the repository's name: `brinell/<name>`.
    pub(crate) name: &'static str,
    /// What is in it, for people.
    pub(crate) version: &'static str,
    /// The image below; its inputs are inputs of this one too.
    pub(crate) parent: Option<&'static Recipe>,
    /// Everything that decides the content, by name: Dockerfiles, pinned lists, scripts, package names.
    pub(crate) files: &'static [(&'static str, &'static str)],
    /// A file of the user's that goes in instead of what would be compiled.
    pub(crate) given: fn(&Config) -> Option<PathBuf>,
    /// Makes the image and gives it the tag.
    pub(crate) make: for<'a> fn(&'a Shop<'a>, &'a str) -> BoxFuture<'a, Result<(), ImageError>>,
}

impl Recipe {
    /// `brinell/<name>:<12 hex digits of its inputs' hash>`.
    ///
    /// # Errors
    /// Where a file that the user gave cannot be read.
    pub(crate) fn tag(&self, config: &Config) -> Result<String, ImageError> {
        let mut hash = self.hash();
        if let Some(file) = (self.given)(config) {
            let (digest, _) =
                cache::digest(&file).map_err(|why| cache::CacheError::Io { path: file, why })?;
            hash = self::hash([("recipe", hash.as_str()), ("given", &digest)]);
        }
        Ok(format!("brinell/{}:{}", self.name, &hash[..12]))
    }

    /// Its inputs, with those of a stage below that has the same name and stands in no list.
    pub(crate) fn inputs(&self) -> Vec<(&'static str, &'static str)> {
        let stage = self.parent.filter(|parent| parent.name == self.name);
        let below = stage.map(Self::inputs).unwrap_or_default();
        below.iter().chain(self.files).copied().collect()
    }

    /// Hash of every input, those of the parents included.
    pub(crate) fn hash(&self) -> String {
        let parent = self.parent.map(Self::hash).unwrap_or_default();
        hash(
            [("name", self.name), ("parent", &parent)]
                .iter()
                .chain(self.files)
                .copied(),
        )
    }
}

/// Hash of named texts. Each is preceded by its length, so that no byte can move from one into the next unnoticed.
pub(crate) fn hash<'a>(texts: impl IntoIterator<Item = (&'a str, &'a str)>) -> String {
    let mut state = Sha256::new();
    for part in texts.into_iter().flat_map(|(name, text)| [name, text]) {
        state.update((part.len() as u64).to_le_bytes());
        state.update(part);
    }
    cache::hex(&state.finalize())
}

#[cfg(test)]
mod tests {
    use super::{Config, Recipe, hash};
    use crate::docker::images::RECIPES;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn any_changed_byte_changes_the_hash(texts in prop::collection::vec("[ -~]{0,20}", 1..5), pick: prop::sample::Index, at: prop::sample::Index) {
            let mut other = texts.clone();
            let text = &mut other[pick.index(texts.len())];
            let place = at.index(text.len() + 1);
            text.insert(place, '~');
            let named = |texts: &[String]| hash(texts.iter().map(|text| ("file", text.as_str())));
            prop_assert_ne!(named(&texts), named(&other));
        }
    }

    #[test]
    fn a_byte_that_moves_between_inputs_changes_the_hash() {
        assert_ne!(
            hash([("a", "xy"), ("b", "z")]),
            hash([("a", "x"), ("b", "yz")])
        );
        assert_ne!(hash([("a", "x")]), hash([("ax", "")]));
    }

    #[test]
    fn a_changed_parent_changes_the_hash() {
        const OLD: Recipe = Recipe {
            files: &[("a", "1")],
            ..NONE
        };
        const NEW: Recipe = Recipe {
            files: &[("a", "2")],
            ..NONE
        };
        const NONE: Recipe = Recipe {
            name: "x",
            version: "",
            parent: None,
            files: &[],
            given: |_| None,
            make: |_, _| Box::pin(async { Ok(()) }),
        };
        let on = |parent| {
            Recipe {
                parent: Some(parent),
                ..NONE
            }
            .hash()
        };
        assert_ne!(on(&OLD), on(&NEW));
    }

    #[test]
    fn every_image_has_its_own_name_and_a_tag_of_twelve_digits() {
        let mut names: Vec<_> = RECIPES.iter().map(|recipe| recipe.name).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), RECIPES.len());
        for recipe in RECIPES {
            let tag = recipe.tag(&Config::default()).unwrap();
            let digits = tag
                .strip_prefix(&format!("brinell/{}:", recipe.name))
                .unwrap();
            assert!(
                digits.len() == 12 && digits.bytes().all(|byte| byte.is_ascii_hexdigit()),
                "{tag}"
            );
        }
    }
}
