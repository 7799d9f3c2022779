//! One file per subcommand, each `run(args) -> code`.
mod analyze;
mod budget;
mod capacity;
mod clean;
mod compare;
mod delivery;
pub mod doctor;
mod faults;
mod images;
mod objectives;
mod plan;
pub mod report;
mod results;
mod risk;
pub mod run;
mod trend;

use crate::{
    args::{Args, Verb},
    error::CliError,
    exit::Code,
};

/// Does what was typed.
pub fn run(args: Args) -> Result<Code, CliError> {
    match args.verb {
        Verb::Run(args) => run::run(&args),
        Verb::Compare(args) => compare::run(&args),
        Verb::Plan(args) => plan::run(&args),
        Verb::Report(args) => report::run(&args),
        Verb::Analyze(args) => analyze::run(&args),
        Verb::Budget(args) => budget::run(&args),
        Verb::Trend(args) => trend::run(&args),
        Verb::Delivery(args) => delivery::run(&args),
        Verb::Risk(args) => risk::run(&args),
        Verb::Clean(args) => clean::run(&args),
        Verb::Doctor(args) => doctor::run(&args),
        Verb::Images(args) => images::run(&args),
        Verb::Faults(args) => faults::run(&args),
        Verb::Objectives(args) => objectives::run(&args),
        Verb::Capacity(args) => capacity::run(&args),
        Verb::Results(args) => results::run(&args),
    }
}
