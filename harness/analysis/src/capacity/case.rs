//! The best, the given and the worst case of what is known only as an interval. Availability falls with every failure rate, repair time
//! and common cause, so the ends of its interval are at the ends of theirs.
use super::{
    file::{Class, End, Life},
    odds::{Error, Odds},
};
use serde::Serialize;

/// Which end of everything.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Case {
    /// Every interval at the end that helps.
    Best,
    /// The numbers themselves.
    Given,
    /// Every interval at the end that hurts.
    Worst,
}

impl Case {
    /// The end of what hurts as it grows.
    pub const fn harm(self) -> End {
        match self {
            Self::Best => End::Low,
            Self::Given => End::Value,
            Self::Worst => End::High,
        }
    }

    /// The end of what helps as it grows.
    pub const fn help(self) -> End {
        match self {
            Self::Best => End::High,
            Self::Given => End::Value,
            Self::Worst => End::Low,
        }
    }
}

/// How one part lives in one case.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Part {
    /// Up and down, by itself.
    pub(super) each: Odds,
    /// Failures and repairs per h, where they are known.
    pub(super) rates: Option<(f64, f64)>,
    /// Share of its failures that strike all.
    pub(super) beta: f64,
    /// Repairs at the same time.
    pub(super) crews: Option<u64>,
}

impl Part {
    pub(super) fn of(class: &Class, case: Case) -> Result<Self, Error> {
        let (each, rates) = match &class.life {
            Life::Availability(up) => (Odds::of(up.at(case.help()))?, None),
            Life::Rates { fail, mttr } => {
                let (fail, repair) = (fail.at(case.harm()), 1.0 / mttr.at(case.harm()));
                (Odds::repaired(fail, repair)?, Some((fail, repair)))
            }
        };
        Ok(Self {
            each,
            rates,
            beta: class.beta.at(case.harm()),
            crews: class.crews,
        })
    }
}
