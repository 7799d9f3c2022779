//! `brinell clean`: what dead runs left is undone from their journals, then removed by label. Living runs are never touched.
use crate::{
    args,
    error::CliError,
    exit::{self, Code},
};
use guard::{
    clean::{Scope, clean},
    recover::Report,
};

/// Cleans, and says what was done.
pub fn run(args: &args::Clean) -> Result<Code, CliError> {
    let report = clean(&args.run.clone().map_or(Scope::All, Scope::Run));
    if args.json {
        println!(
            "{}",
            serde_json::to_string_pretty(&report)
                .map_err(|error| CliError::Internal(error.to_string()))?
        );
    } else {
        print!("{}", text(&report));
    }
    Ok(if report.is_clean() {
        exit::OK
    } else {
        exit::LEFTOVERS
    })
}

fn text(report: &Report) -> String {
    let groups = [
        ("undone", &report.undone),
        ("removed", &report.removed),
        ("left alone", &report.skipped),
        ("failed to", &report.failed),
    ];
    let lines: String = groups
        .iter()
        .flat_map(|(word, items)| items.iter().map(move |item| format!("{word:<10} {item}\n")))
        .collect();
    if lines.is_empty() {
        "nothing of ours is left behind\n".into()
    } else {
        lines
    }
}
