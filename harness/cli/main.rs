//! Brinell presses known faults into a data platform and measures the dent.
//!
//! Three passes: what was typed ([`args`]), what is meant (one file per subcommand in [`commands`]), do it. This file decides nothing.
//! - [`exit`] the documented codes.   - [`error`] the only place that prints errors.   - [`setup`] what a machine needs first.
//! - [`ending`] how a run ended.   - [`comparison`] two arms.   - [`signals`] heard from the first run to the last.
//! - [`calendar`] boundaries of budget windows.   - [`live`] a run on the terminal.   - [`catalog`] all that can be named.   - [`hidden`] processes of our own, before any thread.
mod args;
mod calendar;
mod catalog;
mod commands;
mod comparison;
mod ending;
mod error;
mod exit;
mod guarding;
mod hidden;
mod live;
mod report;
mod runs;
mod scenario;
mod setup;
mod signals;

use clap::Parser as _;
use std::process::ExitCode;

fn main() -> ExitCode {
    if let Some(code) = hidden::dispatch() {
        return code;
    }
    let args = args::Args::parse();
    match commands::run(args) {
        Ok(code) => code.into(),
        Err(error) => error::render(&error).into(),
    }
}
