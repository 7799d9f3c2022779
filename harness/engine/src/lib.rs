//! One run, from bring-up to the closed journal: a pure step, and a thin shell that carries out what it says.
//!
//! - [`run`] the pure machine: what happens next, given what just happened. Start here.
//! - [`shell`] the only async part: one dispatcher, effects in flight, load and probes on their schedules.
//! - [`journal`] the one writer of facts; [`samples`] every operation on disk; [`folder`] where it all goes; [`clock`] the one clock.
//! ```text
//! timer, effects' results, signals, news --> Input --> Run::step(now, Input) --> Vec<Effect> --> shell
//!                                                             |
//!                                              Record(Event) --> events.jsonl
//! ```
//! The engine sees ports only (`Bed`, `GuardPort`, `AnyFault`): it names no fault, no system and no report.
pub mod clock;
pub mod folder;
pub mod journal;
pub mod run;
pub mod samples;
pub mod shell;
