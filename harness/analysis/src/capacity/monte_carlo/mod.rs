//! Groups of parts that fail and are repaired, many at once, sharing crews: by simulation, seeded and counted.
//!
//! Where few are down at a time, everything is up again and again: each stretch between is a sample of its own (regenerative cycles).
//! In a large fleet that never happens; there a sample is a window of fixed length, each begun near the balance and warmed up.
//! Work is cut into pieces by number, each with draws of its own, joined in their order: the answer does not depend on the threads.
//! ```text
//! Fleet ─> rows of rates by parts down ─> piece 0, 1, 2 ... (any thread) ─> sums in order ─> narrow enough, or counted out?
//! ```
mod generator;
mod pieces;
mod sums;
mod world;

use super::{
    odds::{Error, counts, rate, share},
    repair::Chain,
};
use crate::report::Measure;
use serde::Serialize;
use std::sync::atomic::{AtomicUsize, Ordering};
use sums::Sums;

/// Alike groups, all of them needed, whose parts share crews.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Fleet {
    /// How many groups.
    pub groups: u64,
    /// Needed of each.
    pub k: u64,
    /// Parts of each.
    pub n: u64,
    /// Repairs at the same time in the whole fleet; none for as many as are needed.
    pub crews: Option<u64>,
    /// Failures of each part while up, per h.
    pub fail: f64,
    /// Repairs of each part while in repair, per h.
    pub repair: f64,
    /// Share of each part's failures that strike all of its group together.
    pub beta: f64,
}

/// When to stop.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Stop {
    /// Half the width of the interval of the unavailability, over its value.
    pub half_width: f64,
    /// Component-lifetimes after which no further round is begun.
    pub lifetimes: u64,
}

impl Default for Stop {
    fn default() -> Self {
        Self {
            half_width: 0.05,
            lifetimes: 5_000_000,
        }
    }
}

/// What was seen.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Outcome {
    /// Share of time with any group lost.
    pub unavailability: Measure,
    /// Share of time one group is lost, mean over the groups.
    pub group_unavailability: Measure,
    /// Losses per h.
    pub losses: Measure,
    /// Mean time from all up to the first loss, h; unknown where samples are windows.
    pub first_loss: Measure,
    /// Mean number of parts down.
    pub down: Measure,
    /// Component-lifetimes lived.
    pub lifetimes: u64,
    /// `cycles` or `windows`.
    pub samples: &'static str,
    /// How many.
    pub n: u64,
    /// Seed.
    pub seed: u64,
    /// Why it stopped: `narrow enough` or `counted out`.
    pub stopped: &'static str,
}

/// Most parts of a fleet.
pub const MOST_PARTS: u64 = 1_000_000;
/// Failures per repair beyond which nearly everything is down nearly always.
const MOST_FAILING: f64 = 1e4;
/// Mean parts down up to which cycles end soon: everything is then up some e^-3 of the time.
const FEW_DOWN: f64 = 3.0;

impl Fleet {
    /// Parts of all groups.
    pub const fn nodes(&self) -> u64 {
        self.groups.saturating_mul(self.n)
    }

    fn beta(&self) -> f64 {
        if crate::mutant("K3") { 0.0 } else { self.beta }
    }

    fn crews(&self) -> u64 {
        let crews = if crate::mutant("K5") {
            None
        } else {
            self.crews
        };
        crews.unwrap_or(u64::MAX)
    }

    fn check(&self) -> Result<(), Error> {
        counts(self.k, self.n)?;
        rate("the failure rate", self.fail)?;
        rate("the repair rate", self.repair)?;
        share("beta", self.beta)?;
        if self.crews == Some(0) {
            return Err(Error::NoCrews);
        }
        if self.groups == 0 || self.nodes() > MOST_PARTS {
            return Err(Error::Quorum(format!(
                "simulate {} groups of {}: 1 to {MOST_PARTS} parts in all",
                self.groups, self.n
            )));
        }
        if self.fail / self.repair > MOST_FAILING {
            return Err(Error::Quorum(format!(
                "simulate parts that are up {:.1e} of the time: nothing is left to lose",
                self.repair / self.fail
            )));
        }
        Ok(())
    }

    /// The chain that has the same answer: one group with its own crews; none where groups share them.
    pub fn chain(&self) -> Option<Chain> {
        let free = self.crews.is_none_or(|crews| crews >= self.nodes());
        (self.groups == 1 || free).then_some(Chain {
            k: self.k,
            n: self.n,
            crews: self.crews.filter(|_| !free),
            fail: self.fail,
            repair: self.repair,
            beta: self.beta,
        })
    }

    /// Parts down where failures and repairs balance.
    fn balance(&self) -> f64 {
        let nodes = self.nodes() as f64;
        let free = nodes * self.fail / (self.fail + self.repair);
        let crews = self.crews() as f64;
        if free <= crews {
            free
        } else {
            nodes - crews * self.repair / self.fail
        }
    }
}

/// Simulates until the interval is narrow enough or the lifetimes are used up, looked at after every round.
///
/// The same fleet, stop and seed give the same outcome for any number of threads.
///
/// # Errors
/// [`Error`]: counts, rates or shares that are none, no crews, more than [`MOST_PARTS`] parts.
pub fn simulate(fleet: &Fleet, stop: &Stop, seed: u64, threads: usize) -> Result<Outcome, Error> {
    fleet.check()?;
    let rows = world::rows(fleet);
    let cycles = fleet.balance() <= FEW_DOWN;
    let piece = |number: u64| pieces::piece(fleet, &rows, cycles, seed, number);
    let size = if cycles {
        pieces::CYCLE_PIECES
    } else {
        pieces::WINDOWS
    };
    let mut sums = Sums::default();
    for round in 0.. {
        for part in in_order(size, threads, &|at| piece(round * size as u64 + at as u64)) {
            sums.merge(&part);
        }
        let narrow = sums.hits >= 30 && narrow(&sums, stop.half_width);
        // Two rounds at least: a spread needs some windows.
        if round > 0 && (narrow || sums.lifetimes >= stop.lifetimes) {
            return Ok(outcome(fleet, &sums, cycles, seed, narrow));
        }
    }
    unreachable!("rounds have no end but the return above")
}

fn narrow(sums: &Sums, half_width: f64) -> bool {
    let measure = sums.over_time(&sums.lost, "1", 1.0);
    match (measure.value, measure.low, measure.high) {
        (Some(value), Some(low), Some(high)) => (high - low) / 2.0 <= half_width * value,
        _ => false,
    }
}

/// The work of numbers `0..size` on some threads, in the order of the numbers.
fn in_order(size: usize, threads: usize, work: &(dyn Fn(usize) -> Sums + Sync)) -> Vec<Sums> {
    if threads <= 1 {
        return (0..size).map(work).collect();
    }
    let next = AtomicUsize::new(0);
    let take = || {
        let mut done = Vec::new();
        loop {
            let at = next.fetch_add(1, Ordering::Relaxed);
            if at >= size {
                return done;
            }
            done.push((at, work(at)));
        }
    };
    let mut all: Vec<(usize, Sums)> = std::thread::scope(|scope| {
        let workers: Vec<_> = (0..threads.min(size)).map(|_| scope.spawn(take)).collect();
        workers
            .into_iter()
            .flat_map(|worker| {
                worker
                    .join()
                    .unwrap_or_else(|panic| std::panic::resume_unwind(panic))
            })
            .collect()
    });
    all.sort_by_key(|(at, _)| *at);
    all.into_iter().map(|(_, sums)| sums).collect()
}

fn outcome(fleet: &Fleet, sums: &Sums, cycles: bool, seed: u64, narrow: bool) -> Outcome {
    let unknown = |unit: &str, why: String| Measure {
        unit: unit.into(),
        n: sums.samples,
        why: Some(why),
        ..Measure::default()
    };
    let drifts = !cycles && sums.drifts();
    let settled = |measure: Measure| {
        if drifts {
            unknown(
                &measure.unit,
                "the number of parts down still drifts within the windows: the crews can hardly keep up".into(),
            )
        } else {
            measure
        }
    };
    let lost = |total, per: f64| {
        if sums.hits == 0 {
            unknown("1", sums.none())
        } else {
            settled(sums.over_time(total, "1", per))
        }
    };
    Outcome {
        unavailability: lost(&sums.lost, 1.0),
        group_unavailability: lost(&sums.group_lost, fleet.groups as f64),
        losses: settled(sums.loss_rate()),
        first_loss: if cycles {
            sums.first_loss()
        } else {
            unknown(
                "h",
                "samples are windows: everything is never up at once".into(),
            )
        },
        down: settled(sums.parts_down()),
        lifetimes: sums.lifetimes,
        samples: if cycles { "cycles" } else { "windows" },
        n: sums.samples,
        seed,
        stopped: if narrow {
            "narrow enough"
        } else {
            "counted out"
        },
    }
}

#[cfg(test)]
mod tests;
