//! The numbers of a run that a history is kept of. More is worse in each of them.
use crate::{
    Analysis,
    compare::hodges_lehmann::Known,
    median::middle,
    report::{ALL_PROBES, Latency, Recovery},
};

/// One number of a run.
#[derive(Clone, Debug, PartialEq)]
pub struct Metric {
    /// What.
    pub name: String,
    /// Its unit.
    pub unit: String,
    /// Of the repeats of the run, or the one number; of a repeat that did not recover, for how long it was watched.
    pub samples: Vec<Known>,
    /// The median of them; infinite where it was not reached.
    pub value: f64,
    /// The least difference that one of them can tell.
    pub resolution: f64,
}

/// All of a run: recovery of each fault, bad time and p99 of each probe, lost records of each stage.
pub fn metrics(analysis: &Analysis) -> Vec<Metric> {
    let over_all = analysis
        .recovery
        .iter()
        .filter(|row| row.probe == ALL_PROBES);
    let mut all: Vec<Metric> = over_all.filter_map(recovery).collect();
    for row in analysis
        .availability
        .iter()
        .filter(|row| row.window == "whole")
    {
        let bar = row.downtime.error.unwrap_or(0.0);
        all.extend(
            row.downtime
                .value
                .map(|value| one(format!("bad time of {}", row.probe), "s", value, bar)),
        );
    }
    all.extend(
        analysis
            .latency
            .iter()
            .filter(|row| row.window == "whole")
            .filter_map(p99),
    );
    for stage in analysis
        .ledger
        .iter()
        .filter(|stage| stage.partition.is_none())
    {
        all.extend(stage.lost.map(|lost| {
            one(
                format!("lost in {}", stage.stage),
                "records",
                lost as f64,
                1.0,
            )
        }));
    }
    all
}

fn one(name: String, unit: &str, value: f64, resolution: f64) -> Metric {
    Metric {
        name,
        unit: unit.into(),
        samples: vec![Known::exact(value)],
        value,
        resolution,
    }
}

fn recovery(row: &Recovery) -> Option<Metric> {
    let time = |run: &crate::report::Repeat| match (run.absorbed, run.t0_ns, run.t3_ns) {
        (true, ..) => None,
        (false, Some(t0), Some(t3)) => Some(Known::exact(t3.since(t0).mid())),
        (false, ..) => Some(Known::above(run.watched_s)),
    };
    let samples: Vec<Known> = row.runs.iter().filter_map(time).collect();
    Some(Metric {
        name: format!("recovery from {}", row.fault),
        unit: "s".into(),
        value: middle(&samples.iter().map(|one| one.mid).collect::<Vec<_>>())?,
        samples,
        resolution: row.recover.error.unwrap_or(0.0),
    })
}

fn p99(row: &Latency) -> Option<Metric> {
    let found = row.percentiles.iter().find(|one| one.p == 99.0)?;
    let value = found.value_s.value?;
    Some(one(
        format!("p99 of {}", row.source),
        &found.value_s.unit,
        value,
        found.value_s.error.unwrap_or(0.0),
    ))
}
