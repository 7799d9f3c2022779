//! The inverse of a measurement: what a load and an objective need, how sure that is, and what it assumes.
//!
//! - [`file`] the question as it is written; [`plan`] from it to the [`answer`]. Start here.
//! - [`k_of_n`] spares, common causes; [`repair`] crews; [`quorum`] erasure sets, replicas, controllers: exact.
//! - [`monte_carlo`] what has no closed form.   - [`odds`] up and down, each with its own digits.
//! - [`case`] intervals: the best, the given, the worst.   - [`shape`] what a group may look like; `size` the smallest that do.
//! ```text
//! capacity.yaml ─> File ─┬─> throughput ─> k ──────┐
//!                        ├─> classes ─> 3 cases ───┼─> candidates ─> smallest that keep the objective together ─> Answer
//!                        └─> groups ───────────────┘                         │
//!                                                     simulated beside, or instead where crews are shared
//! ```
pub mod answer;
mod assumptions;
pub mod carried;
pub mod case;
pub mod file;
pub mod k_of_n;
pub mod measured;
pub mod monte_carlo;
pub mod odds;
pub mod plan;
pub mod quorum;
pub mod repair;
pub mod shape;
mod size;

pub use answer::Answer;
pub use k_of_n::{common_cause, k_of_n};
pub use odds::Odds;
pub use plan::answer;
pub use repair::Chain;
