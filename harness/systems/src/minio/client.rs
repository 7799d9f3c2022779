//! Operations on the store, without retries: an error on a put means unknown, for three of a few hundred had been stored after all.
use crate::s3;
use model::system::{Outcome, Reply};
use object_store::{ObjectStoreExt as _, aws::AmazonS3, path::Path};
use std::time::Duration;

/// Size of a probe's object: small enough to lie inline in the metadata as checkpoints do, large enough to be one.
const SIZE: usize = 1024;

/// Bytes that differ from object to object, so that a stale read is noticed.
fn body(number: u64) -> Vec<u8> {
    number
        .to_le_bytes()
        .iter()
        .copied()
        .cycle()
        .take(SIZE)
        .collect()
}

/// Puts object `number` and gets it back, within `limit`.
pub(super) async fn put_get(store: &AmazonS3, prefix: &str, number: u64, limit: Duration) -> Reply {
    let key = Path::from(format!("{prefix}/{number}"));
    let both = async {
        if let Err(error) = store.put(&key, body(number).into()).await {
            return unknown(&error);
        }
        match get(store, &key).await {
            Ok(bytes) if bytes == body(number) => Reply {
                outcome: Outcome::Ok,
                value: None,
                class: String::new(),
            },
            Ok(_) => Reply {
                outcome: Outcome::Fail,
                value: None,
                class: "wrong-bytes".into(),
            },
            Err(error) => Reply {
                outcome: Outcome::Fail,
                value: None,
                class: format!("get-{}", s3::class(&error)),
            },
        }
    };
    let late = Reply {
        outcome: Outcome::Info,
        value: None,
        class: "timeout".into(),
    };
    tokio::time::timeout(limit, both).await.unwrap_or(late)
}

async fn get(store: &AmazonS3, key: &Path) -> object_store::Result<Vec<u8>> {
    Ok(store.get(key).await?.bytes().await?.to_vec())
}

fn unknown(error: &object_store::Error) -> Reply {
    Reply {
        outcome: Outcome::Info,
        value: None,
        class: format!("put-{}", s3::class(error)),
    }
}

/// Puts, gets and deletes one object: the store does its work.
pub(super) async fn canary(store: &AmazonS3, key: String) -> Result<(), String> {
    let key = Path::from(key);
    let say = |step: &str, error: object_store::Error| format!("{step}: {error}");
    store
        .put(&key, body(7).into())
        .await
        .map_err(|error| say("put", error))?;
    let read = get(store, &key).await.map_err(|error| say("get", error))?;
    store
        .delete(&key)
        .await
        .map_err(|error| say("delete", error))?;
    if read == body(7) {
        Ok(())
    } else {
        Err("get: other bytes than were put".into())
    }
}
