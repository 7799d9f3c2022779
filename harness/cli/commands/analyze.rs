//! `brinell analyze`: all that a run folder shows, as text or JSON. The exit code is the verdict's.
use crate::{args, commands::report::code, error::CliError, exit::Code, report};
use analysis::summary;

/// Prints the whole analysis.
pub fn run(args: &args::Analyze) -> Result<Code, CliError> {
    let taken = report::take(&report::named(&args.run))?;
    let summary = summary::summary(&taken, &args.stated.by_fault());
    if args.json {
        report::json(&summary)?;
    } else {
        print!("{}", reports::plain::summary::text(&summary));
    }
    Ok(code(summary.verdict.value))
}
