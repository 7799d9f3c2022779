//! The catalog of faults: what to do to a target's facts, and what proves that it took effect and that it is healed. Pure.
//!
//! - [`kill`] ends a process; [`pause`] freezes a container; [`partition`] drops the packets between nodes.
//!
//! To add one: a file with its settings, doc, example and steps, its `mod` line, and its line in [`CATALOG`]. Help, tables,
//! doctor and the laws loop over the slice.
//! ```
//! let names: Vec<_> = faults::CATALOG.iter().map(|fault| fault.name()).collect();
//! assert_eq!(names, ["kill", "pause", "partition"]);
//! ```
mod kill;
mod partition;
mod pause;

use model::fault::AnyFault;

/// Every fault there is, in the order of the help text.
pub const CATALOG: &[&dyn AnyFault] = &[&kill::Kill, &pause::Pause, &partition::Partition];
