//! Bring-up: all containers made and started side by side, every wait for a client operation beside them, and one ear for deaths.
use super::{Drive, Live, Load, Recipe, Say, Site, Testbed, compose, engine, events, wait::failed};
use model::{
    ids::NodeId,
    system::{BedError, BedNews, BedOrder},
};
use std::{collections::BTreeMap, sync::Arc, time::Duration};
use tokio::{
    sync::{Mutex as AsyncMutex, mpsc},
    task::JoinSet,
};

/// Longest wait for a gate of bring-up: everything in front of it has shorter limits of its own.
const GATE_LIMIT: Duration = Duration::from_secs(180);

/// A testbed that is coming up or up.
pub(super) struct Up {
    /// Where everything is.
    pub(super) site: Arc<Site>,
    /// The systems by name.
    pub(super) lives: BTreeMap<&'static str, Arc<dyn Live>>,
    /// The workload.
    pub(super) load: Arc<dyn Load>,
    /// Who answers a probe: a system, or none for the workload.
    pub(super) probes: BTreeMap<String, Option<&'static str>>,
    /// Containers that ended and nobody asked for yet.
    pub(super) deaths: AsyncMutex<mpsc::Receiver<BedNews>>,
    _tasks: JoinSet<()>,
}

impl Testbed {
    async fn prepare(&self, order: &BedOrder) -> Result<&Up, BedError> {
        let systems = compose::systems(self.kinds, order)?;
        let (drive, settings) = compose::workload(self.drives, order)?;
        let site = self.place(order, &systems, drive, &settings).await?;
        let mut probes = BTreeMap::new();
        let mut lives = BTreeMap::new();
        for (kind, settings) in &systems {
            lives.insert(kind.name(), kind.live(settings, &site)?);
            probes.extend(
                kind.probes(settings)
                    .into_iter()
                    .map(|probe| (probe.name, Some(kind.name()))),
            );
        }
        probes.extend(
            drive
                .probes(&settings)
                .into_iter()
                .map(|probe| (probe.name, None)),
        );
        let load = drive.live(&settings, &site)?;
        let (tell, deaths) = mpsc::channel(events::QUEUE);
        let mut tasks = JoinSet::new();
        tasks.spawn(events::listen(self.docker.clone(), site.run.clone(), tell));
        let up = Up {
            site,
            lives,
            load,
            probes,
            deaths: deaths.into(),
            _tasks: tasks,
        };
        let first = self.up.set(up).is_ok();
        if first {
            self.running()
        } else {
            Err(failed("bring up the testbed", "it is up already"))
        }
    }

    /// Makes the network and fixes every address; another run may take a subnet meanwhile, then the next one is tried.
    async fn place(
        &self,
        order: &BedOrder,
        systems: &[compose::Ordered],
        drive: &'static dyn Drive,
        settings: &serde_json::Value,
    ) -> Result<Arc<Site>, BedError> {
        for subnet in engine::pick_subnets(&self.docker).await? {
            let mut site = compose::site(order, systems, subnet)?;
            site.submission = drive.submission(settings, &site, &order.folder)?;
            if engine::make_network(&self.docker, (&order.run, &order.owner), subnet).await? {
                return Ok(Arc::new(site));
            }
        }
        Err(failed(
            "find a free subnet",
            "10.213.0.0/16 is in use by other networks; remove some with `brinell clean`",
        ))
    }

    /// Makes and starts one container, when its gates are open.
    async fn start(
        &self,
        up: &Up,
        system: &str,
        recipe: Recipe,
        say: Say<'_>,
    ) -> Result<(), BedError> {
        let image = self.image(system)?;
        let container = engine::make(&self.docker, &up.site, image, &recipe).await?;
        up.site.gates.passed(&recipe.after, GATE_LIMIT).await?;
        engine::start(&self.docker, &recipe.node, &container).await?;
        say(BedNews::Started {
            address: up.site.address(&recipe.node)?,
            node: NodeId(recipe.node),
            image: image.to_owned(),
            container,
        });
        Ok(())
    }

    async fn start_all(&self, up: &Up, say: Say<'_>) -> Result<(), BedError> {
        let mut starts = Vec::new();
        for (system, live) in &up.lives {
            for recipe in live.recipes(&up.site)? {
                starts.push(self.start(up, system, recipe, say));
            }
        }
        futures_util::future::try_join_all(starts).await.map(drop)
    }

    async fn all_ready(up: &Up, say: Say<'_>) -> Result<(), BedError> {
        let ready = up.lives.values().map(|live| live.ready(&up.site, say));
        let systems = async { futures_util::future::try_join_all(ready).await.map(drop) };
        futures_util::future::try_join(systems, up.load.ready(&up.site, say))
            .await
            .map(drop)
    }

    /// Ends with an error when a container ends during bring-up: waiting for it any longer would be in vain.
    async fn death(&self, up: &Up) -> BedError {
        let lost = up.deaths.lock().await.recv().await;
        let Some(BedNews::Lost { node, exit_code }) = lost else {
            return failed("listen to the engine", "its stream of events ended");
        };
        let (tail, _) = engine::tail(&self.docker, &up.site.run, node.as_str(), "15", 4000).await;
        let code = exit_code.map_or("unknown".to_owned(), |code| code.to_string());
        let tail = String::from_utf8_lossy(&tail).trim().to_owned();
        failed(
            format!("bring up `{node}`"),
            format!("it ended with exit code {code}; its last lines:\n{tail}"),
        )
    }

    /// Starts everything and waits for the first committed batch; a container that ends meanwhile ends it.
    ///
    /// # Errors
    /// What could not be made, what did not come in time, or who died with its last lines.
    pub(super) async fn bring_up(&self, order: &BedOrder, say: Say<'_>) -> Result<(), BedError> {
        say(BedNews::Waiting {
            what: "network and clients".into(),
        });
        let up = self.prepare(order).await?;
        let all = futures_util::future::try_join(self.start_all(up, say), Self::all_ready(up, say));
        tokio::select! {
            done = all => done.map(drop),
            death = self.death(up) => Err(death),
        }
    }
}
