//! The catalog of faults: what to do to a target's facts, and what proves that it took effect and that it is healed. Pure.
//!
//! - [`latency`], [`packet_reordering`], [`packet_corruption`] hold, reorder, damage packets; [`divert`] is what these share.
//! - [`partition`], [`packet_loss`], [`packet_duplication`], [`bandwidth`], [`cable_cut`] hurt the way between nodes.
//! - [`connection_reset`], [`connection_kill`], [`dns_failure`] hurt what clients build on it; [`between`] is what these share.
//! - [`disk_errors`], [`torn_writes`], [`disk_delay`] spoil operations on drives; [`layer`] what those share.
//! - [`kill`], [`restart`], [`spot_interruption`], [`oom_kill`] end a process or a container; [`down`] for a while.
//! - [`stop`], [`pause`] hold one still; [`cpu_quota`], [`memory_pressure`], [`process_limit`], [`open_files`] leave it too little.
//! - [`files_lost`] hides its files; [`clock_skew`] shifts its clock.
//! - [`node`], [`memory`] what several of them ask of a node.
//! - [`disk_dead`], [`disk_read_only`], [`disk_full`], [`disk_frozen`], [`disk_slow`], [`bit_rot`], [`disk_replaced`],
//!   [`power_loss`] hurt drives; [`drives`] is what these share.
//! - [`credential_disabled`], [`credential_rotated`] take from clients what they prove themselves with; [`credential`] is shared.
//!
//! To add one: a file with its settings, doc, example and steps, its `mod` line, and its line in [`CATALOG`]. Help, tables,
//! doctor and the laws loop over the slice.
//! ```
//! let names: Vec<_> = faults::CATALOG.iter().map(|fault| fault.name()).collect();
//! assert!(names.starts_with(&["kill", "pause", "partition"]));
//! ```
mod bandwidth;
mod between;
mod bit_rot;
mod cable_cut;
mod clock_skew;
mod connection_kill;
mod connection_reset;
mod cpu_quota;
mod credential;
mod credential_disabled;
mod credential_rotated;
mod disk_dead;
mod disk_delay;
mod disk_errors;
mod disk_frozen;
mod disk_full;
mod disk_read_only;
mod disk_replaced;
mod disk_slow;
mod divert;
mod dns_failure;
mod down;
mod drives;
mod files_lost;
mod kill;
mod latency;
mod layer;
mod memory;
mod memory_pressure;
mod node;
mod oom_kill;
mod open_files;
mod packet_corruption;
mod packet_duplication;
mod packet_loss;
mod packet_reordering;
mod partition;
mod pause;
mod power_loss;
mod process_limit;
mod restart;
mod spot_interruption;
mod stop;
mod torn_writes;

use model::fault::AnyFault;

/// Every fault there is, in the order of the help text.
pub const CATALOG: &[&dyn AnyFault] = &[
    &kill::Kill,
    &pause::Pause,
    &partition::Partition,
    &down::Down,
    &credential_disabled::CredentialDisabled,
    &credential_rotated::CredentialRotated,
    &packet_loss::PacketLoss,
    &packet_duplication::PacketDuplication,
    &connection_reset::ConnectionReset,
    &connection_kill::ConnectionKill,
    &dns_failure::DnsFailure,
    &cable_cut::CableCut,
    &bandwidth::Bandwidth,
    &latency::Latency,
    &packet_reordering::PacketReordering,
    &packet_corruption::PacketCorruption,
    &disk_errors::DiskErrors,
    &torn_writes::TornWrites,
    &disk_delay::DiskDelay,
    &stop::Stop,
    &restart::Restart,
    &spot_interruption::SpotInterruption,
    &cpu_quota::CpuQuota,
    &memory_pressure::MemoryPressure,
    &oom_kill::OomKill,
    &process_limit::ProcessLimit,
    &open_files::OpenFiles,
    &files_lost::FilesLost,
    &clock_skew::ClockSkew,
    &disk_dead::DiskDead,
    &disk_full::DiskFull,
    &disk_read_only::DiskReadOnly,
    &disk_frozen::DiskFrozen,
    &disk_slow::DiskSlow,
    &bit_rot::BitRot,
    &disk_replaced::DiskReplaced,
    &power_loss::PowerLoss,
];
