//! All that can be named in a scenario, from the crates that own it.
use model::system::Catalog;

/// Faults, systems and workloads.
pub static CATALOG: Catalog = Catalog { faults: faults::CATALOG, systems: systems::SYSTEMS, workloads: systems::WORKLOADS };
