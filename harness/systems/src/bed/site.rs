//! The place of a run: names, fixed addresses and ports, all known before the first container starts, and the gates of bring-up.
use super::{Submission, wait::failed};
use model::{
    drive::{Drive, DriveSpec},
    ids::{NodeId, Role},
    system::{BedError, NodeSpec},
};
use std::{
    collections::{BTreeMap, BTreeSet},
    net::Ipv4Addr,
    time::Duration,
};
use tokio::sync::watch;

/// A node and the system it belongs to.
#[derive(Clone, Debug)]
pub(crate) struct Placed {
    /// The node.
    pub(crate) spec: NodeSpec,
    /// Name of its system.
    pub(crate) system: &'static str,
}

/// Everything fixed before the start.
#[derive(Debug)]
pub(crate) struct Site {
    /// Run id.
    pub(crate) run: String,
    /// Owner label.
    pub(crate) owner: String,
    /// The run's seed.
    pub(crate) seed: u64,
    /// All nodes in the order of their systems.
    pub(crate) nodes: Vec<Placed>,
    /// Drives that nodes want.
    pub(crate) wanted: Vec<DriveSpec>,
    /// Drives that were made for them.
    pub(crate) drives: Vec<Drive>,
    /// Fixed address of each container.
    pub(crate) addresses: BTreeMap<String, Ipv4Addr>,
    /// Port on 127.0.0.1 for a port inside a container.
    pub(crate) ports: BTreeMap<(String, u16), u16>,
    /// What systems tell of themselves beforehand.
    pub(crate) offers: BTreeMap<&'static str, String>,
    /// The job of the workload.
    pub(crate) submission: Submission,
    /// What has become true during bring-up.
    pub(crate) gates: Gates,
}

impl Site {
    /// The fixed address of a container.
    pub(crate) fn address(&self, node: &str) -> Result<Ipv4Addr, BedError> {
        let known = self.addresses.get(node).copied();
        known.ok_or_else(|| {
            failed(
                format!("find the address of `{node}`"),
                "the testbed has no such container",
            )
        })
    }

    /// `127.0.0.1:port` where a port inside a container is published.
    pub(crate) fn outside(&self, node: &str, port: u16) -> Result<String, BedError> {
        let published = self.ports.get(&(node.to_owned(), port));
        let published = published.map(|port| format!("127.0.0.1:{port}"));
        published.ok_or_else(|| {
            failed(
                format!("reach port {port} of `{node}`"),
                "it is not published",
            )
        })
    }

    /// What a system told of itself.
    pub(crate) fn offer(&self, key: &str) -> Result<&str, BedError> {
        let offer = self.offers.get(key).map(String::as_str);
        offer.ok_or_else(|| {
            failed(
                format!("find `{key}`"),
                "no system of this testbed offers it",
            )
        })
    }

    /// The node as placed.
    pub(crate) fn placed(&self, node: &NodeId) -> Result<&Placed, BedError> {
        let known = || self.nodes.iter().map(|placed| placed.spec.node.as_str());
        let placed = self.nodes.iter().find(|placed| placed.spec.node == *node);
        placed.ok_or_else(|| {
            let known = known().collect::<Vec<_>>().join(", ");
            failed(
                format!("find node `{node}`"),
                format!("the testbed has {known}"),
            )
        })
    }

    /// The drives of a container that are filesystems of their own.
    pub(crate) fn drives(&self, node: &str) -> impl Iterator<Item = &Drive> {
        self.drives
            .iter()
            .filter(move |drive| drive.node.as_str() == node)
    }

    /// Volumes of a node in place of the drives that it wants and did not get: name and path inside.
    pub(crate) fn stand_ins(&self, node: &str) -> Vec<(String, String)> {
        let got = self.drives(node).next().is_some();
        let wants = self
            .wanted
            .iter()
            .filter(|spec| !got && spec.node.as_str() == node);
        let volume =
            |spec: &DriveSpec| (format!("{node}-drive-{}", spec.name()), spec.inside.clone());
        wants.map(volume).collect()
    }

    /// Nodes of a role, in order.
    pub(crate) fn of_role(&self, role: &str) -> Vec<&str> {
        let of_role = |placed: &&Placed| placed.spec.role.as_str() == role;
        self.nodes
            .iter()
            .filter(of_role)
            .map(|placed| placed.spec.node.as_str())
            .collect()
    }

    /// How many nodes a role has.
    pub(crate) fn count(&self, role: &Role) -> u32 {
        self.of_role(role.as_str()).len() as u32
    }
}

/// A new name for something that became true; whoever depends on it waits for it here.
#[derive(Debug)]
pub(crate) struct Gates(watch::Sender<BTreeSet<&'static str>>);

impl Default for Gates {
    fn default() -> Self {
        Self(watch::Sender::new(BTreeSet::new()))
    }
}

impl Gates {
    /// Says that it is true from now on.
    pub(crate) fn open(&self, gate: &'static str) {
        self.0.send_modify(|open| {
            open.insert(gate);
        });
    }

    /// Waits until all of these are true.
    ///
    /// # Errors
    /// Those that were not within `limit`.
    pub(crate) async fn passed(
        &self,
        gates: &[&'static str],
        limit: Duration,
    ) -> Result<(), BedError> {
        let mut watch = self.0.subscribe();
        let all = |open: &BTreeSet<&str>| gates.iter().all(|gate| open.contains(gate));
        let waited = tokio::time::timeout(limit, watch.wait_for(all)).await;
        if waited.is_ok() {
            return Ok(());
        }
        let open = self.0.borrow().clone();
        let shut: Vec<_> = gates
            .iter()
            .filter(|gate| !open.contains(*gate))
            .copied()
            .collect();
        Err(failed(
            format!("wait for {}", shut.join(" and ")),
            format!("not within {} s", limit.as_secs()),
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_gate_that_stays_shut_is_named() {
        let gates = Gates::default();
        gates.open("one");
        assert_eq!(gates.passed(&["one"], Duration::from_secs(1)).await, Ok(()));
        let error = gates
            .passed(&["one", "two"], Duration::from_secs(1))
            .await
            .unwrap_err();
        assert_eq!(error.what, "wait for two");
    }
}
