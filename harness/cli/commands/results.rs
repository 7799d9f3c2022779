//! `brinell results`: run folders to one table. Nothing in it is typed by anybody.
use crate::{
    args,
    error::CliError,
    exit::{self, Code},
    report,
};
use analysis::{
    RunInput,
    accounts::{self, Account},
    results::{self, Row},
};
use serde::Serialize;
use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

/// How deep a run folder may lie: `runs/<folder>/<scenario>/<run>`.
pub const DEPTH: u32 = 5;

/// A row of a table, of which the last run of each scenario is shown.
trait Kept: Serialize {
    fn scenario(&self) -> &str;
    fn run(&self) -> &str;
}

impl Kept for Row {
    fn scenario(&self) -> &str {
        &self.scenario
    }
    fn run(&self) -> &str {
        &self.run
    }
}

impl Kept for Account {
    fn scenario(&self) -> &str {
        &self.scenario
    }
    fn run(&self) -> &str {
        &self.run
    }
}

/// Prints the table; what is no run is passed over, what cannot be read is said.
pub fn run(args: &args::Results) -> Result<Code, CliError> {
    if args.records {
        let of = |input: &RunInput| Ok(accounts::account(input)?.into_iter().collect());
        print(args, of, accounts::markdown)
    } else {
        print(args, results::rows, results::markdown)
    }
}

fn print<T: Kept>(
    args: &args::Results,
    of: impl Fn(&RunInput) -> Result<Vec<T>, analysis::Error>,
    markdown: fn(&[T]) -> String,
) -> Result<Code, CliError> {
    let mut folders = Vec::new();
    args.runs
        .iter()
        .for_each(|place| find(place, DEPTH, &mut folders));
    folders.sort();
    let mut rows = Vec::new();
    let mut unread = false;
    for folder in &folders {
        match of_run(folder, &of) {
            Ok(found) => rows.extend(found),
            Err(error) => {
                unread = true;
                eprintln!("passed over {}: {error}", folder.display());
            }
        }
    }
    rows.sort_by(|a: &T, b: &T| (a.scenario(), a.run()).cmp(&(b.scenario(), b.run())));
    let rows = if args.all { rows } else { last(rows) };
    if args.list.json {
        let json = serde_json::to_string_pretty(&rows);
        println!(
            "{}",
            json.map_err(|error| CliError::Internal(error.to_string()))?
        );
    } else {
        print!("{}", markdown(&rows));
    }
    Ok(if unread { exit::BAD_EVIDENCE } else { exit::OK })
}

fn of_run<T>(
    folder: &Path,
    of: impl Fn(&RunInput) -> Result<Vec<T>, analysis::Error>,
) -> Result<Vec<T>, CliError> {
    of(&report::read(folder)?).map_err(|error| CliError::Evidence {
        run: folder.to_owned(),
        why: error.to_string(),
    })
}

/// Folders with a journal; links are not followed, they name the same runs again.
pub fn find(place: &Path, depth: u32, found: &mut Vec<PathBuf>) {
    if place.join("events.jsonl").is_file() {
        found.push(place.to_owned());
        return;
    }
    let Some(entries) = depth.checked_sub(1).and_then(|_| fs::read_dir(place).ok()) else {
        return;
    };
    for entry in entries.flatten() {
        if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
            find(&entry.path(), depth - 1, found);
        }
    }
}

/// The rows of the last run of each scenario; ids of runs begin with their time.
fn last<T: Kept>(rows: Vec<T>) -> Vec<T> {
    let mut newest: BTreeMap<String, String> = BTreeMap::new();
    for row in &rows {
        let known = newest.entry(row.scenario().to_owned()).or_default();
        if known.as_str() < row.run() {
            row.run().clone_into(known);
        }
    }
    let is_newest = |row: &T| {
        newest
            .get(row.scenario())
            .is_some_and(|run| run == row.run())
    };
    rows.into_iter().filter(is_newest).collect()
}
