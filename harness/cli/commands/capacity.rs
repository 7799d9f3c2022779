//! `brinell capacity`: what a load and an objective need, from a file and the reports that it names.
use crate::{
    args,
    error::CliError,
    exit::{self, Code},
    scenario,
};
use analysis::{
    Analysis,
    capacity::{
        self,
        file::{self, File, Ranged, Source},
        measured::measured,
    },
    report::SCHEMA,
};
use model::{scenario::Refusal, verdict::Verdict};
use std::{fs, io::Read as _, path::Path};

/// Most bytes of a file that is read: a report of a long run has some.
const MOST_BYTES: u64 = 256 << 20;

/// Prints the answer; its verdict is the exit code.
pub fn run(args: &args::Capacity) -> Result<Code, CliError> {
    let text = text(&args.file)?;
    let file = file::parse(&text, &|source| look_up(&args.file, source))
        .map_err(|refusal| scenario::refused(&args.file, &text, refusal))?;
    let seed = args.seed.or(file.seed).map_or_else(scenario::draw, Ok)?;
    let answer = solve(&file, seed).map_err(|what| {
        scenario::refused(
            &args.file,
            &text,
            Refusal::new(file.groups[0].name.at, what),
        )
    })?;
    if args.json {
        let json = serde_json::to_string_pretty(&answer);
        println!(
            "{}",
            json.map_err(|error| CliError::Internal(format!("write the answer: {error}")))?
        );
    } else {
        print!("{}", reports::capacity::text(&answer));
    }
    Ok(match answer.verdict {
        Verdict::Pass => exit::OK,
        Verdict::Unknown => exit::UNKNOWN,
        Verdict::Fail => exit::FAIL,
    })
}

fn solve(file: &File, seed: u64) -> Result<capacity::Answer, String> {
    let threads = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    capacity::answer(file, seed, threads).map_err(|error| error.to_string())
}

fn text(path: &Path) -> Result<String, CliError> {
    read(path).map_err(|source| CliError::Unreadable {
        file: path.to_owned(),
        source,
    })
}

fn read(path: &Path) -> std::io::Result<String> {
    let mut text = String::new();
    fs::File::open(path)?
        .take(MOST_BYTES)
        .read_to_string(&mut text)?;
    Ok(text)
}

/// What a report measured; its path is relative to the capacity file.
fn look_up(beside: &Path, source: &Source) -> Result<Ranged, Refusal> {
    let path = beside
        .parent()
        .unwrap_or_else(|| Path::new("."))
        .join(&source.report.value);
    let refuse = |what: String| {
        Refusal::new(source.report.at, what).wide(source.report.value.chars().count())
    };
    let text = read(&path).map_err(|error| {
        refuse(format!("read the report {}: {error}", path.display()))
            .hint("give the path of a report.json, relative to this file")
    })?;
    let report: Analysis = serde_json::from_str(&text).map_err(|error| {
        refuse(format!("read the report {}: {error}", path.display()))
            .hint(format!("a report of the schema {SCHEMA} is due here"))
    })?;
    if report.schema != SCHEMA {
        return Err(
            refuse(format!("read a report of the schema `{}`", report.schema))
                .hint(format!("this version reads {SCHEMA}")),
        );
    }
    measured(&report, source).map_err(|missing| {
        let known: Vec<&str> = missing.known.iter().map(String::as_str).collect();
        let at = [
            Some(&source.fault),
            source.probe.as_ref(),
            Some(&source.measure),
        ]
        .into_iter()
        .flatten()
        .find(|placed| placed.value == missing.word)
        .map_or(source.report.at, |placed| placed.at);
        if known.is_empty() {
            Refusal::new(at, missing.what)
                .wide(missing.word.chars().count())
                .hint("give the time as a number, or measure it again")
        } else {
            Refusal::unknown(at, missing.what, &missing.word, &known)
        }
    })
}
