//! Which of the acknowledged objects have all of their copies: what a reader does not notice until the next drive is lost.
use super::{BUCKET, content, stored::Stored};
use crate::minio::admin::Admin;
use std::{collections::BTreeSet, time::Duration};
use tokio::time::Instant;

/// Percent of the watched objects with a copy on every drive, of those acknowledged before the look began: what is being written
/// meanwhile is not short of anything yet. An acknowledged object that the store does not list is not whole.
///
/// # Errors
/// The store did not tell within `limit`.
pub(super) async fn whole_percent(
    admin: &Admin,
    stored: &Stored,
    run: &str,
    limit: Duration,
) -> Result<f64, String> {
    let until = Instant::now() + limit * 9 / 10;
    let due = stored.every(content::GROUPS);
    let folder = content::watched(run);
    let looked = admin.whole(BUCKET, &folder, until);
    let names = tokio::time::timeout_at(until, looked)
        .await
        .map_err(|_| "no answer in time".to_owned())??;
    let numbers = names
        .iter()
        .filter_map(|name| content::number(name.rsplit('/').next()?));
    Ok(percent(&due, &numbers.collect()))
}

/// All of nothing is whole.
fn percent(due: &[u64], whole: &BTreeSet<u64>) -> f64 {
    let there = due.iter().filter(|number| whole.contains(number)).count();
    if due.is_empty() {
        100.0
    } else {
        100.0 * there as f64 / due.len() as f64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_short_object_keeps_it_from_a_hundred() {
        let due: Vec<u64> = (0..1000).collect();
        assert_eq!(percent(&due, &due.iter().copied().collect()), 100.0);
        assert!(percent(&due, &due[1..].iter().copied().collect()) < 100.0);
        assert_eq!(percent(&[], &BTreeSet::new()), 100.0);
        assert_eq!(percent(&[5], &BTreeSet::from([4])), 0.0);
    }
}
