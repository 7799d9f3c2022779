//! The before/after table: each claim with what was measured of it in both arms, and whether the claimed difference holds.
use super::{
    faults::{self, Gathered},
    hodges_lehmann::{self, Known, Stratum},
    medians, over_runs,
    report::{Effect, Line},
    runs::Run,
    values, verdict,
};
use crate::report::Measure;
use model::compare::{Claim, Measured, Order};

/// The lines, in the order of the claims.
pub fn lines(order: &Order, runs: &[Run]) -> Vec<Line> {
    order
        .claims
        .iter()
        .map(|claim| line(order, runs, claim))
        .collect()
}

fn line(order: &Order, runs: &[Run], claim: &Claim) -> Line {
    let (arms, effects, silent) = match claim.measure {
        None => ([not(), not()], Vec::new(), 0),
        Some(Measured::Recovery) => recovery(order, runs),
        Some(measured) => per_run(order, runs, measured),
    };
    let (verdict, reason) = verdict::judge(claim, &arms, effects.first(), silent);
    Line {
        metric: claim.metric.clone(),
        without: claim.without.clone(),
        with: claim.with.clone(),
        claimed: claim.claimed.clone(),
        reduction: claim.reduction,
        measure: claim.measure,
        what: claim
            .measure
            .map_or_else(String::new, |one| values::what(one, &order.probe)),
        arms,
        effects,
        verdict,
        reason,
    }
}

/// Both arms, what lies between them, and how many runs of the second arm may have been hurt and say nothing.
type Found = ([Measure; 2], Vec<Effect>, u64);

fn not() -> Measure {
    Measure {
        why: Some("not measured".into()),
        ..Measure::default()
    }
}

fn of_arm<'a, 'b>(runs: &'b [Run<'a>], arm: usize) -> Vec<&'b Run<'a>> {
    runs.iter().filter(|run| run.of.arm == arm).collect()
}

fn silent(runs: &[Run]) -> u64 {
    runs.iter()
        .filter(|run| run.of.arm == 1 && run.is_silent())
        .count() as u64
}

fn effect(what: &str, value: Measure) -> Effect {
    Effect {
        what: what.into(),
        value,
    }
}

fn recovery(order: &Order, runs: &[Run]) -> Found {
    let side = |arm: usize| Gathered::of(&of_arm(runs, arm), &order.probe, None).side;
    let arms = [0, 1].map(|arm| {
        let side = side(arm);
        let absorbed = match side.absorbed {
            0 => String::new(),
            k => format!("; {k} more of {} absorbed", side.effective),
        };
        Measure {
            method: side.median.method.clone() + &absorbed,
            ..side.median
        }
    });
    let ratio = hodges_lehmann::ratio(&faults::strata(order, runs));
    let difference = medians::difference(&arms[0], &arms[1]);
    let effects = vec![
        effect("ratio of medians", ratio),
        effect("difference of medians", difference),
    ];
    (arms, effects, silent(runs))
}

fn per_run(order: &Order, runs: &[Run], measured: Measured) -> Found {
    let [a, b] = [0, 1].map(|arm| Values::of(&of_arm(runs, arm), measured, &order.probe));
    let arms = [a.measure(measured), b.measure(measured)];
    let unsaid = silent(runs) + b.without.len() as u64;
    let unit = values::unit(measured);
    let effects = match measured {
        Measured::Availability => vec![
            effect("ratio of bad time", hodges_lehmann::ratio(&[rest(&a, &b)])),
            effect(
                "difference",
                hodges_lehmann::difference(&[(a.known, b.known)], unit),
            ),
        ],
        Measured::Throughput => vec![
            effect(
                "ratio",
                hodges_lehmann::ratio(&[(a.known.clone(), b.known.clone())]),
            ),
            effect(
                "difference",
                hodges_lehmann::difference(&[(a.known, b.known)], unit),
            ),
        ],
        _ => vec![effect(
            "ratio",
            hodges_lehmann::ratio(&[(a.known, b.known)]),
        )],
    };
    (arms, effects, unsaid)
}

/// What is left of one: the share of bad time.
fn rest(a: &Values, b: &Values) -> Stratum {
    let of = |one: &Known| Known {
        lo: (1.0 - one.hi).max(0.0),
        mid: (1.0 - one.mid).max(0.0),
        hi: (1.0 - one.lo).max(0.0),
    };
    (
        a.known.iter().map(of).collect(),
        b.known.iter().map(of).collect(),
    )
}

/// The values of the runs of one arm.
struct Values {
    known: Vec<Known>,
    /// Why the others have none.
    without: Vec<String>,
}

impl Values {
    fn of(runs: &[&Run], measured: Measured, probe: &str) -> Self {
        let used = runs.iter().filter_map(|run| run.used());
        let all: Vec<_> = used
            .map(|analysis| values::value(measured, analysis, probe))
            .collect();
        Self {
            known: all
                .iter()
                .filter_map(|one| one.as_ref().ok().copied())
                .collect(),
            without: all.into_iter().filter_map(Result::err).collect(),
        }
    }

    fn measure(&self, measured: Measured) -> Measure {
        let mut measure = match measured {
            Measured::Violations => self.mean(),
            _ => over_runs::median(&self.known),
        };
        measure.unit = values::unit(measured).into();
        measure.n = self.known.len() as u64;
        if let Some(why) = self.without.first() {
            measure.method += &format!("; {} more without: {why}", self.without.len());
        }
        if self.known.is_empty() {
            measure.why = Some(
                self.without
                    .first()
                    .map_or_else(|| "no run can be used".into(), Clone::clone),
            );
        }
        measure
    }

    /// Mean over runs; how far they reach instead of an interval.
    fn mean(&self) -> Measure {
        let sum: f64 = self.known.iter().map(|one| one.mid).sum();
        let unsure: f64 = self.known.iter().map(|one| one.hi - one.mid).sum();
        let most = self.known.iter().map(|one| one.mid).fold(0.0, f64::max);
        let least = self.known.iter().map(|one| one.mid).fold(most, f64::min);
        let unknown = match unsure {
            0.0 => String::new(),
            some => format!("; {some} more could not be judged"),
        };
        let (n, bounded) = (self.known.len(), unsure > 0.0);
        let value = |sum: f64| (n > 0).then(|| sum / n as f64);
        Measure {
            value: value(sum),
            low: value(sum).filter(|_| bounded),
            high: value(sum + unsure).filter(|_| bounded),
            method: format!(
                "mean of {}, {least} to {most} a run{unknown}",
                over_runs::counted(n)
            ),
            ..Measure::default()
        }
    }
}
