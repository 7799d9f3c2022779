//! A comparison: its file and the plans of its arms.
//!
//! - [`slots`] which runs are due.   - [`folder`] what was run, kept so that it can be gone on with.   - [`report`] what it shows.
pub mod folder;
pub mod report;
pub mod slots;

use crate::{
    error::CliError,
    scenario::{self, Source},
};
use model::{
    compare::file::{self, File},
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

    /// `arm/round`.
    fn key(&self, round: usize, arm: usize) -> String {
        let (arm, round) = (&self.says.arms[arm], &self.says.rounds[round]);
        format!("{arm}/{}", round.name.value)
    }

    /// One arm of one round as a scenario of its own.
    fn source(&self, round: usize, arm: usize) -> Source {
        let of = &self.says.rounds[round];
        Source {
            file: self.file.clone(),
            text: self.text.clone(),
            scenario: of.scenarios[arm].clone(),
            name: format!("{}/{}", self.name, self.key(round, arm)),
        }
    }

    /// The plans of both arms of a round, which hurt alike.
    pub fn planned(&self, round: usize, seed: u64) -> Result<[(Source, Plan); 2], CliError> {
        let sources = [0, 1].map(|arm| self.source(round, arm));
        let plans = [sources[0].plan(seed)?, sources[1].plan(seed)?];
        let name = &self.says.rounds[round].name;
        let checked = file::same_faults(name, &plans)
            .and_then(|()| file::known_probe(&self.says.probe, &plans));
        checked.map_err(|refusal| scenario::refused(&self.file, &self.text, refusal))?;
        let ([first, second], [without, with]) = (sources, plans);
        Ok([(first, without), (second, with)])
    }

    /// Every plan of a seed, by `arm/round`.
    pub fn plans(&self, seed: u64) -> Result<BTreeMap<String, Plan>, CliError> {
        let mut all = BTreeMap::new();
        for round in 0..self.says.rounds.len() {
            for ((_, plan), arm) in self.planned(round, seed)?.into_iter().zip(0..) {
                all.insert(self.key(round, arm), plan);
            }
        }
        Ok(all)
    }
}
