//! A comparison: two arms of one testbed under the same faults and seeds, run in turns, and what is claimed of their difference.
//!
//! - [`file`] a scenario file with two arms; start here.   - [`order`] what was run, as it lies in the folder of the comparison.   - [`claim`] one line of a before/after table.
pub mod claim;
pub mod file;
pub mod order;

pub use claim::{Claim, Measured};
pub use order::{Order, RunOf};
