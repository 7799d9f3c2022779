//! When the records of a workload are due: the settings `rate` and `arrivals`, which all workloads read alike.
use model::{fault::SettingsError, units};
use serde::{Deserialize, Serialize};

/// Gaps between two records.
#[derive(Clone, Copy, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Gaps {
    /// All alike.
    Constant,
    /// Drawn from the seed.
    Poisson,
}

/// Refuses a rate that is none.
pub(crate) fn check(rate: &str) -> Result<(), SettingsError> {
    let refuse = |error: units::UnitError| SettingsError {
        key: "rate".into(),
        why: error.to_string(),
    };
    units::rate(rate).map(drop).map_err(refuse)
}

impl Gaps {
    /// Records per second, and whether the gaps are drawn; the rate was checked before.
    pub(crate) fn at(self, rate: &str) -> (f64, bool) {
        (units::rate(rate).unwrap_or(0.0), self == Self::Poisson)
    }
}
