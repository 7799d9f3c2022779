//! A small write by a process of its own, synced and read back: what it comes to.
//!
//! That it does not come back is told apart from a busy machine by time, and by the state of its process: it waits in the kernel.
use crate::{
    checks::{Glance, Watch},
    clock::Clock,
    drives::writer::{self, Job, Told, Writer},
};
use model::{check::disk::Outcome, drive::Drive, units::Nanos};
use std::{
    io,
    path::PathBuf,
    time::{Duration, Instant},
};

/// A write and its sync take some milliseconds, on a busy disk some tens.
const STUCK: Duration = Duration::from_millis(500);
/// Between two writes.
const GAP: Duration = Duration::from_millis(5);

struct Writes {
    drive: Drive,
    come_to: Outcome,
    writer: Option<Writer>,
    last: Option<Instant>,
    /// What they come to, and since when without a break.
    seen: Option<(Result<Outcome, String>, Nanos)>,
}

/// Nothing is written before the first glance.
pub fn watch(drive: &Drive, come_to: Outcome) -> impl Watch + use<> {
    Writes {
        drive: drive.clone(),
        come_to,
        writer: None,
        last: None,
        seen: None,
    }
}

fn outcome(told: Told) -> Result<Outcome, String> {
    match told.errno {
        0 => Ok(Outcome::Done),
        libc::EIO => Ok(Outcome::IoError),
        libc::ENOSPC => Ok(Outcome::NoSpace),
        libc::EROFS => Ok(Outcome::ReadOnly),
        other => Err(io::Error::from_raw_os_error(other).to_string()),
    }
}

impl Writes {
    fn write(&mut self) {
        if self.writer.is_some() || self.last.is_some_and(|at| at.elapsed() < GAP) {
            return;
        }
        self.last = Some(Instant::now());
        // What is seen there, by way of a layer of ours if there is one.
        self.writer = writer::start(&PathBuf::from(&self.drive.mount), Job::Once).ok();
    }

    fn look(&mut self, clock: Clock) {
        let Some(writer) = &self.writer else { return };
        let (new, at) = match writer.told() {
            Some(told) => (outcome(told), clock.now()),
            None if writer.is_stuck(STUCK) => {
                let waited = Nanos(writer.began().elapsed().as_nanos() as u64);
                (Ok(Outcome::Stalls), Nanos(clock.now().since(waited).0))
            }
            None => return,
        };
        if new != Ok(Outcome::Stalls) {
            self.writer = None;
        }
        match &self.seen {
            Some((old, _)) if *old == new => {}
            _ => self.seen = Some((new, at)),
        }
    }
}

impl Watch for Writes {
    fn glance(&mut self, clock: Clock) -> Glance {
        self.write();
        self.look(clock);
        let told = match &self.seen {
            None => "are not decided yet".to_owned(),
            Some((Ok(Outcome::Done), _)) => "are done and read back".to_owned(),
            Some((Ok(Outcome::IoError), _)) => "give EIO".to_owned(),
            Some((Ok(Outcome::NoSpace), _)) => "give ENOSPC".to_owned(),
            Some((Ok(Outcome::ReadOnly), _)) => "give EROFS".to_owned(),
            Some((Ok(Outcome::Stalls), _)) => "do not come back".to_owned(),
            Some((Err(why), _)) => format!("fail: {why}"),
        };
        let held = |(seen, _): &(Result<Outcome, String>, Nanos)| *seen == Ok(self.come_to);
        Glance {
            held: self.seen.as_ref().map(held),
            since: self
                .seen
                .as_ref()
                .map_or_else(|| clock.now(), |(_, since)| *since),
            evidence: format!(
                "writes to {} of {} {told}",
                self.drive.inside, self.drive.node
            ),
        }
    }

    fn forget(&mut self) {
        (self.writer, self.last, self.seen) = (None, None, None);
    }
}
