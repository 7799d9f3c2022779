//! What an object is: a key of its own in every run, and bytes that only its seed and number give, so that any other answer shows.
use sha2::{Digest as _, Sha256};

/// Folders that the objects are dealt out to, by number and not by time: each holds the same share of any second, so an outage of
/// a second leaves a trace in the one that is watched, and looking at that costs the store a twelfth of looking at all.
pub(super) const GROUPS: u64 = 12;

/// Folder of the load within the bucket.
pub(super) fn folder(run: &str) -> String {
    format!("{run}/load")
}

/// Folder of the objects whose copies are watched.
pub(super) fn watched(run: &str) -> String {
    format!("{}/0", folder(run))
}

/// Key of object `number`.
pub(super) fn key(run: &str, number: u64) -> String {
    format!("{}/{}/{number:08}", folder(run), number % GROUPS)
}

/// The number in a key's last part.
pub(super) fn number(name: &str) -> Option<u64> {
    name.parse().ok()
}

/// The bytes of object `number`: blocks of one SHA-256 of seed and number, each with its own place in it, so that a lost, swapped or
/// foreign block shows. One digest an object: the load must cost the machine less than the store that it hurts.
pub(super) fn body(seed: u64, number: u64, size: usize) -> Vec<u8> {
    let digest = Sha256::new()
        .chain_update(seed.to_le_bytes())
        .chain_update(number.to_le_bytes())
        .finalize();
    let mut bytes = Vec::with_capacity(size + digest.len() + 8);
    for block in 0_u64.. {
        if bytes.len() >= size {
            break;
        }
        bytes.extend_from_slice(&block.to_le_bytes());
        bytes.extend_from_slice(&digest);
    }
    bytes.truncate(size);
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_belong_to_one_seed_and_number() {
        let one = body(7, 3, 1000);
        assert_eq!(one.len(), 1000);
        assert_eq!(one, body(7, 3, 1000));
        assert_ne!(one, body(8, 3, 1000));
        assert_ne!(one, body(7, 4, 1000));
        let blocks: std::collections::BTreeSet<&[u8]> = one.chunks(40).collect();
        assert_eq!(
            blocks.len(),
            one.chunks(40).count(),
            "a swapped block would not show"
        );
    }

    #[test]
    fn a_key_tells_its_number_and_its_folder_holds_every_twelfth() {
        let keys = (0..24).map(|number| key("r", number));
        let in_folder = keys.filter(|key| key.starts_with(&format!("{}/", watched("r"))));
        assert_eq!(in_folder.count(), 2);
        let key = key("r", 1234);
        assert_eq!(number(key.rsplit('/').next().unwrap()), Some(1234));
    }
}
