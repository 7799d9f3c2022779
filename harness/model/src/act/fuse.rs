//! Drives whose every operation passes a layer of ours: attaching it, and rules in its control page.
//!
//! The layer is a process of its own between a directory and whoever uses it. A rule says which operations it spoils, how, how
//! often and until when; past its instant the layer lets everything pass, whoever has died meanwhile.
use crate::units::Nanos;
use serde::{Deserialize, Serialize};

/// A layer over a directory.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Layer {
    /// The directory whose files are passed through.
    pub below: String,
    /// Where they appear.
    pub mount: String,
    /// Its control page, a file mapped by the layer and by the guard.
    pub page: String,
}

/// A class of operations.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Op {
    /// Reading data.
    Read,
    /// Writing data, truncating, allocating.
    Write,
    /// Flushing a file or directory to the disk.
    Fsync,
    /// Opening, and making files, directories and links.
    Create,
    /// Everything else: looking up, attributes, listing, renaming, removing.
    Metadata,
}

impl Op {
    /// Every class, in the order of the page's counters.
    pub const ALL: [Self; 5] = [
        Self::Read,
        Self::Write,
        Self::Fsync,
        Self::Create,
        Self::Metadata,
    ];
}

/// An error of a disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Errno {
    /// The device failed.
    Eio,
    /// No space left.
    Enospc,
    /// The file system is read-only.
    Erofs,
}

impl Errno {
    /// Its number on Linux.
    pub const fn number(self) -> i32 {
        match self {
            Self::Eio => 5,
            Self::Enospc => 28,
            Self::Erofs => 30,
        }
    }
}

/// What befalls an operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Effect {
    /// Nothing is done, and the caller gets this error.
    Fail(Errno),
    /// The first half is written; the caller is told that all was. Only writes tear.
    Tear,
    /// It is done, this much later.
    Delay(Nanos),
}

/// What a layer does to operations.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Rule {
    /// To which.
    pub ops: Vec<Op>,
    /// What.
    pub effect: Effect,
    /// To how many in a million of them.
    pub share_ppm: u32,
    /// Where the draws begin: the same operations in the same order suffer again.
    pub seed: u64,
}

/// One change to a layer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Act {
    /// Starts a layer over a directory, before anybody uses it.
    Attach {
        /// Which.
        layer: Layer,
    },
    /// Puts a rule into the page of a layer. Reversible, and ended by the layer itself after `lifetime_ms`.
    Impose {
        /// Whose.
        layer: Layer,
        /// What.
        rule: Rule,
        /// The layer lets everything pass after this long, in ms.
        lifetime_ms: u64,
    },
}

/// How to put it back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Undo {
    /// End the layer and its mount; whoever still uses it gets errors.
    Detach {
        /// Which.
        layer: Layer,
    },
    /// Take the rule out of the page, unless it stood there before.
    Lift {
        /// Whose.
        layer: Layer,
        /// Which.
        rule: Rule,
        /// Whether it stood there before; then it stays.
        was_there: bool,
    },
}

/// What can be seen of a layer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Check {
    /// Each class of the rule's operations was tried on the mount and suffered, and the rule's own counter moved.
    Suffers {
        /// Whose.
        layer: Layer,
        /// Which.
        rule: Rule,
    },
    /// The rule is gone and its counter still, and what is written, flushed and read back through the mount is right.
    Sound {
        /// Whose.
        layer: Layer,
        /// Which rule is gone.
        rule: Rule,
    },
}
