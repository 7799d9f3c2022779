//! The log of Spark's file sink: `N` holds the files of batch N, `N.compact` everything up to N.
//!
//! Right is the newest compact and every number above it.
use super::{CommitLog, Log, Named, Place, values};
use model::BoxFuture;
use serde::Deserialize;

/// `_spark_metadata`.
pub(super) struct SparkMetadata;

impl CommitLog for SparkMetadata {
    fn folder(&self) -> &'static str {
        "_spark_metadata"
    }

    fn is_needed(&self) -> bool {
        false
    }

    fn read<'a>(&'a self, at: &'a Place<'a>) -> BoxFuture<'a, Result<Log, String>> {
        Box::pin(named(at))
    }
}

async fn named(at: &Place<'_>) -> Result<Log, String> {
    let mut read = Log::default();
    for entry in log(at.names.iter().map(String::as_str))? {
        let text = at.text(&entry.name).await?;
        let paths = files(&text).map_err(|why| format!("{}/{}: {why}", at.folder, entry.name))?;
        for path in paths {
            let key = at.key(&path)?;
            let values = values(at.table, &key);
            read.files.push(Named { key, values });
        }
    }
    Ok(read)
}

/// A file of the log.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Entry {
    /// Batch.
    batch: u64,
    /// Its name.
    name: String,
}

/// The files of the log to read, oldest first, out of the names of a listing.
///
/// # Errors
/// A gap: a batch above the newest compact, or from 0 without one, that has no file.
fn log<'a>(names: impl Iterator<Item = &'a str>) -> Result<Vec<Entry>, String> {
    let (mut plain, mut compacts) = (Vec::new(), Vec::new());
    for name in names {
        let (number, list) = match name.strip_suffix(".compact") {
            Some(number) => (number, &mut compacts),
            None => (name, &mut plain),
        };
        if let Ok(batch) = number.parse() {
            list.push(Entry {
                batch,
                name: name.to_owned(),
            });
        }
    }
    let compact = compacts.into_iter().max_by_key(|entry| entry.batch);
    let next = compact.as_ref().map_or(0, |entry| entry.batch + 1);
    plain.retain(|entry| entry.batch >= next);
    plain.sort_by_key(|entry| entry.batch);
    let gap = plain
        .iter()
        .zip(next..)
        .find(|(entry, expected)| entry.batch != *expected);
    if let Some((entry, expected)) = gap {
        return Err(format!(
            "`_spark_metadata` has {} but not {expected}",
            entry.batch
        ));
    }
    Ok(compact.into_iter().chain(plain).collect())
}

#[derive(Deserialize)]
struct Listed {
    path: String,
    action: String,
}

/// Paths of the data files in the text of one file of the log, as they stand there.
fn files(text: &str) -> Result<Vec<String>, String> {
    let mut lines = text.lines();
    if lines.next() != Some("v1") {
        return Err("no `v1` in its first line".into());
    }
    let mut files = Vec::new();
    for line in lines {
        let listed: Listed =
            serde_json::from_str(line).map_err(|error| format!("line `{line}`: {error}"))?;
        match listed.action.as_str() {
            "add" => files.push(listed.path),
            "delete" => files.retain(|file| *file != listed.path),
            other => return Err(format!("action `{other}`")),
        }
    }
    Ok(files)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn batches(names: &[&str]) -> Result<Vec<String>, String> {
        Ok(log(names.iter().copied())?
            .into_iter()
            .map(|entry| entry.name)
            .collect())
    }

    #[test]
    fn the_newest_compact_and_all_above_it_are_read_in_order_of_number() {
        let names = [
            "10",
            "11",
            "12",
            "8",
            "9.compact",
            "19.compact",
            "20",
            "21",
            "2",
        ];
        assert_eq!(
            batches(&names),
            Ok(vec!["19.compact".into(), "20".into(), "21".into()])
        );
        let early: Vec<String> = (0..=10)
            .map(|n| {
                if n == 9 {
                    "9.compact".into()
                } else {
                    n.to_string()
                }
            })
            .collect();
        let early: Vec<&str> = early.iter().map(String::as_str).collect();
        assert_eq!(batches(&early), Ok(vec!["9.compact".into(), "10".into()]));
    }

    #[test]
    fn a_gap_is_an_error_not_a_loss() {
        assert_eq!(
            batches(&["0", "2"]),
            Err("`_spark_metadata` has 2 but not 1".into())
        );
        assert_eq!(
            batches(&["9.compact", "11"]),
            Err("`_spark_metadata` has 11 but not 10".into())
        );
        assert_eq!(batches(&[]), Ok(vec![]));
    }

    #[test]
    fn paths_stand_as_they_are() {
        let text = "v1\n{\"path\":\"s3a://lake/a%20b/part%3D1.parquet\",\"size\":3,\"isDir\":false,\"action\":\"add\"}";
        assert_eq!(
            files(text),
            Ok(vec!["s3a://lake/a%20b/part%3D1.parquet".into()])
        );
        assert_eq!(files("v1"), Ok(vec![]));
        assert!(files("v2\n").is_err());
    }
}
