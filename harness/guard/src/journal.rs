//! The write-ahead undo journal `undo.jsonl`: on disk before each act, so that whoever comes later can undo it.
//!
//! The first line names the run, its owner and the boot. A torn tail (the guard died while writing) ends the journal: it
//! belongs to an act that never began.
use crate::pending::{Entry, Pending};
use model::{
    act::{self, Act, Undo, disk},
    drive::{Drive, Spot},
    facts::Process,
    ids::{FaultId, UndoId},
    journal::codec::{decode_value, encode_value},
    units::Nanos,
};
use serde::{Deserialize, Serialize};
use std::{
    fs::{self, File, OpenOptions},
    io::{self, Write},
    path::Path,
};

/// One line.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "k", rename_all = "kebab-case")]
pub enum Fact {
    /// Line 0.
    Opened {
        /// The run.
        run: String,
        /// Who asked, as `pid:start ticks:boot id`.
        owner: String,
        /// The guard itself, likewise.
        guard: String,
        /// The instant of `CLOCK_MONOTONIC` from which `t` counts, in ns.
        epoch_mono_ns: u64,
    },
    /// Something is about to be done; this puts it back.
    Undo(Box<Recorded>),
    /// It was put back.
    Done {
        /// Which.
        id: UndoId,
        /// How long it took.
        took_ns: u64,
    },
    /// A worker of ours was silent and was killed: what it did has ended before its time.
    WorkerKilled {
        /// Its process.
        pid: u32,
        /// What was seen.
        why: String,
    },
    /// It could not be put back; tried again later.
    Failed {
        /// Which.
        id: UndoId,
        /// Why not.
        why: String,
    },
}

/// An act that is about to be done, and how to put it back.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Recorded {
    /// Rising from 1.
    pub id: UndoId,
    /// On whose behalf; none for the testbed itself.
    pub fault: Option<FaultId>,
    /// What is about to be done.
    pub act: Act,
    /// Who it is done to.
    pub identity: Identity,
    /// How to put it back, with the value read before.
    pub restore: Undo,
    /// Undone by the guard itself after this instant, in ns since the epoch.
    pub deadline_ns: u64,
}

/// Whom an act is done to, as far as it has such a thing: what does not match any more is gone, not undone.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Identity {
    /// The process.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub process: Option<Process>,
    /// Full id of the container.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub container: Option<String>,
    /// The control file written.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub file: Option<String>,
}

impl Identity {
    /// Whom `act` is done to.
    pub fn of(act: &Act) -> Self {
        match act {
            Act::Signal {
                process, container, ..
            } => Self {
                process: Some(process.clone()),
                container: Some(container.clone()),
                file: None,
            },
            Act::Freeze { freezer } => Self {
                file: Some(freezer.write.clone()),
                ..Self::default()
            },
            Act::Process(act) => Self::of_process(act),
            Act::Control(act) => Self::of_control(act),
            Act::Clock(act::clock::Act::Skew {
                processes, freezer, ..
            }) => Self {
                process: processes.first().cloned(),
                container: None,
                file: Some(freezer.write.clone()),
            },
            Act::Files(act::files::Act::Hide { process, .. }) => Self {
                process: Some(process.clone()),
                ..Self::default()
            },
            Act::Net(_) | Act::Queue(_) | Act::Call(_) | Act::Own { .. } => Self::default(),
            Act::Fuse(act) => Self {
                file: Some(crate::acts::fuse::page_of(act).to_owned()),
                ..Self::default()
            },
            Act::Disk(act) => Self::of_drives(act),
        }
    }
}

impl Identity {
    fn of_drives(act: &disk::Act) -> Self {
        match act {
            disk::Act::ShutDown {
                container, victim, ..
            } => Self {
                process: victim.clone(),
                container: Some(container.clone()),
                file: None,
            },
            disk::Act::Spoil { container, .. } => Self {
                container: Some(container.clone()),
                ..Self::default()
            },
            disk::Act::Slow { throttle, .. } => Self {
                process: Some(throttle.init.clone()),
                ..Self::default()
            },
            disk::Act::Make { folder: file, .. }
            | disk::Act::Freeze {
                drive: Drive { image: file, .. },
            }
            | disk::Act::Fill {
                drive: Drive { image: file, .. },
            }
            | disk::Act::Swap {
                drive: Drive { image: file, .. },
            }
            | disk::Act::Rot {
                spot: Spot { file, .. },
            } => Self {
                file: Some(file.clone()),
                ..Self::default()
            },
        }
    }

    fn of_process(act: &act::process::Act) -> Self {
        use act::process::Act;
        let (process, container) = match act {
            Act::Stop { process } => (Some(process.clone()), None),
            Act::Restart { container } => (None, Some(container.clone())),
            Act::Notice {
                victim, container, ..
            } => (Some(victim.clone()), Some(container.clone())),
        };
        Self {
            process,
            container,
            file: None,
        }
    }

    fn of_control(act: &act::control::Act) -> Self {
        use act::control::Act;
        let (process, container, file) = match act {
            Act::Set {
                settings, start, ..
            } => {
                let first = settings.first();
                let file = first.map(|setting| setting.file.clone());
                (first.map(|one| one.of.clone()), start.clone(), file)
            }
            Act::Files { processes, .. } => (processes.first().cloned(), None, None),
        };
        Self {
            process,
            container,
            file,
        }
    }
}

/// An open journal.
#[derive(Debug)]
pub struct Journal {
    file: File,
    next: u64,
    len: u64,
}

impl Journal {
    /// Makes a new journal; line 0 is on disk when it returns.
    ///
    /// # Errors
    /// What the disk says; also where the file exists.
    pub fn create(path: &Path, t: Nanos, opened: &Fact) -> io::Result<Self> {
        let file = OpenOptions::new()
            .append(true)
            .create_new(true)
            .open(path)?;
        let mut journal = Self {
            file,
            next: 0,
            len: 0,
        };
        journal.append(t, opened)?;
        if let Some(folder) = path.parent() {
            File::open(folder)?.sync_all()?;
        }
        Ok(journal)
    }

    /// Opens a journal to go on where its readable prefix ends; what follows is cut off.
    ///
    /// # Errors
    /// What the disk says.
    pub fn reopen(path: &Path) -> io::Result<(Self, Replay)> {
        let text = fs::read(path)?;
        let replay = Replay::read(&text);
        let file = OpenOptions::new().append(true).open(path)?;
        file.set_len(replay.bytes as u64)?;
        let next = replay.facts.len() as u64;
        let len = replay.bytes as u64;
        Ok((Self { file, next, len }, replay))
    }

    /// Appends one fact; it is on disk when this returns. What a full disk cut short is taken back, or it would end the journal.
    ///
    /// # Errors
    /// What the disk says.
    pub fn append(&mut self, t: Nanos, fact: &Fact) -> io::Result<()> {
        let line = encode_value(self.next, t, fact).map_err(io::Error::other)?;
        let written = self.file.write_all(line.as_bytes());
        if let Err(error) = written.and_then(|()| self.file.sync_data()) {
            self.file.set_len(self.len)?;
            return Err(error);
        }
        self.len += line.len() as u64;
        self.next += 1;
        Ok(())
    }
}

/// What a journal says: its facts in order, and how many bytes of it were whole.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Replay {
    /// The facts of the readable prefix.
    pub facts: Vec<Fact>,
    /// Instant of the last of them.
    pub last: Nanos,
    /// Length of that prefix.
    pub bytes: usize,
}

impl Replay {
    /// Reads the longest whole prefix.
    pub fn read(bytes: &[u8]) -> Self {
        let mut replay = Self::default();
        for line in bytes.split_inclusive(|byte| *byte == b'\n') {
            let Some((t, fact)) = line_of(replay.facts.len() as u64, line) else {
                break;
            };
            replay.facts.push(fact);
            replay.last = t;
            replay.bytes += line.len();
        }
        replay
    }

    /// What is recorded and not done.
    pub fn pending(&self) -> Pending {
        let mut pending = Pending::default();
        for fact in &self.facts {
            match fact.clone() {
                Fact::Undo(recorded) => pending.record(Entry {
                    id: recorded.id,
                    fault: recorded.fault,
                    undo: recorded.restore,
                    deadline: Nanos(recorded.deadline_ns),
                }),
                Fact::Done { id, .. } => pending.done(id),
                Fact::Opened { .. } | Fact::Failed { .. } | Fact::WorkerKilled { .. } => {}
            }
        }
        pending
    }
}

fn line_of(n: u64, line: &[u8]) -> Option<(Nanos, Fact)> {
    let line = std::str::from_utf8(line.strip_suffix(b"\n")?).ok()?;
    let (number, t, value) = decode_value(line).ok()?;
    let fact = serde_json::from_value(value).ok()?;
    (number == n).then_some((t, fact))
}
