//! A line stands in a control file. The file stays open: reading it again from its start asks the kernel again.
use super::{Glance, Watch};
use crate::clock::Clock;
use model::units::Nanos;
use std::{fs::File, io, os::unix::fs::FileExt};

/// Control files are shorter than this.
const LONGEST: usize = 4096;

struct Reads {
    path: String,
    want: String,
    file: io::Result<File>,
    /// Since when the line stands there without a break.
    since: Option<Nanos>,
}

/// Opens the file; one that is not there holds nothing.
pub fn watch(path: &str, want: &str) -> impl Watch + use<> {
    Reads {
        path: path.to_owned(),
        want: want.to_owned(),
        file: File::open(path),
        since: None,
    }
}

impl Reads {
    fn text(&self) -> Result<String, String> {
        let mut bytes = [0; LONGEST];
        let fails = |error: &io::Error| error.to_string();
        let file = self.file.as_ref().map_err(fails)?;
        let length = file.read_at(&mut bytes, 0).map_err(|error| fails(&error))?;
        Ok(String::from_utf8_lossy(&bytes[..length]).into_owned())
    }
}

impl Watch for Reads {
    fn glance(&mut self, clock: Clock) -> Glance {
        let (text, now) = (self.text(), clock.now());
        let stands = |text: &String| text.lines().any(|line| line.trim_end() == self.want);
        let held = text.as_ref().is_ok_and(stands);
        self.since = held.then(|| self.since.unwrap_or(now));
        Glance {
            held: Some(held),
            since: self.since.unwrap_or(now),
            evidence: match text {
                Ok(text) => format!(
                    "{} reads {}",
                    self.path,
                    text.trim_end().replace('\n', ", ")
                ),
                Err(why) => format!("{} cannot be read: {why}", self.path),
            },
        }
    }
}
