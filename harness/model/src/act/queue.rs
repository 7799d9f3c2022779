//! Flows whose packets pass through a worker of ours, that holds, reorders or damages them.
use super::net::Flow;
use crate::units::Nanos;
use serde::{Deserialize, Serialize};

/// What becomes of a packet. Shares are parts of a million.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Treatment {
    /// How long a packet is held.
    pub delay: Nanos,
    /// Drawn evenly between minus and plus this much, and added to the delay.
    pub jitter: Nanos,
    /// So many are held; the others pass at once, and overtake.
    pub held_ppm: u32,
    /// Of so many one bit is flipped, in what the reader would get.
    pub damaged_ppm: u32,
    /// Whether the checksum is made to fit the damage; else the receiver's kernel notices and drops the packet.
    pub silent: bool,
    /// Seed of all these draws.
    pub seed: u64,
}

/// One primitive change to a queue.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Act {
    /// Treats every packet of these flows on its way over the run's bridge. Reversible, and ended by the kernel after `lifetime_ms`.
    Divert {
        /// Which, each direction by itself.
        flows: Vec<Flow>,
        /// What becomes of them.
        treatment: Treatment,
        /// The kernel forgets the flows by itself after this long, in ms; so does the worker.
        lifetime_ms: u64,
    },
}

/// How to put back what an act changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Undo {
    /// Let these flows pass by themselves, but for those that were diverted before we came. What was held goes at once.
    Release {
        /// What we added.
        flows: Vec<Flow>,
    },
}

impl Undo {
    /// What remains where it is not done, in words.
    pub fn remains(&self) -> String {
        let Self::Release { flows } = self;
        format!("queue of {} flows", flows.len())
    }
}

impl Treatment {
    /// Every packet.
    pub const ALL_PPM: u32 = 1_000_000;

    /// Holds every packet for `delay`, give or take `jitter`.
    pub const fn hold(delay: Nanos, jitter: Nanos, seed: u64) -> Self {
        Self {
            delay,
            jitter,
            held_ppm: Self::ALL_PPM,
            damaged_ppm: 0,
            silent: false,
            seed,
        }
    }
}
