//! The final read by fresh clients: every acknowledged object, and whatever else lies in the load's folder.
//!
//! An object counts as absent only when two doors in a row said so; an object that nobody could be asked for leaves the read
//! without its known end.
use super::{BUCKET, content};
use crate::{
    minio::doors::Doors,
    s3::{self, Place},
};
use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use model::system::{BedError, StageRead};
use object_store::{Error, ObjectStore as _, ObjectStoreExt as _, path::Path};
use std::{collections::BTreeSet, time::Duration};
use tokio::time::{Instant, sleep};

/// Objects read at a time: enough to hide the way to the store, few enough for a small machine.
const AHEAD: usize = 8;
/// One request; a hung server is asked through another door after it.
const REQUEST: Duration = Duration::from_secs(5);
/// Pause before the same question is asked again.
const PAUSE: Duration = Duration::from_millis(100);

/// What is read, and how it must look.
pub(super) struct Expected<'a> {
    pub(super) places: &'a [(String, Place)],
    pub(super) run: &'a str,
    pub(super) seed: u64,
    pub(super) size: usize,
    pub(super) acked: Vec<u64>,
}

enum Found {
    Intact,
    Corrupted,
    Absent,
    /// Nobody answered; what was said last.
    Unknown(String),
}

/// Reads everything within `limit`.
///
/// # Errors
/// A client that cannot be made.
pub(super) async fn read(
    expected: &Expected<'_>,
    limit: Duration,
) -> Result<Vec<StageRead>, BedError> {
    let until = Instant::now() + limit * 9 / 10;
    let doors = Doors::new(expected.places, BUCKET, REQUEST)?;
    let mut stage = StageRead {
        stage: "stored".into(),
        complete: Ok(()),
        read: Vec::new(),
        corrupted: Vec::new(),
        illegible: 0,
    };
    let mut numbers: BTreeSet<u64> = expected.acked.iter().copied().collect();
    match listed(&doors, expected.run, until).await {
        Ok(names) => {
            let legible: Vec<u64> = names
                .iter()
                .filter_map(|name| content::number(name))
                .collect();
            stage.illegible = (names.len() - legible.len()) as u64;
            numbers.extend(legible);
        }
        Err(why) => stage.complete = Err(format!("list the objects: {why}")),
    }
    let found = stream::iter(numbers).map(|number| {
        let doors = &doors;
        async move { (number, get(doors, expected, number, until).await) }
    });
    let mut found = found.buffered(AHEAD);
    let mut unknown = 0;
    while let Some((number, one)) = found.next().await {
        match one {
            Found::Intact => stage.read.push(number),
            Found::Corrupted => {
                stage.read.push(number);
                stage.corrupted.push(number);
            }
            Found::Absent => {}
            Found::Unknown(why) => {
                unknown += 1;
                stage.complete = Err(format!("{unknown} objects were not answered for: {why}"));
            }
        }
    }
    Ok(vec![stage])
}

async fn listed(doors: &Doors, run: &str, until: Instant) -> Result<Vec<String>, String> {
    let folder = Path::from(content::folder(run));
    loop {
        let listed: Result<Vec<_>, Error> = doors.next().list(Some(&folder)).try_collect().await;
        match listed {
            Ok(objects) => {
                let names = objects
                    .iter()
                    .filter_map(|object| object.location.filename());
                return Ok(names.map(str::to_owned).collect());
            }
            Err(error) if Instant::now() >= until => return Err(error.to_string()),
            Err(_) => sleep(PAUSE).await,
        }
    }
}

async fn get(doors: &Doors, expected: &Expected<'_>, number: u64, until: Instant) -> Found {
    let key = Path::from(content::key(expected.run, number));
    let mut denied = false;
    let mut last = "no time was left".to_owned();
    while Instant::now() < until {
        let asked = async { doors.next().get(&key).await?.bytes().await };
        match asked.await {
            Ok(bytes) if bytes == content::body(expected.seed, number, expected.size) => {
                return Found::Intact;
            }
            Ok(_) => return Found::Corrupted,
            Err(Error::NotFound { .. }) if denied => return Found::Absent,
            Err(Error::NotFound { .. }) => denied = true,
            Err(error) => {
                denied = false;
                last = s3::class(&error).to_owned();
                sleep(PAUSE).await;
            }
        }
    }
    Found::Unknown(last)
}
