//! Pass, fail, unknown; the worst wins, and nothing examined is unknown.
use serde::{Deserialize, Serialize};

/// Outcome of one finding, or of all of them. Ordered from good to bad.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// Shown to hold.
    Pass,
    /// Could not be shown either way.
    Unknown,
    /// Shown not to hold.
    Fail,
}

impl Verdict {
    /// The worse of two: fail over unknown over pass.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        self.max(other)
    }

    /// The worst of all; unknown where there is none, since nothing examined is nothing shown.
    pub fn worst(all: impl IntoIterator<Item = Self>) -> Self {
        all.into_iter().max().unwrap_or(Self::Unknown)
    }

    /// The word as reports print it.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Pass => "PASS",
            Self::Unknown => "UNKNOWN",
            Self::Fail => "FAIL",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Verdict::{self, Fail, Pass, Unknown};
    use proptest::prelude::*;

    fn any() -> impl Strategy<Value = Verdict> {
        prop_oneof![Just(Pass), Just(Unknown), Just(Fail)]
    }

    #[test]
    fn nothing_examined_is_unknown() {
        assert_eq!(Verdict::worst([]), Unknown);
    }

    proptest! {
        #[test]
        fn joining_is_commutative_associative_idempotent(a in any(), b in any(), c in any()) {
            prop_assert_eq!(a.and(b), b.and(a));
            prop_assert_eq!(a.and(b).and(c), a.and(b.and(c)));
            prop_assert_eq!(a.and(a), a);
            prop_assert_eq!(a.and(Pass), a);
            prop_assert_eq!(a.and(Fail), Fail);
        }
    }
}
