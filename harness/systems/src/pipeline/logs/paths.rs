//! Paths of data files: relative to their table or absolute, percent-encoded, with columns in the names of folders.
use super::super::BUCKET;

/// Values by the names of their columns; a null is left out.
pub(in super::super) type Values = Vec<(String, String)>;

/// How Hive and its heirs name the folder of a null.
const NULL: &str = "__HIVE_DEFAULT_PARTITION__";
/// Names of the store's scheme.
const SCHEMES: [&str; 3] = ["s3", "s3a", "s3n"];

/// Key in the bucket of a path as it stands in the log of `table`.
///
/// # Errors
/// It lies in another store or bucket.
pub(super) fn key(table: &str, path: &str) -> Result<String, String> {
    let scheme = path.split_once("://").filter(|(scheme, _)| {
        !scheme.is_empty() && scheme.chars().all(|letter| letter.is_ascii_alphanumeric())
    });
    let Some((scheme, rest)) = scheme else {
        let absolute = path.strip_prefix('/').map(decoded);
        return Ok(absolute.unwrap_or_else(|| format!("{table}/{}", decoded(path))));
    };
    let ours = rest
        .split_once('/')
        .filter(|(bucket, _)| SCHEMES.contains(&scheme) && *bucket == BUCKET);
    let ours = ours.map(|(_, key)| decoded(key));
    ours.ok_or_else(|| format!("`{path}` lies elsewhere than in the bucket `{BUCKET}`"))
}

/// Columns that stand in the folders between a table and its file, as in `currency=EUR/part-0.parquet`.
pub(in super::super) fn values(table: &str, key: &str) -> Values {
    let inside = key.strip_prefix(table).unwrap_or_default();
    let folders = inside.rsplit_once('/').map_or("", |(folders, _)| folders);
    let columns = folders.split('/').filter_map(|part| part.split_once('='));
    let there = columns.filter(|(_, value)| *value != NULL);
    there
        .map(|(name, value)| (decoded(name), decoded(value)))
        .collect()
}

/// Undoes the percent encoding of a URL path.
fn decoded(path: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = path.as_bytes();
    while let Some((first, behind)) = rest.split_first() {
        let hex = (*first == b'%').then(|| behind.get(..2)).flatten();
        let hex = hex.filter(|digits| digits.iter().all(u8::is_ascii_hexdigit));
        let byte = hex.and_then(|hex| u8::from_str_radix(std::str::from_utf8(hex).ok()?, 16).ok());
        bytes.push(byte.unwrap_or(*first));
        rest = if byte.is_some() { &behind[2..] } else { behind };
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_relative_or_absolute_and_decoded_once() {
        let key = |path| key("table", path).unwrap();
        assert_eq!(key("a%20b/part%3D1.parquet"), "table/a b/part=1.parquet");
        assert_eq!(key("at=10%253A00/x"), "table/at=10%3A00/x");
        assert_eq!(key("s3a://lake/other/x%20y"), "other/x y");
        assert_eq!(key("/other/lake/x"), "other/lake/x");
        assert_eq!(key("lake/x"), "table/lake/x");
        assert_eq!(decoded("100%"), "100%");
        // `+` is a sign of the query, not of the hexadecimal digits.
        assert_eq!(decoded("a%+1b"), "a%+1b");
    }

    #[test]
    fn another_store_or_bucket_is_refused() {
        for path in ["s3a://other/x", "file:///lake/x", "s3a://lake"] {
            assert!(key("table", path).unwrap_err().contains(path), "{path}");
        }
    }

    #[test]
    fn folders_name_columns_and_a_null_is_none() {
        let one = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        let key = "table/currency=EUR/at=10%3A00/part-0=1.parquet";
        let found = values("table", key);
        assert_eq!(found, [one("currency", "EUR"), one("at", "10:00")]);
        assert_eq!(values("table", "table/x.parquet"), []);
        let null = format!("table/currency={NULL}/x.parquet");
        assert_eq!(values("table", &null), []);
    }
}
