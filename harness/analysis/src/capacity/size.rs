//! The smallest groups that keep the objective together, in one case.
use super::{
    case::{Case, Part},
    file::{Class, Group, Need},
    monte_carlo::MOST_PARTS,
    odds::{Error, Odds},
    shape::{Candidates, Shape},
};

/// One group to be sized.
pub(super) struct Wanted<'a> {
    pub(super) group: &'a Group,
    pub(super) class: &'a Class,
}

/// Groups of one case.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Chosen {
    /// By group; none where nothing could be chosen.
    pub(super) shapes: Vec<Option<Shape>>,
    /// Why the objective is not kept; none where it is.
    pub(super) short: Option<Short>,
}

/// What stands in the way.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Short {
    pub(super) why: String,
    /// Whether it is unknown rather than impossible.
    pub(super) unknown: bool,
}

/// Most parts added one after the other for the sake of the whole.
const MOST_STEPS: usize = 500;

/// What is the same in every case.
pub(super) struct Ask<'a> {
    pub(super) wanted: &'a [Wanted<'a>],
    pub(super) load: f64,
    pub(super) headroom: f64,
    pub(super) slo: f64,
}

/// Sizes every group by itself, then adds where it helps the whole most per part, until the whole keeps the objective.
///
/// `k`: how many carry the load, or why none do.
pub(super) fn size(ask: &Ask<'_>, case: Case, k: &Result<u64, Short>) -> Result<Chosen, Error> {
    let mut chosen = Vec::new();
    let mut short = None;
    for wanted in ask.wanted {
        let one = Choice::of(ask, wanted, case, k)?;
        short = short.or_else(|| one.short.clone());
        chosen.push(one);
    }
    if short.is_none() {
        short = together(ask, &mut chosen)?;
    }
    Ok(Chosen {
        shapes: chosen.iter().map(Choice::shape).collect(),
        short,
    })
}

/// One group's candidates and which of them is chosen.
struct Choice<'a> {
    name: &'a str,
    part: Part,
    candidates: Option<Candidates>,
    at: u64,
    short: Option<Short>,
}

impl<'a> Choice<'a> {
    fn of(
        ask: &Ask<'_>,
        wanted: &Wanted<'a>,
        case: Case,
        k: &Result<u64, Short>,
    ) -> Result<Self, Error> {
        let mut choice = Self {
            name: &wanted.group.name.value,
            part: Part::of(wanted.class, case)?,
            candidates: None,
            at: 0,
            short: None,
        };
        let k = match (k, &wanted.group.need) {
            (Ok(k), _) => *k,
            (Err(short), Need::Load) => {
                choice.short = Some(short.clone());
                return Ok(choice);
            }
            // The others do not depend on it.
            (Err(_), _) => 1,
        };
        let candidates = Candidates::of(wanted.group, k, ask.load, ask.headroom)?;
        let most = 1.0 - ask.slo;
        let part = choice.part;
        let good = |shape: &Shape| -> Result<bool, Error> { Ok(shape.odds(&part)?.down <= most) };
        match candidates.first(0, &good)? {
            Some(at) => choice.at = at,
            None => choice.short = Some(choice.why_not(&candidates, ask)?),
        }
        choice.candidates = Some(candidates);
        Ok(choice)
    }

    /// What was chosen; where nothing is good enough, only a group that leaves no choice.
    fn shape(&self) -> Option<Shape> {
        let candidates = self.candidates.as_ref()?;
        let choice = self.short.is_none() || matches!(candidates, Candidates::Fixed(_));
        candidates.get(self.at).filter(|_| choice)
    }

    fn odds(&self) -> Result<Odds, Error> {
        self.shape()
            .map_or(Ok(Odds::SURE), |shape| shape.odds(&self.part))
    }

    /// Why no candidate keeps the objective.
    fn why_not(&self, candidates: &Candidates, ask: &Ask<'_>) -> Result<Short, Error> {
        let (name, most) = (self.name, 1.0 - ask.slo);
        let floor = self.part.beta * self.part.each.down;
        let why = match (candidates, candidates.get(0)) {
            (Candidates::Spares { k, .. }, None) => {
                format!("{name}: {k} parts are needed, and no more than {MOST_PARTS} are sized")
            }
            (_, None) => format!("{name}: nothing of the given size carries the load"),
            _ if floor > most => format!(
                "{name}: the common cause alone is down {floor:.3e} of the time, more than the objective's {most:.3e}: no number of parts beats it"
            ),
            (Candidates::Fixed(_), Some(shape)) => format!(
                "{name}: {} of {} is down {:.3e} of the time, more than the objective's {most:.3e}",
                shape.k,
                shape.n,
                shape.odds(&self.part)?.down
            ),
            (Candidates::List(_), Some(_)) => {
                format!("{name}: none of the sizes that were allowed keeps the objective")
            }
            (Candidates::Spares { k, .. }, Some(_)) => format!(
                "{name}: no number of spares beside the {k} needed keeps the objective{}",
                self.part.crews.map_or(String::new(), |crews| format!(
                    ": {crews} crews cannot keep up"
                ))
            ),
        };
        Ok(Short {
            why,
            unknown: false,
        })
    }

    /// The next candidate that is down less, and by how much less per part more.
    fn next(&self) -> Result<Option<(u64, f64)>, Error> {
        let (Some(candidates), Some(now)) = (&self.candidates, self.shape()) else {
            return Ok(None);
        };
        let down = now.odds(&self.part)?.down;
        let better =
            |shape: &Shape| -> Result<bool, Error> { Ok(shape.odds(&self.part)?.down < down) };
        let Some(at) = candidates.first(self.at + 1, &better)? else {
            return Ok(None);
        };
        let Some(then) = candidates.get(at) else {
            return Ok(None);
        };
        let more = then.parts().saturating_sub(now.parts()).max(1);
        Ok(Some((
            at,
            (down - then.odds(&self.part)?.down) / more as f64,
        )))
    }
}

/// Adds until the product of all keeps the objective; why not, where it does not.
fn together(ask: &Ask<'_>, chosen: &mut [Choice<'_>]) -> Result<Option<Short>, Error> {
    let most = 1.0 - ask.slo;
    for _ in 0..MOST_STEPS {
        let mut whole = Odds::SURE;
        for choice in chosen.iter() {
            whole = whole.and(choice.odds()?);
        }
        if whole.down <= most {
            return Ok(None);
        }
        let mut best: Option<(usize, u64, f64)> = None;
        for (which, choice) in chosen.iter().enumerate() {
            if let Some((at, gain)) = choice.next()?
                && best.is_none_or(|(_, _, most)| gain > most)
            {
                best = Some((which, at, gain));
            }
        }
        let Some((which, at, _)) = best else {
            return Ok(Some(Short {
                why: format!(
                    "each group keeps the objective, but together they are down {:.3e} of the time, more than {most:.3e}, and no larger size helps",
                    whole.down
                ),
                unknown: false,
            }));
        };
        chosen[which].at = at;
    }
    Ok(Some(Short {
        why: format!("together the groups do not keep the objective with {MOST_STEPS} parts more"),
        unknown: true,
    }))
}
