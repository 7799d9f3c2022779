//! What a system or workload must offer to be brought up: the crate's inner contract, so that the composer names none of them.
use super::{Site, wait::failed};
use model::{
    BoxFuture,
    check::{NodeState, Seen},
    facts::Credential,
    ids::{NodeId, Role},
    ledger::Stage,
    system::{BedError, BedNews, Reply, System, Version, Workload},
    units::Nanos,
};
use serde_json::Value;
use std::{collections::BTreeMap, sync::Arc, time::Duration};

/// Where bring-up tells what it does.
pub(crate) type Say<'a> = &'a (dyn Fn(BedNews) + Send + Sync);

/// A system that can be started: its catalog half and the way to its live half.
pub(crate) trait Kind: System {
    /// Ports inside a container of this role that the host must reach.
    fn ports(&self, role: &Role) -> &'static [u16];
    /// What others may know before anything runs, because addresses and ports are fixed beforehand: `kafka.inside` and the like.
    fn offers(&self, settings: &Value, site: &Site) -> Vec<(&'static str, String)>;
    /// The live half.
    ///
    /// # Errors
    /// A client that cannot be made.
    fn live(&self, settings: &Value, site: &Arc<Site>) -> Result<Arc<dyn Live>, BedError>;
}

/// A container to be made.
#[derive(Clone, Debug, Default)]
pub(crate) struct Recipe {
    /// Its node.
    pub(crate) node: String,
    /// Its command; empty for the image's own.
    pub(crate) command: Vec<String>,
    /// Its entry point; empty for the image's own.
    pub(crate) entry: Vec<String>,
    /// Its environment.
    pub(crate) env: Vec<(&'static str, String)>,
    /// Named volumes of the run and where they are mounted.
    pub(crate) volumes: Vec<(String, String)>,
    /// Gates that must be open before it starts.
    pub(crate) after: Vec<&'static str>,
    /// Whether the engine starts it again when it ends.
    pub(crate) restart: bool,
}

/// One operation of a probe.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Call<'a> {
    /// Which of the system's or workload's own.
    pub(crate) probe: &'a str,
    /// Unique within it.
    pub(crate) number: u64,
    /// Its instant on the run's clock.
    pub(crate) intended: Nanos,
    /// How long it may take.
    pub(crate) limit: Duration,
}

/// How a node's processes are told from others in its container.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Mark {
    /// What the command line of the main process holds.
    pub(crate) command: &'static str,
    /// Whether somebody starts another one when it is killed.
    pub(crate) revived: bool,
}

/// A system while it runs.
pub(crate) trait Live: Send + Sync {
    /// Its containers.
    fn recipes(&self, site: &Site) -> Result<Vec<Recipe>, BedError>;
    /// Waits beside the start of its containers until a client operation succeeded on each node; opens its gates.
    fn ready<'a>(&'a self, site: &'a Site, say: Say<'a>) -> BoxFuture<'a, Result<(), BedError>>;
    /// How to find the processes of a role.
    fn mark(&self, role: &Role) -> Mark;
    /// Files that a role keeps on scratch space: absolute paths inside its container, with `*` for any part of a name.
    fn scratch(&self, _: &Role) -> &'static [&'static str] {
        &[]
    }
    /// What clients of a node prove themselves with, and how it is taken from them; none where it cannot be.
    fn credential(&self, _: &NodeId) -> Option<Credential> {
        None
    }
    /// The same, taken from them by another secret in place of theirs.
    fn rotation(&self, _: &Site, _: &NodeId) -> Option<Credential> {
        None
    }
    /// Asks about a node; [`NodeState::Count`] for containers is the composer's.
    fn look<'a>(
        &'a self,
        site: &'a Site,
        node: &'a NodeId,
        is: NodeState,
    ) -> BoxFuture<'a, Result<Seen, BedError>>;
    /// Whether a role of processes is whole; `commands` are the command lines of those that run now.
    fn count<'a>(
        &'a self,
        site: &'a Site,
        node: &'a NodeId,
        commands: Vec<String>,
    ) -> BoxFuture<'a, Result<Seen, BedError>> {
        drop(commands);
        self.look(site, node, NodeState::Count)
    }
    /// Answers a question of one of the forms that its catalog half lists, in its own order; empty where it is nobody now.
    fn ask<'a>(
        &'a self,
        _site: &'a Site,
        question: &'a str,
    ) -> BoxFuture<'a, Result<Vec<NodeId>, BedError>> {
        let nobody = failed(
            format!("ask `{question}`"),
            "this system answers no question",
        );
        Box::pin(std::future::ready(Err(nobody)))
    }
    /// One operation of one of its probes.
    fn operate<'a>(&'a self, call: Call<'a>) -> BoxFuture<'a, Reply>;
    /// Versions it tells of itself.
    fn versions(&self) -> BoxFuture<'_, Vec<Version>>;
}

/// A job for the system that runs programs: what is run, with what settings, once what it reads is there.
#[derive(Clone, Debug, Default)]
pub(crate) struct Submission {
    /// File name of the program, one of the files.
    pub(crate) name: String,
    /// What lies in its folder, by name: the program and what it imports.
    pub(crate) files: BTreeMap<String, String>,
    /// Its arguments.
    pub(crate) args: Vec<String>,
    /// Settings of the system that runs it.
    pub(crate) conf: Vec<(String, String)>,
    /// Gates that must be open before it starts.
    pub(crate) after: Vec<&'static str>,
}

/// A workload that can be run.
pub(crate) trait Drive: Workload {
    /// The program it needs run, if any. `folder` holds the scenario.
    ///
    /// # Errors
    /// A file of the scenario that cannot be read, a system that is not there.
    fn submission(
        &self,
        settings: &Value,
        site: &Site,
        folder: &str,
    ) -> Result<Submission, BedError>;
    /// The live half.
    ///
    /// # Errors
    /// A client that cannot be made.
    fn live(&self, settings: &Value, site: &Arc<Site>) -> Result<Arc<dyn Load>, BedError>;
}

/// A workload while it runs.
pub(crate) trait Load: Send + Sync {
    /// Makes its inputs, opens their gates, and waits for the first committed batch.
    fn ready<'a>(&'a self, site: &'a Site, say: Say<'a>) -> BoxFuture<'a, Result<(), BedError>>;
    /// One operation of one of its probes.
    fn operate<'a>(&'a self, call: Call<'a>) -> BoxFuture<'a, Reply>;
    /// Sends one record.
    fn send(&self, number: u64, intended: Nanos) -> BoxFuture<'_, Reply>;
    /// Reads its output back to the known end.
    fn read_back(&self, sent: u64, limit: Duration) -> BoxFuture<'_, Result<Vec<Stage>, BedError>>;
}
