//! `brinell trend`: the newest run against those before it. An alarm fails (10), too little to tell is unknown (11).
use crate::{
    args,
    commands::results::{DEPTH, find},
    error::CliError,
    exit::{self, Code},
    report,
};
use analysis::{
    budget::take::Taken,
    history::{alarm::State, trend},
};

/// Prints every metric with its alarm and drift.
pub fn run(args: &args::Trend) -> Result<Code, CliError> {
    let mut folders = Vec::new();
    args.runs
        .iter()
        .for_each(|place| find(place, DEPTH, &mut folders));
    folders.sort();
    folders.dedup();
    let mut runs: Vec<Taken> = Vec::new();
    for folder in &folders {
        match report::take(folder) {
            Ok(run) => runs.push(run),
            Err(error) => eprintln!("passed over {}: {error}", folder.display()),
        }
    }
    let newest = runs
        .iter()
        .max_by(|a, b| (a.epoch, &a.analysis.run.id).cmp(&(b.epoch, &b.analysis.run.id)));
    let asked = args
        .scenario
        .clone()
        .or_else(|| newest.map(|run| run.analysis.run.scenario.clone()));
    runs.retain(|run| asked.as_ref() == Some(&run.analysis.run.scenario));
    let trend = trend(&runs, args.least_percent / 100.0);
    if args.json {
        report::json(&trend)?;
    } else {
        print!("{}", reports::plain::trend::text(&trend));
    }
    Ok(match trend.state {
        State::Alarm => exit::FAIL,
        State::Unknown => exit::UNKNOWN,
        State::Quiet => exit::OK,
    })
}
