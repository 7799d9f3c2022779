//! The one writer of facts: numbers them, stamps them, writes each line whole before the next.
use model::{
    journal::{Event, encode},
    units::Nanos,
};
use std::{
    fs::File,
    io::{self, Write as _},
};

/// Name of the journal in the run folder.
pub const NAME: &str = "events.jsonl";

/// Appends facts.
pub struct Writer {
    file: File,
    next: u64,
}

impl Writer {
    /// A writer at the start of an empty file.
    pub const fn new(file: File) -> Self {
        Self { file, next: 0 }
    }

    /// Writes one fact. It survives the death of the process at once; [`Self::sync`] makes it survive the machine's.
    ///
    /// # Errors
    /// What the file system says; the number is then used up, so that a gap tells of it.
    pub fn write(&mut self, t: Nanos, event: &Event) -> io::Result<()> {
        let line = encode(self.next, t, event).map_err(io::Error::other)?;
        self.next += 1;
        self.file.write_all(line.as_bytes())
    }

    /// Makes all that was written survive the machine.
    ///
    /// # Errors
    /// What the file system says.
    pub fn sync(&self) -> io::Result<()> {
        self.file.sync_data()
    }
}
