//! What an objective can ask: the metrics, and for each its tags, its methods and its unit.
use super::Method;
use crate::system::{ProbeKind, ProbeSpec};

/// Metrics that are not probes.
pub const OURS: &[&str] = &[
    "recovery",
    "redundancy",
    "availability",
    "records_lost",
    "records_duplicated",
    "records_corrupted",
    "records_dead_lettered",
    "completeness",
    "uniqueness",
    "conformity",
    "slip",
];

/// Values of the tag `window`.
pub const WINDOWS: &[&str] = &["baseline", "fault", "recovery", "whole"];

/// Values of the tag `outcome`.
pub const OUTCOMES: &[&str] = &["all", "ok"];

/// Values of the tag `from`: since when a recovery is timed.
pub const FROM: &[&str] = &["effective", "healed"];

/// What one metric offers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Metric {
    /// Its tags.
    pub tags: &'static [&'static str],
    /// Tags it cannot do without.
    pub needs: &'static [&'static str],
    /// Its methods, as written.
    pub methods: &'static [&'static str],
    /// Unit of its values.
    pub unit: String,
    /// Unit of `count`.
    pub counts: &'static str,
}

const OF_OPERATIONS: &[&str] = &[
    "count", "rate", "gap", "value", "avg", "min", "max", "med", "p(N)",
];
const OF_READINGS: &[&str] = &["count", "rate", "value", "avg", "min", "max", "med", "p(N)"];
const OF_RECOVERIES: &[&str] = &["count", "rate", "min", "max", "med", "p(N)"];
const OF_REDUNDANCY: &[&str] = &["count", "rate", "min", "max"];
const OF_SLIP: &[&str] = &["avg", "min", "max", "med", "p(N)"];

/// What a metric offers; none where it is unknown.
pub fn lookup(name: &str, probes: &[ProbeSpec]) -> Option<Metric> {
    let of = |tags, needs, methods, unit: &str, counts| {
        Some(Metric {
            tags,
            needs,
            methods,
            unit: unit.into(),
            counts,
        })
    };
    match name {
        // A mean of recovery times is never offered: one censored run makes it meaningless.
        "recovery" => of(
            &["fault", "probe", "from"],
            &["fault"],
            OF_RECOVERIES,
            "s",
            "faults",
        ),
        "redundancy" => of(&["fault", "from"], &["fault"], OF_REDUNDANCY, "s", "faults"),
        "availability" => of(&["probe", "window"], &["probe"], &["rate"], "1", "samples"),
        "records_lost" | "records_duplicated" | "records_corrupted" | "records_dead_lettered" => {
            of(&["stage"], &[], &["count"], "records", "records")
        }
        "completeness" => of(&["column", "window"], &[], &["rate"], "1", "rows"),
        "uniqueness" | "conformity" => of(&["window"], &[], &["rate"], "1", "rows"),
        "slip" => of(&[], &[], OF_SLIP, "s", "samples"),
        probe => {
            let spec = probes.iter().find(|spec| spec.name == probe)?;
            if spec.kind == ProbeKind::Latency {
                let tags = &["window", "outcome", "class"];
                return of(tags, &[], OF_OPERATIONS, "s", "samples");
            }
            let tags = &["window", "outcome"];
            of(tags, &[], OF_READINGS, &spec.unit, "samples")
        }
    }
}

impl Metric {
    /// The unit of the bound under this method.
    pub fn bound_unit(&self, method: Method) -> &str {
        match method {
            Method::Count => self.counts,
            Method::Rate => "1",
            Method::Gap => "s",
            _ => &self.unit,
        }
    }

    /// Whether it has this method.
    pub fn has(&self, method: Method) -> bool {
        self.methods.contains(&word(method))
    }
}

/// The method as it stands in lists.
pub const fn word(method: Method) -> &'static str {
    match method {
        Method::Count => "count",
        Method::Rate => "rate",
        Method::Value => "value",
        Method::Avg => "avg",
        Method::Min => "min",
        Method::Max => "max",
        Method::Med => "med",
        Method::Gap => "gap",
        Method::P(_) => "p(N)",
    }
}
