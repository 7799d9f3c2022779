//! The folder of a comparison: its scenario, what was ordered and what ran so far, and below it the folders of the runs.
use super::Pair;
use crate::{args, error::CliError, runs};
use engine::folder::RunFolder;
use model::compare::order::{self, Order};
use std::{
    fs,
    path::{Path, PathBuf},
};

/// The scenario as it was when the comparison began.
const SCENARIO: &str = "scenario.yaml";

/// Whether a folder is that of a comparison.
pub fn is_one(root: &Path) -> bool {
    root.join(order::NAME).is_file()
}

/// What a comparison ran so far.
pub fn read(root: &Path) -> Result<Order, CliError> {
    let text = super::text(&root.join(order::NAME))?;
    let order: Order = serde_json::from_str(&text)
        .map_err(|error| evidence(root, format!("{}: {error}", order::NAME)))?;
    if order.schema != order::SCHEMA {
        let why = format!("{}: schema `{}` is not known", order::NAME, order.schema);
        return Err(evidence(root, why));
    }
    Ok(order)
}

/// Where a comparison is kept, and what was ordered and ran in it so far. Nothing is written yet.
pub fn ordered(args: &args::Compare, pair: &Pair) -> Result<(PathBuf, Order), CliError> {
    match &args.resume {
        Some(root) => Ok((root.clone(), resumed(root, pair)?)),
        None => {
            let root = args.out.join(&pair.name).join(runs::stamp());
            Ok((root, new(args, pair)?))
        }
    }
}

/// Runs of another text would not be runs of this comparison.
fn resumed(root: &Path, pair: &Pair) -> Result<Order, CliError> {
    let order = read(root)?;
    let before = fs::read_to_string(root.join(SCENARIO)).unwrap_or_default();
    if order.name != pair.name || before != pair.text {
        let file = pair.file.display();
        return Err(evidence(
            root,
            format!("it was begun with another scenario than {file} is now, see its {SCENARIO}"),
        ));
    }
    Ok(order)
}

fn new(args: &args::Compare, pair: &Pair) -> Result<Order, CliError> {
    let seed = pair.seed(args.seed)?;
    let asked = args.repeats.unwrap_or(pair.says.repeats);
    let rounds = if args.full { pair.says.rounds.len() } else { 1 };
    let names = pair.says.rounds.iter().map(|round| &round.name.value);
    Ok(Order {
        schema: order::SCHEMA.into(),
        name: pair.name.clone(),
        claim: pair.says.claim.clone(),
        seed,
        probe: pair.says.probe.value.clone(),
        repeats: if args.quick { 1 } else { asked },
        arms: pair.says.arms.clone(),
        rounds: names.take(rounds).cloned().collect(),
        claims: pair.says.claims.clone(),
        runs: Vec::new(),
        command: command(args, pair, seed),
    })
}

/// What repeats it.
fn command(args: &args::Compare, pair: &Pair, seed: u64) -> String {
    let mut words = format!("brinell compare scenarios/{}.yaml --seed {seed}", pair.name);
    if args.quick {
        words += " --quick";
    }
    if args.full {
        words += " --full";
    }
    if let Some(repeats) = args.repeats {
        words += &format!(" --repeats {repeats}");
    }
    words
}

fn evidence(root: &Path, why: String) -> CliError {
    CliError::Evidence {
        run: root.to_owned(),
        why,
    }
}

/// Makes the folder, or finds it again; the scenario is kept beside the order.
pub fn open(root: &Path, pair: &Pair, order: &Order) -> Result<RunFolder, CliError> {
    let folder = RunFolder::create(root.to_owned()).map_err(|source| CliError::Unwritable {
        file: root.to_owned(),
        source,
    })?;
    write(&folder, SCENARIO, pair.text.as_bytes())?;
    save(&folder, order)?;
    Ok(folder)
}

/// Writes what was ordered and ran so far.
pub fn save(folder: &RunFolder, order: &Order) -> Result<(), CliError> {
    write(folder, order::NAME, &runs::pretty(order)?)
}

fn write(folder: &RunFolder, name: &str, bytes: &[u8]) -> Result<(), CliError> {
    let written = folder.write(name, bytes);
    written.map_err(|source| CliError::Unwritable {
        file: folder.path(name),
        source,
    })
}
