//! From the question to the answer.
//!
//! Each group is sized three times: with every interval at the end that helps, by the numbers themselves, and with every interval at the
//! end that hurts. The plan is the last: it keeps the objective over the whole interval, which is what can be signed.
use super::{
    answer::{Answer, Carried, GroupAnswer, SCHEMA, Whole},
    assumptions::assumptions,
    carried::{Curve, catch_up},
    case::{Case, Part},
    file::{File, Group, Life, Need, Ranged},
    monte_carlo::{Outcome, simulate},
    odds::{Error, Odds},
    shape::Shape,
    size::{Ask, Chosen, Short, Wanted, size},
};
use crate::{report::Measure, scaling, scaling::Needed};
use model::verdict::Verdict;

/// Why there is no answer at all; fits after "failed to".
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum PlanError {
    /// A structure that is none.
    #[error(transparent)]
    Odds(#[from] Error),
    /// Points that are none.
    #[error(transparent)]
    Scaling(#[from] scaling::Error),
    /// A class that no group has.
    #[error("find the class of the group `{0}`")]
    Class(String),
}

/// What the load and the objective of `file` need. Resampling and simulation draw from `seed`; the answer does not depend on `threads`.
///
/// # Errors
/// [`PlanError`]: what the file's own reading lets through and a formula refuses. Too few points, an objective out of reach or a
/// simulation without a loss are no errors: the verdict says so.
pub fn answer(file: &File, seed: u64, threads: usize) -> Result<Answer, PlanError> {
    let curve = Curve::of(&file.throughput, seed)?;
    let needed = curve.least(file.load / (1.0 - file.headroom));
    let wanted = file
        .groups
        .iter()
        .map(|group| {
            let class = file
                .class(group)
                .ok_or_else(|| PlanError::Class(group.name.value.clone()))?;
            Ok(Wanted { group, class })
        })
        .collect::<Result<Vec<_>, PlanError>>()?;
    let ask = Ask {
        wanted: &wanted,
        load: file.load,
        headroom: file.headroom,
        slo: file.slo,
    };
    let sized = |case: Case| size(&ask, case, &carriers(file, &curve, &needed, case));
    let sizes = Sizes {
        best: sized(Case::Best)?,
        given: sized(Case::Given)?,
        worst: sized(Case::Worst)?,
    };
    let mut plan = sizes.plan().clone();
    let shared = verify(file, &wanted, &mut plan, seed, threads)?;
    let groups = wanted
        .iter()
        .enumerate()
        .map(|(at, wanted)| {
            let seen = shared[at].as_ref();
            let simulated = simulated(file, wanted, plan.shapes[at].as_ref(), seen, seed, threads)?;
            sizes.group(at, wanted, plan.shapes[at], seen, simulated)
        })
        .collect::<Result<Vec<_>, Error>>()?;
    let whole = whole(file, &wanted, &groups, &plan);
    let (verdict, why) = sizes.verdict(&whole, &plan, file.slo);
    Ok(Answer {
        schema: SCHEMA,
        question: file.question.clone(),
        seed,
        verdict,
        why,
        load: file.load,
        slo: file.slo,
        headroom: file.headroom,
        throughput: carried(file, &curve, needed.as_ref().ok(), &plan, &whole.outage),
        assumptions: assumptions(file, needed.as_ref().ok(), &plan.shapes),
        needed: needed.ok(),
        scaling: match curve {
            Curve::Fitted(scaling) => Some(*scaling),
            _ => None,
        },
        groups,
        whole,
    })
}

/// How many carry the load in this case, or why none do.
fn carriers(
    file: &File,
    curve: &Curve,
    needed: &Result<Needed, String>,
    case: Case,
) -> Result<u64, Short> {
    let needed = needed.as_ref().map_err(|why| Short {
        why: format!("how throughput grows is unknown: {why}"),
        unknown: true,
    })?;
    let count = match case {
        Case::Best => needed.low,
        Case::Given => needed.value,
        Case::Worst => needed.high,
    };
    count.ok_or_else(|| Short {
        why: match curve.most() {
            Some((n, x)) => format!(
                "no number of executors carries {}/s with {:.3} % kept free: the curve turns at {n} of them with {x:.0}/s{}",
                file.load,
                file.headroom * 100.0,
                if case == Case::Worst && needed.value.is_some() { "; by the numbers it would, at the low end of the throughput it does not" } else { "" }
            ),
            None => format!(
                "no number of executors up to {} carries {}/s with {:.3} % kept free",
                scaling::law::MOST,
                file.load,
                file.headroom * 100.0
            ),
        },
        unknown: false,
    })
}

/// What a group is down in one part of its question, where that applies.
type Outage<'a> = dyn Fn(&Shape, &Part) -> Result<Option<Odds>, Error> + 'a;

/// The three sizes.
struct Sizes {
    best: Chosen,
    given: Chosen,
    worst: Chosen,
}

impl Sizes {
    /// The most careful one that keeps the objective; the numbers themselves where none does.
    fn plan(&self) -> &Chosen {
        [&self.worst, &self.given, &self.best]
            .into_iter()
            .find(|sized| sized.short.is_none())
            .unwrap_or(&self.given)
    }

    fn verdict(&self, whole: &Whole, plan: &Chosen, slo: f64) -> (Verdict, Option<String>) {
        if let Some(short) = &self.best.short {
            let verdict = if short.unknown {
                Verdict::Unknown
            } else {
                Verdict::Fail
            };
            return (verdict, Some(short.why.clone()));
        }
        if let Some(short) = plan.short.as_ref().or(self.worst.short.as_ref()) {
            return (Verdict::Unknown, Some(short.why.clone()));
        }
        let most = 1.0 - slo;
        match (
            whole.unavailability.low,
            whole.unavailability.high,
            whole.unavailability.value,
        ) {
            (_, Some(high), Some(_)) if high <= most => (Verdict::Pass, None),
            (Some(low), _, Some(_)) if low > most => (
                Verdict::Fail,
                Some(format!(
                    "the plan is down at least {low:.3e} of the time, more than {most:.3e}"
                )),
            ),
            (_, _, None) => (Verdict::Unknown, whole.unavailability.why.clone()),
            _ => (
                Verdict::Unknown,
                Some("the interval of the plan's availability reaches over the objective".into()),
            ),
        }
    }

    fn group(
        &self,
        at: usize,
        wanted: &Wanted<'_>,
        plan: Option<Shape>,
        shared: Option<&Outcome>,
        simulated: Option<Outcome>,
    ) -> Result<GroupAnswer, Error> {
        let down = of_shape(wanted, plan, shared, &|shape, part| {
            shape.odds(part).map(Some)
        })?;
        let extra = |of: &Outage<'_>| -> Result<Option<Measure>, Error> {
            let measure = of_shape(wanted, plan, None, of)?;
            Ok(measure.value.is_some().then(|| complement(&measure)))
        };
        let given = Part::of(wanted.class, Case::Given)?;
        Ok(GroupAnswer {
            name: wanted.group.name.value.clone(),
            class: wanted.group.class.value.clone(),
            plan,
            by_the_numbers: self.given.shapes[at],
            at_best: self.best.shapes[at],
            part: Measure {
                method: match wanted.class.life {
                    Life::Availability(_) => "given".into(),
                    Life::Rates { .. } => "mu / (lambda + mu)".into(),
                },
                ..complement(&of_shape(wanted, Some(ONE), None, &|_, part| {
                    Ok(Some(part.each))
                })?)
            },
            availability: complement(&down),
            unavailability: down,
            reads: extra(&|shape, part| shape.reads(part))?,
            one_partition: extra(&|shape, part| shape.one_partition(part))?,
            floor: given.beta * given.each.down,
            first_loss: first_loss(wanted, plan)?,
            simulated,
        })
    }
}

/// A part by itself.
const ONE: Shape = Shape {
    k: 1,
    n: 1,
    copies: 1,
    replicas: None,
    erasure: None,
    controllers: None,
};

/// Unavailability in all three cases; the simulated one where crews are shared.
fn of_shape(
    wanted: &Wanted<'_>,
    shape: Option<Shape>,
    shared: Option<&Outcome>,
    of: &Outage<'_>,
) -> Result<Measure, Error> {
    let none = |why: &str| Measure {
        unit: "1".into(),
        why: Some(why.into()),
        ..Measure::default()
    };
    let Some(shape) = shape else {
        return Ok(none("no size keeps the objective or can be told"));
    };
    if let Some(outcome) = shared {
        return Ok(outcome.unavailability.clone());
    }
    let at = |case| of(&shape, &Part::of(wanted.class, case)?);
    let (Some(best), Some(given), Some(worst)) =
        (at(Case::Best)?, at(Case::Given)?, at(Case::Worst)?)
    else {
        return Ok(none("does not apply"));
    };
    Ok(Measure {
        value: Some(given.down),
        unit: "1".into(),
        low: Some(best.down),
        high: Some(worst.down),
        method: match wanted.class.crews {
            Some(crews) => format!("exact: chain of repairs by {crews} crews"),
            None => "exact: k of n with a common cause".into(),
        },
        ..Measure::default()
    })
}

/// 1 less a share, ends turned.
fn complement(measure: &Measure) -> Measure {
    Measure {
        value: measure.value.map(|x| 1.0 - x),
        low: measure.high.map(|x| 1.0 - x),
        high: measure.low.map(|x| 1.0 - x),
        ..measure.clone()
    }
}

fn first_loss(wanted: &Wanted<'_>, plan: Option<Shape>) -> Result<Measure, Error> {
    let none = |why: &str| Measure {
        unit: "h".into(),
        why: Some(why.into()),
        ..Measure::default()
    };
    let Some(shape) = plan else {
        return Ok(none("no size keeps the objective or can be told"));
    };
    let at = |case| -> Result<Option<f64>, Error> {
        let chain = shape.chain(&Part::of(wanted.class, case)?);
        chain.map(|chain| chain.first_loss()).transpose()
    };
    let Some(given) = at(Case::Given)? else {
        return Ok(none("only the availability of its parts is known"));
    };
    if !given.is_finite() {
        return Ok(none("beyond 1e308 h"));
    }
    let finite = |x: Option<f64>| x.filter(|x| x.is_finite());
    Ok(Measure {
        value: Some(given),
        unit: "h".into(),
        low: finite(at(Case::Worst)?),
        high: finite(at(Case::Best)?),
        method: "exact: from all up to the first loss of one copy".into(),
        ..Measure::default()
    })
}

/// Most times a group with shared crews is made larger because the simulation asks for it.
const MOST_RAISES: usize = 8;

/// Where copies share crews no closed form holds: the plan is simulated at the hurtful end and made larger until it keeps the objective.
fn verify(
    file: &File,
    wanted: &[Wanted<'_>],
    plan: &mut Chosen,
    seed: u64,
    threads: usize,
) -> Result<Vec<Option<Outcome>>, Error> {
    let mut outcomes = vec![None; wanted.len()];
    for (at, wanted) in wanted.iter().enumerate() {
        let part = Part::of(wanted.class, Case::Worst)?;
        let Some(mut shape) = plan.shapes[at].filter(|shape| shape.shares(&part)) else {
            continue;
        };
        let raised = matches!(wanted.group.need, Need::Some(_));
        for _ in 0..MOST_RAISES {
            let Some(fleet) = shape.fleet(&part) else {
                break;
            };
            let outcome = simulate(&fleet, &file.stop, seed, threads)?;
            let enough = outcome
                .unavailability
                .high
                .is_some_and(|high| high <= 1.0 - file.slo);
            let known = outcome.unavailability.value.is_some();
            outcomes[at] = Some(outcome);
            plan.shapes[at] = Some(shape);
            if enough || !known || !raised {
                break;
            }
            shape.n += 1;
        }
    }
    Ok(outcomes)
}

/// The plan of one group at the numbers themselves; where these have no interval, what was seen at the hurtful end.
fn simulated(
    file: &File,
    wanted: &Wanted<'_>,
    shape: Option<&Shape>,
    seen: Option<&Outcome>,
    seed: u64,
    threads: usize,
) -> Result<Option<Outcome>, Error> {
    let part = Part::of(wanted.class, Case::Given)?;
    if seen.is_some() && part == Part::of(wanted.class, Case::Worst)? {
        return Ok(seen.cloned());
    }
    let fleet = shape.and_then(|shape| shape.fleet(&part));
    fleet
        .filter(|fleet| fleet.nodes() <= super::monte_carlo::MOST_PARTS)
        .map(|fleet| simulate(&fleet, &file.stop, seed, threads))
        .transpose()
}

fn whole(file: &File, wanted: &[Wanted<'_>], groups: &[GroupAnswer], plan: &Chosen) -> Whole {
    let unknown = groups
        .iter()
        .find(|group| group.unavailability.value.is_none());
    let end = |of: fn(&Measure) -> Option<f64>| {
        groups.iter().try_fold(Odds::SURE, |all, group| {
            let down = of(&group.unavailability)?;
            Some(all.and(Odds {
                up: 1.0 - down,
                down,
            }))
        })
    };
    let unavailability = match unknown {
        Some(group) => Measure {
            unit: "1".into(),
            why: Some(format!(
                "{}: {}",
                group.name,
                group.unavailability.why.clone().unwrap_or_default()
            )),
            ..Measure::default()
        },
        None => Measure {
            value: end(|m| m.value).map(|odds| odds.down),
            unit: "1".into(),
            low: end(|m| m.low).map(|odds| odds.down),
            high: end(|m| m.high).map(|odds| odds.down),
            method: "product of the groups, independent".into(),
            ..Measure::default()
        },
    };
    let year = |x: Option<f64>| x.map(|x| x * 8760.0);
    Whole {
        parts: plan
            .shapes
            .iter()
            .map(|shape| shape.map(|shape| shape.parts()))
            .sum(),
        availability: complement(&unavailability),
        downtime_year: Measure {
            value: year(unavailability.value),
            low: year(unavailability.low),
            high: year(unavailability.high),
            unit: "h".into(),
            method: "of a year of 8760 h".into(),
            why: unavailability.why.clone(),
            ..Measure::default()
        },
        unavailability,
        outage: outage(file, wanted),
    }
}

/// The outage that was given, else the repair of what carries the load; none lasts 0 h.
fn outage(file: &File, wanted: &[Wanted<'_>]) -> Ranged {
    if let Some(outage) = &file.outage {
        return outage.clone();
    }
    let carrier = wanted.iter().find(|wanted| carries(wanted.group));
    match carrier.map(|wanted| &wanted.class.life) {
        Some(Life::Rates { mttr, .. }) => mttr.clone(),
        _ => Ranged::exactly(0.0, "neither an outage nor a repair time was given"),
    }
}

fn carries(group: &Group) -> bool {
    group.need == Need::Load
}

/// Throughput of the plan, of the fewest that carry the load, and of the number that carries most.
fn carried(
    file: &File,
    curve: &Curve,
    needed: Option<&Needed>,
    plan: &Chosen,
    outage: &Ranged,
) -> Vec<Carried> {
    let at = file.groups.iter().position(carries);
    let all = at
        .and_then(|at| plan.shapes[at])
        .map(|shape| ("all up", shape.n));
    let fewest = at
        .and_then(|at| plan.shapes[at])
        .map(|shape| shape.k)
        .or(needed.and_then(|needed| needed.value))
        .map(|k| ("fewest that carry the load", k));
    let most = curve
        .most()
        .map(|(n, _)| ("most that any number carries", n));
    let row = |(what, n): (&'static str, u64)| {
        let throughput = curve.at(n);
        let free = |x: Option<f64>| x.map(|x| 1.0 - file.load / x);
        Carried {
            what,
            n,
            headroom: Measure {
                value: free(throughput.value),
                low: free(throughput.low),
                high: free(throughput.high),
                unit: "1".into(),
                n: throughput.n,
                method: "1 - load / throughput".into(),
                why: throughput.why.clone(),
                ..Measure::default()
            },
            catch_up: if outage.value > 0.0 {
                catch_up(file.load, outage, &throughput)
            } else {
                Measure {
                    unit: "s".into(),
                    why: Some(outage.from.clone()),
                    ..Measure::default()
                }
            },
            throughput,
        }
    };
    [all, fewest, most].into_iter().flatten().map(row).collect()
}

#[cfg(test)]
mod tests;
