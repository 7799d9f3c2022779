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
use model::{ledger::Stage, system::BedError};
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
    pub(super) sent: u64,
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
pub(super) async fn read(expected: &Expected<'_>, limit: Duration) -> Result<Vec<Stage>, BedError> {
    let until = Instant::now() + limit * 9 / 10;
    let doors = Doors::new(expected.places, BUCKET, REQUEST)?;
    let mut stage = Stage::new("stored", 1, expected.sent);
    let place = stage.source("object number");
    let mut numbers: BTreeSet<u64> = expected.acked.iter().copied().collect();
    match listed(&doors, expected.run, until).await {
        Ok(names) => {
            let legible: Vec<u64> = names
                .iter()
                .filter_map(|name| content::number(name))
                .collect();
            for name in names.iter().filter(|name| content::number(name).is_none()) {
                stage.illegible += 1;
                stage.note(format!("foreign object `{name}`"));
            }
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
            Found::Intact => stage.take(number, (place, number), true),
            Found::Corrupted => stage.take(number, (place, number), false),
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

#[cfg(test)]
mod tests {
    //! Against a store of a few lines that answers what a test wants: the oracle must see each kind of harm, and nothing else.
    use super::*;
    use tokio::{
        io::{AsyncReadExt as _, AsyncWriteExt as _},
        net::{TcpListener, TcpStream},
    };

    const RUN: &str = "r";
    const SEED: u64 = 7;
    const SIZE: usize = 4096;

    /// What the store does about one object.
    type Answer = fn(u64) -> (u16, Vec<u8>);

    fn right(number: u64) -> Vec<u8> {
        content::body(SEED, number, SIZE)
    }

    fn xml(code: &str) -> Vec<u8> {
        format!("<Error><Code>{code}</Code></Error>").into_bytes()
    }

    fn listing(numbers: &[&str]) -> Vec<u8> {
        let folder = content::folder(RUN);
        let entry = |name: &&str| {
            format!(
                "<Contents><Key>{folder}/0/{name}</Key><Size>{SIZE}</Size><LastModified>2026-01-01T00:00:00.000Z</LastModified><ETag>\"x\"</ETag></Contents>"
            )
        };
        let entries: String = numbers.iter().map(entry).collect();
        format!("<ListBucketResult><IsTruncated>false</IsTruncated>{entries}</ListBucketResult>")
            .into_bytes()
    }

    async fn serve(mut stream: TcpStream, listed: Vec<u8>, answer: Answer) -> Option<()> {
        let mut text = String::new();
        loop {
            while !text.contains("\r\n\r\n") {
                let mut part = [0; 4096];
                let count = stream
                    .read(&mut part)
                    .await
                    .ok()
                    .filter(|count| *count > 0)?;
                text.push_str(&String::from_utf8_lossy(&part[..count]));
            }
            let (head, rest) = text.split_once("\r\n\r\n")?;
            let path = head.split(' ').nth(1)?.to_owned();
            text = rest.to_owned();
            let number = content::number(path.rsplit('/').next()?);
            let (status, body) = match number {
                Some(number) => answer(number),
                None => (200, listed.clone()),
            };
            let head = format!(
                "HTTP/1.1 {status} X\r\nContent-Length: {}\r\n\r\n",
                body.len()
            );
            stream.write_all(head.as_bytes()).await.ok()?;
            stream.write_all(&body).await.ok()?;
        }
    }

    /// Those intact, and those damaged.
    fn numbers(stage: &Stage) -> (BTreeSet<u64>, BTreeSet<u64>) {
        let lane = &stage.lanes[0];
        let of = |has: &dyn Fn(u64) -> bool| (0..64).filter(|number| has(*number)).collect();
        (
            of(&|at| lane.intact.has(at)),
            of(&|at| lane.damaged.has(at)),
        )
    }

    async fn read_from(acked: &[u64], listed: &[&str], answer: Answer) -> Stage {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let place = Place {
            at: listener.local_addr().expect("an address").to_string(),
            key: "k".into(),
            secret: "s".into(),
        };
        let listed = listing(listed);
        let mut served = tokio::task::JoinSet::new();
        served.spawn(async move {
            let mut each = tokio::task::JoinSet::new();
            while let Ok((stream, _)) = listener.accept().await {
                each.spawn(serve(stream, listed.clone(), answer));
            }
        });
        let expected = Expected {
            places: &[("minio-1".to_owned(), place)],
            run: RUN,
            seed: SEED,
            size: SIZE,
            acked: acked.to_vec(),
            sent: 8,
        };
        let stages = read(&expected, Duration::from_secs(2)).await;
        stages.expect("a client").remove(0)
    }

    #[tokio::test]
    async fn a_lost_and_a_changed_object_are_told_apart_from_intact_ones() {
        let answer: Answer = |number| match number {
            2 => (404, xml("NoSuchKey")),
            3 => (200, right(4)),
            5 => (200, right(5)[..SIZE - 1].to_vec()),
            _ => (200, right(number)),
        };
        let stage = read_from(&[1, 2, 3, 5], &["00000001"], answer).await;
        assert_eq!(stage.complete, Ok(()));
        assert_eq!(numbers(&stage), ([1].into(), [3, 5].into()));
    }

    #[tokio::test]
    async fn what_was_stored_without_an_acknowledgement_is_found() {
        let answer: Answer = |number| (200, right(number));
        let stage = read_from(&[1], &["00000001", "00000009", "stranger"], answer).await;
        assert_eq!(numbers(&stage), ([1].into(), [].into()));
        assert_eq!(stage.lanes[0].strangers, [(9, 1)].into());
        assert_eq!(
            (stage.illegible, stage.notes),
            (1, vec!["foreign object `stranger`".to_owned()])
        );
    }

    #[tokio::test]
    async fn an_object_that_nobody_answers_for_is_not_called_lost() {
        let answer: Answer = |number| match number {
            2 => (503, xml("SlowDownRead")),
            _ => (200, right(number)),
        };
        let stage = read_from(&[1, 2], &[], answer).await;
        assert_eq!(numbers(&stage).0, [1].into());
        let why = stage.complete.unwrap_err();
        assert!(
            why.contains("1 objects") && why.contains("slow-down-read"),
            "{why}"
        );
    }
}
