//! Numbers and verdicts from the journal of one run. Pure: the same folder in, the same analysis out.
//!
//! - [`report`] the shape of the answer, `report.json`.   - [`input`] the bytes of a run folder and what they say.
//! - [`window`] cuts a run into baseline, fault and recovery. Start here.
//! - [`stream`] one probe's samples, good, bad or missing, against its [`band`].
//! - [`instants`] T1..T3 of one fault and one stream; [`recovery`] over repeats; [`median`], [`survival`], [`share`] their statistics.
//! - [`exponential`], [`restricted`] means, [`mtbf`] under stated rates; [`spells`] both as tables.
//! - [`availability`], [`latency`], [`load`], [`ledger`], [`quality`] one measure each.   - [`budget`] what an objective leaves.   - [`schedule`] MTTR and MTBF.
//! - [`scaling`] throughput over executors; [`capacity`] the inverse: what a load and an objective need.   - [`distributions`] for intervals.
//! - [`summary`] all of a run for a planner.
//! - [`findings`] what was examined; [`headline`] the worst of it in one line.   - [`timeline`], [`environment`] for the reader.   - [`results`] a run as rows of the table of results.   - [`compare`] two arms beside each other.
//! - [`history`] a run against those before it.   - [`delivery`], [`risk`] figures from files.   - [`distribution`] tails and quantiles.
//! ```text
//! plan.json ─────┐
//! events.jsonl ──┼─> Folder ─> Windows ─┬─> one fold per measure ─> findings ─> Analysis ─> reports
//! *.ops *.gauge ─┤            Streams ──┘
//! *.ids ─────────┘
//! ```
pub mod accounts;
pub mod availability;
pub mod band;
pub mod budget;
pub mod capacity;
pub mod compare;
pub mod delivery;
pub mod distribution;
pub mod distributions;
pub mod environment;
pub mod exponential;
pub mod findings;
pub mod headline;
pub mod history;
pub mod input;
pub mod instants;
pub mod latency;
pub mod ledger;
pub mod load;
pub mod median;
pub mod mtbf;
pub mod quality;
pub mod recovery;
pub mod report;
pub mod restricted;
pub mod results;
pub mod risk;
pub mod scaling;
pub mod schedule;
mod sections;
pub mod share;
pub mod span;
pub mod spells;
pub mod stream;
pub mod summary;
pub mod survival;
#[cfg(test)]
mod testing;
pub mod timeline;
pub mod window;

pub use input::RunInput;
pub use report::Analysis;

use findings::Measured;
use input::{Folder, Records};
use model::{
    journal::{End, Event},
    system::{ProbeKind, ProbeSpec},
    units::{Nanos, S},
};
use report::Run;
use stream::Stream;
use window::Windows;

/// Why a run folder cannot be analysed at all; fits after "failed to".
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// `plan.json` is no plan of ours.
    #[error("read plan.json")]
    Plan(#[source] serde_json::Error),
    /// `versions.json` is no JSON.
    #[error("read versions.json")]
    Versions(#[source] serde_json::Error),
    /// The journal is of another schema.
    #[error("{0}")]
    Journal(String),
    /// Not even its first line is readable.
    #[error("find the opening line of events.jsonl")]
    NoOpening,
    /// A file of samples or numbers is none.
    #[error("{why} in {path}")]
    Samples {
        /// Below the run folder.
        path: String,
        /// What is wrong.
        why: String,
    },
}

/// Everything that a run folder shows.
///
/// # Errors
/// [`Error`] where a file cannot be read at all. A journal that was cut, a probe without samples, a stage not read to its end are
/// no errors: they make findings unknown.
pub fn analyze(input: &RunInput) -> Result<Analysis, Error> {
    let folder = Folder::read(input)?;
    let windows = Windows::of(&folder);
    let streams = streams(&folder, &windows);
    Ok(of(&folder, &windows, &streams))
}

/// Everything that a decoded run folder shows.
pub(crate) fn of(folder: &Folder, windows: &Windows, streams: &[Stream]) -> Analysis {
    let load_stream = load_stream(folder, windows);
    let recovery = recovery::recovery(folder, windows, streams);
    let availability = availability::availability(windows, streams);
    let (lines, stages) = ledger::stages(folder);
    let ledgers = ledger::ledger(folder, &lines, &stages);
    let quality = quality::quality(windows, &stages);
    let measured = Measured {
        folder,
        windows,
        streams,
        recovery: &recovery,
        availability: &availability,
        ledgers: &ledgers,
        quality: quality.as_ref(),
    };
    let findings = findings::findings(&measured);
    let only: Vec<&report::Ledger> = ledgers.iter().map(|balanced| &balanced.ledger).collect();
    Analysis {
        schema: report::SCHEMA.into(),
        run: run(folder),
        verdict: headline::judgement(&findings, &recovery, &only),
        environment: environment::environment(folder),
        timeline: timeline::timeline(
            folder,
            windows,
            streams,
            load_stream.as_ref(),
            quality::series(&stages),
        ),
        latency: latency::latency(windows, streams, load_stream.as_ref()),
        load: load::load(folder, windows),
        not_measured: sections::not_measured(folder, &ledgers, quality.as_ref()),
        sections: [
            sections::sections(&measured),
            spells::sections(windows, streams, &recovery),
        ]
        .concat(),
        ledger: ledgers
            .into_iter()
            .flat_map(|stage| std::iter::once(stage.ledger).chain(stage.partitions))
            .collect(),
        quality,
        findings,
        recovery,
        availability,
    }
}

/// The probes of the plan that left samples, judged.
pub(crate) fn streams(folder: &Folder, windows: &Windows) -> Vec<Stream> {
    let judged = |spec: &ProbeSpec| {
        folder
            .sources
            .get(&spec.name)
            .map(|source| Stream::of(spec, &source.records, windows, folder.end()))
    };
    folder.plan.probes.iter().filter_map(judged).collect()
}

/// The load as one more stream, for its latency and its line in the timeline; it is no probe and decides no recovery.
fn load_stream(folder: &Folder, windows: &Windows) -> Option<Stream> {
    let ops = folder.load();
    let rate = folder.plan.load.rate.max(f64::MIN_POSITIVE);
    let spec = ProbeSpec {
        name: "load".into(),
        kind: ProbeKind::Latency,
        unit: "s".into(),
        doc: "One record of the load, from its intended start to its acknowledgement".into(),
        period_ns: Nanos((S as f64 / rate) as u64),
        deadline_ns: Nanos(
            ops.iter()
                .filter(|op| op.ended.0 != u64::MAX)
                .map(|op| op.ended.since(op.intended).0)
                .max()
                .unwrap_or(S),
        ),
        full: None,
    };
    (!ops.is_empty()).then(|| Stream::of(&spec, &Records::Ops(ops.to_vec()), windows, folder.end()))
}

fn run(folder: &Folder) -> Run {
    let opened = folder.facts().find_map(|(_, event)| match event {
        Event::RunOpened { run, wall, .. } => Some((run.clone(), wall.clone())),
        _ => None,
    });
    let (id, started) = opened.unwrap_or_default();
    let cut = folder.facts().find_map(|(_, event)| match event {
        Event::RunClosed { end, why, .. } => Some((*end != End::Finished).then(|| {
            why.clone()
                .unwrap_or_else(|| format!("{end:?}").to_lowercase())
        })),
        _ => None,
    });
    let plan = &folder.plan;
    let command = folder
        .versions
        .get("command")
        .and_then(serde_json::Value::as_str)
        .map(ToOwned::to_owned);
    Run {
        id,
        scenario: plan.name.clone(),
        claim: plan.claim.clone(),
        seed: plan.seed,
        started,
        duration_s: folder.end().as_s(),
        interrupted: cut.unwrap_or_else(|| Some("the journal has no closing line".into())),
        command: command.unwrap_or_else(|| {
            format!(
                "brinell run scenarios/{}.yaml --seed {}",
                plan.name, plan.seed
            )
        }),
    }
}

/// Whether a deliberately wrong variant is switched on. Only the tests can; elsewhere this is `false` and costs nothing.
#[cfg(test)]
pub(crate) fn mutant(name: &str) -> bool {
    testing::mutants::is_on(name)
}

#[cfg(not(test))]
#[inline(always)]
pub(crate) const fn mutant(_: &str) -> bool {
    false
}
