//! Where something stands in a file, and the refusal that points there.

/// Line and column, from 1; zero where the place is unknown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// Line, from 1.
    pub line: u32,
    /// Column, from 1.
    pub column: u32,
}

/// A value with its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Placed<T> {
    /// The value.
    pub value: T,
    /// Where it stands.
    pub at: Place,
}

/// Why a scenario was refused: what, where, and the way out. `what` fits after "failed to".
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{what}")]
pub struct Refusal {
    /// What could not be done, a lower-case fragment.
    pub what: String,
    /// Where.
    pub at: Place,
    /// How much of the line is to blame, in characters.
    pub width: usize,
    /// What stands beside the mark: what is known, what was meant.
    pub label: String,
    /// The fix, a sentence without stop.
    pub hint: Option<String>,
}

impl Refusal {
    /// A refusal of what stands at `at`.
    pub fn new(at: Place, what: impl Into<String>) -> Self {
        Self {
            what: what.into(),
            at,
            width: 1,
            label: String::new(),
            hint: None,
        }
    }

    /// Marks so many characters.
    #[must_use]
    pub fn wide(mut self, width: usize) -> Self {
        self.width = width.max(1);
        self
    }

    /// Says something beside the mark.
    #[must_use]
    pub fn label(mut self, label: impl Into<String>) -> Self {
        self.label = label.into();
        self
    }

    /// Gives the fix.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// Refuses a `word` that is none of `known`, and suggests the nearest.
    pub fn unknown(at: Place, what: impl Into<String>, word: &str, known: &[&str]) -> Self {
        let label = match known {
            [] => "none are known here".to_owned(),
            some => format!("known here: {}", some.join(", ")),
        };
        let refusal = Self::new(at, what).wide(word.chars().count()).label(label);
        match nearest(word, known) {
            Some(near) => refusal.hint(format!("did you mean `{near}`?")),
            None => refusal,
        }
    }
}

/// The known word that `word` was probably meant to be.
pub fn nearest<'a>(word: &str, known: &[&'a str]) -> Option<&'a str> {
    let scored = known
        .iter()
        .map(|name| (strsim::normalized_damerau_levenshtein(word, name), *name));
    scored
        .filter(|(score, _)| *score >= 0.5)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, name)| name)
}
