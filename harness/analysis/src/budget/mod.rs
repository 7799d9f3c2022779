//! Error budget: how much badness an objective allows over a period, how much of it is gone, and whether that blocks.
//!
//! `B(T) = (1 - s) T - downtime(T)`; a gate is blocked where `B <= 0`. Every number is an interval: where zero lies inside, the gate
//! cannot tell, and that is no pass. Three forms of the same question: bad time, bad samples, bad slices of time.
//! - [`record`] what a window holds of the three forms. Start here.   - [`track`] bad time; [`counted`] bad samples and slices.
//! - [`left`] what is left, and the gate.   - [`burn`] how fast it goes.   - [`alert`] when a rule of two windows fires.
//! - [`forecast`] what stated fault frequencies make of it over the whole period.   - [`over_runs`] availability with an interval.
//! - [`take`] one run as an objective sees it, [`part`] its share of a record.   - [`judge`] runs against an objective, [`expect`] with stated frequencies; [`report`] the shape of the answer.
//! ```text
//! Folder ─> Windows, Streams ─┐
//! slo.yaml ───────────────────┴─> take ─> Record ─> left, burn, alerts, forecast ─> report
//! ```
pub mod alert;
pub mod burn;
pub mod counted;
pub mod expect;
pub mod forecast;
pub mod judge;
pub mod left;
mod numbers;
pub mod over_runs;
pub mod part;
pub mod record;
pub mod report;
mod see;
mod slice;
pub mod take;
pub mod track;

/// One hour, s.
pub const HOUR_S: f64 = 3_600.0;
/// One day, s.
pub const DAY_S: f64 = 86_400.0;
/// A month of 30 days (720 h), s: what fault frequencies and burn-rate rules are stated for.
pub const MONTH_S: f64 = 30.0 * DAY_S;
/// A year of 365 days, s: what downtime per year is stated for.
pub const YEAR_S: f64 = 365.0 * DAY_S;
