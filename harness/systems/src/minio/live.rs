//! MinIO while it runs: its containers, labelled volumes as drives, ready when a canary object went in and out through every server.
use super::{
    CLIENT, ROTATED, Settings, USER,
    admin::Admin,
    client,
    doors::{self, Doors},
};
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
    facts::Credential,
    ids::{NodeId, Role},
    system::{BedError, BedNews, Reply, Version},
};
use std::{
    path::Path,
    sync::atomic::{AtomicU64, Ordering},
    time::Duration,
};

/// Bucket of the probe and of readiness, beside the workload's own.
const BUCKET: &str = "probe";
/// Start to first stored object took 2 s; a busy machine is not a broken one.
const READY: Duration = Duration::from_secs(90);

pub(super) struct Running {
    settings: Settings,
    /// Every server with its address, in order.
    places: Vec<(String, Place)>,
    probe: Doors,
    asking: Doors,
    http: reqwest::Client,
    admin: Admin,
    /// Looks so far: each has a key of its own, for one's delete must not be another's loss.
    looks: AtomicU64,
}

impl Running {
    pub(super) fn new(settings: Settings, site: &Site) -> Result<Self, BedError> {
        let places = doors::places(site, USER)?;
        let limit = Duration::from_secs(5);
        Ok(Self {
            settings,
            probe: Doors::new(&places, BUCKET, limit)?,
            asking: Doors::new(&places, BUCKET, limit)?,
            http: s3::connections(limit)?,
            looks: AtomicU64::new(0),
            admin: Admin::new(site)?,
            places,
        })
    }

    /// Health 200 comes before drives are formatted; only `cluster` tells that enough of them are.
    async fn healthy(&self, place: &Place) -> Result<(), String> {
        let url = format!("http://{}/minio/health/cluster", place.at);
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
        let url = format!("http://{}/minio/v2/metrics/node", self.places.first()?.1.at);
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

    /// Makes the bucket through this server, or finds it made through another, and stores an object in it.
    async fn server_up(&self, node: &str, place: &Place, say: Say<'_>) -> Result<(), BedError> {
        let what = |does: &str| format!("`{node}` to {does}");
        until(&what("call its cluster healthy"), READY, || {
            self.healthy(place)
        })
        .await?;
        until(&what("make a bucket"), READY, || {
            s3::make_bucket(place, BUCKET)
        })
        .await?;
        let door = self.door(node)?;
        until(&what("store an object"), READY, || {
            client::canary(door, self.look_key(node))
        })
        .await?;
        say(BedNews::Ready {
            node: node.into(),
            probe: "put, get and delete of an object".into(),
        });
        Ok(())
    }

    async fn come_up(&self, site: &Site, say: Say<'_>) -> Result<(), BedError> {
        let servers = self.places.iter();
        let all = servers.map(|(node, place)| self.server_up(node, place, say));
        futures_util::future::try_join_all(all).await?;
        let accounts = || self.admin.add_user(CLIENT);
        until("MinIO to take the account of its clients", READY, accounts).await?;
        site.gates.open("minio");
        Ok(())
    }

    fn door(&self, node: &str) -> Result<&object_store::aws::AmazonS3, BedError> {
        let door = self.asking.of(node);
        door.ok_or_else(|| failed(format!("ask `{node}`"), "it is no server of this store"))
    }

    fn look_key(&self, node: &str) -> String {
        format!("look-{node}-{}", self.looks.fetch_add(1, Ordering::Relaxed))
    }

    /// What every server is told: where all drives are. Three dots are MinIO's own notation.
    fn layout(&self) -> String {
        match self.settings.nodes {
            1 => format!("/drives/{{1...{}}}", self.settings.drives),
            nodes => format!("http://minio-{{1...{nodes}}}:9000/drives/1"),
        }
    }

    fn recipe(&self, node: &str) -> Recipe {
        let words = ["server", "--address", ":9000", &self.layout()];
        Recipe {
            node: node.to_owned(),
            command: words.map(String::from).into(),
            env: vec![
                ("MINIO_ROOT_USER", USER.0.into()),
                ("MINIO_ROOT_PASSWORD", USER.1.into()),
                ("MINIO_BROWSER", "off".into()),
                ("MINIO_UPDATE", "off".into()),
                ("MINIO_CI_CD", "1".into()),
                ("MINIO_PROMETHEUS_AUTH_TYPE", "public".into()),
                (
                    "MINIO_DRIVE_MAX_TIMEOUT",
                    self.settings.drive_timeout.clone(),
                ),
            ],
            ..Recipe::default()
        }
    }
}

impl Live for Running {
    fn recipes(&self, _: &Site) -> Result<Vec<Recipe>, BedError> {
        let servers = self.places.iter();
        Ok(servers.map(|(node, _)| self.recipe(node)).collect())
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

    fn credential(&self, node: &NodeId) -> Option<Credential> {
        self.admin.credential(node.as_str(), CLIENT, BUCKET)
    }

    /// What holds the secrets lies beside the node's drives, and goes with them.
    fn rotation(&self, site: &Site, node: &NodeId) -> Option<Credential> {
        let drive = site.drives(node.as_str()).next()?;
        let folder = Path::new(&drive.below).parent()?.parent()?;
        let secrets = (CLIENT.1, ROTATED);
        let asked = self
            .admin
            .rotation(node.as_str(), CLIENT.0, secrets, (BUCKET, folder));
        asked.ok()
    }

    fn look<'a>(
        &'a self,
        _: &'a Site,
        node: &'a NodeId,
        _: NodeState,
    ) -> BoxFuture<'a, Result<Seen, BedError>> {
        Box::pin(async move {
            let canary = client::canary(self.door(node.as_str())?, self.look_key(node.as_str()));
            let asked = tokio::time::timeout(Duration::from_secs(5), canary);
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

    fn operate<'a>(&'a self, call: Call<'a>) -> BoxFuture<'a, Reply> {
        Box::pin(client::put_get(
            self.probe.next(),
            "s3",
            call.number,
            call.limit,
        ))
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
