//! A signal to one process, through a descriptor opened beforehand: a later process with its pid cannot be hit.
//!
//! The engine needs some 70 ms to notice a death from outside; a start within them is answered "already running" and does
//! nothing. So the undo believes the process table, and waits for the engine to catch up.
use super::Deed;
use crate::{
    engine_socket::{Engine, State},
    process,
};
use model::{
    act::{Signal, Undo},
    facts::{Process, RevivedBy},
};
use std::{
    fs,
    os::fd::OwnedFd,
    time::{Duration, Instant},
};

/// How long the engine may take to notice a death or to start a container.
const PATIENCE: Duration = Duration::from_secs(10);

struct Kill {
    target: OwnedFd,
    number: i32,
    undo: Undo,
}

/// Opens the victim.
///
/// # Errors
/// It is gone, or another process has its pid.
pub fn prepare(
    victim: &Process,
    signal: Signal,
    container: &str,
    revived_by: RevivedBy,
) -> Result<impl Deed + use<>, String> {
    let target = process::open(victim).map_err(|error| format!("open process: {error}"))?;
    let target = target.ok_or(format!("find process {}: it has ended", victim.pid))?;
    let container = container.to_owned();
    Ok(Kill {
        target,
        number: signal.number(),
        undo: match revived_by {
            RevivedBy::Platform => Undo::Nothing,
            RevivedBy::Guard => Undo::Start { container },
        },
    })
}

impl Deed for Kill {
    fn undo(&self) -> Undo {
        self.undo.clone()
    }
    fn backend(&self) -> String {
        "pidfd".to_owned()
    }
    fn go(&mut self) -> Result<(), String> {
        process::signal(&self.target, self.number).map_err(|error| format!("send signal: {error}"))
    }
}

/// Makes sure that the container runs; one that is removed stays removed.
///
/// # Errors
/// The engine does not answer, or did not start it in time.
pub fn start(engine: &Engine, container: &str) -> Result<(), String> {
    let deadline = Instant::now() + PATIENCE;
    while Instant::now() < deadline {
        match engine.state(container)? {
            None => return Ok(()),
            Some(state) if really_runs(&state) => return Ok(()),
            Some(state) if !state.running => engine.start(container)?,
            Some(_) => std::thread::sleep(Duration::from_millis(5)),
        }
    }
    Err(format!("start container {container} within {PATIENCE:?}"))
}

/// The engine says so, its init is no corpse, and has somebody to mind where that is all it does.
pub fn really_runs(state: &State) -> bool {
    let init = process::find(state.pid).filter(process::lives);
    state.running && init.is_some_and(|init| !is_bereft(init.pid))
}

/// Programs that start another one, as leader of a process group, and reap what ends; they follow that one, on a busy machine some
/// time later. Orphans that they were left are no reason to stay.
const MINDERS: [&str; 3] = ["docker-init", "tini", "catatonit"];

fn is_bereft(init: u32) -> bool {
    let name = fs::read_to_string(format!("/proc/{init}/comm")).unwrap_or_default();
    let children = fs::read_to_string(format!("/proc/{init}/task/{init}/children"));
    let children = children.unwrap_or_default();
    let mut pids = children.split(' ').filter_map(|pid| pid.parse().ok());
    let minded =
        |pid| process::leads(pid) && process::find(pid).is_some_and(|one| process::lives(&one));
    MINDERS.contains(&name.trim_end()) && !pids.any(minded)
}
