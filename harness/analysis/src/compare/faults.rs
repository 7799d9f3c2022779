//! Recovery by fault: every injection of an arm under one fault of one round, over all runs and repeats, and the arms against each other.
use super::{
    hodges_lehmann::{self, Known, Stratum},
    log_rank::log_rank,
    report::{Fault, Side},
    runs::Run,
};
use crate::{
    median::Durations,
    recovery::recover_times,
    report::{FaultMark, Measure, Repeat},
};
use model::compare::Order;

/// One row per round and fault, in the order in which they ran first.
pub fn faults(order: &Order, runs: &[Run]) -> Vec<Fault> {
    let of = |key| fault(order, runs, key);
    keys(runs).into_iter().map(of).collect()
}

/// Every round with each of its faults.
fn keys<'a>(runs: &'a [Run]) -> Vec<(&'a str, &'a str)> {
    let mut keys = Vec::new();
    for run in runs {
        let marks = run
            .analysis
            .iter()
            .flat_map(|analysis| &analysis.timeline.faults);
        for key in marks.map(|mark| (run.of.round.as_str(), group(mark))) {
            if !keys.contains(&key) {
                keys.push(key);
            }
        }
    }
    keys
}

/// Id of the fault in the scenario: that of the mark without the number of its repeat.
fn group(mark: &FaultMark) -> &str {
    mark.id
        .rsplit_once('#')
        .map_or(mark.id.as_str(), |(group, _)| group)
}

fn fault(order: &Order, runs: &[Run], key: (&str, &str)) -> Fault {
    let [a, b] = sides(order, runs, key);
    Fault {
        round: key.0.into(),
        fault: key.1.into(),
        ratio: hodges_lehmann::ratio(&[(a.known(), b.known())]),
        log_rank: log_rank(&a.times.watched(), &b.times.watched(), order.seed),
        arms: [a.side, b.side],
    }
}

/// Both arms under one fault of one round.
fn sides(order: &Order, runs: &[Run], (round, fault): (&str, &str)) -> [Gathered; 2] {
    [0, 1].map(|arm| {
        let asked = |run: &&Run| run.of.arm == arm && run.of.round == round;
        let of_arm: Vec<&Run> = runs.iter().filter(asked).collect();
        Gathered::of(&of_arm, &order.probe, Some(fault))
    })
}

/// The recoveries of both arms, each fault by itself.
pub fn strata(order: &Order, runs: &[Run]) -> Vec<Stratum> {
    let known = |key| sides(order, runs, key).map(|side| side.known());
    keys(runs)
        .into_iter()
        .map(|key| known(key).into())
        .collect()
}

/// The injections of some runs of one arm.
pub struct Gathered {
    /// Their counts and median.
    pub side: Side,
    /// Their times.
    pub times: Durations,
}

impl Gathered {
    /// Of one fault, or of all where none is named, as `probe` saw them.
    pub fn of(runs: &[&Run], probe: &str, fault: Option<&str>) -> Self {
        let is_asked = |id: &str| fault.is_none_or(|fault| fault == id);
        let analysed = runs.iter().filter_map(|run| run.analysis);
        let marks = analysed.flat_map(|analysis| &analysis.timeline.faults);
        let injections = marks.filter(|mark| is_asked(group(mark))).count() as u64;
        let rows = runs
            .iter()
            .filter_map(|run| run.used())
            .flat_map(|analysis| &analysis.recovery);
        let repeats: Vec<Repeat> = rows
            .filter(|row| row.probe == probe && is_asked(&row.fault))
            .flat_map(|row| row.runs.clone())
            .collect();
        let used = runs.iter().filter(|run| run.used().is_some()).count() as u64;
        let what = format!("{} injections with impact in {} runs", felt(&repeats), used);
        let times = recover_times(&repeats, &what);
        let effective = repeats.len() as u64;
        let side = Side {
            runs: used,
            injections,
            left_out: injections.saturating_sub(effective),
            effective,
            absorbed: effective - felt(&repeats),
            recovered: times.reached.len() as u64,
            censored: times.censored.len() as u64,
            median: median(&times, effective),
            limits: sorted(&times.censored),
            survival: times.survival(),
        };
        Self { side, times }
    }

    /// Its times as far as they are known.
    pub fn known(&self) -> Vec<Known> {
        let reached = self.times.reached.iter().map(|span| Known::from(*span));
        let censored = self.times.censored.iter().filter(|_| !crate::mutant("H2"));
        let above = |limit: &f64| match crate::mutant("H5") {
            true => Known::exact(*limit),
            false => Known::above(*limit),
        };
        reached.chain(censored.map(above)).collect()
    }
}

fn felt(repeats: &[Repeat]) -> u64 {
    repeats
        .iter()
        .filter(|repeat| !repeat.absorbed || crate::mutant("R11"))
        .count() as u64
}

fn sorted(values: &[f64]) -> Vec<f64> {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted
}

fn median(times: &Durations, effective: u64) -> Measure {
    let why = match (effective, times.n()) {
        (0, _) => "no injection was proved effective in a run that can be used".into(),
        (n, 0) => format!("all {n} absorbed: nothing left its band, so there is no recovery time"),
        _ => return times.median(),
    };
    Measure {
        unit: "s".into(),
        why: Some(why),
        ..Measure::default()
    }
}
