//! Every operation and every reading, on disk as it ends; what the steady-state gate needs of them in memory.
//!
//! - [`Recorder`] one file per source.   - [`hlog`] the same as histograms per second, written once a source is closed.
pub mod hlog;

use crate::{folder::RunFolder, run::steady::Sample};
use model::{
    journal::{Event, event::LoadSecond},
    samples::{Header, Op, RECORD, Reading, read},
    system::{Outcome, ProbeKind, ProbeSpec, Reply},
    units::Nanos,
};
use std::{
    collections::BTreeMap,
    fs::{self, File},
    io::{self, Write as _},
    sync::{Mutex, MutexGuard, PoisonError},
};

/// Name of the load among the sources.
pub const LOAD: &str = "load";

/// When one operation was due, sent and over.
#[derive(Clone, Copy, Debug)]
pub struct Times {
    /// Due.
    pub intended: Nanos,
    /// Really sent.
    pub sent: Nanos,
    /// Over; all ones for never.
    pub ended: Nanos,
}

struct Source {
    file: File,
    path: String,
    unit: String,
    gauge: bool,
    keep: bool,
    count: u64,
    lost: u64,
    classes: Vec<String>,
    recent: Vec<Sample>,
    trouble: Option<String>,
}

/// Writes the samples of all sources.
pub struct Recorder {
    folder: RunFolder,
    sources: BTreeMap<String, Mutex<Source>>,
}

impl Recorder {
    /// Opens a file for every probe, and one for the load.
    ///
    /// # Errors
    /// What the file system says.
    pub fn open(folder: &RunFolder, probes: &[ProbeSpec]) -> io::Result<Self> {
        let mut sources = BTreeMap::new();
        sources.insert(
            LOAD.to_owned(),
            Mutex::new(Source::open(folder, LOAD, "", false, false)?),
        );
        for probe in probes {
            let gauge = probe.kind != ProbeKind::Latency;
            let unit = if gauge { probe.unit.as_str() } else { "" };
            sources.insert(
                probe.name.clone(),
                Mutex::new(Source::open(folder, &probe.name, unit, gauge, true)?),
            );
        }
        Ok(Self {
            folder: folder.clone(),
            sources,
        })
    }

    /// The facts that the files were begun.
    pub fn opened(&self) -> Vec<Event> {
        let event = |(source, state): (&String, &Mutex<Source>)| {
            let state = lock(state);
            Event::SamplesOpened {
                source: source.clone(),
                unit: unit(&state).to_owned(),
                path: state.path.clone(),
            }
        };
        self.sources.iter().map(event).collect()
    }

    /// Records one operation or reading; `number` is its own within the source.
    pub fn record(&self, source: &str, number: u64, times: Times, reply: &Reply) {
        if let Some(source) = self.sources.get(source) {
            lock(source).record(number, times, reply);
        }
    }

    /// Counts an operation that could not be sent for want of our own resources.
    pub fn lost(&self, source: &str) {
        if let Some(source) = self.sources.get(source) {
            lock(source).lost += 1;
        }
    }

    /// How many operations of a source were recorded.
    pub fn count(&self, source: &str) -> u64 {
        self.sources
            .get(source)
            .map_or(0, |source| lock(source).count)
    }

    /// What the steady-state gate judges, by probe.
    pub fn recent(&self) -> BTreeMap<String, Vec<Sample>> {
        self.sources
            .iter()
            .map(|(name, source)| (name.clone(), lock(source).recent.clone()))
            .collect()
    }

    /// Why samples could not be written, if so.
    pub fn trouble(&self) -> Option<String> {
        self.sources
            .values()
            .find_map(|source| lock(source).trouble.clone())
    }

    /// Closes every source: its histograms, its counts, the seconds of the load. `wall_epoch_s` is the wall clock at the run's epoch.
    pub fn close(&self, wall_epoch_s: f64) -> Vec<Event> {
        let mut events = Vec::new();
        for (name, source) in &self.sources {
            let mut source = lock(source);
            let closed = self.close_one(name, &mut source, wall_epoch_s);
            source.trouble = source
                .trouble
                .take()
                .or(closed.as_ref().err().map(ToString::to_string));
            events.extend(closed.unwrap_or_default());
        }
        events
    }

    fn close_one(
        &self,
        name: &str,
        source: &mut Source,
        wall_epoch_s: f64,
    ) -> io::Result<Vec<Event>> {
        source.file.sync_data()?;
        let mut closed = Event::SamplesClosed {
            source: name.to_owned(),
            count: source.count,
            saturated: 0,
            lost: source.lost,
            classes: source.classes.clone(),
        };
        if source.gauge {
            return Ok(vec![closed]);
        }
        let bytes = fs::read(self.folder.path(&source.path))?;
        let (_, records, _) = read(&bytes, OPS).map_err(io::Error::other)?;
        let mut ops: Vec<Op> = records.map(Op::decode).collect();
        ops.sort_by_key(|op| op.intended);
        let (log, over) = hlog::write(name, &ops, wall_epoch_s)?;
        self.folder.write(&format!("samples/{name}.hlog"), &log)?;
        if let Event::SamplesClosed { saturated, .. } = &mut closed {
            *saturated = over;
        }
        let mut events = vec![closed];
        if name == LOAD {
            events.extend(
                seconds(&ops)
                    .into_iter()
                    .map(|load| Event::LoadSummed { load }),
            );
        }
        Ok(events)
    }
}

const OPS: &str = "brinell.ops/1";
const GAUGE: &str = "brinell.gauge/1";

impl Source {
    fn open(
        folder: &RunFolder,
        name: &str,
        unit: &str,
        gauge: bool,
        keep: bool,
    ) -> io::Result<Self> {
        let (schema, ending) = if gauge {
            (GAUGE, "gauge")
        } else {
            (OPS, "ops")
        };
        let path = format!("samples/{name}.{ending}");
        let mut file = folder.stream(&path)?;
        let header = Header {
            schema: schema.into(),
            source: name.into(),
            record: RECORD as u32,
            unit: unit.into(),
        };
        let mut line = serde_json::to_vec(&header)?;
        line.push(b'\n');
        file.write_all(&line)?;
        let unit = unit.to_owned();
        Ok(Self {
            file,
            path,
            unit,
            gauge,
            keep,
            count: 0,
            lost: 0,
            classes: Vec::new(),
            recent: Vec::new(),
            trouble: None,
        })
    }

    fn record(&mut self, number: u64, times: Times, reply: &Reply) {
        self.count += 1;
        let class = self.class(&reply.class);
        let Times {
            intended,
            sent,
            ended,
        } = times;
        let value = if reply.outcome == Outcome::Ok {
            reply.value.unwrap_or(f64::NAN)
        } else {
            f64::NAN
        };
        let bytes = if self.gauge {
            Reading {
                intended,
                sent,
                ended,
                value,
            }
            .encode()
        } else {
            Op {
                intended,
                sent,
                ended,
                outcome: reply.outcome,
                class,
                kind: 0,
                process: number as u32,
            }
            .encode()
        };
        if let Err(error) = self.file.write_all(&bytes) {
            self.trouble
                .get_or_insert(format!("write samples to {}: {error}", self.path));
        }
        if self.keep {
            let value = if self.gauge {
                value
            } else {
                ended.since(intended).as_s()
            };
            let outcome = if self.gauge && value.is_nan() {
                Outcome::Fail
            } else {
                reply.outcome
            };
            self.recent.push(Sample {
                intended,
                outcome,
                value,
            });
        }
    }

    /// Number of an error class, from 1; 255 stands for all beyond the 254th.
    fn class(&mut self, class: &str) -> u8 {
        if class.is_empty() {
            return 0;
        }
        let known = self.classes.iter().position(|name| name == class);
        let index = known.unwrap_or_else(|| {
            if self.classes.len() < 254 {
                self.classes.push(class.to_owned());
            }
            self.classes.len() - 1
        });
        (index + 1) as u8
    }
}

fn unit(source: &Source) -> &str {
    if source.gauge { &source.unit } else { "ns" }
}

fn lock(source: &Mutex<Source>) -> MutexGuard<'_, Source> {
    source.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Counts by second of the intended start, from the first record's.
fn seconds(ops: &[Op]) -> Vec<LoadSecond> {
    let start = ops.first().map_or(0, |op| op.intended.0);
    let mut seconds: BTreeMap<u64, LoadSecond> = BTreeMap::new();
    for op in ops {
        let second = (op.intended.0 - start) / model::units::S;
        let entry = seconds.entry(second).or_insert(LoadSecond {
            second,
            ..LoadSecond::default()
        });
        entry.asked += 1;
        entry.sent += 1;
        match op.outcome {
            Outcome::Ok => entry.ok += 1,
            Outcome::Fail => entry.fail += 1,
            Outcome::Info => entry.info += 1,
        }
        entry.slip_max_ns = entry.slip_max_ns.max(op.sent.since(op.intended).0);
    }
    seconds.into_values().collect()
}
