//! The closed set of changes that can be made to the machine, each with an exact undo.
//!
//! An act is data: the guard carries it out and undoes what it never decided. What an undo puts back is the value *read before*
//! the act, never a default. A new act is rare: a variant here, one in [`crate::world`], one file in the guard.
pub mod call;
pub mod clock;
pub mod control;
pub mod disk;
pub mod files;
pub mod fuse;
pub mod net;
pub mod process;
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
    /// The power is about to fail.
    Pwr,
    /// Goes on after a stop; harmless to a running process.
    Cont,
}

impl Signal {
    /// Every signal there is, in the order of the help text.
    pub const ALL: [Self; 10] = [
        Self::Kill,
        Self::Term,
        Self::Int,
        Self::Hup,
        Self::Quit,
        Self::Abrt,
        Self::Usr1,
        Self::Usr2,
        Self::Pwr,
        Self::Cont,
    ];

    /// Its name, without the `SIG`.
    pub fn name(self) -> String {
        format!("{self:?}").to_uppercase()
    }

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
            Self::Pwr => 30,
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
    /// See [`process`].
    Process(process::Act),
    /// See [`control`].
    Control(control::Act),
    /// See [`clock`].
    Clock(clock::Act),
    /// See [`files`].
    Files(files::Act),
    /// Asks a running system for something.
    Call(call::Act),
    /// Takes charge of everything labelled with the run: containers, networks, volumes. Changes nothing; its undo removes them.
    Own {
        /// Value of the run label.
        run: String,
    },
    /// A change to the drives of a node.
    Disk(Box<disk::Act>),
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
    /// See [`process`].
    Process(process::Undo),
    /// See [`control`].
    Control(control::Undo),
    /// See [`clock`].
    Clock(clock::Undo),
    /// See [`files`].
    Files(files::Undo),
    /// Asks a running system to put it back.
    Call(call::Undo),
    /// Remove everything that carries this run label.
    Remove {
        /// Value of the run label.
        run: String,
    },
    /// Put a drive back.
    Disk(Box<disk::Undo>),
}

impl Undo {
    /// The first place in the order of heal at which nobody of the testbed needs what is taken away.
    pub const GROUND: u8 = 7;

    /// Place in the order of heal, lower first: 0 releases whatever blocks, 1 takes rules and values back, 2 starts containers; from
    /// [`Self::GROUND`] on what the containers stood on goes, 7 and 8, and 9 removes the testbed.
    pub const fn rank(&self) -> u8 {
        match self {
            Self::Thaw { .. }
            | Self::Queue(_)
            | Self::Process(process::Undo::Continue { .. })
            | Self::Control(control::Undo::Put { start: None, .. })
            | Self::Clock(_) => 0,
            Self::Nothing
            | Self::Net(_)
            | Self::Fuse(fuse::Undo::Lift { .. })
            | Self::Control(_)
            | Self::Files(_)
            | Self::Call(_) => 1,
            Self::Start { .. } | Self::Process(process::Undo::Recall { .. }) => 2,
            Self::Remove { .. } => 9,
            Self::Fuse(fuse::Undo::Detach { .. }) => Self::GROUND,
            Self::Disk(undo) => undo.rank(),
        }
    }

    /// The container that this undo may have to stop and start again; that too ends whatever else was done to it.
    pub fn restarts(&self) -> Option<&str> {
        match self {
            Self::Disk(undo) => undo.restarts(),
            _ => None,
        }
    }

    /// Whether what it puts back is inside a running container and ends with it: in vain where the testbed is about to be removed, and
    /// slow where a server that is asked is just dying.
    pub const fn is_of_testbed(&self) -> bool {
        match self {
            Self::Start { .. } | Self::Call(_) | Self::Process(process::Undo::Recall { .. }) => {
                true
            }
            Self::Disk(undo) => matches!(**undo, disk::Undo::Remount { .. }),
            _ => false,
        }
    }

    /// Whether the kernel holds what it puts back, so that another boot has done it.
    pub const fn is_volatile(&self) -> bool {
        match self {
            Self::Thaw { .. } | Self::Net(_) | Self::Queue(_) | Self::Clock(_) => true,
            Self::Process(undo) => matches!(undo, process::Undo::Continue { .. }),
            Self::Control(undo) => !matches!(undo, control::Undo::Put { start: Some(_), .. }),
            Self::Fuse(undo) => matches!(undo, fuse::Undo::Lift { .. }),
            Self::Disk(undo) => !matches!(**undo, disk::Undo::Unmake { .. }),
            Self::Files(_)
            | Self::Call(_)
            | Self::Nothing
            | Self::Start { .. }
            | Self::Remove { .. } => false,
        }
    }
}
