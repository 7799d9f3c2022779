//! [`Bed`] on a real engine. Removal is not here: the guard removes by label, whoever dies first.
use super::{Call, Drive, Kind, Mark, Say, Site, bring_up::Up, engine, facts, wait::failed};
use model::{
    BoxFuture,
    check::{NodeState, Seen},
    facts::{Facts, Unit},
    ids::NodeId,
    ledger::Stage,
    system::{Bed, BedError, BedNews, BedOrder, NodeLog, Outcome, Reply, Version},
    units::Nanos,
};
use std::{collections::BTreeMap, sync::OnceLock};
use testcontainers::bollard::{Docker, models::ContainerStateStatusEnum as Status};

/// Size of a captured log; the tail is kept.
const LOG_CAP: usize = 4 << 20;

/// A testbed of containers; empty until [`Bed::up`].
pub struct Testbed {
    pub(super) docker: Docker,
    images: BTreeMap<String, String>,
    pub(super) kinds: &'static [&'static dyn Kind],
    pub(super) drives: &'static [&'static dyn Drive],
    pub(super) up: OnceLock<Up>,
}

impl Testbed {
    /// A testbed on this engine. `images`: reference of the image of each system, by the system's name.
    pub(crate) fn new(
        docker: Docker,
        images: BTreeMap<String, String>,
        kinds: &'static [&'static dyn Kind],
        drives: &'static [&'static dyn Drive],
    ) -> Self {
        // Ring for every TLS client in the process; another crate may have said so before, which is as good.
        let _ = rustls::crypto::ring::default_provider().install_default();
        Self {
            docker,
            images,
            kinds,
            drives,
            up: OnceLock::new(),
        }
    }

    pub(super) fn running(&self) -> Result<&Up, BedError> {
        self.up
            .get()
            .ok_or_else(|| failed("use the testbed", "it was not brought up"))
    }

    pub(super) fn image(&self, system: &str) -> Result<&str, BedError> {
        let image = self.images.get(system).map(String::as_str);
        image.ok_or_else(|| {
            failed(
                format!("find the image of `{system}`"),
                "build it with `brinell images`",
            )
        })
    }

    fn mark(up: &Up, node: &NodeId) -> Result<Mark, BedError> {
        let placed = up.site.placed(node)?;
        Ok(up.lives[placed.system].mark(&placed.spec.role))
    }

    async fn look_at(&self, node: &NodeId, is: NodeState) -> Result<Seen, BedError> {
        let up = self.running()?;
        let placed = up.site.placed(node)?;
        match (is, placed.spec.unit) {
            (NodeState::Count, Unit::Container) => {
                Ok(self.count(up, placed.spec.role.as_str()).await)
            }
            (NodeState::Count, Unit::Process) => {
                let commands = self.commands(up, node).await?;
                up.lives[placed.system]
                    .count(&up.site, node, commands)
                    .await
            }
            _ => up.lives[placed.system].look(&up.site, node, is).await,
        }
    }

    /// Command lines of all processes of the node's role that run now.
    async fn commands(&self, up: &Up, node: &NodeId) -> Result<Vec<String>, BedError> {
        let mark = Self::mark(up, node)?;
        let role = &up.site.placed(node)?.spec.role;
        let mut commands = Vec::new();
        for peer in up.site.of_role(role.as_str()) {
            let spec = &up.site.placed(&NodeId::from(peer))?.spec;
            let home = spec.inside.as_ref().unwrap_or(&spec.node);
            commands.extend(facts::commands(&self.docker, &up.site, home, mark).await?);
        }
        Ok(commands)
    }

    /// How many containers of a role run.
    async fn count(&self, up: &Up, role: &str) -> Seen {
        let nodes = up.site.of_role(role);
        let asked = nodes
            .iter()
            .map(|node| engine::inspect(&self.docker, &up.site.run, node));
        let seen = futures_util::future::join_all(asked).await;
        let running = seen.iter().flatten().filter(|seen| {
            let state = seen.state.as_ref();
            state.is_some_and(|state| state.running == Some(true) && state.restarting != Some(true))
        });
        let running = running.count();
        Seen {
            held: running == nodes.len(),
            evidence: format!("{running} of {} {role} containers run", nodes.len()),
        }
    }

    async fn log(&self, site: &Site, node: &str) -> Option<NodeLog> {
        let seen = engine::inspect(&self.docker, &site.run, node).await.ok()?;
        let (bytes, truncated) = engine::tail(&self.docker, &site.run, node, "all", LOG_CAP).await;
        let state = seen.state.unwrap_or_default();
        let ended = matches!(state.status, Some(Status::EXITED | Status::DEAD));
        Some(NodeLog {
            node: node.into(),
            container: seen.id.unwrap_or_default(),
            bytes,
            truncated,
            exit_code: state.exit_code.filter(|_| ended),
            oom_killed: state.oom_killed.unwrap_or(false),
        })
    }

    /// Image of each system with its id, which is the digest of all it holds.
    async fn image_versions(&self) -> Vec<Version> {
        let mut versions = Vec::new();
        if let Ok(engine) = self.docker.version().await {
            let value = engine.version.unwrap_or_default();
            versions.push(Version {
                name: "engine".into(),
                value,
            });
        }
        for (system, image) in &self.images {
            let id = self
                .docker
                .inspect_image(image)
                .await
                .ok()
                .and_then(|image| image.id);
            let value = format!("{image} {}", id.unwrap_or_else(|| "(gone)".into()));
            versions.push(Version {
                name: format!("image of {system}"),
                value,
            });
        }
        versions
    }
}

fn not_up() -> Reply {
    Reply {
        outcome: Outcome::Fail,
        value: None,
        class: "not-up".into(),
    }
}

impl Bed for Testbed {
    fn up<'a>(&'a self, order: &'a BedOrder, say: Say<'a>) -> BoxFuture<'a, Result<(), BedError>> {
        Box::pin(self.bring_up(order, say))
    }

    fn facts<'a>(&'a self, node: &'a NodeId) -> BoxFuture<'a, Result<Facts, BedError>> {
        Box::pin(async move {
            let up = self.running()?;
            let placed = up.site.placed(node)?;
            let scratch = up.lives[placed.system].scratch(&placed.spec.role);
            let mark = Self::mark(up, node)?;
            let found = facts::facts(&self.docker, &up.site, node, mark, scratch).await;
            let mut facts = found?;
            let live = &up.lives[placed.system];
            facts.credential = live.credential(node);
            facts.rotation = live.rotation(&up.site, node);
            Ok(facts)
        })
    }

    fn look<'a>(
        &'a self,
        node: &'a NodeId,
        is: NodeState,
    ) -> BoxFuture<'a, Result<Seen, BedError>> {
        Box::pin(self.look_at(node, is))
    }

    fn ask<'a>(&'a self, question: &'a str) -> BoxFuture<'a, Result<Vec<NodeId>, BedError>> {
        Box::pin(async move {
            let up = self.running()?;
            let answers = |kind: &&&dyn Kind| {
                kind.questions()
                    .iter()
                    .any(|one| one.read(question).is_some())
            };
            let mut here = self
                .kinds
                .iter()
                .filter(|kind| up.lives.contains_key(kind.name()));
            let kind = here.find(answers).ok_or_else(|| {
                failed(
                    format!("ask `{question}`"),
                    "no system of this testbed answers it",
                )
            })?;
            up.lives[kind.name()].ask(&up.site, question).await
        })
    }

    fn operate<'a>(
        &'a self,
        probe: &'a str,
        number: u64,
        intended: Nanos,
        deadline: Nanos,
    ) -> BoxFuture<'a, Reply> {
        let call = Call {
            probe,
            number,
            intended,
            limit: deadline.as_duration(),
        };
        let Some(up) = self.up.get() else {
            return Box::pin(async { not_up() });
        };
        match up.probes.get(probe) {
            Some(Some(system)) => up.lives[system].operate(call),
            Some(None) => up.load.operate(call),
            None => Box::pin(async {
                Reply {
                    class: "no-such-probe".into(),
                    ..not_up()
                }
            }),
        }
    }

    fn send(&self, number: u64, intended: Nanos) -> BoxFuture<'_, Reply> {
        match self.up.get() {
            Some(up) => up.load.send(number, intended),
            None => Box::pin(async { not_up() }),
        }
    }

    fn read_back(&self, sent: u64, deadline: Nanos) -> BoxFuture<'_, Result<Vec<Stage>, BedError>> {
        Box::pin(async move {
            self.running()?
                .load
                .read_back(sent, deadline.as_duration())
                .await
        })
    }

    fn watch(&self) -> BoxFuture<'_, BedNews> {
        Box::pin(async move {
            let next = match self.up.get() {
                Some(up) => up.deaths.lock().await.recv().await,
                None => None,
            };
            match next {
                Some(news) => news,
                None => std::future::pending().await,
            }
        })
    }

    fn logs(&self) -> BoxFuture<'_, Vec<NodeLog>> {
        Box::pin(async move {
            let Some(up) = self.up.get() else {
                return Vec::new();
            };
            let containers = up
                .site
                .addresses
                .keys()
                .map(|node| self.log(&up.site, node));
            futures_util::future::join_all(containers)
                .await
                .into_iter()
                .flatten()
                .collect()
        })
    }

    fn versions(&self) -> BoxFuture<'_, Vec<Version>> {
        Box::pin(async move {
            let mut versions = self.image_versions().await;
            let lives = self
                .up
                .get()
                .map(|up| up.lives.values().map(|live| live.versions()));
            let told = futures_util::future::join_all(lives.into_iter().flatten()).await;
            versions.extend(told.into_iter().flatten());
            versions
        })
    }
}
