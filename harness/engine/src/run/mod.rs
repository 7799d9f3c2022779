//! The pure machine of one run: `step(now, input) -> effects`. No clock, no I/O, no await, no draws.
//!
//! ```text
//! bring-up -> warm-up -> baseline -> faults -> recovery -> cool-down -> [heal all] -> logs -> take-down -> over
//!      \__________\_________\__________\__________\____ a signal, an abort, a lost node ____/
//! ```
//! Every exit leads through "heal all" and take-down; nothing is injected once a stop was asked for.
//! - [`port`] inputs and effects.   - [`phase`] the order of phases; `exit` every way out.   - [`hurt`] one fault from request to hold; `healing` from there to the end.   - `together` what holds between faults.   - [`steady`] the gate.
mod exit;
mod healing;
pub mod hurt;
pub mod phase;
pub mod port;
pub mod steady;
mod together;

pub use phase::Run;
pub use port::{Effect, Input, Missing};

#[cfg(test)]
mod tests;
