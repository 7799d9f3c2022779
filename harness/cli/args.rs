//! What can be typed. Parsing never acts.
use clap::{Args as Flags, Parser, Subcommand};
use std::path::PathBuf;

/// Presses known faults into a data platform and measures the dent.
#[derive(Parser)]
#[command(name = "brinell", version, after_help = crate::catalog::help() + "\n" + &crate::exit::help())]
pub struct Args {
    /// What to do.
    #[command(subcommand)]
    pub verb: Verb,
}

/// One file each in `commands`.
#[derive(Subcommand)]
pub enum Verb {
    /// Run a scenario on a testbed of its own and report.
    Run(Run),
    /// Run two arms of a scenario in turns under the same faults, and report what lies between them.
    Compare(Compare),
    /// Print the plan of a scenario: every default explicit, every choice made.
    Plan(Plan),
    /// Make the reports of a run folder again, byte for byte, without an engine.
    Report(Report),
    /// Undo and remove whatever runs of ours left behind.
    Clean(Clean),
    /// Say what this machine has, lacks, and what that costs.
    Doctor(Doctor),
    /// List, build or remove the images of the testbed.
    Images(Images),
    /// List the faults: settings, needs, proof.
    Faults(Faults),
    /// List what objectives can judge: measures, tags, methods.
    Objectives(List),
    /// Size a platform for a load and an objective, from measured throughput and repair times.
    Capacity(Capacity),
    /// Make the table of results of run folders: what each fault did, and what clients saw.
    Results(Results),
}

/// `brinell run`
#[derive(Flags)]
pub struct Run {
    /// Scenario file.
    pub scenario: PathBuf,
    /// Seed of all draws; wins over the scenario's. Drawn and printed where neither gives one.
    #[arg(long)]
    pub seed: Option<u64>,
    /// Folder of all runs.
    #[arg(long, default_value = "runs")]
    pub out: PathBuf,
    #[command(flatten)]
    pub consent: Consent,
}

/// `brinell compare`
#[derive(Flags)]
pub struct Compare {
    /// Scenario file with `compare:`.
    pub scenario: PathBuf,
    /// Seed of the first repeat, the next one has one more; wins over the scenario's.
    #[arg(long)]
    pub seed: Option<u64>,
    /// Folder of all runs.
    #[arg(long, default_value = "runs")]
    pub out: PathBuf,
    /// The first round once: numbers without intervals, within ten minutes.
    #[arg(long, conflicts_with_all = ["full", "repeats"])]
    pub quick: bool,
    /// All rounds instead of the first.
    #[arg(long)]
    pub full: bool,
    /// Runs of each arm and round instead of the scenario's number.
    #[arg(long, value_parser = clap::value_parser!(u64).range(1..=100))]
    pub repeats: Option<u64>,
    /// Go on with this folder of a comparison that was cut short: what was ordered then is run to its end.
    #[arg(long, conflicts_with_all = ["seed", "out", "quick", "full", "repeats"])]
    pub resume: Option<PathBuf>,
    #[command(flatten)]
    pub consent: Consent,
}

/// Consent to change the machine.
#[derive(Flags, Clone, Copy)]
pub struct Consent {
    /// Install, build and start what is missing (also `BRINELL_SETUP=yes`); without it, list that and stop.
    #[arg(long)]
    pub setup: bool,
}

impl Consent {
    /// Whether it was given, on the command line or by the variable.
    pub fn given(self) -> bool {
        self.setup
            || std::env::var("BRINELL_SETUP")
                .is_ok_and(|value| matches!(value.as_str(), "yes" | "1" | "true"))
    }
}

/// `brinell plan`
#[derive(Flags)]
pub struct Plan {
    /// Scenario file.
    pub scenario: PathBuf,
    /// Seed of all draws; wins over the scenario's.
    #[arg(long)]
    pub seed: Option<u64>,
}

/// `brinell report`
#[derive(Flags)]
pub struct Report {
    /// Run folder, folder of a comparison, or `latest`.
    #[arg(default_value = "runs/latest")]
    pub run: PathBuf,
    /// Write the reports here instead of into the run folder.
    #[arg(long)]
    pub out: Option<PathBuf>,
}

/// `brinell clean`
#[derive(Flags)]
pub struct Clean {
    /// Only this run id; all runs whose owner is dead where left out.
    pub run: Option<String>,
    /// As JSON.
    #[arg(long)]
    pub json: bool,
}

/// `brinell doctor`
#[derive(Flags)]
pub struct Doctor {
    /// As JSON.
    #[arg(long)]
    pub json: bool,
}

/// `brinell images`
#[derive(Flags)]
pub struct Images {
    /// What to do with them.
    #[command(subcommand)]
    pub verb: Option<ImagesVerb>,
    /// As JSON.
    #[arg(long)]
    pub json: bool,
}

/// What can be done with images.
#[derive(Subcommand)]
pub enum ImagesVerb {
    /// List them: tag, presence, size.
    List,
    /// Build what is missing.
    Build(Consent),
    /// Remove ours.
    Remove,
}

/// `brinell faults`
#[derive(Flags)]
pub struct Faults {
    /// How.
    #[command(flatten)]
    pub list: List,
    /// As the JSON Schema of scenario files, with every setting of every fault, system and workload.
    #[arg(long, conflicts_with_all = ["json", "markdown"])]
    pub schema: bool,
}

/// `brinell capacity`
#[derive(Flags)]
pub struct Capacity {
    /// Capacity file.
    pub file: PathBuf,
    /// As JSON.
    #[arg(long)]
    pub json: bool,
    /// Seed of resampling and simulation; wins over the file's. Drawn and printed where neither gives one.
    #[arg(long)]
    pub seed: Option<u64>,
}

/// `brinell results`
#[derive(Flags)]
pub struct Results {
    /// Run folders, or folders that hold some at any depth.
    #[arg(default_value = "runs")]
    pub runs: Vec<PathBuf>,
    /// How.
    #[command(flatten)]
    pub list: List,
    /// Every run of a scenario instead of its last one.
    #[arg(long)]
    pub all: bool,
    /// What became of the records, instead of what the clients saw.
    #[arg(long)]
    pub records: bool,
}

/// A list of a catalog.
#[derive(Flags)]
pub struct List {
    /// As JSON.
    #[arg(long)]
    pub json: bool,
    /// As the Markdown table of the documentation.
    #[arg(long, conflicts_with = "json")]
    pub markdown: bool,
}
