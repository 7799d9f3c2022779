//! `brinell plan`: the plan on stdout, nothing else.
use crate::{
    args, comparison,
    error::CliError,
    exit::{self, Code},
    scenario,
};

/// Prints the plan.
pub fn run(args: &args::Plan) -> Result<Code, CliError> {
    if let Some(pair) = comparison::read_if(&args.scenario)? {
        let plans = pair.plans(pair.seed(args.seed)?)?;
        return printed(serde_json::to_string_pretty(&plans).map(|text| text + "\n"));
    }
    let source = scenario::read(&args.scenario)?;
    let plan = source.plan(source.seed(args.seed)?)?;
    printed(plan.to_json())
}

fn printed<E: std::fmt::Display>(text: Result<String, E>) -> Result<Code, CliError> {
    let text = text.map_err(|error| CliError::Internal(format!("print the plan: {error}")))?;
    print!("{text}");
    Ok(exit::OK)
}
