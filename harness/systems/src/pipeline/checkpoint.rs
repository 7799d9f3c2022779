//! How far the job has come, read from its checkpoint on the store: `commits/N` exists once batch N is in, `offsets/N` says what it holds.
//!
//! Names are unpadded: as text `10` sorts before `2`. Only the last hundred or so are kept.
use serde_json::Value;

/// The largest number among the names of a listing.
pub(super) fn newest<'a>(names: impl Iterator<Item = &'a str>) -> Option<u64> {
    names.filter_map(|name| name.parse().ok()).max()
}

/// End offsets by partition in the text of `offsets/N`: a version line, one line of metadata, one line per source.
pub(super) fn ends(text: &str, topic: &str) -> Result<Vec<i64>, String> {
    let mut lines = text.lines();
    let version = lines.next().unwrap_or_default();
    if !version.starts_with('v') {
        return Err(format!("no version line but `{version}`"));
    }
    let parsed = lines.filter_map(|line| serde_json::from_str::<Value>(line).ok());
    let source = parsed.filter_map(|value| value.get(topic).cloned()).next();
    let Some(Value::Object(parts)) = source else {
        return Err(format!("no offsets of `{topic}`"));
    };
    let mut ends = vec![0; parts.len()];
    for (partition, end) in &parts {
        let at = partition
            .parse::<usize>()
            .ok()
            .filter(|at| *at < ends.len());
        let at = at.ok_or_else(|| format!("partition `{partition}` among {}", parts.len()))?;
        ends[at] = end
            .as_i64()
            .ok_or_else(|| format!("offset {end} of partition {partition}"))?;
    }
    Ok(ends)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ten_is_newer_than_two() {
        assert_eq!(newest(["2", "10", ".10.crc", "9"].into_iter()), Some(10));
        assert_eq!(newest([].into_iter()), None);
    }

    #[test]
    fn ends_are_in_the_order_of_partitions() {
        let text = "v1\n{\"batchWatermarkMs\":0,\"conf\":{}}\n{\"transactions\":{\"1\":5,\"0\":7,\"2\":0}}";
        assert_eq!(ends(text, "transactions"), Ok(vec![7, 5, 0]));
    }

    #[test]
    fn a_torn_or_foreign_file_is_refused() {
        assert!(ends("", "transactions").is_err());
        assert!(ends("v1\n{}\n-", "transactions").is_err());
        assert!(ends("v1\n{}\n{\"transactions\":{\"7\":5}}", "transactions").is_err());
    }
}
