//! `brinell delivery`: the delivery figures of a file of deployments.
use crate::{
    args,
    error::CliError,
    exit::{self, Code},
    report, scenario,
};
use analysis::delivery::delivery;

/// Prints them.
pub fn run(args: &args::Figures) -> Result<Code, CliError> {
    let text = report::text(&args.file)?;
    let all = model::delivery::parse(&text)
        .map_err(|refusal| scenario::refused(&args.file, &text, refusal))?;
    let figures = delivery(&all);
    if args.json {
        report::json(&figures)?;
    } else {
        print!("{}", reports::plain::delivery::text(&figures));
    }
    Ok(exit::OK)
}
