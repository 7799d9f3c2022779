//! How fast direct writes get on, out of the container's own group: measured over half a second's worth of what is allowed.
use crate::{
    checks::{Glance, Watch},
    clock::Clock,
    drives::writer::{self, Job, LARGEST, Writer},
};
use model::{
    act::disk::Pace,
    drive::{Drive, Throttle},
    units::Nanos,
};
use std::{fs::File, os::fd::AsRawFd, path::Path};

/// The throttle counts in slices of 0.1 s, the first of which is free: a fifth of what is measured.
const TOLERANCE: f64 = 1.5;
/// Smallest write.
const BLOCK: u64 = 4096;

struct Slow {
    drive: Drive,
    group: File,
    pace: Pace,
    slow: bool,
    writer: Option<(Writer, Nanos)>,
    /// What was measured last, per second, and when that began.
    seen: Option<(Result<f64, String>, Nanos)>,
}

/// Opens the group.
///
/// # Errors
/// There is no such group.
pub fn watch(
    drive: &Drive,
    throttle: &Throttle,
    pace: Pace,
    slow: bool,
) -> Result<impl Watch + use<>, String> {
    let group = writer::members(&throttle.group);
    Ok(Slow {
        drive: drive.clone(),
        group: group.map_err(|error| format!("join {}: {error}", throttle.group))?,
        pace,
        slow,
        writer: None,
        seen: None,
    })
}

/// Size and number of writes, and how much of the pace each is.
fn pieces(pace: Pace) -> (u64, u64, u64) {
    match pace {
        Pace::Bytes(most) => {
            let piece = (most / 16 / BLOCK * BLOCK).clamp(BLOCK, LARGEST as u64);
            (piece, (most / 2 / piece).clamp(4, 4096), piece)
        }
        Pace::Operations(most) => (BLOCK, (most / 2).clamp(4, 4096), 1),
    }
}

const fn most(pace: Pace) -> u64 {
    match pace {
        Pace::Bytes(most) | Pace::Operations(most) => most,
    }
}

impl Slow {
    fn write(&mut self, clock: Clock) {
        if self.writer.is_some() {
            return;
        }
        let (piece, pieces, _) = pieces(self.pace);
        let job = Job::Many {
            group: self.group.as_raw_fd(),
            piece: piece as usize,
            pieces: pieces as u32,
        };
        let began = clock.now();
        self.writer = writer::start(Path::new(&self.drive.mount), job)
            .ok()
            .map(|writer| (writer, began));
    }

    fn look(&mut self) {
        let told = self
            .writer
            .as_ref()
            .and_then(|(writer, began)| Some((writer.told()?, *began)));
        let Some((told, began)) = told else { return };
        self.writer = None;
        let (_, pieces, each) = pieces(self.pace);
        let measured = match told.errno {
            0 => Ok((pieces * each) as f64 / (told.took_ns.max(1) as f64 / 1e9)),
            other => Err(std::io::Error::from_raw_os_error(other).to_string()),
        };
        self.seen = Some((measured, began));
    }
}

impl Watch for Slow {
    fn glance(&mut self, clock: Clock) -> Glance {
        self.write(clock);
        self.look();
        let unit = if matches!(self.pace, Pace::Bytes(_)) {
            "bytes"
        } else {
            "operations"
        };
        let told = match &self.seen {
            None => "are not measured yet".to_owned(),
            Some((Ok(rate), _)) => format!("get {rate:.0} {unit} done per second"),
            Some((Err(why), _)) => format!("fail: {why}"),
        };
        let limit = most(self.pace) as f64 * TOLERANCE;
        let held = self.seen.as_ref().map(|(seen, _)| {
            seen.as_ref()
                .is_ok_and(|rate| (*rate <= limit) == self.slow)
        });
        Glance {
            held,
            since: self
                .seen
                .as_ref()
                .map_or_else(|| clock.now(), |(_, since)| *since),
            evidence: format!(
                "direct writes to {} of {} {told}",
                self.drive.inside, self.drive.node
            ),
        }
    }

    fn forget(&mut self) {
        (self.writer, self.seen) = (None, None);
    }
}
