//! The load while it runs: one put per object, never again; reads of what was acknowledged; the cluster's own word on its health.
use super::{BUCKET, Settings, content, probes, readback, redundancy, stored::Stored};
use crate::{
    bed::{
        Call, Load, Say, Site,
        wait::{failed, until},
    },
    minio::{
        CLIENT,
        admin::Admin,
        doors::{self, Doors},
    },
    s3::{self, Place},
};
use model::{
    BoxFuture,
    ledger::Stage,
    system::{BedError, Outcome, Reply},
    units::Nanos,
};
use object_store::{Error, ObjectStoreExt as _, aws::AmazonS3, path::Path};
use std::time::Duration;

/// Longest wait for the store, and for the bucket and the canary in it.
const READY: Duration = Duration::from_secs(120);
/// Size of a probe's own object.
const SMALL: usize = 1024;
/// Number of the object that is read while nothing of the load is acknowledged yet.
const CANARY: u64 = u64::MAX;

pub(super) struct Running {
    run: String,
    seed: u64,
    size: usize,
    places: Vec<(String, Place)>,
    load: Doors,
    puts: Doors,
    gets: Doors,
    http: reqwest::Client,
    stored: Stored,
    admin: Admin,
}

impl Running {
    pub(super) fn new(settings: &Settings, site: &Site) -> Result<Self, BedError> {
        let mut places = doors::places(site, CLIENT)?;
        if settings.doors as usize > places.len() {
            let why = format!("the testbed has {} servers", places.len());
            return Err(failed(format!("go through {} doors", settings.doors), why));
        }
        if settings.doors > 0 {
            places.truncate(settings.doors as usize);
        }
        let (size, deadline) = settings.read_units();
        let probe = probes::DEADLINE.as_duration();
        Ok(Self {
            run: site.run.clone(),
            seed: site.seed,
            size,
            load: Doors::new(&places, BUCKET, deadline)?,
            puts: Doors::new(&places, BUCKET, probe)?,
            gets: Doors::new(&places, BUCKET, probe)?,
            http: s3::connections(probe)?,
            stored: Stored::default(),
            admin: Admin::new(site)?,
            places,
        })
    }

    async fn come_up(&self, site: &Site) -> Result<(), BedError> {
        site.gates.passed(&["minio"], READY).await?;
        let made = || s3::make_bucket(&self.places[0].1, BUCKET);
        until("the bucket of the workload", READY, made).await?;
        let canary = || async {
            let put = self.put(self.load.numbered(0), CANARY).await;
            put.map_err(|error| error.to_string())
        };
        until("the first object of the workload", READY, canary).await
    }

    async fn put(&self, store: &AmazonS3, number: u64) -> Result<(), Error> {
        let key = Path::from(if number == CANARY {
            format!("{}/canary", self.run)
        } else {
            content::key(&self.run, number)
        });
        let body = content::body(self.seed, number, self.size);
        store.put(&key, body.into()).await.map(drop)
    }

    /// Puts object `number` once. An error says nothing: some such objects are stored after all.
    async fn store(&self, number: u64) -> Reply {
        match self.put(self.load.numbered(number as usize), number).await {
            Ok(()) => {
                self.stored.acked(number);
                ok(None)
            }
            Err(error) => unknown(s3::class(&error)),
        }
    }

    async fn put_small(&self, call: Call<'_>) -> Reply {
        let key = Path::from(format!("{}/probe/{}", self.run, call.number));
        let body = content::body(self.seed, call.number, SMALL);
        let put = self.puts.next().put(&key, body.into());
        match tokio::time::timeout(call.limit, put).await {
            Ok(Ok(_)) => ok(None),
            Ok(Err(error)) => unknown(s3::class(&error)),
            Err(_) => unknown("timeout"),
        }
    }

    /// Reads an acknowledged object: not to have it, or to have another, breaks what the store promised.
    async fn get(&self, call: Call<'_>) -> Reply {
        let chosen = self.stored.choice(self.seed, call.number);
        let key = chosen.map_or_else(
            || format!("{}/canary", self.run),
            |number| content::key(&self.run, number),
        );
        let key = Path::from(key);
        let asked = async { self.gets.next().get(&key).await?.bytes().await };
        let expected = || content::body(self.seed, chosen.unwrap_or(CANARY), self.size);
        match tokio::time::timeout(call.limit, asked).await {
            Ok(Ok(bytes)) if bytes == expected() => ok(None),
            Ok(Ok(_)) => self.broke("wrong-bytes"),
            Ok(Err(Error::NotFound { .. })) => self.broke("lost-read"),
            Ok(Err(error)) => failed_as(s3::class(&error)),
            Err(_) => failed_as("timeout"),
        }
    }

    fn broke(&self, class: &str) -> Reply {
        self.stored.broke();
        failed_as(class)
    }

    /// The worst status that any server gives for the whole cluster.
    async fn health(&self, call: Call<'_>) -> Reply {
        let asked = self.places.iter().map(|(_, place)| async {
            let url = format!("http://{}/minio/health/cluster", place.at);
            let answer = tokio::time::timeout(call.limit, self.http.get(url).send()).await;
            Some(answer.ok()?.ok()?.status().as_u16())
        });
        let told = futures_util::future::join_all(asked).await;
        match told.into_iter().flatten().max() {
            Some(status) => ok(Some(f64::from(status))),
            None => failed_as("nobody-answers"),
        }
    }

    async fn drives(&self) -> Reply {
        let told = self.admin.drives().await;
        told.map_or_else(
            |_| failed_as("nobody-answers"),
            |count| ok(Some(count as f64)),
        )
    }

    async fn whole(&self, call: Call<'_>) -> Reply {
        match redundancy::whole_percent(&self.admin, &self.stored, &self.run, call.limit).await {
            Ok(percent) => ok(Some(percent)),
            Err(why) => {
                tracing::debug!(why, "the copies could not be looked at");
                failed_as("not-told")
            }
        }
    }
}

fn ok(value: Option<f64>) -> Reply {
    Reply {
        outcome: Outcome::Ok,
        value,
        class: String::new(),
    }
}

fn failed_as(class: &str) -> Reply {
    Reply {
        outcome: Outcome::Fail,
        value: None,
        class: class.into(),
    }
}

fn unknown(class: &str) -> Reply {
    Reply {
        outcome: Outcome::Info,
        ..failed_as(class)
    }
}

impl Load for Running {
    fn ready<'a>(&'a self, site: &'a Site, _: Say<'a>) -> BoxFuture<'a, Result<(), BedError>> {
        Box::pin(self.come_up(site))
    }

    fn operate<'a>(&'a self, call: Call<'a>) -> BoxFuture<'a, Reply> {
        match call.probe {
            "put" => Box::pin(self.put_small(call)),
            "get" => Box::pin(self.get(call)),
            "health" => Box::pin(self.health(call)),
            "drives" => Box::pin(self.drives()),
            "whole-objects" => Box::pin(self.whole(call)),
            _ => Box::pin(async { ok(Some(self.stored.broken() as f64)) }),
        }
    }

    fn send(&self, number: u64, _: Nanos) -> BoxFuture<'_, Reply> {
        Box::pin(self.store(number))
    }

    fn read_back(&self, sent: u64, limit: Duration) -> BoxFuture<'_, Result<Vec<Stage>, BedError>> {
        Box::pin(async move {
            let expected = readback::Expected {
                places: &self.places,
                run: &self.run,
                seed: self.seed,
                size: self.size,
                acked: self.stored.all(),
                sent,
            };
            readback::read(&expected, limit).await
        })
    }
}
