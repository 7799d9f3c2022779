//! `brinell risk`: total risk of layered defences, and alert coverage. Unknown (11) where the coverage is told and not shown.
use crate::{
    args,
    error::CliError,
    exit::{self, Code},
    report, scenario,
};
use analysis::risk::risk;

/// Prints them.
pub fn run(args: &args::Figures) -> Result<Code, CliError> {
    let text = report::text(&args.file)?;
    let file = model::defence::parse(&text)
        .map_err(|refusal| scenario::refused(&args.file, &text, refusal))?;
    let risk = risk(&file);
    if args.json {
        report::json(&risk)?;
    } else {
        print!("{}", reports::plain::risk::text(&risk));
    }
    let unshown = risk.coverage.is_some_and(|coverage| !coverage.proven);
    Ok(if unshown { exit::UNKNOWN } else { exit::OK })
}
