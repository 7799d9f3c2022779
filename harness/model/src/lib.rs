//! The words of Brinell, as data: what a scenario says, what a plan fixes, what an act does, what a journal holds.
//!
//! No tokio, no Docker, no files, no clock: everything here is a pure value or a pure function.
//! - [`units`], [`ids`], [`seed`] the small change: durations with units, names, draws.
//! - [`scenario`] a YAML file with places; [`plan`] the same with every choice made. Start here.
//! - [`facts`], [`control`], [`drive`] what a target offers; [`act`] what can be done to it; [`check`] what can be observed; [`world`] a model of both.
//! - [`question`] what only the running system can answer.
//! - [`fault`], [`system`], [`guard`] the ports: what the engine sees of the catalogs, the testbed and the guard.
//! - [`objective`] the threshold grammar and its pure window evaluator; [`verdict`] pass, fail, unknown.
//! - [`compare`] two arms under the same faults.   - [`slo`] service level objectives; [`delivery`] deployments; [`defence`] layers and alerts.
//! - [`journal`] the record of a run; [`samples`] the binary records of every operation.
//! ```text
//! scenario.yaml --parse--> Scenario --plan(catalog, seed)--> Plan --engine--> events.jsonl --analysis--> verdict
//! ```
pub mod act;
pub mod check;
pub mod compare;
pub mod control;
pub mod defence;
pub mod delivery;
pub mod drive;
pub mod facts;
pub mod fault;
pub mod guard;
pub mod ids;
pub mod journal;
pub mod ledger;
pub mod objective;
pub mod plan;
pub mod question;
pub mod samples;
pub mod scenario;
pub mod seed;
pub mod slo;
pub mod system;
pub mod units;
pub mod verdict;
pub mod world;

/// A boxed future that may cross threads: what the ports return, so that they stay object-safe without a runtime.
pub type BoxFuture<'a, T> = std::pin::Pin<Box<dyn std::future::Future<Output = T> + Send + 'a>>;
