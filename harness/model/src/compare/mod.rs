//! A comparison: two arms of one testbed under the same faults and seeds, run in turns, and what is claimed of their difference.
//!
//! - [`order`] what was run, as it lies in the folder of the comparison.   - [`claim`] one line of a before/after table.
pub mod claim;
pub mod order;

pub use claim::{Claim, Measured};
pub use order::{Order, RunOf};
