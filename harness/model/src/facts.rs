//! What a target offers to whoever hurts it: processes, control files, addresses. Looked up at injection time, never guessed.
use crate::{
    act::fuse::Layer,
    control::Control,
    drive::{Drive, Spot, Throttle},
    ids::{NodeId, Role},
};
use serde::{Deserialize, Serialize};
use std::net::Ipv4Addr;

/// One process of the host's process table; the start time keeps a reused pid from being taken for it.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Process {
    /// Pid in the host's namespace.
    pub pid: u32,
    /// Field 22 of `/proc/PID/stat`: clock ticks since boot at its start.
    pub start_ticks: u64,
}

/// Whether a node is a whole container or one process inside another node's container.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Unit {
    /// A container of its own.
    Container,
    /// A process inside a container.
    Process,
}

/// How to freeze every process of a container: one file to write, one to read back (freezer v1 or `cgroup.freeze` of v2).
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Freezer {
    /// File that takes the command.
    pub write: String,
    /// What to write there to freeze, and to thaw.
    pub freeze: String,
    /// See `freeze`.
    pub thaw: String,
    /// File that tells the state.
    pub read: String,
    /// The line of it that means frozen, and the one that means running.
    pub frozen: String,
    /// See `frozen`.
    pub thawed: String,
}

/// Who brings the victim of a kill back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RevivedBy {
    /// The platform itself starts another one: the harness only watches for it.
    Platform,
    /// Nobody: the guard starts the container again.
    Guard,
}

/// What the machine can carry, found by probing; a fault that needs more is refused before anything starts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Capability {
    /// Signals to processes of containers by host pid (root, `CAP_KILL`, host pid namespace).
    HostPids,
    /// A freezer control file per container, v1 or v2.
    Freezer,
    /// nft in the bridge family with element timeouts and owner tables, through `libnftables`.
    BridgeFilter,
    /// The same by chance (`numgen`).
    RandomFilter,
    /// Resets in the name of a receiver on the bridge: nft in the ip family, and `br_netfilter` that shows it bridged packets.
    BridgeReset,
    /// Copies of packets where they enter the bridge: nft in the netdev family.
    Doubling,
    /// Ending another's TCP connection (`INET_DIAG_DESTROY`).
    SocketDestroy,
    /// nft in the ip family inside a container's network namespace.
    SpaceFilter,
    /// Switching links on and off through rtnetlink.
    Links,
    /// Token buckets on interfaces (`sch_tbf`).
    Shaper,
    /// Packets of a bridge through a queue of ours: nft maps with timeouts, `NFQUEUE` with bypass, bridged packets seen by iptables.
    PacketQueue,
    /// A file system of our own in a process (`/dev/fuse`), for everybody on the machine.
    Fuse,
    /// Limits of a container's CPU time, v1 or v2.
    CpuControl,
    /// Limits of a container's memory, v1 or v2.
    MemoryControl,
    /// Limits of a container's number of tasks, v1 or v2.
    TaskControl,
    /// Writing into the clock code of a running process, so that it reads another time (x86-64).
    ClockPatch,
    /// Drives as filesystems of their own on loop devices, that can be shut down and spoilt.
    Drives,
    /// Limits on the block devices of a container.
    Throttle,
}

/// One HTTP request, signed beforehand: whoever sends it needs no secret, and none is in it. A signature ages, so it is
/// made when it is asked for.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Request {
    /// `address:port`.
    pub at: String,
    /// `GET`, `PUT`, ...
    pub method: String,
    /// Path with its query, encoded.
    pub path: String,
    /// Beyond host and length: the signature.
    pub headers: Vec<(String, String)>,
    /// The file that holds its body, where it has one: what must stay secret is there and nowhere else.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body: Option<String>,
}

/// What clients of a node prove themselves with, and how it is taken from them.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Credential {
    /// Its name, never the secret.
    pub name: String,
    /// Takes it away.
    pub disable: Request,
    /// Gives it back.
    pub enable: Request,
    /// Signed with it: served while it is good, 403 while it is not.
    pub probe: Request,
}

/// How the machine offers a capability.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Offer {
    /// By the best mechanism there is.
    Full {
        /// Which.
        backend: String,
    },
    /// By a lesser one.
    Degraded {
        /// The best.
        from: String,
        /// The one that is used.
        to: String,
        /// What that costs.
        lost: String,
    },
    /// Not at all.
    None {
        /// Why, and what would fix it; fits after "failed to".
        why: String,
    },
}

/// What one node and its machine offer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Facts {
    /// The node.
    pub node: NodeId,
    /// Its role.
    pub role: Role,
    /// Container or process.
    pub unit: Unit,
    /// Full id of the container it is, or lives in.
    pub container: String,
    /// Fixed address of that container in the run's network.
    pub address: Ipv4Addr,
    /// The container's init: holds its network namespace.
    pub init: Process,
    /// The processes that make up the node, the main one first.
    pub processes: Vec<Process>,
    /// How to freeze the container; none where no such file was found.
    pub freezer: Option<Freezer>,
    /// What its container may use, and where that is set.
    pub control: Control,
    /// Files it keeps on scratch space: absolute paths inside the container, with `*` for any part of a name.
    pub scratch: Vec<String>,
    /// Who brings it back after a kill.
    pub revived_by: RevivedBy,
    /// How many nodes of this role must be there for the role to be whole.
    pub role_count: u32,
    /// The layers under its drives, in the order of the drives; none where its drives have no such thing.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub layers: Vec<Layer>,
    /// Its container's drives, in order; none where it has no filesystems of its own.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub drives: Vec<Drive>,
    /// Bytes at rest on them, a few of the largest files of each.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub spots: Vec<Spot>,
    /// Where its container's use of block devices is limited; none where no such group was found.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub throttle: Option<Throttle>,
    /// What its clients prove themselves with; none where that cannot be taken from them.
    pub credential: Option<Credential>,
    /// The same, taken from them by another secret in place of theirs; none where that cannot be had.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rotation: Option<Credential>,
}

/// What a fault is given: whom to hurt, and whom to hurt them against.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Targets {
    /// The victims.
    pub hurt: Vec<Facts>,
    /// The other side, for faults between nodes.
    pub peers: Vec<Facts>,
    /// Seed of whatever its acts draw: of the run and of this one injection.
    pub seed: u64,
}

impl Freezer {
    /// The freezer of a process, from the text of its `/proc/PID/cgroup`: v1 where that controller is mounted, else v2.
    ///
    /// None for the root group: freezing it would freeze everything.
    pub fn of_cgroup(text: &str) -> Option<Self> {
        let group = |wanted: fn(&str) -> bool| {
            let line = |line: &str| {
                let mut parts = line.splitn(3, ':').skip(1);
                let (controllers, path) = (parts.next()?, parts.next()?);
                wanted(controllers).then(|| path.trim_end().to_owned())
            };
            text.lines().find_map(line)
        };
        let v1 = group(|controllers| controllers.split(',').any(|one| one == "freezer"));
        let found = v1
            .as_deref()
            .map(|path| (path, Self::v1 as fn(&str) -> Self));
        let v2 = group(str::is_empty);
        let (path, make) = found.or(v2.as_deref().map(|path| (path, Self::v2 as _)))?;
        (path != "/").then(|| make(path))
    }

    /// The freezer controller of cgroup v1 at `path` within its mount.
    pub fn v1(path: &str) -> Self {
        let file = format!("/sys/fs/cgroup/freezer{path}/freezer.state");
        Self {
            write: file.clone(),
            freeze: "FROZEN".into(),
            thaw: "THAWED".into(),
            read: file,
            frozen: "FROZEN".into(),
            thawed: "THAWED".into(),
        }
    }

    /// `cgroup.freeze` of cgroup v2 at `path` within its mount.
    pub fn v2(path: &str) -> Self {
        Self {
            write: format!("/sys/fs/cgroup{path}/cgroup.freeze"),
            freeze: "1".into(),
            thaw: "0".into(),
            read: format!("/sys/fs/cgroup{path}/cgroup.events"),
            frozen: "frozen 1".into(),
            thawed: "frozen 0".into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_freezer_is_found_in_both_generations_and_never_at_the_root() {
        let v1 = "9:freezer:/docker/abc\n4:cpu,cpuacct:/docker/abc\n0::/\n";
        assert_eq!(Freezer::of_cgroup(v1), Some(Freezer::v1("/docker/abc")));
        let v2 = "0::/system.slice/docker-abc.scope\n";
        let found = Freezer::of_cgroup(v2);
        assert_eq!(found, Some(Freezer::v2("/system.slice/docker-abc.scope")));
        assert_eq!(Freezer::of_cgroup("9:freezer:/\n0::/x\n"), None);
        assert_eq!(Freezer::of_cgroup("4:cpu:/docker/abc\n"), None);
    }
}
