//! Synthetic runs with known outages, claims over them and over the published worked numbers, and mutants of the code: each a
//! deliberately wrong variant that at least one claim must notice.
//!
//! - [`synthetic`] a whole run folder in memory; [`arms`] two arms of them.   - [`claims`] what must hold, as tests.   - [`journal`] changed histories.
//! - [`alarms`] how often limits and alarms ring for nothing.
//! - [`worlds`] random ledgers told one record at a time.   - [`simulation`] intervals and bars against what they promise.
//! - [`harmless`] changes that must change nothing.   - [`variants`] rules beside their wrong variants.
//! - [`mutants`] switches one wrong variant on, asks every claim, prints killed of total.
mod alarms;
pub mod arms;
mod claims;
mod harmless;
mod journal;
pub mod mutants;
mod simulation;
pub mod synthetic;
mod variants;
mod worlds;
