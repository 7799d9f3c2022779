//! `brinell report`: the reports of a run folder again, without an engine.
use crate::{
    args, comparison,
    error::CliError,
    exit::{self, Code},
    report,
};
use model::verdict::Verdict;

/// Makes the reports again; the exit code is the verdict's.
pub fn run(args: &args::Report) -> Result<Code, CliError> {
    let run = report::named(&args.run);
    if comparison::folder::is_one(&run) {
        return comparison::report::report(&run, args.out.as_deref().unwrap_or(&run));
    }
    let analysis = report::analyse(&run)?;
    for file in report::write(&analysis, args.out.as_deref().unwrap_or(&run))? {
        eprintln!("{}", file.display());
    }
    println!(
        "{} {}",
        analysis.verdict.value.word(),
        analysis.verdict.headline
    );
    Ok(code(analysis.verdict.value))
}

/// The code of a verdict.
pub const fn code(verdict: Verdict) -> Code {
    match verdict {
        Verdict::Pass => exit::OK,
        Verdict::Unknown => exit::UNKNOWN,
        Verdict::Fail => exit::FAIL,
    }
}
