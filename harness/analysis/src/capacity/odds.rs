//! How likely something is up, and how likely it is down, each computed for itself: 1 - up would lose the digits of rare outages.
use serde::Serialize;

/// Two shares that add up to 1.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Odds {
    /// Up, 0 to 1.
    pub up: f64,
    /// Down, 0 to 1.
    pub down: f64,
}

/// Why a structure was refused; fits after "failed to".
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum Error {
    /// k or n is none.
    #[error("need {k} of {n}: k must be from 1 to n")]
    KOfN {
        /// Needed.
        k: u64,
        /// There.
        n: u64,
    },
    /// More parts than the exact answer is made for.
    #[error("solve {0} nodes in one group: at most {MOST_NODES}")]
    TooMany(u64),
    /// No probability.
    #[error("take {what} = {value}: it must be from 0 to 1")]
    Share {
        /// Of what.
        what: &'static str,
        /// What stood there.
        value: f64,
    },
    /// No rate.
    #[error("take {what} = {value} per h: it must be above 0 and finite")]
    Rate {
        /// Of what.
        what: &'static str,
        /// What stood there.
        value: f64,
    },
    /// Nobody repairs.
    #[error("repair with 0 crews: give at least 1, or leave `crews` out for as many as are needed")]
    NoCrews,
    /// An erasure set or a replica set that is none.
    #[error("{0}")]
    Quorum(String),
}

/// Most nodes in one group: bounds the time of the exact sums.
pub const MOST_NODES: u64 = 1_000_000;

impl Odds {
    /// Always up.
    pub const SURE: Self = Self { up: 1.0, down: 0.0 };

    /// Up with this share.
    ///
    /// # Errors
    /// No share.
    pub fn of(up: f64) -> Result<Self, Error> {
        share("an availability", up)?;
        Ok(Self { up, down: 1.0 - up })
    }

    /// Of something that fails at `fail` per h while up and is repaired at `repair` per h while down: mu / (lambda + mu).
    ///
    /// # Errors
    /// A rate that is none.
    pub fn repaired(fail: f64, repair: f64) -> Result<Self, Error> {
        rate("the failure rate", fail)?;
        rate("the repair rate", repair)?;
        let sum = fail + repair;
        Ok(Self {
            up: repair / sum,
            down: fail / sum,
        })
    }

    /// Both up, where they fail independently of each other.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self {
            up: self.up * other.up,
            down: self.down + self.up * other.down,
        }
    }

    /// `times` of it in series, independent.
    #[must_use]
    pub fn times(self, times: u64) -> Self {
        let log = times as f64 * (-self.down).ln_1p();
        if self.down < 0.5 {
            Self {
                up: log.exp(),
                down: -log.exp_m1(),
            }
        } else {
            let up = self.up.powf(times as f64);
            Self { up, down: 1.0 - up }
        }
    }

    /// Nines: -log10 of the share that is down.
    pub fn nines(self) -> f64 {
        -self.down.log10()
    }
}

pub(super) fn share(what: &'static str, value: f64) -> Result<(), Error> {
    if (0.0..=1.0).contains(&value) {
        Ok(())
    } else {
        Err(Error::Share { what, value })
    }
}

pub(super) fn rate(what: &'static str, value: f64) -> Result<(), Error> {
    if value.is_finite() && value > 0.0 {
        Ok(())
    } else {
        Err(Error::Rate { what, value })
    }
}

pub(super) fn counts(k: u64, n: u64) -> Result<(), Error> {
    if k == 0 || k > n {
        Err(Error::KOfN { k, n })
    } else if n > MOST_NODES {
        Err(Error::TooMany(n))
    } else {
        Ok(())
    }
}
