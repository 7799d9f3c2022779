//! From the folder of a comparison to its report. The same folder in, the same bytes out.
use super::folder;
use crate::{commands, error::CliError, exit::Code, report};
use engine::folder::RunFolder;
use model::compare::RunOf;
use std::path::Path;

/// Analyses every run of a comparison, writes its report into `out`, prints its table; the code is the verdict's.
pub fn report(root: &Path, out: &Path) -> Result<Code, CliError> {
    let order = folder::read(root)?;
    let analysed = |run: &RunOf| {
        report::analyse(&root.join(&run.folder)).map_err(|error| match error {
            // The place of the folder is not part of what it says.
            CliError::Evidence { why, .. } => why,
            CliError::Unreadable { source, .. } => source.to_string(),
            other => other.to_string(),
        })
    };
    let analyses: Vec<_> = order.runs.iter().map(analysed).collect();
    let comparison = analysis::compare::compare(&order, &analyses);
    let files = reports::comparison::comparison(&comparison)
        .map_err(|error| CliError::Internal(format!("render the comparison: {error}")))?;
    let folder = RunFolder::create(out.to_owned()).map_err(|source| CliError::Unwritable {
        file: out.to_owned(),
        source,
    })?;
    for file in report::put(&folder, &files)? {
        eprintln!("{}", file.display());
    }
    let table = files.iter().find(|file| file.name.ends_with(".md"));
    if let Some(table) = table {
        println!("{}", String::from_utf8_lossy(&table.bytes));
    }
    let verdict = &comparison.verdict;
    println!("{}   {}", verdict.value.word(), verdict.headline);
    Ok(commands::report::code(verdict.value))
}
