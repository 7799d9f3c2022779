//! The freezer of a container, v1 or v2: one file takes the command, one tells the state.
//!
//! The file is opened beforehand, and read back by the check: v1 may say FREEZING in between.
use super::Deed;
use model::{act::Undo, facts::Freezer};
use std::{
    fs::{self, File, OpenOptions},
    io::{self, ErrorKind, Write},
    time::{Duration, Instant},
};

/// Thawing a busy container takes up to 8 ms measured; beyond this it is worth a new try.
const PATIENCE: Duration = Duration::from_secs(1);

struct Freeze {
    freezer: Freezer,
    file: File,
    was_frozen: bool,
}

/// Opens the control file and reads the state.
///
/// # Errors
/// There is no such file, or it cannot be written.
pub fn prepare(freezer: &Freezer) -> Result<impl Deed + use<>, String> {
    let fails = |error: io::Error| format!("open {}: {error}", freezer.write);
    let was_frozen = reads(&freezer.read, &freezer.frozen).map_err(fails)?;
    let file = OpenOptions::new()
        .write(true)
        .open(&freezer.write)
        .map_err(fails)?;
    Ok(Freeze {
        freezer: freezer.clone(),
        file,
        was_frozen,
    })
}

impl Deed for Freeze {
    fn undo(&self) -> Undo {
        Undo::Thaw {
            freezer: self.freezer.clone(),
            was_frozen: self.was_frozen,
        }
    }
    fn backend(&self) -> String {
        let v1 = self.freezer.write.ends_with("freezer.state");
        if v1 { "freezer v1" } else { "cgroup.freeze v2" }.to_owned()
    }
    fn go(&mut self) -> Result<(), String> {
        let written = self.file.write_all(self.freezer.freeze.as_bytes());
        written.map_err(|error| format!("write {}: {error}", self.freezer.write))
    }
}

/// Whether it is frozen now.
///
/// # Errors
/// There is no such file.
pub fn is_frozen(freezer: &Freezer) -> Result<bool, String> {
    reads(&freezer.read, &freezer.frozen).map_err(|error| format!("read {}: {error}", freezer.read))
}

/// Freezes, and sees it frozen.
///
/// # Errors
/// What the kernel says, or that it did not freeze in time: then it is thawed again.
pub fn hold(freezer: &Freezer) -> Result<(), String> {
    let fails = |error: io::Error| format!("freeze by {}: {error}", freezer.write);
    fs::write(&freezer.write, &freezer.freeze).map_err(fails)?;
    let deadline = Instant::now() + PATIENCE;
    while !is_frozen(freezer)? {
        if Instant::now() > deadline {
            thaw(freezer, false)?;
            return Err(format!("freeze by {} in time", freezer.write));
        }
        std::thread::sleep(Duration::from_micros(100));
    }
    Ok(())
}

/// Thaws, and sees it thawed; who was frozen before stays frozen, who is gone is fine.
///
/// # Errors
/// What the kernel says, or that it did not thaw in time.
pub fn thaw(freezer: &Freezer, was_frozen: bool) -> Result<(), String> {
    let thawed = || -> io::Result<()> {
        fs::write(&freezer.write, &freezer.thaw)?;
        let deadline = Instant::now() + PATIENCE;
        while !reads(&freezer.read, &freezer.thawed)? {
            if Instant::now() > deadline {
                return Err(io::Error::other("still not thawed"));
            }
            std::thread::sleep(Duration::from_micros(100));
        }
        Ok(())
    };
    match if was_frozen { Ok(()) } else { thawed() } {
        Err(error) if !gone(&error) => Err(format!("thaw by {}: {error}", freezer.write)),
        _ => Ok(()),
    }
}

fn gone(error: &io::Error) -> bool {
    error.kind() == ErrorKind::NotFound || error.raw_os_error() == Some(libc::ENODEV)
}

fn reads(file: &str, line: &str) -> io::Result<bool> {
    Ok(fs::read_to_string(file)?
        .lines()
        .any(|found| found.trim_end() == line))
}
