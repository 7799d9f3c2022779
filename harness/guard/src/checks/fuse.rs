//! A drive behind a layer suffers from a rule, or is sound: tried on a scratch file of its own that nobody sees.
//!
//! The scratch file has no name and is read and written past the cache, so that each operation reaches the layer. A layer that
//! hangs holds the look until the guard kills it.
use super::{Glance, Watch};
use crate::{acts::fuse::open as page_of, clock::Clock};
use fusefs::Page;
use model::{
    act::fuse::{Check, Effect, Layer, Op, Rule},
    units::Nanos,
};
use std::{
    collections::BTreeMap,
    fs::{self, File, OpenOptions},
    io,
    os::unix::fs::{FileExt, OpenOptionsExt},
    path::PathBuf,
    time::{Duration, Instant},
};

/// Direct I/O wants whole blocks.
const BLOCK: usize = 4096;

/// Opens an observation.
///
/// # Errors
/// There is no such layer.
pub fn watch(check: &Check) -> Result<Box<dyn Watch>, String> {
    Ok(match check {
        Check::Suffers { layer, rule } => Box::new(Suffers {
            layer: layer.clone(),
            page: page_of(layer)?,
            rule: rule.clone(),
            scratch: None,
            seen: BTreeMap::new(),
            since: None,
        }),
        Check::Sound { layer, rule } => Box::new(Sound {
            layer: layer.clone(),
            page: page_of(layer)?,
            rule: rule.clone(),
        }),
    })
}

struct Suffers {
    layer: Layer,
    page: Page,
    rule: Rule,
    scratch: Option<Scratch>,
    /// What each class came to that suffered.
    seen: BTreeMap<Op, String>,
    since: Option<Nanos>,
}

impl Watch for Suffers {
    fn glance(&mut self, clock: Clock) -> Glance {
        let missing = self.look();
        let hits = self.page.hits(&self.rule);
        let held = missing.is_none() && hits > 0 && self.page.has(&self.rule);
        let now = clock.now();
        self.since = held.then(|| self.since.unwrap_or(now));
        let told: Vec<&str> = self.seen.values().map(String::as_str).collect();
        Glance {
            held: Some(held),
            since: self.since.unwrap_or(now),
            evidence: match missing {
                Some(why) => format!("{}: {why}", self.layer.mount),
                None => format!("{}: {}; {hits} hits", self.layer.mount, told.join(", ")),
            },
        }
    }
    fn forget(&mut self) {
        self.seen.clear();
        self.since = None;
    }
}

impl Suffers {
    /// Tries each class that has not suffered yet; gives what keeps it from being shown.
    fn look(&mut self) -> Option<String> {
        if self.scratch.is_none() {
            match Scratch::on(&self.layer) {
                Ok(mut scratch) => {
                    // Where there is nothing to read, no read would come through.
                    let _ = scratch.write();
                    self.scratch = Some(scratch);
                }
                Err(error) => return Some(format!("no scratch file: {error}")),
            }
        }
        if !self.page.has(&self.rule) {
            return Some("no such rule stands".to_owned());
        }
        let scratch = self.scratch.as_mut()?;
        for op in &self.rule.ops {
            if !self.seen.contains_key(op)
                && let Some(how) = scratch.suffers(*op, self.rule.effect)
            {
                self.seen.insert(*op, how);
            }
        }
        let left = self.rule.ops.iter().find(|op| !self.seen.contains_key(op));
        left.map(|op| format!("{op:?} did not suffer yet").to_lowercase())
    }
}

struct Sound {
    layer: Layer,
    page: Page,
    rule: Rule,
}

impl Watch for Sound {
    fn glance(&mut self, clock: Clock) -> Glance {
        let seen = self.look();
        Glance {
            held: Some(seen.is_ok()),
            since: clock.now(),
            evidence: format!("{}: {}", self.layer.mount, seen.unwrap_or_else(|why| why)),
        }
    }
}

impl Sound {
    fn look(&self) -> Result<String, String> {
        page_of(&self.layer)?;
        if self.page.has(&self.rule) {
            return Err("the rule stands".to_owned());
        }
        let others = self.page.standing();
        if others > 0 {
            return Ok(format!("the rule is gone; {others} other rules stand"));
        }
        let hits = self.page.hits(&self.rule);
        let whole = Scratch::on(&self.layer).and_then(|mut scratch| scratch.whole());
        whole.map_err(|error| format!("write, flush and read back: {error}"))?;
        if self.page.hits(&self.rule) == hits {
            Ok(format!("written, flushed and read back; still {hits} hits"))
        } else {
            Err("operations still suffer".to_owned())
        }
    }
}

/// A file without a name on the mount, and a block of memory as direct I/O wants it.
struct Scratch {
    file: File,
    beside: PathBuf,
    memory: Vec<u8>,
    skip: usize,
    round: u8,
}

impl Scratch {
    fn on(layer: &Layer) -> io::Result<Self> {
        let now = crate::clock::mono_ns();
        let name = format!(".brinell-look-{}-{now}", std::process::id());
        let path = PathBuf::from(&layer.mount).join(name);
        let mut options = OpenOptions::new();
        options.read(true).write(true).create_new(true);
        let file = options.custom_flags(libc::O_DIRECT).open(&path)?;
        let memory = vec![0; 2 * BLOCK];
        let skip = memory.as_ptr().align_offset(BLOCK);
        fs::remove_file(&path)?;
        Ok(Self {
            file,
            beside: path.with_extension("beside"),
            memory,
            skip,
            round: 0,
        })
    }

    fn block(&mut self) -> &mut [u8] {
        &mut self.memory[self.skip..self.skip + BLOCK]
    }

    /// Each write has bytes of its own, or half of an old one would look whole.
    fn write(&mut self) -> io::Result<()> {
        self.round = self.round % 250 + 1;
        let round = self.round;
        self.block().fill(round);
        self.file
            .write_all_at(&self.memory[self.skip..self.skip + BLOCK], 0)
    }

    /// How many bytes of the last write are there.
    fn read_back(&mut self) -> io::Result<usize> {
        let range = self.skip..self.skip + BLOCK;
        self.file.read_exact_at(&mut self.memory[range], 0)?;
        let round = self.round;
        Ok(self.block().iter().filter(|byte| **byte == round).count())
    }

    fn whole(&mut self) -> io::Result<()> {
        for _ in 0..3 {
            self.write()?;
            self.file.sync_all()?;
            let right = self.read_back()?;
            if right != BLOCK {
                return Err(io::Error::other(format!(
                    "{right} of {BLOCK} bytes are right"
                )));
            }
        }
        Ok(())
    }

    /// What one operation came to, where it suffered.
    fn suffers(&mut self, op: Op, effect: Effect) -> Option<String> {
        let began = Instant::now();
        let done = self.does(op);
        let took = began.elapsed();
        let name = format!("{op:?}").to_lowercase();
        match effect {
            Effect::Fail(errno) => {
                let got = done.err().and_then(|error| error.raw_os_error());
                (got == Some(errno.number()))
                    .then(|| format!("{name} {}", format!("{errno:?}").to_uppercase()))
            }
            Effect::Tear => {
                let right = done.and_then(|()| self.read_back()).ok()?;
                (right < BLOCK).then(|| format!("{name} kept {right} of {BLOCK} bytes"))
            }
            Effect::Delay(span) => (took >= Duration::from_nanos(span.0))
                .then(|| format!("{name} took {} ms", took.as_millis())),
        }
    }

    fn does(&mut self, op: Op) -> io::Result<()> {
        match op {
            Op::Read => self.read_back().map(drop),
            Op::Write => self.write(),
            Op::Fsync => self.file.sync_all(),
            Op::Create => {
                File::create(&self.beside)?;
                fs::remove_file(&self.beside)
            }
            Op::Metadata => match fs::symlink_metadata(&self.beside) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
                _ => Ok(()),
            },
        }
    }
}
