//! What is seen of packets that are held, reordered or damaged: by numbered datagrams between two network namespaces.
use super::End;
use crate::units::Nanos;
use serde::{Deserialize, Serialize};

/// What can be told of a stream of numbered datagrams.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Sign {
    /// Some arrive after a later one.
    Overtaken,
    /// Some never arrive, and none arrives altered.
    Lost,
    /// Some arrive altered.
    Altered,
}

/// One observation of packets.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Check {
    /// The median round trip has grown by so much over that of before, or is back where it was.
    RoundTrip {
        /// Who asks.
        from: End,
        /// Who answers.
        to: End,
        /// By how much it should have grown.
        by: Nanos,
        /// How far off it may be.
        within: Nanos,
        /// Whether it must have grown; else it must be back.
        grown: bool,
    },
    /// A stream shows a sign, or flows in order, whole and unaltered.
    Stream {
        /// Sender.
        from: End,
        /// Receiver.
        to: End,
        /// Of what.
        sign: Sign,
        /// How many of a million should show it: tells how many must be looked at.
        share_ppm: u32,
        /// Whether it must show; else no datagram may be late, lost or altered.
        shows: bool,
    },
}
