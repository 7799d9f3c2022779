//! The closed set of changes that can be made to the machine, each with an exact undo.
//!
//! An act is data: the guard carries it out and undoes what it never decided. What an undo puts back is the value *read before*
//! the act, never a default. A new act is rare: a variant here, one in [`crate::world`], one file in the guard.
pub mod fuse;
pub mod net;
pub mod queue;

use crate::facts::{Freezer, Process, RevivedBy};
use serde::{Deserialize, Serialize};

/// A signal by its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Signal {
    /// Ends the process, cannot be caught.
    Kill,
    /// Asks the process to end.
    Term,
    /// Interrupt from a terminal.
    Int,
    /// The terminal went away.
    Hup,
    /// Ends with a core dump or, in a JVM, prints a thread dump.
    Quit,
    /// Aborts.
    Abrt,
    /// Free for the program's own use.
    Usr1,
    /// Free for the program's own use.
    Usr2,
    /// Goes on after a stop; harmless to a running process.
    Cont,
}

impl Signal {
    /// Every signal there is, in the order of the help text.
    pub const ALL: [Self; 9] = [
        Self::Kill,
        Self::Term,
        Self::Int,
        Self::Hup,
        Self::Quit,
        Self::Abrt,
        Self::Usr1,
        Self::Usr2,
        Self::Cont,
    ];

    /// Its number on Linux (x86-64 and arm64).
    pub const fn number(self) -> i32 {
        match self {
            Self::Hup => 1,
            Self::Int => 2,
            Self::Quit => 3,
            Self::Abrt => 6,
            Self::Kill => 9,
            Self::Usr1 => 10,
            Self::Usr2 => 12,
            Self::Term => 15,
            Self::Cont => 18,
        }
    }
}

/// One primitive change.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Act {
    /// Sends a signal to one process. One-shot: undone by making sure that its container runs, or by nobody.
    Signal {
        /// The victim.
        process: Process,
        /// What it gets.
        signal: Signal,
        /// The container it lives in.
        container: String,
        /// Who brings it back.
        revived_by: RevivedBy,
    },
    /// Freezes every process of a container. Reversible.
    Freeze {
        /// The container's control files.
        freezer: Freezer,
    },
    /// Does something to traffic or links.
    Net(net::Act),
    /// Changes what a packet queue does.
    Queue(queue::Act),
    /// A drive's layer.
    Fuse(fuse::Act),
    /// Takes charge of everything labelled with the run: containers, networks, volumes. Changes nothing; its undo removes them.
    Own {
        /// Value of the run label.
        run: String,
    },
}

/// How to put back what an act changed. Written to disk before the act.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Undo {
    /// Nothing to put back.
    Nothing,
    /// Make sure that this container runs.
    Start {
        /// Full container id.
        container: String,
    },
    /// Put the freezer back into the state it had.
    Thaw {
        /// The control files.
        freezer: Freezer,
        /// Whether it was frozen before we came; then it stays frozen.
        was_frozen: bool,
    },
    /// Puts traffic and links back.
    Net(net::Undo),
    /// Puts back what a packet queue does.
    Queue(queue::Undo),
    /// A drive's layer.
    Fuse(fuse::Undo),
    /// Remove everything that carries this run label.
    Remove {
        /// Value of the run label.
        run: String,
    },
}

impl Undo {
    /// Place in the order of heal, lower first: 0 releases whatever blocks, 1 takes rules and values back, 2 starts containers, 9 removes the testbed, 10 what its
    /// containers stood on.
    pub const fn rank(&self) -> u8 {
        match self {
            Self::Thaw { .. } | Self::Queue(_) => 0,
            Self::Nothing | Self::Net(_) | Self::Fuse(fuse::Undo::Lift { .. }) => 1,
            Self::Start { .. } => 2,
            Self::Remove { .. } => 9,
            Self::Fuse(fuse::Undo::Detach { .. }) => 10,
        }
    }
}
