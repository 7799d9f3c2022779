//! A run folder to reports: read the bytes, analyse, render, write. The same bytes in, the same bytes out.
use crate::error::CliError;
use analysis::{budget::take::Taken, input::RunInput, report::Analysis};
use engine::folder::RunFolder;
use std::{
    collections::BTreeMap,
    fs, io,
    path::{Path, PathBuf},
};

/// Reads what analysis needs of a run folder.
pub fn read(run: &Path) -> Result<RunInput, CliError> {
    let text = |name: &str| {
        fs::read_to_string(run.join(name)).map_err(|error| CliError::Evidence {
            run: run.to_owned(),
            why: format!("{name}: {error}"),
        })
    };
    Ok(RunInput {
        plan: text("plan.json")?,
        events: text("events.jsonl")?,
        samples: below(run, "samples", &["ops", "gauge"])?,
        ledger: below(run, "ledger", &["stage"])?,
        versions: fs::read_to_string(run.join("versions.json")).ok(),
    })
}

/// Files of a folder with these endings, by their path below the run.
fn below(
    run: &Path,
    folder: &str,
    endings: &[&str],
) -> Result<BTreeMap<String, Vec<u8>>, CliError> {
    let failed = |source| CliError::Unreadable {
        file: run.join(folder),
        source,
    };
    let mut files = BTreeMap::new();
    let entries = match fs::read_dir(run.join(folder)) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(files),
        entries => entries.map_err(failed)?,
    };
    for entry in entries {
        let path = entry.map_err(failed)?.path();
        if path
            .extension()
            .is_some_and(|ending| endings.iter().any(|known| ending == *known))
        {
            let name = format!(
                "{folder}/{}",
                path.file_name().unwrap_or_default().to_string_lossy()
            );
            files.insert(name, fs::read(&path).map_err(failed)?);
        }
    }
    Ok(files)
}

/// A run folder as typed; `latest` is the newest finished one.
pub fn named(run: &Path) -> PathBuf {
    if run.as_os_str() == "latest" {
        "runs/latest".into()
    } else {
        run.to_owned()
    }
}

/// Analyses a run folder, ready to be held against objectives.
pub fn take(run: &Path) -> Result<Taken, CliError> {
    Taken::of(&read(run)?).map_err(|error| CliError::Evidence {
        run: run.to_owned(),
        why: error.to_string(),
    })
}

/// The text of a file of figures or objectives.
pub fn text(file: &Path) -> Result<String, CliError> {
    fs::read_to_string(file).map_err(|source| CliError::Unreadable {
        file: file.to_owned(),
        source,
    })
}

/// Prints one JSON document.
pub fn json(value: &impl serde::Serialize) -> Result<(), CliError> {
    let text = serde_json::to_string_pretty(value);
    println!(
        "{}",
        text.map_err(|error| CliError::Internal(format!("write JSON: {error}")))?
    );
    Ok(())
}

/// Analyses a run folder.
pub fn analyse(run: &Path) -> Result<Analysis, CliError> {
    analysis::analyze(&read(run)?).map_err(|error| CliError::Evidence {
        run: run.to_owned(),
        why: error.to_string(),
    })
}

/// Renders every format of the catalog into a folder; gives the files written.
pub fn write(analysis: &Analysis, out: &Path) -> Result<Vec<PathBuf>, CliError> {
    let folder = RunFolder::create(out.to_owned()).map_err(|source| CliError::Unwritable {
        file: out.to_owned(),
        source,
    })?;
    let mut written = Vec::new();
    for renderer in reports::CATALOG {
        let files = renderer
            .render(analysis)
            .map_err(|error| CliError::Internal(format!("render {}: {error}", renderer.name())))?;
        written.extend(put(&folder, &files)?);
    }
    Ok(written)
}

/// Writes rendered files into a folder; gives their paths.
pub fn put(folder: &RunFolder, files: &[reports::File]) -> Result<Vec<PathBuf>, CliError> {
    let one = |file: &reports::File| {
        let path = folder.path(&file.name);
        let written = folder.write(&file.name, &file.bytes);
        written
            .map(|()| path.clone())
            .map_err(|source| CliError::Unwritable { file: path, source })
    };
    files.iter().map(one).collect()
}
