//! Puts other clock code into running processes while they are held still, and takes it out again.
//!
//! No thread may stand in the code that is exchanged: who does is let go on for a moment. Code and offset are written while
//! nobody runs, so nobody sees one without the other. Whoever is interrupted by a signal in the code and comes back to it later
//! would return into the other one; that takes a signal handler within some 50 ns, and the freezer waits for none.
use super::{
    super::{Deed, freeze},
    code::{self, PARTS},
    image::{Image, symbol},
};
use crate::process::{self, Identity};
use model::{
    act::{
        self,
        clock::{Patch, Undo},
    },
    facts::{Freezer, Process},
};
use std::{
    fs, thread,
    time::{Duration, Instant},
};

/// Holding a busy container still takes up to 8 ms; a thread is in its clock code for some 50 ns at a time.
const PATIENCE: Duration = Duration::from_secs(2);

struct Skew {
    freezer: Freezer,
    was_frozen: bool,
    patches: Vec<Patch>,
    by_s: i64,
}

/// Reads what each process has. Who ends meanwhile is left out.
///
/// # Errors
/// None is left, or one has clock code that is not the kernel's.
pub fn prepare(
    processes: &[Process],
    by_s: i64,
    freezer: &Freezer,
) -> Result<impl Deed + use<>, String> {
    let own = own()?;
    let living = processes.iter().filter(|one| process::lives(one));
    let patches: Result<Vec<Patch>, String> = living.map(|one| had(one, &own)).collect();
    let patches = patches?;
    if patches.is_empty() {
        return Err("find a process of the target: all have ended".to_owned());
    }
    Ok(Skew {
        freezer: freezer.clone(),
        was_frozen: freeze::is_frozen(freezer)?,
        patches,
        by_s,
    })
}

/// Our own clock code: the kernel gives all processes the same.
fn own() -> Result<Vec<u8>, String> {
    let image = Image::open(&Identity::own().process)?;
    image
        .bytes()
        .map_err(|error| format!("read our own clock code: {error}"))
}

/// Where each part of the code begins in the image, and how long it is there.
fn places(own: &[u8]) -> Result<Vec<(u64, usize)>, String> {
    let place = |part: &code::Part| {
        let found = symbol(own, part.symbol);
        let (at, length) = found.ok_or(format!("find {} in the clock code", part.symbol))?;
        let fits = part.code.len() <= length;
        let fits = fits.then_some((at, part.code.len()));
        fits.ok_or(format!(
            "fit other code into the {length} bytes of {}",
            part.symbol
        ))
    };
    PARTS.iter().map(place).collect()
}

fn had(of: &Process, own: &[u8]) -> Result<Patch, String> {
    let image = Image::open(of)?;
    let fails = |error| format!("read the clock code of process {}: {error}", of.pid);
    let mut had = Vec::new();
    for (at, length) in places(own)? {
        let bytes = image.read(image.range.start + at, length).map_err(fails)?;
        if own.get(at as usize..at as usize + length) != Some(bytes.as_slice()) {
            return Err(format!(
                "find the kernel's own clock code in process {}",
                of.pid
            ));
        }
        had.push((image.range.start + at, hex(&bytes)));
    }
    let process = of.clone();
    Ok(Patch { process, had })
}

impl Deed for Skew {
    fn undo(&self) -> act::Undo {
        act::Undo::Clock(Undo::Restore {
            patches: self.patches.clone(),
            freezer: self.freezer.clone(),
            was_frozen: self.was_frozen,
        })
    }
    fn backend(&self) -> String {
        format!("vDSO patch of {} processes", self.patches.len())
    }
    fn go(&mut self) -> Result<(), String> {
        let by_s = self.by_s;
        held(&self.freezer, self.was_frozen, &self.patches, &|patch| {
            let offset_at = patch.had.first().map_or(0, |(at, _)| at + code::OFFSET);
            let codes = PARTS
                .iter()
                .zip(&patch.had)
                .map(|(part, (at, _))| (*at, code::placed(part, *at, offset_at)));
            let offset = (offset_at, code::offset(by_s).to_vec());
            codes.chain([offset]).collect()
        })
    }
}

/// Takes the offset away, then the code.
///
/// # Errors
/// What the kernel says, or that a process could not be held still in time.
pub fn restore(undo: &Undo) -> Result<(), String> {
    let Undo::Restore {
        patches,
        freezer,
        was_frozen,
    } = undo;
    let living: Vec<Patch> = patches
        .iter()
        .filter(|patch| process::lives(&patch.process))
        .cloned()
        .collect();
    if living.is_empty() {
        return freeze::thaw(freezer, *was_frozen);
    }
    for patch in &living {
        let offset_at = patch.had.first().map_or(0, |(at, _)| at + code::OFFSET);
        if reads(&patch.process, patch).is_some_and(|by_s| by_s != 0) {
            let writes = [(offset_at, code::offset(0).to_vec())];
            put(&patch.process, &writes)?;
        }
    }
    held(freezer, *was_frozen, &living, &|patch| {
        let bytes = patch.had.iter().map(|(at, had)| (*at, unhex(had)));
        bytes.collect()
    })
}

type Writes = Vec<(u64, Vec<u8>)>;

/// Holds everybody still, with nobody in the code, writes, and lets go.
fn held(
    freezer: &Freezer,
    was_frozen: bool,
    patches: &[Patch],
    writes: &dyn Fn(&Patch) -> Writes,
) -> Result<(), String> {
    let deadline = Instant::now() + PATIENCE;
    loop {
        freeze::hold(freezer)?;
        let busy = patches.iter().any(|patch| inside(&patch.process));
        if !busy {
            break;
        }
        freeze::thaw(freezer, was_frozen)?;
        if was_frozen || Instant::now() > deadline {
            return Err("find the processes outside of their clock code".to_owned());
        }
        thread::sleep(Duration::from_micros(200));
    }
    let mut written = Ok(());
    for patch in patches {
        // One that fails does not keep the others.
        written = written.and(put(&patch.process, &writes(patch)));
    }
    freeze::thaw(freezer, was_frozen)?;
    written
}

/// Writes, unless the process has ended.
fn put(process: &Process, writes: &[(u64, Vec<u8>)]) -> Result<(), String> {
    let Ok(image) = Image::open(process) else {
        return Ok(());
    };
    let write = |(at, bytes): &(u64, Vec<u8>)| image.write(*at, bytes);
    match writes.iter().try_for_each(write) {
        Err(error) if process::lives(process) => Err(format!(
            "write the clock code of process {}: {error}",
            process.pid
        )),
        _ => Ok(()),
    }
}

/// Whether a thread stands in the clock code. One that cannot be asked counts as standing there.
fn inside(process: &Process) -> bool {
    let Ok(image) = Image::open(process) else {
        return false;
    };
    let tasks = fs::read_dir(format!("/proc/{}/task", process.pid));
    let tasks = tasks.into_iter().flatten().flatten();
    let mut counters = tasks.map(|task| {
        let text = fs::read_to_string(task.path().join("syscall")).ok()?;
        let last = text
            .split_whitespace()
            .last()?
            .strip_prefix("0x")?
            .to_owned();
        u64::from_str_radix(&last, 16).ok()
    });
    counters.any(|counter| counter.is_none_or(|at| image.range.contains(&at)))
}

/// The offset that a process's clock code adds: 0 for the kernel's own; none for any other code.
pub fn offset_of(process: &Process) -> Result<Option<i64>, String> {
    let own = own()?;
    if had(process, &own).is_ok() {
        return Ok(Some(0));
    }
    let image = Image::open(process)?;
    let places = places(&own)?;
    let had = places
        .iter()
        .map(|(at, _)| (image.range.start + at, String::new()))
        .collect();
    let process = process.clone();
    let patch = Patch { process, had };
    Ok(reads(&patch.process, &patch))
}

/// The offset in our code, where it is ours byte by byte.
fn reads(process: &Process, patch: &Patch) -> Option<i64> {
    let image = Image::open(process).ok()?;
    let offset_at = patch.had.first()?.0 + code::OFFSET;
    let offset = image.read(offset_at, 16).ok()?;
    for (part, (at, _)) in PARTS.iter().zip(&patch.had) {
        let mut wanted = code::placed(part, *at, offset_at);
        if part.way.is_none() {
            wanted[code::OFFSET as usize..].copy_from_slice(&offset);
        }
        if image.read(*at, wanted.len()).ok()? != wanted {
            return None;
        }
    }
    Some(i64::from_le_bytes(offset[..8].try_into().ok()?))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn unhex(text: &str) -> Vec<u8> {
    let pair = |at| u8::from_str_radix(text.get(at..at + 2)?, 16).ok();
    (0..text.len()).step_by(2).filter_map(pair).collect()
}
