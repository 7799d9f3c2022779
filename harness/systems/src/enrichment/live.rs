//! The service while it runs: one container, ready when it told categories that are right.
use super::{NODE, PORT, SCRIPT, Settings, client};
use crate::{
    bed::{
        Call, Live, Mark, Recipe, Say, Site,
        wait::{failed, until},
    },
    s3::connections,
};
use model::{
    BoxFuture,
    check::{NodeState, Seen},
    ids::{NodeId, Role},
    system::{BedError, BedNews, Outcome, Reply, Version},
    units::Nanos,
};
use std::time::Duration;

/// Start to first answer takes half a second; a busy machine is not a broken one.
const READY: Duration = Duration::from_secs(60);
/// Longest wait of one question outside the probe.
const QUESTION: Duration = Duration::from_secs(5);

pub(super) struct Running {
    /// Where the host reaches it.
    at: String,
    delay: Nanos,
    asking: reqwest::Client,
    probe: reqwest::Client,
}

impl Running {
    pub(super) fn new(settings: &Settings, site: &Site) -> Result<Self, BedError> {
        Ok(Self {
            at: site.outside(NODE, PORT)?,
            delay: settings.delay(),
            asking: connections(QUESTION)?,
            probe: connections(QUESTION)?,
        })
    }

    async fn answers(&self) -> Result<(), String> {
        client::ask(&self.asking, &self.at, 0).await
    }

    async fn come_up(&self, site: &Site, say: Say<'_>) -> Result<(), BedError> {
        until("the service to tell categories", READY, || self.answers()).await?;
        say(BedNews::Ready {
            node: NODE.into(),
            probe: "it tells categories".into(),
        });
        site.gates.open("enrichment");
        Ok(())
    }

    async fn probed(&self, call: Call<'_>) -> Reply {
        let asked = client::ask(&self.probe, &self.at, call.number);
        let asked = tokio::time::timeout(call.limit, asked).await;
        match asked.unwrap_or_else(|_| Err("timeout".into())) {
            Ok(()) => reply(Outcome::Ok, String::new()),
            // A question changes nothing, so one without a right answer is known not done.
            Err(class) => reply(Outcome::Fail, class),
        }
    }
}

fn reply(outcome: Outcome, class: String) -> Reply {
    Reply {
        outcome,
        value: None,
        class,
    }
}

impl Live for Running {
    fn recipes(&self, _: &Site) -> Result<Vec<Recipe>, BedError> {
        Ok(vec![Recipe {
            node: NODE.into(),
            command: vec![self.delay.as_s().to_string()],
            ..Recipe::default()
        }])
    }

    fn ready<'a>(&'a self, site: &'a Site, say: Say<'a>) -> BoxFuture<'a, Result<(), BedError>> {
        Box::pin(self.come_up(site, say))
    }

    fn mark(&self, _: &Role) -> Mark {
        Mark {
            command: SCRIPT,
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
            let asked = tokio::time::timeout(QUESTION, self.answers()).await;
            let asked =
                asked.map_err(|_| failed(format!("ask `{node}`"), "no answer within 5 s"))?;
            Ok(Seen {
                held: asked.is_ok(),
                evidence: asked.err().unwrap_or_else(|| "it tells categories".into()),
            })
        })
    }

    fn operate<'a>(&'a self, call: Call<'a>) -> BoxFuture<'a, Reply> {
        Box::pin(self.probed(call))
    }

    fn versions(&self) -> BoxFuture<'_, Vec<Version>> {
        Box::pin(async {
            let health = client::json(&self.asking, &self.at, "/health").await;
            let python = health
                .ok()
                .and_then(|told| Some(told["python"].as_str()?.to_owned()));
            let version = |value| Version {
                name: "python of enrichment".into(),
                value,
            };
            python.map(version).into_iter().collect()
        })
    }
}
