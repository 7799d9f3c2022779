//! From a file to a plan: read, parse, digest, plan; every refusal with the file's text beside it.
use crate::{catalog, error::CliError, exit};
use model::{
    plan::Plan,
    scenario::{Refusal, Scenario, parse},
};
use std::{
    fs,
    io::Read as _,
    path::{Path, PathBuf},
};

/// A scenario file, read.
pub struct Source {
    /// Where it is.
    pub file: PathBuf,
    /// Its text.
    pub text: String,
    /// What it says.
    pub scenario: Scenario,
    /// `<folder>/<file>` without ending: names the run folder.
    pub name: String,
}

/// Reads and parses a file.
pub fn read(file: &Path) -> Result<Source, CliError> {
    let text = fs::read_to_string(file).map_err(|source| CliError::Unreadable {
        file: file.to_owned(),
        source,
    })?;
    match parse(&text) {
        Ok(scenario) => Ok(Source {
            file: file.to_owned(),
            name: name(file),
            text,
            scenario,
        }),
        Err(refusal) => Err(refused(file, &text, refusal)),
    }
}

impl Source {
    /// The plan for this seed; the files that its workload reads are there.
    pub fn plan(&self, seed: u64) -> Result<Plan, CliError> {
        let planned = model::plan::plan(
            &self.scenario,
            &self.name,
            &sha256(self.text.as_bytes()),
            &catalog::CATALOG,
            seed,
        );
        let whole = planned.and_then(|plan| self.has_files(&plan).map(|()| plan));
        whole.map_err(|refusal| refused(&self.file, &self.text, refusal))
    }

    fn has_files(&self, plan: &Plan) -> Result<(), Refusal> {
        let mut workloads = catalog::CATALOG.workloads.iter();
        let workload = workloads.find(|workload| workload.name() == plan.workload.name);
        let files = workload.map(|workload| workload.files(&plan.workload.settings));
        for (key, file) in files.into_iter().flatten() {
            let path = self.folder().join(&file);
            if let Err(error) = fs::metadata(&path) {
                let (at, wide) = self.scenario.workload.1.blame(key);
                let refusal = Refusal::new(at, format!("find the workload's file `{file}`"));
                let refusal = refusal
                    .wide(wide)
                    .label(format!("{}: {error}", path.display()));
                return Err(refusal.hint("name it relative to the folder of the scenario"));
            }
        }
        Ok(())
    }

    /// Where it lies, and what it names by relative paths.
    pub fn folder(&self) -> &Path {
        self.file.parent().unwrap_or_else(|| Path::new(""))
    }

    /// What the machine cannot carry, with this file's text beside it.
    pub fn unsupported(&self, refusal: Refusal) -> CliError {
        CliError::Refused {
            file: self.file.clone(),
            text: self.text.clone(),
            refusal: Box::new(refusal),
            code: exit::UNSUPPORTED,
        }
    }

    /// The seed: typed, else the scenario's, else drawn.
    pub fn seed(&self, typed: Option<u64>) -> Result<u64, CliError> {
        typed.or(self.scenario.seed).map_or_else(draw, Ok)
    }
}

/// A refusal with the file's text beside it.
pub fn refused(file: &Path, text: &str, refusal: Refusal) -> CliError {
    CliError::Refused {
        file: file.to_owned(),
        text: text.to_owned(),
        refusal: Box::new(refusal),
        code: exit::BAD_INPUT,
    }
}

/// `<folder>/<file>` without ending, of plain characters.
pub fn name(file: &Path) -> String {
    let stem = file.file_stem().unwrap_or_default().to_string_lossy();
    let folder = file
        .parent()
        .and_then(Path::file_name)
        .map(|folder| folder.to_string_lossy().into_owned());
    let plain = |text: &str| {
        text.chars()
            .map(|c| {
                if c.is_ascii_alphanumeric() || "-_.".contains(c) {
                    c
                } else {
                    '-'
                }
            })
            .collect::<String>()
    };
    let folder = folder
        .map(|folder| plain(&folder))
        .filter(|folder| !folder.trim_matches('.').is_empty());
    folder.map_or_else(
        || plain(&stem),
        |folder| format!("{folder}/{}", plain(&stem)),
    )
}

/// Digest in hex.
pub fn sha256(bytes: &[u8]) -> String {
    model::ledger::codec::digest(bytes)
}

/// Four bytes of the kernel's randomness: a seed that is easy to type again.
pub fn draw() -> Result<u64, CliError> {
    let file = PathBuf::from("/dev/urandom");
    let mut bytes = [0; 4];
    let read = fs::File::open(&file).and_then(|mut source| source.read_exact(&mut bytes));
    read.map_err(|source| CliError::Unreadable { file, source })?;
    Ok(u64::from(u32::from_le_bytes(bytes)))
}
