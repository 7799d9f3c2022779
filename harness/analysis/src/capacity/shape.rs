//! What a group may look like: candidates from the smallest on, and what each of them does.
use super::{
    case::Part,
    file::{ErasureNeed, Group, Need, ReplicaNeed},
    k_of_n::common_cause,
    monte_carlo::{Fleet, MOST_PARTS},
    odds::{Error, Odds},
    quorum::{ErasureSet, Replicas, majority, on_the_same},
    repair::Chain,
};
use serde::Serialize;

/// One possible group.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Shape {
    /// Needed of each copy.
    pub k: u64,
    /// Parts of each copy.
    pub n: u64,
    /// Alike groups, all needed.
    pub copies: u64,
    /// Replicas and how many in sync.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub replicas: Option<Replicas>,
    /// Drives and parity.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub erasure: Option<ErasureSet>,
    /// Controllers on the same parts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub controllers: Option<u64>,
}

impl Shape {
    const fn plain(k: u64, n: u64, copies: u64) -> Self {
        Self {
            k,
            n,
            copies,
            replicas: None,
            erasure: None,
            controllers: None,
        }
    }

    /// Parts in all.
    pub const fn parts(&self) -> u64 {
        self.n.saturating_mul(self.copies)
    }

    /// Whether crews are shared by copies, which no closed form solves.
    pub(super) fn shares(&self, part: &Part) -> bool {
        self.copies > 1
            && part.rates.is_some()
            && part.crews.is_some_and(|crews| crews < self.parts())
    }

    /// Needed of each copy, controllers too: where only some parts are controllers, at most as many of all may be down as of either.
    fn needed(&self) -> u64 {
        self.controllers.map_or(self.k, |controllers| {
            self.k.max(self.n - (controllers - majority(controllers)))
        })
    }

    /// The chain of one copy, where rates are known.
    pub(super) fn chain(&self, part: &Part) -> Option<Chain> {
        let (fail, repair) = part.rates?;
        Some(Chain {
            k: self.needed(),
            n: self.n,
            crews: part.crews,
            fail,
            repair,
            beta: part.beta,
        })
    }

    /// The fleet of all copies, where rates are known.
    pub(super) fn fleet(&self, part: &Part) -> Option<Fleet> {
        let (fail, repair) = part.rates?;
        Some(Fleet {
            groups: self.copies,
            k: self.needed(),
            n: self.n,
            crews: part.crews,
            fail,
            repair,
            beta: part.beta,
        })
    }

    /// All copies up. With shared crews as if each copy had all of them: better than it is, a start for the simulation.
    pub(super) fn odds(&self, part: &Part) -> Result<Odds, Error> {
        self.of(self.k, part)
    }

    /// At least `k` of each copy up, controllers too.
    fn of(&self, k: u64, part: &Part) -> Result<Odds, Error> {
        // Where crews are counted, parts come back one by one; else a common cause gives all of them back together.
        let chain = self.chain(part).filter(|_| part.crews.is_some());
        let one = match (chain, self.controllers) {
            (Some(chain), None) => Chain { k, ..chain }.steady()?.odds,
            (Some(chain), Some(_)) => chain.steady()?.odds,
            (None, None) => common_cause(k, self.n, part.each, part.beta)?,
            (None, Some(controllers)) => {
                let beta = part.beta;
                let alone = Odds {
                    up: part.each.up + beta * part.each.down,
                    down: (1.0 - beta) * part.each.down,
                };
                let together = Odds {
                    up: 1.0 - beta * part.each.down,
                    down: beta * part.each.down,
                };
                let need = (majority(controllers), controllers);
                together.and(on_the_same((k, self.n), need, alone)?)
            }
        };
        Ok(one.times(self.copies))
    }

    /// Everything readable, where reads need less than writes.
    pub(super) fn reads(&self, part: &Part) -> Result<Option<Odds>, Error> {
        let k = match (self.replicas, self.erasure) {
            (Some(replicas), _) => self.n.saturating_sub(replicas.factor - 1).max(1),
            (_, Some(set)) => set.read().max(1),
            _ => return Ok(None),
        };
        self.of(k, part).map(Some)
    }

    /// One partition writable, its replicas alone.
    pub(super) fn one_partition(&self, part: &Part) -> Result<Option<Odds>, Error> {
        let odds =
            |replicas: Replicas| Shape::plain(replicas.min_isr, replicas.factor, 1).odds(part);
        self.replicas.map(odds).transpose()
    }
}

/// The candidates of a group, smallest first.
pub(super) enum Candidates {
    /// One only.
    Fixed(Shape),
    /// k needed, spares from 0 on.
    Spares { k: u64, copies: u64 },
    /// A list.
    List(Vec<Shape>),
}

/// Most replicas of a partition that are tried.
const MOST_FACTOR: u64 = 16;

impl Candidates {
    /// Of a group, where `k` parts carry the load of `load` records/s with this share kept free.
    pub(super) fn of(group: &Group, k: u64, load: f64, headroom: f64) -> Result<Self, Error> {
        let needed = |each: Option<f64>, load: f64| match each {
            Some(each) => (load / (each * (1.0 - headroom))).ceil().min(1e9) as u64,
            None => 1,
        };
        Ok(match &group.need {
            Need::Load => Self::Spares { k, copies: 1 },
            Need::Some(k) => Self::Spares {
                k: *k,
                copies: group.copies,
            },
            Need::Of(k, n) => Self::Fixed(Shape::plain(*k, *n, group.copies)),
            Need::Replicas(need) => {
                let carry = |factor: u64| needed(need.each, load * factor as f64);
                Self::List(brokers(need, &carry)?)
            }
            Need::Erasure(need) => {
                let carry =
                    |set: ErasureSet| needed(need.each.map(|each| each * set.data() as f64), load);
                Self::List(sets(need, &carry)?)
            }
        })
    }

    /// The candidate of this number from 0; none beyond the last.
    pub(super) fn get(&self, at: u64) -> Option<Shape> {
        match self {
            Self::Fixed(shape) => (at == 0).then_some(*shape),
            Self::Spares { k, copies } => {
                let shape = Shape::plain(*k, k + at, *copies);
                (shape.parts() <= MOST_PARTS).then_some(shape)
            }
            Self::List(shapes) => shapes.get(at as usize).copied(),
        }
    }

    /// The first from `from` on that is good enough, where later ones are never worse; none where none is.
    pub(super) fn first(
        &self,
        from: u64,
        good: &dyn Fn(&Shape) -> Result<bool, Error>,
    ) -> Result<Option<u64>, Error> {
        let holds = |at: u64| self.get(at).map(|shape| good(&shape)).transpose();
        if let Self::List(shapes) = self {
            // Lists are short and not ordered by what they do.
            for at in from..shapes.len() as u64 {
                if holds(at)? == Some(true) {
                    return Ok(Some(at));
                }
            }
            return Ok(None);
        }
        let (mut bad, mut step) = (from, 1);
        match holds(from)? {
            Some(true) => return Ok(Some(from)),
            Some(false) => {}
            None => return Ok(None),
        }
        let mut fine = loop {
            match holds(bad + step)? {
                Some(true) => break bad + step,
                Some(false) => bad += step,
                None if step == 1 => return Ok(None),
                None => {
                    step = 1;
                    continue;
                }
            }
            step *= 2;
        };
        while fine - bad > 1 {
            let mid = bad + (fine - bad) / 2;
            if holds(mid)? == Some(true) {
                fine = mid;
            } else {
                bad = mid;
            }
        }
        Ok(Some(fine))
    }
}

/// Brokers by rising factor: as many must be up as carry every replica's write, and of those that are down no partition may miss more
/// than it can.
fn brokers(need: &ReplicaNeed, carry: &dyn Fn(u64) -> u64) -> Result<Vec<Shape>, Error> {
    let factors = match need.factor {
        Some(factor) => factor..=factor,
        None => need.min_isr..=MOST_FACTOR.max(need.min_isr),
    };
    let mut shapes = Vec::new();
    for factor in factors {
        let replicas = Replicas::of(factor, need.min_isr)?;
        let least = carry(factor).max(need.min_isr) + (factor - need.min_isr);
        let n = match need.brokers {
            Some(brokers) if brokers < least => continue,
            Some(brokers) => brokers,
            None => least.max(need.controllers.unwrap_or(1)),
        };
        shapes.push(Shape {
            replicas: Some(replicas),
            controllers: need.controllers,
            ..Shape::plain(replicas.every(n), n, 1)
        });
    }
    Ok(shapes)
}

/// Sets, fewest drives in all first, of those the least overhead.
fn sets(need: &ErasureNeed, carry: &dyn Fn(ErasureSet) -> u64) -> Result<Vec<Shape>, Error> {
    let mut shapes = Vec::new();
    for drives in &need.drives {
        let parities = match need.parity {
            Some(parity) => parity..=parity,
            None => 0..=drives / 2,
        };
        for parity in parities {
            let set = ErasureSet::of(*drives, parity)?;
            let copies = match need.sets {
                Some(sets) if sets < carry(set) => continue,
                Some(sets) => sets,
                None => carry(set).max(1),
            };
            shapes.push(Shape {
                erasure: Some(set),
                ..Shape::plain(set.write(), *drives, copies)
            });
        }
    }
    shapes.sort_by_key(|shape| {
        let parity = shape.erasure.map_or(0, |set| set.parity);
        (shape.parts(), parity * 1000 / shape.n, shape.n)
    });
    Ok(shapes)
}
