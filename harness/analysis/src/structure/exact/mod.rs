//! Exact evaluation.
pub mod build;
pub mod graph;
pub mod modules;
pub mod order;
pub mod table;
