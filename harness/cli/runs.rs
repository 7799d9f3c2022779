//! Run folders: their names, the links to the newest, `run.json`.
use crate::error::CliError;
use engine::folder::RunFolder;
use jiff::Timestamp;
use model::{plan::Plan, verdict::Verdict};
use serde::{Deserialize, Serialize};
use std::{
    fs, io,
    path::{Path, PathBuf},
};

/// All that a list of runs needs.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct RunJson {
    /// `brinell.run/1`.
    pub schema: String,
    /// Run id.
    pub id: String,
    /// Scenario.
    pub scenario: String,
    /// `preparing running healing measured analysed`.
    pub state: String,
    /// Once analysed.
    pub verdict: Option<Verdict>,
    /// Once over.
    pub exit_code: Option<u8>,
    /// RFC 3339, UTC.
    pub started: String,
    /// Length in s, once over.
    pub ended_s: Option<f64>,
    /// Seed.
    pub seed: u64,
}

/// A folder for a new run.
pub struct NewRun {
    /// Its folder.
    pub folder: RunFolder,
    /// Its id.
    pub id: String,
    /// Wall clock at its making.
    pub wall: Timestamp,
    /// What `run.json` says so far.
    pub json: RunJson,
    links: PathBuf,
}

/// Makes the folder of a new run of this plan in its `place` below `out`.
pub fn create(out: &Path, place: &str, plan: &Plan) -> Result<NewRun, CliError> {
    let wall = Timestamp::now();
    let salt = crate::scenario::sha256(
        format!(
            "{}{}{}",
            plan.seed,
            wall.as_nanosecond(),
            std::process::id()
        )
        .as_bytes(),
    );
    let id = format!("{}-{}", stamped(wall), &salt[..4]);
    let root = absolute(out)?.join(place).join(&id);
    let folder = RunFolder::create(root.clone())
        .map_err(|source| CliError::Unwritable { file: root, source })?;
    let json = RunJson {
        schema: "brinell.run/1".into(),
        id: id.clone(),
        scenario: plan.name.clone(),
        state: "preparing".into(),
        verdict: None,
        exit_code: None,
        started: wall.strftime("%Y-%m-%dT%H:%M:%S.%6fZ").to_string(),
        ended_s: None,
        seed: plan.seed,
    };
    let run = NewRun {
        folder,
        id,
        wall,
        json,
        links: absolute(out)?,
    };
    run.save()?;
    run.link("current").map_err(|source| CliError::Unwritable {
        file: run.links.join("current"),
        source,
    })?;
    Ok(run)
}

/// The instant of now as the name of a folder.
pub fn stamp() -> String {
    stamped(Timestamp::now())
}

fn stamped(wall: Timestamp) -> String {
    wall.strftime("%Y%m%dT%H%M%S.%3fZ").to_string()
}

fn absolute(path: &Path) -> Result<PathBuf, CliError> {
    std::path::absolute(path).map_err(|source| CliError::Unwritable {
        file: path.to_owned(),
        source,
    })
}

impl NewRun {
    /// Writes `run.json` as it is now.
    pub fn save(&self) -> Result<(), CliError> {
        self.write("run.json", &pretty(&self.json)?)
    }

    /// Moves on to another state.
    pub fn enter(&mut self, state: &str) -> Result<(), CliError> {
        self.json.state = state.into();
        self.save()
    }

    /// Writes a file of the folder.
    pub fn write(&self, name: &str, bytes: &[u8]) -> Result<(), CliError> {
        self.folder
            .write(name, bytes)
            .map_err(|source| CliError::Unwritable {
                file: self.folder.path(name),
                source,
            })
    }

    /// Points `runs/<name>` at this run.
    pub fn link(&self, name: &str) -> io::Result<()> {
        let (link, temporary) = (
            self.links.join(name),
            self.links.join(format!(".{name}-{}", self.id)),
        );
        let target = self
            .folder
            .root()
            .strip_prefix(&self.links)
            .unwrap_or(self.folder.root());
        std::os::unix::fs::symlink(target, &temporary)?;
        fs::rename(&temporary, &link)
    }

    /// Takes the `current` link away where it is ours.
    pub fn unlink_current(&self) {
        let link = self.links.join("current");
        if fs::canonicalize(&link)
            .is_ok_and(|at| fs::canonicalize(self.folder.root()).is_ok_and(|root| at == root))
        {
            let _ = fs::remove_file(link);
        }
    }
}

/// Pretty JSON with a line end.
pub fn pretty(value: &impl Serialize) -> Result<Vec<u8>, CliError> {
    let mut bytes = serde_json::to_vec_pretty(value)
        .map_err(|error| CliError::Internal(format!("write JSON: {error}")))?;
    bytes.push(b'\n');
    Ok(bytes)
}
