//! The closed set of observations: what proves that a fault is effective, and that it is healed.
//!
//! A check ends in something seen, never in a return code. Machine checks run in the guard; [`Check::Node`] asks the system itself and runs in the engine.
pub mod call;
pub mod clock;
pub mod control;
pub mod disk;
pub mod files;
pub mod net;
pub mod process;
pub mod queue;

use crate::{facts::Process, ids::NodeId};
use serde::{Deserialize, Serialize};
use std::net::Ipv4Addr;

/// One end of a stream of numbered datagrams: an address inside the network namespace of a process.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct End {
    /// A process whose network namespace is entered.
    pub process: Process,
    /// The address it has there.
    pub address: Ipv4Addr,
}

/// What a system is asked about a node.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum NodeState {
    /// The node itself does its work: a client operation succeeded.
    Ready,
    /// Its role is whole: as many nodes of it as the testbed should have.
    Count,
}

/// One primitive observation, true or false.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Check {
    /// This very process has ended.
    Gone {
        /// Which.
        process: Process,
    },
    /// This line stands in that file.
    Reads {
        /// Absolute path of a small control file.
        file: String,
        /// The whole line, without line end.
        want: String,
    },
    /// Numbered datagrams from one network namespace to another arrive, or do not.
    Datagrams {
        /// Sender.
        from: End,
        /// Receiver.
        to: End,
        /// Whether they must arrive.
        arrive: bool,
    },
    /// Something of traffic or links.
    Net(net::Check),
    /// An answer of a running system.
    Call(call::Check),
    /// The container runs, says the engine.
    Runs {
        /// Full container id.
        container: String,
    },
    /// See [`process`].
    Process(process::Check),
    /// See [`control`].
    Control(control::Check),
    /// See [`clock`].
    Clock(clock::Check),
    /// See [`files`].
    Files(files::Check),
    /// The system says so of a node.
    Node {
        /// Which.
        node: NodeId,
        /// What of it.
        is: NodeState,
    },
    /// What is seen of packets.
    Queue(queue::Check),
    /// A drive's layer.
    Fuse(crate::act::fuse::Check),
    /// Something about the drive of a node.
    Disk(Box<disk::Check>),
    /// Each of these.
    All(Vec<Check>),
}

impl Check {
    /// The part a machine can see without knowing any system, and the questions to the system that remain.
    pub fn split(&self) -> (Option<Self>, Vec<(NodeId, NodeState)>) {
        match self {
            Self::Node { node, is } => (None, vec![(node.clone(), *is)]),
            Self::All(parts) => {
                let (machine, nodes): (Vec<_>, Vec<_>) = parts.iter().map(Self::split).unzip();
                let machine: Vec<Self> = machine.into_iter().flatten().collect();
                (
                    (!machine.is_empty()).then_some(Self::All(machine)),
                    nodes.into_iter().flatten().collect(),
                )
            }
            other => (Some(other.clone()), Vec::new()),
        }
    }
}

/// What an observation gave.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Seen {
    /// Whether the check holds.
    pub held: bool,
    /// What was seen, in a few words a reader of the journal understands.
    pub evidence: String,
}
