//! Which files a correct reader of the table reads: those in `_spark_metadata`, never a bare listing, where a killed attempt's files lie too.
//!
//! A log: `N` holds the files of batch N, `N.compact` everything up to N. Right is the newest compact and every number above it.
use serde::Deserialize;

/// A file of the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Entry {
    /// Batch.
    pub(super) batch: u64,
    /// Its name.
    pub(super) name: String,
}

/// The files of the log to read, oldest first, out of the names of a listing.
///
/// # Errors
/// A gap: a batch above the newest compact, or from 0 without one, that has no file.
pub(super) fn log<'a>(names: impl Iterator<Item = &'a str>) -> Result<Vec<Entry>, String> {
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

/// Paths of the data files in the text of one file of the log, decoded, as they stand in the log.
pub(super) fn files(text: &str) -> Result<Vec<String>, String> {
    let mut lines = text.lines();
    if lines.next() != Some("v1") {
        return Err("no `v1` in its first line".into());
    }
    let mut files = Vec::new();
    for line in lines {
        let listed: Listed =
            serde_json::from_str(line).map_err(|error| format!("line `{line}`: {error}"))?;
        match listed.action.as_str() {
            "add" => files.push(decoded(&listed.path)),
            "delete" => files.retain(|file| *file != decoded(&listed.path)),
            other => return Err(format!("action `{other}`")),
        }
    }
    Ok(files)
}

/// Undoes the percent encoding of a URL path.
fn decoded(path: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = path.as_bytes();
    while let Some((first, behind)) = rest.split_first() {
        let hex = (*first == b'%').then(|| behind.get(..2)).flatten();
        let byte = hex.and_then(|hex| u8::from_str_radix(std::str::from_utf8(hex).ok()?, 16).ok());
        bytes.push(byte.unwrap_or(*first));
        rest = if byte.is_some() { &behind[2..] } else { behind };
    }
    String::from_utf8_lossy(&bytes).into_owned()
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
    fn paths_are_decoded() {
        let text = "v1\n{\"path\":\"s3a://lake/a%20b/part%3D1.parquet\",\"size\":3,\"isDir\":false,\"action\":\"add\"}";
        assert_eq!(
            files(text),
            Ok(vec!["s3a://lake/a b/part=1.parquet".into()])
        );
        assert_eq!(files("v1"), Ok(vec![]));
        assert!(files("v2\n").is_err());
        assert_eq!(decoded("100%"), "100%");
    }
}
