//! How each act is done and undone. One file an act: it reads what was before, does, and puts that back.
//!
//! Doing comes in three: *prepare* looks and changes nothing, so that the undo can be written to disk; *ready* opens and makes
//! what is harmless; *go* is the one short call whose beginning and end are the act's instants.
pub mod call;
pub mod clock;
pub mod control;
pub mod disk;
pub mod freeze;
pub mod fuse;
pub mod hide;
pub mod net;
pub mod own;
pub mod process;
pub mod signal;

use crate::{
    drives,
    engine_socket::Engine,
    filter::{Filter, table_of},
    news::News,
    queue::{self, Queue},
    registry::Registry,
};
use model::act::{self, Act, Undo};
use std::{path::PathBuf, sync::Mutex};

/// An act that is about to be done.
pub trait Deed: Send {
    /// How to put back what it will change, as read just now.
    fn undo(&self) -> Undo;
    /// The mechanism, for the report.
    fn backend(&self) -> String;
    /// Whatever can be done before without an effect.
    ///
    /// # Errors
    /// What the machine says.
    fn ready(&mut self) -> Result<(), String> {
        Ok(())
    }
    /// Does it.
    ///
    /// # Errors
    /// What the machine says.
    fn go(&mut self) -> Result<(), String>;
}

/// What acts on the machine for one run.
pub struct Hands {
    /// Value of the run label.
    pub run: String,
    /// The run's packet filter.
    pub filter: Mutex<Filter>,
    /// Its tables inside network namespaces.
    pub rooms: Mutex<net::mute::Rooms>,
    /// The run's packet queues.
    pub queue: Mutex<Queue>,
    /// Folder of the run's drives.
    pub drives_folder: PathBuf,
    /// What is held open on drives.
    pub drives: disk::Held,
    /// The engine's socket.
    pub engine: Engine,
    /// Where to say what is done unasked.
    pub news: News,
    /// The program whose hidden subcommands our workers are.
    pub program: PathBuf,
    /// The ends that are still to come.
    pub notices: process::notice::Notices,
    /// Who uses memory up.
    pub hogs: control::hog::Hogs,
}

impl Hands {
    /// Hands of `run`; nothing is touched yet.
    pub fn of(run: &str, engine: Engine) -> Self {
        Self {
            run: run.to_owned(),
            filter: Mutex::new(Filter::of(run)),
            rooms: Mutex::new(net::mute::Rooms::of(table_of(run))),
            queue: Mutex::new(Queue::of(run)),
            drives_folder: drives::home(Registry::usual().folder()).join(run),
            drives: disk::Held::default(),
            engine,
            news: News::default(),
            program: PathBuf::from("/proc/self/exe"),
            notices: Default::default(),
            hogs: Default::default(),
        }
    }

    /// Keeps its drives beside that list of open runs instead of the usual one.
    #[must_use]
    pub fn beside(mut self, registry: &Registry) -> Self {
        self.drives_folder = drives::home(registry.folder()).join(&self.run);
        self
    }

    /// Looks at what `act` will change.
    ///
    /// # Errors
    /// The target is not there, or the machine cannot do it.
    pub fn prepare<'a>(&'a self, act: &Act) -> Result<Box<dyn Deed + 'a>, String> {
        Ok(match act {
            Act::Signal {
                process,
                signal,
                container,
                revived_by,
            } => Box::new(signal::prepare(process, *signal, container, *revived_by)?),
            Act::Freeze { freezer } => Box::new(freeze::prepare(freezer)?),
            Act::Net(act) => net::prepare(self, act)?,
            Act::Queue(act) => Box::new(queue::prepare(&self.queue, act)?),
            Act::Fuse(act) => fuse::prepare(&self.program, act)?,
            Act::Process(act) => process::prepare(self, act)?,
            Act::Control(act) => control::prepare(self, act)?,
            Act::Clock(act) => {
                let act::clock::Act::Skew {
                    processes,
                    by_s,
                    freezer,
                } = act;
                Box::new(clock::skew::prepare(processes, *by_s, freezer)?)
            }
            Act::Files(act) => Box::new(hide::prepare(act)?),
            Act::Call(act) => call::prepare(act)?,
            Act::Own { run } => Box::new(own::Own(run.clone())),
            Act::Disk(act) => disk::prepare(&self.drives, act)?,
        })
    }

    /// Puts back; twice is once, and a target that is gone is a success.
    ///
    /// # Errors
    /// What the machine says; worth another try.
    pub fn undo(&self, undo: &Undo) -> Result<(), String> {
        match undo {
            Undo::Nothing => Ok(()),
            Undo::Start { container } => signal::start(&self.engine, container),
            Undo::Thaw {
                freezer,
                was_frozen,
            } => freeze::thaw(freezer, *was_frozen),
            Undo::Net(undo) => net::undo(self, undo),
            Undo::Queue(undo) => queue::undo(&self.queue, undo),
            Undo::Fuse(undo) => fuse::undo(undo),
            Undo::Process(undo) => process::undo(self, undo),
            Undo::Control(undo) => control::undo(self, undo),
            Undo::Clock(undo) => clock::skew::restore(undo),
            Undo::Files(undo) => hide::show(undo),
            Undo::Call(undo) => call::undo(self, undo),
            Undo::Remove { run } => {
                crate::sweep::remove(&self.engine, run)?;
                // A start that comes late makes the folder of a drive anew, and fails for want of the drive.
                drives::remove::all(&self.drives_folder)
            }
            Undo::Disk(undo) => disk::undo(&self.drives, &self.engine, undo),
        }
    }
}
