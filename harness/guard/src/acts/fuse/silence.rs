//! A layer that does not beat any more holds everybody who uses its drive: it is killed, which gives them errors instead.
use super::{abort, attach};
use crate::process;
use fusefs::Page;
use model::{
    act::fuse::Layer,
    facts::Process,
    units::{self, MS, Nanos},
};
use std::{
    collections::BTreeMap,
    path::Path,
    time::{Duration, Instant},
};

/// Between two looks that count: one beat.
const LOOK: Duration = fusefs::worker::BEAT;
/// So many looks in a row must see the same beat, 3 s: looks and not time, since a machine that stood still as a whole proves
/// nothing, and a busy one starves a process for a second.
const LOOKS: u32 = 30;

/// What was seen of each layer.
#[derive(Default)]
pub struct Silences {
    seen: BTreeMap<String, Seen>,
}

struct Seen {
    beat_ns: u64,
    looks: u32,
    at: Instant,
}

impl Silences {
    /// Looks at a layer; kills it where it has been silent for too long, and tells whom, why, and for how long it had been.
    pub fn look(&mut self, layer: &Layer) -> Option<(u32, String, Nanos)> {
        let page = Page::open(Path::new(&layer.page)).ok()?;
        let worker = page.worker().filter(|one| one.mounted)?;
        if page.is_closed() || !self.silent(&layer.page, worker.beat_ns) {
            return None;
        }
        let process = Process {
            pid: worker.pid,
            start_ticks: worker.start_ticks,
        };
        if !process::lives(&process) {
            return None;
        }
        // Closed first: it is killed and told of once.
        page.close();
        let killed = attach::kill(&process).and_then(|()| abort(worker.connection));
        let silent = Nanos(fusefs::worker::silent_ns(&page).unwrap_or_default());
        let how = killed
            .err()
            .map_or(String::new(), |error| format!("; {error}"));
        let span = units::show(Nanos::ms(silent.0 / MS));
        let why = format!("layer of {} silent for {span}{how}", layer.mount);
        Some((worker.pid, why, silent))
    }

    fn silent(&mut self, page: &str, beat_ns: u64) -> bool {
        let fresh = Seen {
            beat_ns,
            looks: 0,
            at: Instant::now(),
        };
        let seen = self.seen.entry(page.to_owned()).or_insert(fresh);
        if seen.beat_ns != beat_ns {
            (seen.beat_ns, seen.looks, seen.at) = (beat_ns, 0, Instant::now());
        } else if seen.at.elapsed() >= LOOK {
            (seen.looks, seen.at) = (seen.looks + 1, Instant::now());
        }
        seen.looks >= LOOKS
    }
}
