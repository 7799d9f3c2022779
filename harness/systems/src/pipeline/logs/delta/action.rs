//! What a line of the log says, and what holds after all lines so far.
use super::super::Values;
use serde::Deserialize;
use serde_json::Value;
use std::collections::BTreeMap;

/// Features of readers that change nothing for this one, or only through what it looks for where it would matter.
const FEATURES: [&str; 5] = [
    "columnMapping",
    "deletionVectors",
    "timestampNtz",
    "v2Checkpoint",
    "vacuumProtocolCheck",
];
/// The newest version of the protocol; what comes after is said by features.
const READER: u64 = 3;
const MAPPING: &str = "delta.columnMapping.mode";

/// A line: one of these, or one that says nothing of the files.
#[derive(Debug, Deserialize)]
pub(super) struct Action {
    add: Option<File>,
    remove: Option<File>,
    protocol: Option<Protocol>,
    #[serde(rename = "metaData")]
    about: Option<About>,
    sidecar: Option<Value>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct File {
    path: String,
    partition_values: Option<BTreeMap<String, Option<String>>>,
    deletion_vector: Option<Value>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Protocol {
    min_reader_version: u64,
    reader_features: Option<Vec<String>>,
}

#[derive(Debug, Deserialize)]
struct About {
    configuration: Option<BTreeMap<String, Option<String>>>,
    format: Option<Provider>,
}

#[derive(Debug, Deserialize)]
struct Provider {
    provider: String,
}

/// What holds.
#[derive(Debug, Default)]
pub(super) struct State {
    /// By path, with the turn in which it came in.
    files: BTreeMap<String, (u64, Values)>,
    turn: u64,
    has_protocol: bool,
    has_metadata: bool,
}

impl State {
    /// Takes the text of one version.
    ///
    /// # Errors
    /// A line that is no JSON object, or that this reader does not know; also a text without any.
    pub(super) fn lines(&mut self, text: &str) -> Result<(), String> {
        let lines = text.lines().enumerate();
        let mut lines = lines.filter(|(_, line)| !line.trim().is_empty()).peekable();
        if lines.peek().is_none() {
            return Err("it holds nothing".into());
        }
        for (number, line) in lines {
            let action = serde_json::from_str(line).map_err(|error| error.to_string());
            let taken = action.and_then(|action| self.take(action));
            taken.map_err(|why| format!("line {}: {why}", number + 1))?;
        }
        Ok(())
    }

    /// Takes one action.
    ///
    /// # Errors
    /// What this reader does not know, by its name.
    pub(super) fn take(&mut self, action: Action) -> Result<(), String> {
        if action.sidecar.is_some() {
            return Err("it has sidecars, as V2 checkpoints do".into());
        }
        if let Some(protocol) = action.protocol {
            protocol.check()?;
            self.has_protocol = true;
        }
        if let Some(about) = action.about {
            about.check()?;
            self.has_metadata = true;
        }
        if let Some(file) = action.remove {
            self.files.remove(&file.whole()?.path);
        }
        if let Some(file) = action.add {
            let File {
                path,
                partition_values,
                ..
            } = file.whole()?;
            let values = partition_values.unwrap_or_default().into_iter();
            let values = values.filter_map(|(name, value)| Some((name, value?)));
            self.files.insert(path, (self.turn, values.collect()));
            self.turn += 1;
        }
        Ok(())
    }

    /// The files that hold, in the order in which they came in, with the values of their partition.
    ///
    /// # Errors
    /// Nothing said what the table is.
    pub(super) fn files(self) -> Result<Vec<(String, Values)>, String> {
        let missing = [
            (self.has_protocol, "protocol"),
            (self.has_metadata, "metaData"),
        ];
        if let Some((_, missing)) = missing.iter().find(|(there, _)| !there) {
            return Err(format!("`_delta_log` has no `{missing}`"));
        }
        let mut files: Vec<_> = self.files.into_iter().collect();
        files.sort_by_key(|(_, (turn, _))| *turn);
        let plain = files.into_iter().map(|(path, (_, values))| (path, values));
        Ok(plain.collect())
    }
}

impl File {
    fn whole(self) -> Result<Self, String> {
        if self.deletion_vector.is_none() {
            return Ok(self);
        }
        Err(format!(
            "`{}` has a deletion vector, which this reader does not apply",
            self.path
        ))
    }
}

impl Protocol {
    fn check(&self) -> Result<(), String> {
        if self.min_reader_version > READER {
            return Err(format!(
                "the protocol asks for reader version {}: {READER} is known",
                self.min_reader_version
            ));
        }
        let features = self.reader_features.iter().flatten();
        match features
            .into_iter()
            .find(|one| !FEATURES.contains(&one.as_str()))
        {
            None => Ok(()),
            Some(feature) => Err(format!(
                "the protocol asks readers for the feature `{feature}`, which is not known"
            )),
        }
    }
}

impl About {
    fn check(&self) -> Result<(), String> {
        let mode = self.configuration.iter().flatten();
        let mut mode = mode.filter(|(key, _)| *key == MAPPING);
        let mode = mode.find_map(|(_, mode)| mode.as_deref().filter(|mode| *mode != "none"));
        if let Some(mode) = mode {
            return Err(format!(
                "`{MAPPING}` is `{mode}`: column mapping is not known to this reader"
            ));
        }
        match &self.format {
            Some(Provider { provider }) if provider != "parquet" => {
                Err(format!("its files are `{provider}`, not `parquet`"))
            }
            _ => Ok(()),
        }
    }
}
