//! The bytes of a run folder, and what they say. The only place that decodes.
use crate::Error;
use model::{
    journal::{self, Event, Journal, Line},
    ledger::codec,
    plan::Plan,
    samples::{self, Op, Reading},
    units::Nanos,
};
use std::collections::BTreeMap;

/// A run folder as read from disk; paths are below it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RunInput {
    /// `plan.json`.
    pub plan: String,
    /// `events.jsonl`.
    pub events: String,
    /// `samples/<source>.ops` and `.gauge`, by path; other files are passed over.
    pub samples: BTreeMap<String, Vec<u8>>,
    /// `ledger/<stage>.stage`, by path.
    pub ledger: BTreeMap<String, Vec<u8>>,
    /// `versions.json`, where there is one.
    pub versions: Option<String>,
}

/// The records of one source.
#[derive(Clone, Debug, PartialEq)]
pub enum Records {
    /// Operations.
    Ops(Vec<Op>),
    /// Readings of a gauge.
    Readings(Vec<Reading>),
}

/// One source with what its file lacks.
#[derive(Clone, Debug, PartialEq)]
pub struct Source {
    /// Below the run folder.
    pub path: String,
    /// In order of their intended start.
    pub records: Records,
    /// Bytes of a last record that was cut.
    pub cut: usize,
}

/// A run folder, decoded.
#[derive(Clone, Debug)]
pub struct Folder {
    /// The plan.
    pub plan: Plan,
    /// Digest of the bytes of `plan.json`, hex.
    pub plan_sha256: String,
    /// The journal, or its readable prefix.
    pub journal: Journal,
    /// By probe, and `load`.
    pub sources: BTreeMap<String, Source>,
    /// The files of the stages, by path.
    pub stages: BTreeMap<String, Vec<u8>>,
    /// `versions.json`.
    pub versions: serde_json::Value,
}

impl Folder {
    /// Decodes a run folder.
    ///
    /// # Errors
    /// A plan, a file of samples or a journal that this version cannot read at all; a prefix of a journal is no error.
    pub fn read(input: &RunInput) -> Result<Self, Error> {
        let plan: Plan = serde_json::from_str(&input.plan).map_err(Error::Plan)?;
        let journal = journal::parse(&input.events).map_err(Error::Journal)?;
        if !journal
            .lines
            .iter()
            .any(|line| matches!(line.event, Some(Event::RunOpened { .. })))
        {
            return Err(Error::NoOpening);
        }
        let mut sources = BTreeMap::new();
        for (path, bytes) in &input.samples {
            if let Some((name, source)) = source(path, bytes)? {
                sources.insert(name, source);
            }
        }
        let versions = input
            .versions
            .as_deref()
            .map_or(Ok(serde_json::Value::Null), serde_json::from_str)
            .map_err(Error::Versions)?;
        Ok(Self {
            plan,
            plan_sha256: sha256(&input.plan),
            journal,
            sources,
            stages: input.ledger.clone(),
            versions,
        })
    }

    /// The facts with their line numbers, unknown kinds passed over.
    pub fn facts(&self) -> impl Iterator<Item = (&Line, &Event)> {
        self.journal
            .lines
            .iter()
            .filter_map(|line| line.event.as_ref().map(|event| (line, event)))
    }

    /// When the last fact was written.
    pub fn end(&self) -> Nanos {
        self.journal.lines.last().map_or(Nanos(0), |line| line.t)
    }

    /// The operations of the load.
    pub fn load(&self) -> &[Op] {
        match self.sources.get("load").map(|source| &source.records) {
            Some(Records::Ops(ops)) => ops,
            _ => &[],
        }
    }
}

/// Digest in hex, as the journal's first line names the plan.
pub fn sha256(text: &str) -> String {
    codec::digest(text.as_bytes())
}

fn source(path: &str, bytes: &[u8]) -> Result<Option<(String, Source)>, Error> {
    let refuse = |why: String| Error::Samples {
        path: path.into(),
        why,
    };
    let (name, records, cut) = if path.ends_with(".ops") {
        let (header, records, cut) = samples::read(bytes, "brinell.ops/1").map_err(refuse)?;
        let mut ops: Vec<Op> = records.map(Op::decode).collect();
        ops.sort_by_key(|op| (op.intended, op.process));
        (header.source, Records::Ops(ops), cut)
    } else if path.ends_with(".gauge") {
        let (header, records, cut) = samples::read(bytes, "brinell.gauge/1").map_err(refuse)?;
        let mut readings: Vec<Reading> = records.map(Reading::decode).collect();
        readings.sort_by_key(|reading| reading.intended);
        (header.source, Records::Readings(readings), cut)
    } else {
        return Ok(None);
    };
    Ok(Some((
        name,
        Source {
            path: path.into(),
            records,
            cut,
        },
    )))
}
