//! Changes to traffic between nodes and to their links: what happens to packets on their way, sockets, resolvers, cables, rates.
use crate::{check::End, facts::Process};
use serde::{Deserialize, Serialize};
use std::net::Ipv4Addr;

/// Traffic of one direction between two addresses.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Flow {
    /// Who sends.
    pub from: Ipv4Addr,
    /// Who should receive.
    pub to: Ipv4Addr,
}

/// What happens to the packets of a flow on their way.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Fate {
    /// None arrives.
    Dropped,
    /// Of 10 000 so many do not arrive; which ones the kernel draws.
    Lost(u32),
    /// TCP is answered with a reset in the name of the receiver; nothing of it arrives but resets.
    Reset,
    /// Of 10 000 so many arrive twice; which ones the kernel draws.
    Doubled(u32),
}

/// What becomes of a query to a resolver.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Mute {
    /// The sender is told at once that it may not send.
    Fast,
    /// It is sent and never answered.
    Hang,
}

/// One direction of a node's interface, as the node sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Side {
    /// What it sends.
    Out,
    /// What it receives.
    In,
}

/// One primitive change.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Act {
    /// Gives these flows a fate on their way through the run's bridge. Reversible, and ended by the kernel after `lifetime_ms`.
    Filter {
        /// What happens to them.
        fate: Fate,
        /// Which, each direction by itself.
        flows: Vec<Flow>,
        /// Who holds the addresses, where the fate needs their interfaces.
        ends: Vec<End>,
        /// The kernel forgets the rule by itself after this long, in ms.
        lifetime_ms: u64,
    },
    /// Ends the TCP connections that a network namespace has with some addresses. One-shot, and nothing to undo.
    Sever {
        /// Whose.
        end: End,
        /// The other side.
        peers: Vec<Ipv4Addr>,
    },
    /// Keeps a network namespace from its resolver. Reversible, ended by the kernel after `lifetime_ms`, and gone with the namespace.
    Mute {
        /// A process in it.
        process: Process,
        /// Address of the resolver.
        server: Ipv4Addr,
        /// How a query fails.
        how: Mute,
        /// The kernel forgets the rule by itself after this long, in ms.
        lifetime_ms: u64,
    },
    /// Takes the carrier from an interface, as a pulled cable does. Reversible.
    Unplug {
        /// Whose.
        end: End,
    },
    /// Limits the rate of an interface. Reversible.
    Shape {
        /// Whose.
        end: End,
        /// Which directions.
        sides: Vec<Side>,
        /// Bytes per second of each.
        rate_bytes: u64,
        /// Bytes that may pass at once after a silence.
        burst_bytes: u64,
    },
}

/// How to put back what an act changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Undo {
    /// Forget this fate of these flows, but for those that had it before we came.
    Mend {
        /// Which fate.
        fate: Fate,
        /// What we added.
        flows: Vec<Flow>,
    },
    /// Let the resolver be heard again, unless it was muted before we came.
    Unmute {
        /// A process in the namespace; where it is gone, so is the rule.
        process: Process,
        /// How it was muted.
        how: Mute,
        /// Whether it was so before.
        was_muted: bool,
    },
    /// Give the carrier back, unless it was missing before we came.
    Plug {
        /// Whose.
        end: End,
        /// Whether it was missing before.
        was_unplugged: bool,
    },
    /// Lift our limit from these directions; the others had one before we came.
    Unshape {
        /// Whose.
        end: End,
        /// Which directions.
        sides: Vec<Side>,
    },
}

impl Undo {
    /// What remains while it is not undone, in words.
    pub fn remains(&self) -> String {
        match self {
            Self::Mend { flows, .. } => format!("rules for {} flows", flows.len()),
            Self::Unmute { process, .. } => {
                format!("muted resolver in the network of process {}", process.pid)
            }
            Self::Plug { end, .. } => format!("pulled cable of {}", end.address),
            Self::Unshape { end, .. } => format!("rate limit of {}", end.address),
        }
    }
}
