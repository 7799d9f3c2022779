//! Synthetic runs with known outages, claims over them, and the mutants that must break a claim.
pub mod mutants;
