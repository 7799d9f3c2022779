//! Layers of defence against attack probes, and alerts against incidents.
//!
//! `total_risk` is the product of the layers' risks if they fail independently; a common cause makes it larger. A layer that nobody
//! probed stops nothing as far as anybody knows: its risk is 1. That no probe passed does not make a risk of 0: the upper bound stays.
use crate::{
    report::Share,
    share::{at_most, share},
};
use model::defence::{Alerts, Defence, Layer};
use serde::{Deserialize, Serialize};

/// Schema of [`Risk`].
pub const SCHEMA: &str = "brinell.risk/1";
/// Share of incidents that alerts should tell of.
pub const TARGET: f64 = 0.95;

/// What a file of defences shows.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Risk {
    /// [`SCHEMA`].
    pub schema: String,
    /// The layers; empty where none were named.
    pub layers: Vec<LayerRisk>,
    /// The product of all layers; none where none were named.
    pub total: Option<Product>,
    /// What alerts told of; none where nothing was said.
    pub coverage: Option<Coverage>,
}

/// The risk of one layer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LayerRisk {
    /// Its name.
    pub name: String,
    /// Probes that passed; none where it was not probed.
    pub passed: Option<Share>,
    /// Share of probes that passed; 1 where it was not probed.
    pub risk: f64,
    /// Not more, one-sided 95 %.
    pub upper: f64,
}

/// The risk that all layers are passed.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Product {
    /// Product of the layers' risks.
    pub risk: f64,
    /// Product of their upper bounds: not more if each of them holds.
    pub upper: f64,
    /// How often all of the bounds hold at least.
    pub level: f64,
    /// Layers that nobody probed.
    pub unprobed: usize,
}

/// What alerts told of.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Coverage {
    /// Incidents that an alert told of, with the two-sided interval.
    pub detected: Share,
    /// Not less, one-sided 95 %.
    pub lower: f64,
    /// Whether the lower end is above [`TARGET`]: shown, or not.
    pub proven: bool,
    /// Incidents that would have to be detected in a row to show it, one-sided.
    pub would_do: u64,
    /// Alerts without an incident.
    pub false_alarms: u64,
    /// Runs without an incident, in which they came.
    pub clean_runs: u64,
}

/// Sums a file up.
pub fn risk(file: &Defence) -> Risk {
    let layers: Vec<LayerRisk> = file.layers.iter().map(layer).collect();
    Risk {
        schema: SCHEMA.into(),
        total: (!layers.is_empty()).then(|| total(&layers)),
        layers,
        coverage: file.alerts.map(coverage),
    }
}

fn layer(layer: &Layer) -> LayerRisk {
    let (k, n) = (layer.passed, layer.probes);
    let blind = if crate::mutant("N11") { 0.0 } else { 1.0 };
    let (risk, upper) = match n {
        0 => (blind, blind),
        n => (k as f64 / n as f64, upper(k, n)),
    };
    LayerRisk {
        name: layer.name.value.clone(),
        passed: (n > 0).then(|| share(k, n)),
        risk,
        upper,
    }
}

/// The product of some layers.
pub fn total(layers: &[LayerRisk]) -> Product {
    let probed = layers.iter().filter(|layer| layer.passed.is_some()).count();
    Product {
        risk: layers.iter().map(|layer| layer.risk).product(),
        upper: layers.iter().map(|layer| layer.upper).product(),
        level: (1.0 - 0.05 * probed as f64).max(0.0),
        unprobed: layers.len() - probed,
    }
}

/// The `p` above which `k` or fewer of `n` would be seen in less than 5 % of all cases: one-sided exact (Clopper-Pearson).
pub fn upper(k: u64, n: u64) -> f64 {
    if k >= n {
        return 1.0;
    }
    least(|p| at_most(k, n, p) < 0.05)
}

/// The `p` below which `k` or more of `n` would be seen in less than 5 % of all cases.
pub fn lower(k: u64, n: u64) -> f64 {
    if k == 0 || n == 0 {
        return 0.0;
    }
    1.0 - upper(n - k, n)
}

fn least(holds: impl Fn(f64) -> bool) -> f64 {
    let (mut lo, mut hi) = (0.0, 1.0);
    for _ in 0..60 {
        let mid = f64::midpoint(lo, hi);
        if holds(mid) { hi = mid } else { lo = mid }
    }
    f64::midpoint(lo, hi)
}

/// Detected incidents over all of them. A false alarm detects nothing, however often it rings.
pub fn coverage(alerts: Alerts) -> Coverage {
    let detected = if crate::mutant("N12") {
        (alerts.detected + alerts.false_alarms).min(alerts.incidents)
    } else {
        alerts.detected
    };
    let lower = lower(detected, alerts.incidents);
    Coverage {
        detected: share(detected, alerts.incidents),
        lower,
        proven: lower > TARGET,
        would_do: (1..).find(|n| self::lower(*n, *n) > TARGET).unwrap_or(0),
        false_alarms: alerts.false_alarms,
        clean_runs: alerts.clean_runs,
    }
}
