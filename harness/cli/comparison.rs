//! A comparison: its file, its plans, its folder, its report.
use crate::{
    commands,
    error::CliError,
    exit::Code,
    report,
    scenario::{self, Source},
};
use engine::folder::RunFolder;
use model::{
    compare::{
        file::{self, File},
        order::{self, Order},
    },
    plan::Plan,
};
use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

/// The file of a comparison, read.
pub struct Pair {
    /// Where it is.
    pub file: PathBuf,
    /// Its text.
    pub text: String,
    /// What it says.
    pub says: File,
    /// `<folder>/<file>` without ending.
    pub name: String,
}

/// Reads a comparison.
pub fn read(path: &Path) -> Result<Pair, CliError> {
    let text = text(path)?;
    let says = file::parse(&text).map_err(|refusal| scenario::refused(path, &text, refusal))?;
    Ok(Pair {
        file: path.to_owned(),
        name: scenario::name(path),
        text,
        says,
    })
}

/// The same where it is one; none where it is an ordinary scenario.
pub fn read_if(path: &Path) -> Result<Option<Pair>, CliError> {
    let text = text(path)?;
    let is_one = file::is_comparison(&text);
    let is_one = is_one.map_err(|refusal| scenario::refused(path, &text, refusal))?;
    is_one.then(|| read(path)).transpose()
}

fn text(path: &Path) -> Result<String, CliError> {
    fs::read_to_string(path).map_err(|source| CliError::Unreadable {
        file: path.to_owned(),
        source,
    })
}

impl Pair {
    /// The seed: typed, else the file's, else drawn.
    pub fn seed(&self, typed: Option<u64>) -> Result<u64, CliError> {
        typed.or(self.says.seed).map_or_else(scenario::draw, Ok)
    }

    /// One arm of one round as a scenario of its own.
    pub fn source(&self, round: usize, arm: usize) -> Source {
        let of = &self.says.rounds[round];
        Source {
            file: self.file.clone(),
            text: self.text.clone(),
            scenario: of.scenarios[arm].clone(),
            name: format!("{}/{}", self.says.arms[arm], of.name.value),
        }
    }

    /// The plans of both arms of a round, which hurt alike.
    pub fn planned(&self, round: usize, seed: u64) -> Result<[Plan; 2], CliError> {
        let plans = [
            self.source(round, 0).plan(seed)?,
            self.source(round, 1).plan(seed)?,
        ];
        let name = &self.says.rounds[round].name;
        let checked = file::same_faults(name, &plans)
            .and_then(|()| file::known_probe(&self.says.probe, &plans[0]));
        checked.map_err(|refusal| scenario::refused(&self.file, &self.text, refusal))?;
        Ok(plans)
    }

    /// Every plan of a seed, by `arm/round`.
    pub fn plans(&self, seed: u64) -> Result<BTreeMap<String, Plan>, CliError> {
        let mut all = BTreeMap::new();
        for round in 0..self.says.rounds.len() {
            let plans = self.planned(round, seed)?;
            all.extend(plans.into_iter().map(|plan| (plan.name.clone(), plan)));
        }
        Ok(all)
    }
}

/// Whether a folder is that of a comparison.
pub fn is_one(folder: &Path) -> bool {
    folder.join(order::NAME).is_file()
}

/// What a comparison ran so far.
pub fn ordered(folder: &Path) -> Result<Order, CliError> {
    let text = text(&folder.join(order::NAME))?;
    serde_json::from_str(&text).map_err(|error| CliError::Evidence {
        run: folder.to_owned(),
        why: format!("{}: {error}", order::NAME),
    })
}

/// Analyses every run of a comparison, writes its report into `out`, prints its table; the code is the verdict's.
pub fn report(folder: &Path, out: &Path) -> Result<Code, CliError> {
    let order = ordered(folder)?;
    let analysed = |run: &model::compare::RunOf| {
        report::analyse(&folder.join(&run.folder)).map_err(|error| error.to_string())
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
