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
    /// Print all that a run folder shows: recovery, MTTR and MTBF, availability, nines, budget.
    Analyze(Analyze),
    /// Hold run folders against service level objectives: budget, burn-down, alerts; the exit code is the gate.
    Budget(Budget),
    /// Hold the newest of some run folders against those before it: alarms and drift.
    Trend(Trend),
    /// Make the delivery figures from a file of deployments: frequency, lead time, change failure rate.
    Delivery(Figures),
    /// Make total risk and alert coverage from a file of attack probes and incidents.
    Risk(Figures),
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

/// `brinell analyze`
#[derive(Flags)]
pub struct Analyze {
    /// Run folder, or `latest`.
    #[arg(default_value = "runs/latest")]
    pub run: PathBuf,
    /// How often faults are expected, per month of 720 h up.
    #[command(flatten)]
    pub stated: Stated,
    /// As JSON.
    #[arg(long)]
    pub json: bool,
}

/// Stated fault frequencies.
#[derive(Flags)]
pub struct Stated {
    /// How often a fault is expected by itself, per month of 720 h: `kill=2,partition=0.5`.
    #[arg(long, value_name = "FAULT=NUMBER", value_delimiter = ',', value_parser = frequency)]
    pub faults_per_month: Vec<(String, f64)>,
}

fn frequency(text: &str) -> Result<(String, f64), String> {
    let like = || "write it like `kill=2` or `kill=0.5`, faults per month".to_owned();
    let (fault, number) = text.split_once('=').ok_or_else(like)?;
    let number: f64 = number.trim().parse().map_err(|_| like())?;
    let fits = number.is_finite() && (0.0..=1e9).contains(&number) && !fault.trim().is_empty();
    fits.then(|| (fault.trim().to_owned(), number))
        .ok_or_else(like)
}

/// `brinell budget`
#[derive(Flags)]
pub struct Budget {
    /// Run folders, or `latest`; in any order, they are put in order of time.
    #[arg(required = true)]
    pub runs: Vec<PathBuf>,
    /// OpenSLO v1 file; its `metricSource.type` is `brinell`.
    #[arg(long)]
    pub slo: PathBuf,
    /// How often faults are expected.
    #[command(flatten)]
    pub stated: Stated,
    /// By which number the gate decides.
    #[arg(long, value_enum, default_value_t = Gate::Runs)]
    pub gate: Gate,
    /// As JSON.
    #[arg(long)]
    pub json: bool,
}

/// By which number a gate decides.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Gate {
    /// The budget of the watched time: runs shorter than the window stand for it.
    Runs,
    /// The budget of the whole window, taking all that nobody watched as good.
    Window,
    /// The budget of the whole window under the stated fault frequencies.
    Forecast,
}

/// `brinell trend`
#[derive(Flags)]
pub struct Trend {
    /// Run folders, or folders that hold some at any depth.
    #[arg(default_value = "runs")]
    pub runs: Vec<PathBuf>,
    /// Only runs of this scenario; by default that of the newest run.
    #[arg(long)]
    pub scenario: Option<String>,
    /// The least change that matters, in percent.
    #[arg(long, default_value_t = 5.0)]
    pub least_percent: f64,
    /// As JSON.
    #[arg(long)]
    pub json: bool,
}

/// `brinell delivery`, `brinell risk`
#[derive(Flags)]
pub struct Figures {
    /// The file.
    pub file: PathBuf,
    /// As JSON.
    #[arg(long)]
    pub json: bool,
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

impl Stated {
    /// By fault; the last one wins where a fault stands twice.
    pub fn by_fault(&self) -> std::collections::BTreeMap<String, f64> {
        self.faults_per_month.iter().cloned().collect()
    }
}
