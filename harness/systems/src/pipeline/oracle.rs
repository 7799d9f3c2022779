//! Reads the table back to its known end, as a correct reader would, and recomputes every checksum.
//!
//! The known end is the end of every partition in Kafka once the load is over. Until the job has committed that far, nothing that is
//! missing is lost.
use super::{
    BUCKET, TABLE, TOPIC,
    freshness::Progress,
    rows::{self, Record},
    table,
};
use crate::{
    bed::wait::failed,
    kafka::client,
    s3::{self, Place},
};
use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use model::system::{BedError, StageRead};
use object_store::{ObjectStore as _, ObjectStoreExt as _, aws::AmazonS3, path::Path};
use std::time::Duration;
use tokio::time::Instant;

/// Files fetched ahead of the one being read: bounds memory, hides the way to the store.
const AHEAD: usize = 8;

/// Where the oracle looks.
pub(super) struct Oracle<'a> {
    pub(super) brokers: &'a str,
    pub(super) partitions: u32,
    pub(super) place: &'a Place,
    pub(super) progress: &'a Progress,
}

impl Oracle<'_> {
    /// Everything in the table, within `limit`.
    ///
    /// # Errors
    /// A table that cannot be read within the limit. An end that was not reached is no error but an incomplete read.
    pub(super) async fn read(&self, limit: Duration) -> Result<StageRead, BedError> {
        let until = Instant::now() + limit;
        // A quarter is kept for reading what there is.
        let complete = self.end_reached(limit * 3 / 4).await;
        let mut read = StageRead {
            stage: "stored".into(),
            complete: complete.map_err(|error| error.to_string()),
            read: Vec::new(),
            corrupted: Vec::new(),
            illegible: 0,
        };
        let all = tokio::time::timeout_at(until, self.read_files(&mut read));
        let all = all.await.map_err(|_| {
            failed(
                "read the table back",
                format!("not within {} s", limit.as_secs()),
            )
        })?;
        all.map_err(|why| failed("read the table back", why))?;
        Ok(read)
    }

    async fn end_reached(&self, limit: Duration) -> Result<(), BedError> {
        let until = Instant::now() + limit;
        let asked = || client::ends(self.brokers, TOPIC, self.partitions);
        let ends = crate::bed::wait::until("the ends of the topic", limit, asked).await?;
        self.progress
            .reaches(&ends, until.saturating_duration_since(Instant::now()))
            .await
    }

    async fn read_files(&self, read: &mut StageRead) -> Result<(), String> {
        let store = s3::bucket(self.place, BUCKET, Duration::from_secs(30))
            .map_err(|error| error.to_string())?;
        let files = stream::iter(listed(&store).await?);
        let mut bodies = files.map(|file| fetched(&store, file)).buffered(AHEAD);
        while let Some(body) = bodies.next().await {
            let (file, bytes) = body?;
            rows::read(bytes, |record| take(read, &record))
                .map_err(|error| format!("{file}: {error}"))?;
        }
        Ok(())
    }
}

fn take(read: &mut StageRead, record: &Record) {
    match *record {
        Record::Canary => {}
        Record::Illegible => read.illegible += 1,
        Record::Load { number, intact } => {
            read.read.push(number);
            if !intact {
                read.corrupted.push(number);
            }
        }
    }
}

async fn get(store: &AmazonS3, path: &str) -> Result<Vec<u8>, String> {
    let at = Path::parse(path).map_err(|error| error.to_string())?;
    let answer = store.get(&at).await.map_err(|error| error.to_string())?;
    Ok(answer
        .bytes()
        .await
        .map_err(|error| error.to_string())?
        .to_vec())
}

async fn fetched(store: &AmazonS3, file: String) -> Result<(String, bytes::Bytes), String> {
    let path = file
        .split_once(&format!("{BUCKET}/"))
        .map_or(file.as_str(), |(_, path)| path)
        .to_owned();
    Ok((file, get(store, &path).await?.into()))
}

/// The data files of the table in the order of their batches.
async fn listed(store: &AmazonS3) -> Result<Vec<String>, String> {
    let folder = format!("{TABLE}/_spark_metadata");
    let names: Vec<_> = store
        .list(Some(&Path::from(folder.as_str())))
        .try_collect()
        .await
        .map_err(|error| error.to_string())?;
    let mut files = Vec::new();
    for entry in table::log(names.iter().filter_map(|object| object.location.filename()))? {
        let text = get(store, &format!("{folder}/{}", entry.name)).await?;
        let listed = table::files(&String::from_utf8_lossy(&text));
        files.extend(listed.map_err(|why| format!("{folder}/{}: {why}", entry.name))?);
    }
    Ok(files)
}
