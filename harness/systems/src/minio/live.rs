//! MinIO while it runs: one container, four labelled volumes as drives, ready when a canary object went in and out.
use super::{NODE, PORT, USER, client};
use crate::{
    bed::{
        Call, Live, Mark, Recipe, Say, Site,
        wait::{failed, until},
    },
    s3::{self, Place},
};
use model::{
    BoxFuture,
    check::{NodeState, Seen},
    ids::{NodeId, Role},
    system::{BedError, BedNews, Reply, Version},
};
use object_store::aws::AmazonS3;
use std::{
    sync::atomic::{AtomicU64, Ordering},
    time::Duration,
};

/// Bucket of the probe and of readiness, beside the workload's own.
const BUCKET: &str = "probe";
/// Start to first stored object took 2 s; a busy machine is not a broken one.
const READY: Duration = Duration::from_secs(90);

pub(super) struct Running {
    place: Place,
    probe: AmazonS3,
    asking: AmazonS3,
    http: reqwest::Client,
    /// Looks so far: each has a key of its own, for one's delete must not be another's loss.
    looks: AtomicU64,
}

impl Running {
    pub(super) fn new(site: &Site) -> Result<Self, BedError> {
        let place = Place {
            at: site.outside(NODE, PORT)?,
            key: USER.0.into(),
            secret: USER.1.into(),
        };
        let limit = Duration::from_secs(5);
        Ok(Self {
            probe: s3::bucket(&place, BUCKET, limit)?,
            asking: s3::bucket(&place, BUCKET, limit)?,
            http: s3::connections(limit)?,
            looks: AtomicU64::new(0),
            place,
        })
    }

    /// Health 200 comes before drives are formatted; only `cluster` tells that enough of them are.
    async fn healthy(&self) -> Result<(), String> {
        let url = format!("http://{}/minio/health/cluster", self.place.at);
        let answer = self
            .http
            .get(url)
            .send()
            .await
            .map_err(|error| error.to_string())?;
        let status = answer.status();
        if status.is_success() {
            Ok(())
        } else {
            Err(format!("cluster health {status}"))
        }
    }

    /// The release, from the public metrics: the only place that tells it without a signed call.
    async fn version(&self) -> Option<String> {
        let url = format!("http://{}/minio/v2/metrics/node", self.place.at);
        let page = self.http.get(url).send().await.ok()?.text().await.ok()?;
        let line = page
            .lines()
            .find(|line| line.starts_with("minio_software_version_info"))?;
        Some(
            line.split_once("version=\"")?
                .1
                .split_once('"')?
                .0
                .to_owned(),
        )
    }

    async fn come_up(&self, site: &Site, say: Say<'_>) -> Result<(), BedError> {
        until("MinIO's cluster health", READY, || self.healthy()).await?;
        until("MinIO to make a bucket", READY, || {
            s3::make_bucket(&self.place, BUCKET)
        })
        .await?;
        until("MinIO to store an object", READY, || {
            client::canary(&self.asking, "canary")
        })
        .await?;
        say(BedNews::Ready {
            node: NODE.into(),
            probe: "put, get and delete of an object".into(),
        });
        site.gates.open("minio");
        Ok(())
    }
}

impl Live for Running {
    fn recipes(&self, _: &Site) -> Result<Vec<Recipe>, BedError> {
        let drives = (1..=4).map(|drive| (format!("drive-{drive}"), format!("/drives/{drive}")));
        let words = ["server", "--address", ":9000", "/drives/{1...4}"];
        Ok(vec![Recipe {
            node: NODE.into(),
            command: words.map(String::from).into(),
            env: vec![
                ("MINIO_ROOT_USER", USER.0.into()),
                ("MINIO_ROOT_PASSWORD", USER.1.into()),
                ("MINIO_BROWSER", "off".into()),
                ("MINIO_UPDATE", "off".into()),
                ("MINIO_CI_CD", "1".into()),
                ("MINIO_PROMETHEUS_AUTH_TYPE", "public".into()),
            ],
            volumes: drives.collect(),
            ..Recipe::default()
        }])
    }

    fn ready<'a>(&'a self, site: &'a Site, say: Say<'a>) -> BoxFuture<'a, Result<(), BedError>> {
        Box::pin(self.come_up(site, say))
    }

    fn mark(&self, _: &Role) -> Mark {
        Mark {
            command: "/minio server",
            revived: false,
        }
    }

    fn look<'a>(
        &'a self,
        _: &'a Site,
        node: &'a NodeId,
        _: NodeState,
    ) -> BoxFuture<'a, Result<Seen, BedError>> {
        Box::pin(async move {
            let key = format!("look-{node}-{}", self.looks.fetch_add(1, Ordering::Relaxed));
            let asked =
                tokio::time::timeout(Duration::from_secs(5), client::canary(&self.asking, &key));
            let asked = asked
                .await
                .map_err(|_| failed(format!("ask `{node}`"), "no answer within 5 s"))?;
            let evidence = asked.as_ref().map_or_else(Clone::clone, |()| {
                "an object was put, read and deleted".into()
            });
            Ok(Seen {
                held: asked.is_ok(),
                evidence,
            })
        })
    }

    fn operate<'a>(&'a self, call: Call) -> BoxFuture<'a, Reply> {
        Box::pin(client::put_get(&self.probe, "s3", call.number, call.limit))
    }

    fn versions(&self) -> BoxFuture<'_, Vec<Version>> {
        Box::pin(async {
            let version = self.version().await;
            version
                .map(|value| Version {
                    name: "minio".into(),
                    value,
                })
                .into_iter()
                .collect()
        })
    }
}
