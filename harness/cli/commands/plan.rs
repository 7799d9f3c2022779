//! `brinell plan`: the plan on stdout, nothing else.
use crate::{
    args,
    error::CliError,
    exit::{self, Code},
    scenario,
};

/// Prints the plan.
pub fn run(args: &args::Plan) -> Result<Code, CliError> {
    let source = scenario::read(&args.scenario)?;
    let plan = source.plan(source.seed(args.seed)?)?;
    print!(
        "{}",
        plan.to_json()
            .map_err(|error| CliError::Internal(format!("print the plan: {error}")))?
    );
    Ok(exit::OK)
}
