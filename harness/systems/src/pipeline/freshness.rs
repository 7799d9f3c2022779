//! How far the job has come, kept up by asking the store for one object that is not there yet: `commits/N+1`.
//!
//! A HEAD costs a millisecond and needs no driver. Where nobody asked for long, the next ones were written and swept away
//! meanwhile, so without news for a while the folder is listed again.
use super::{BUCKET, CHECKPOINT, TOPIC, checkpoint};
use crate::{
    bed::wait::failed,
    s3::{self, Place},
};
use futures_util::TryStreamExt as _;
use model::system::BedError;
use object_store::{Error, ObjectStore as _, ObjectStoreExt as _, aws::AmazonS3, path::Path};
use std::{
    sync::{Mutex, PoisonError},
    time::Duration,
};
use tokio::time::Instant;

/// A batch takes half a second to a few; ten seconds without a commit is an outage or a missed sweep.
const STALE: Duration = Duration::from_secs(5);
/// Commits caught up with in one question: more than any probe period brings.
const CATCH_UP: usize = 16;

/// What is committed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Committed {
    /// Newest batch.
    pub(super) batch: Option<u64>,
    /// End offsets by partition: the next one not in.
    pub(super) ends: Vec<i64>,
}

struct Known {
    committed: Committed,
    news: Instant,
}

/// Follows the checkpoint.
pub(super) struct Progress {
    store: AmazonS3,
    known: Mutex<Known>,
}

impl Progress {
    pub(super) fn new(place: &Place) -> Result<Self, BedError> {
        let known = Known {
            committed: Committed::default(),
            news: Instant::now(),
        };
        Ok(Self {
            store: s3::bucket(place, BUCKET, Duration::from_secs(5))?,
            known: Mutex::new(known),
        })
    }

    fn known<T>(&self, with: impl FnOnce(&mut Known) -> T) -> T {
        with(&mut self.known.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// What is committed now. Questions may overlap: each asks for itself and the newest answer stays.
    ///
    /// # Errors
    /// The store's refusal.
    pub(super) async fn now(&self) -> Result<Committed, Error> {
        for _ in 0..CATCH_UP {
            let (batch, stale) =
                self.known(|known| (known.committed.batch, known.news.elapsed() > STALE));
            let found = match batch {
                Some(batch) if !stale => self.follows(batch + 1).await?,
                // Fewer than before: the checkpoint was removed, and the job began anew.
                _ => self.listed().await?.filter(|found| Some(*found) != batch),
            };
            let Some(found) = found else {
                if stale || batch.is_none() {
                    self.known(|known| known.news = Instant::now());
                }
                break;
            };
            self.read(found, stale).await?;
        }
        Ok(self.known(|known| known.committed.clone()))
    }

    /// The batch, if it is committed.
    async fn follows(&self, batch: u64) -> Result<Option<u64>, Error> {
        let asked = self
            .store
            .head(&Path::from(format!("{CHECKPOINT}/commits/{batch}")))
            .await;
        match asked {
            Ok(_) => Ok(Some(batch)),
            Err(Error::NotFound { .. }) => Ok(None),
            Err(error) => Err(error),
        }
    }

    async fn listed(&self) -> Result<Option<u64>, Error> {
        let folder = Path::from(format!("{CHECKPOINT}/commits"));
        let listed: Vec<_> = self.store.list(Some(&folder)).try_collect().await?;
        Ok(checkpoint::newest(
            listed
                .iter()
                .filter_map(|object| object.location.filename()),
        ))
    }

    async fn read(&self, batch: u64, anew: bool) -> Result<(), Error> {
        let at = Path::from(format!("{CHECKPOINT}/offsets/{batch}"));
        let bytes = self.store.get(&at).await?.bytes().await?;
        let told = checkpoint::ends(&String::from_utf8_lossy(&bytes), TOPIC);
        let ends = told.map_err(|why| Error::Generic {
            store: "checkpoint",
            source: why.into(),
        })?;
        self.known(|known| {
            if anew || Some(batch) > known.committed.batch {
                *known = Known {
                    committed: Committed {
                        batch: Some(batch),
                        ends,
                    },
                    news: Instant::now(),
                };
            }
        });
        Ok(())
    }

    /// Waits until every end is at least as given.
    ///
    /// # Errors
    /// How far it came by the deadline.
    pub(super) async fn reaches(&self, ends: &[i64], limit: Duration) -> Result<(), BedError> {
        let what = format!("the job to commit up to offsets {ends:?}");
        crate::bed::wait::until(&what, limit, || async {
            let now = self.now().await.map_err(|error| error.to_string())?;
            // A partition that somebody added is not waited for: the log says what it holds.
            let all = now.ends.len() >= ends.len()
                && now.ends.iter().zip(ends).all(|(is, want)| is >= want);
            if all {
                Ok(())
            } else {
                Err(format!("batch {:?} up to {:?}", now.batch, now.ends))
            }
        })
        .await
        .map_err(|error| failed(error.what, error.why))
    }
}
