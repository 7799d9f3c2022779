//! The testbed: everything a run needs, started at once on a network of its own.
//!
//! Addresses and ports are picked before the first container starts, so nobody asks anybody where it is. What must wait waits at a
//! gate that a successful client operation opens. Nothing here names a system: they come as [`Kind`] and [`Drive`].
//! ```text
//! order -> site (addresses, ports, offers) -> containers made and started side by side ─┐
//!                                  systems' own client operations ───── gates ──────────┼─> first committed batch
//!                                  a container that ends meanwhile ── error at once ────┘
//! ```
mod bring_up;
mod compose;
pub(crate) mod engine;
mod events;
mod facts;
mod host;
mod live;
mod site;
mod spots;
mod subnet;
mod testbed;
pub(crate) mod wait;

pub(crate) use live::{Call, Drive, Kind, Live, Load, Mark, Recipe, Say, Submission};
pub(crate) use site::{Placed, Site};
pub use testbed::Testbed;
