//! What the names in the log's folder say: versions, checkpoints, and what else is there.
use std::collections::BTreeMap;

/// Digits of a version in a name.
const DIGITS: usize = 20;

/// All that holds at a version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Checkpoint {
    pub(super) version: u64,
    /// Its files, in order, none missing.
    pub(super) parts: Vec<String>,
    /// Whether its name is of the first kind: one file, or so many numbered parts.
    pub(super) is_classic: bool,
}

/// The log by its names.
#[derive(Debug, Default)]
pub(super) struct Listing {
    versions: BTreeMap<u64, String>,
    /// In rising order of version.
    checkpoints: Vec<Checkpoint>,
    /// The newest version that anything speaks of.
    pub(super) newest: u64,
}

/// What a name is.
enum Kind {
    Version,
    Single,
    /// Part, of so many.
    Part(u32, u32),
    /// A checkpoint of another kind than the first.
    Later,
}

impl Listing {
    /// Out of the names in the folder, relative to it; what is no part of the log is passed over, as by every reader.
    ///
    /// # Errors
    /// No version at all; versions that some catalog commits, not the log.
    pub(super) fn of<'a>(names: impl Iterator<Item = &'a str>) -> Result<Self, String> {
        let mut read = Self::default();
        let mut parts: BTreeMap<(u64, u32), BTreeMap<u32, String>> = BTreeMap::new();
        for name in names {
            if name.starts_with("_staged_commits/") || name.starts_with("_commits/") {
                return Err(format!("`{name}` is a version that a catalog commits"));
            }
            let Some((version, kind)) = kind(name) else {
                continue;
            };
            match kind {
                Kind::Version => {
                    read.versions.insert(version, name.to_owned());
                }
                Kind::Part(part, of) => {
                    let all = parts.entry((version, of)).or_default();
                    all.insert(part, name.to_owned());
                }
                Kind::Single => read.holds(version, vec![name.to_owned()], true),
                Kind::Later => read.holds(version, vec![name.to_owned()], false),
            }
        }
        for ((version, of), parts) in parts {
            if parts.keys().copied().eq(1..=of) {
                read.holds(version, parts.into_values().collect(), true);
            }
        }
        read.sorted()
    }

    fn holds(&mut self, version: u64, parts: Vec<String>, is_classic: bool) {
        self.checkpoints.push(Checkpoint {
            version,
            parts,
            is_classic,
        });
    }

    fn sorted(mut self) -> Result<Self, String> {
        self.checkpoints
            .sort_by_key(|checkpoint| (checkpoint.version, checkpoint.is_classic));
        let last = self.versions.keys().next_back().copied();
        let held = self.checkpoints.last().map(|checkpoint| checkpoint.version);
        let newest = last.max(held);
        self.newest = newest.ok_or("`_delta_log` has no version")?;
        Ok(self)
    }

    /// Newest first.
    pub(super) fn checkpoints(&self) -> impl Iterator<Item = &Checkpoint> {
        self.checkpoints.iter().rev()
    }

    /// The names of every version from `next` on.
    ///
    /// # Errors
    /// The first one that is missing.
    pub(super) fn above(&self, next: u64) -> Result<Vec<String>, String> {
        let is_missing = |version: &u64| !self.versions.contains_key(version);
        if let Some(gap) = (next..=self.newest).find(is_missing) {
            return Err(format!(
                "`_delta_log` has version {} but not {gap}",
                self.newest
            ));
        }
        let names = self.versions.range(next..).map(|(_, name)| name.clone());
        Ok(names.collect())
    }
}

/// Version and kind of a name; none where it is no part of the log.
fn kind(name: &str) -> Option<(u64, Kind)> {
    let (version, rest) = name.split_once('.')?;
    let version = number(version, DIGITS)?;
    let words: Vec<&str> = rest.split('.').collect();
    let kind = match words[..] {
        ["json"] => Kind::Version,
        ["checkpoint", "parquet"] => Kind::Single,
        ["checkpoint", part, of, "parquet"] => Kind::Part(small(part)?, small(of)?),
        ["checkpoint", _, "parquet" | "json"] => Kind::Later,
        _ => return None,
    };
    Some((version, kind))
}

fn small(text: &str) -> Option<u32> {
    u32::try_from(number(text, 10)?).ok()
}

fn number(text: &str, digits: usize) -> Option<u64> {
    let is_number = text.len() == digits && text.bytes().all(|digit| digit.is_ascii_digit());
    is_number.then(|| text.parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn version(number: u64) -> String {
        format!("{number:020}.json")
    }

    fn of(names: &[String]) -> Listing {
        Listing::of(names.iter().map(String::as_str)).unwrap()
    }

    #[test]
    fn versions_have_twenty_digits_and_the_rest_is_passed_over() {
        let mut names: Vec<String> = (0..3).map(version).collect();
        for stranger in ["3.json", "_last_checkpoint", "notes.txt"] {
            names.push(stranger.into());
        }
        names.push(format!("{:020}.crc", 9));
        names.push(format!("{:020}.{:020}.compacted.json", 0, 9));
        names.push(format!("_sidecars/{:020}.checkpoint.parquet", 9));
        let listing = of(&names);
        assert_eq!(listing.newest, 2);
        assert_eq!(listing.above(1), Ok(vec![version(1), version(2)]));
        assert_eq!(listing.above(3), Ok(vec![]));
        assert!(listing.checkpoints().next().is_none());
    }

    #[test]
    fn a_gap_is_named_and_one_below_a_checkpoint_is_none() {
        let single = format!("{:020}.checkpoint.parquet", 5);
        let listing = of(&[version(3), version(6), version(8), single]);
        let gap = |next| listing.above(next).unwrap_err();
        assert_eq!(gap(6), "`_delta_log` has version 8 but not 7");
        assert_eq!(gap(0), "`_delta_log` has version 8 but not 0");
        assert_eq!(listing.above(8), Ok(vec![version(8)]));
        // Its checkpoint is all that is left of version 9.
        let listing = of(&[version(8), format!("{:020}.checkpoint.parquet", 9)]);
        assert_eq!(listing.newest, 9);
        assert_eq!(listing.above(10), Ok(vec![]));
        assert!(listing.above(8).is_err());
    }

    #[test]
    fn parts_are_a_checkpoint_only_all_together() {
        let part = |number: u32| format!("{:020}.checkpoint.{number:010}.{:010}.parquet", 7, 3);
        let mut names = vec![version(8), part(1), part(3)];
        assert!(of(&names).checkpoints().next().is_none());
        names.push(part(2));
        let listing = of(&names);
        let whole: Vec<_> = listing.checkpoints().collect();
        assert_eq!(whole[0].parts, [part(1), part(2), part(3)]);
        assert!(whole[0].is_classic);
    }

    #[test]
    fn a_later_kind_is_told_apart_and_comes_after_the_first() {
        let single = format!("{:020}.checkpoint.parquet", 7);
        let later = format!("{:020}.checkpoint.80a083e8-7026.json", 7);
        let listing = of(&[later.clone(), single.clone()]);
        let kinds: Vec<_> = listing
            .checkpoints()
            .map(|checkpoint| (checkpoint.parts[0].clone(), checkpoint.is_classic))
            .collect();
        assert_eq!(kinds, [(single, true), (later, false)]);
    }

    #[test]
    fn a_log_without_a_version_or_with_a_catalogs_says_so() {
        let error = |name: &str| Listing::of([name].into_iter()).unwrap_err();
        assert_eq!(error("_last_checkpoint"), "`_delta_log` has no version");
        assert!(error("_staged_commits/7.x.json").contains("a catalog commits"));
    }
}
