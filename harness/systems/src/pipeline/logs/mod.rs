//! Which files a correct reader of a table reads: those that its commit log names, never a bare listing, where a killed attempt's files
//! lie too.
//!
//! - `spark` the log of Spark's file sink.   - `delta` that of Delta.   - `paths` what a log's paths mean.
//!
//! Another kind of log: one file, one line in [`LOGS`], and the format whose tables keep it.
mod delta;
mod paths;
mod spark;

pub(super) use paths::{Values, values};

use super::{files::get, rows::Format};
use futures_util::TryStreamExt as _;
use model::BoxFuture;
use object_store::{ObjectStore, path::Path};

/// A commit log of some kind.
pub(super) trait CommitLog: Sync {
    /// Its folder in that of the table.
    fn folder(&self) -> &'static str;

    /// Whether a folder without it is no table at all; else every file there counts.
    fn is_needed(&self) -> bool;

    /// The data files that it names, in the order in which they came in.
    ///
    /// # Errors
    /// Why it says nothing that can be relied on: a gap, a torn line, something that this reader does not know.
    fn read<'a>(&'a self, at: &'a Place<'a>) -> BoxFuture<'a, Result<Log, String>>;
}

/// Every kind that is known.
static LOGS: [&dyn CommitLog; 2] = [&spark::SparkMetadata, &delta::DeltaLog];

/// Where a log lies, and what lies there.
pub(super) struct Place<'a> {
    store: &'a dyn ObjectStore,
    /// Of the table, in the bucket.
    table: &'a str,
    folder: String,
    /// Relative to the folder.
    names: Vec<String>,
}

/// What a log names.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Log {
    pub(super) files: Vec<Named>,
    /// What was met and does not change what it names.
    pub(super) notes: Vec<String>,
}

/// A data file.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Named {
    /// Its key in the bucket.
    pub(super) key: String,
    /// Columns that stand in the log or the path, not in the file.
    pub(super) values: Values,
}

impl Format {
    /// The log of a table of this format.
    pub(super) fn log(self) -> &'static dyn CommitLog {
        match self {
            Self::Parquet | Self::Json => &spark::SparkMetadata,
            Self::Delta => &delta::DeltaLog,
        }
    }
}

/// What the log of the table in this folder names; none where there is no log.
///
/// # Errors
/// As [`CommitLog::read`]; also the log of another format, since then it is open what the table is.
pub(super) async fn read(
    store: &dyn ObjectStore,
    table: &str,
    log: &dyn CommitLog,
) -> Result<Option<Log>, String> {
    for other in LOGS.iter().filter(|one| one.folder() != log.folder()) {
        let other = Place::of(store, table, other.folder()).await?;
        if !other.names.is_empty() {
            let (folder, expected) = (other.folder, log.folder());
            return Err(format!(
                "`{folder}` is the log of another format than the workload's `format`, which keeps `{expected}`"
            ));
        }
    }
    let place = Place::of(store, table, log.folder()).await?;
    if place.names.is_empty() {
        return Ok(None);
    }
    log.read(&place).await.map(Some)
}

impl<'a> Place<'a> {
    async fn of(store: &'a dyn ObjectStore, table: &'a str, log: &str) -> Result<Self, String> {
        let folder = format!("{table}/{log}");
        let at = Path::from(folder.as_str());
        let listed: Result<Vec<_>, _> = store.list(Some(&at)).try_collect().await;
        let listed = listed.map_err(|error| error.to_string())?;
        // S3A marks a folder by an empty object of the folder's own name.
        let name = |key: &str| {
            let inside = key.strip_prefix(folder.as_str())?;
            inside.strip_prefix('/').map(str::to_owned)
        };
        let names = listed
            .iter()
            .filter_map(|object| name(object.location.as_ref()));
        let names = names.collect();
        Ok(Self {
            store,
            table,
            folder,
            names,
        })
    }

    async fn get(&self, name: &str) -> Result<Vec<u8>, String> {
        get(self.store, &format!("{}/{name}", self.folder)).await
    }

    async fn text(&self, name: &str) -> Result<String, String> {
        let bytes = self.get(name).await?;
        String::from_utf8(bytes).map_err(|error| format!("`{name}` is no text: {error}"))
    }

    /// Key in the bucket of a path in the log.
    fn key(&self, path: &str) -> Result<String, String> {
        paths::key(self.table, path)
    }
}
