//! Numbers and verdicts from the journal of one run. Pure: the same folder in, the same analysis out.
//!
//! - [`report`] the shape of the answer: `report.json`.
pub mod report;
