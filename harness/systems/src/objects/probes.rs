//! What is watched of a store while objects go into it.
use model::{
    system::{
        ProbeKind::{self, GaugeFull, GaugeLow, Latency},
        ProbeSpec,
    },
    units::Nanos,
};

/// Drives of the store in any of its layouts.
const DRIVES: f64 = 4.0;

struct Watch {
    name: &'static str,
    kind: ProbeKind,
    unit: &'static str,
    period: Nanos,
    full: Option<f64>,
    doc: &'static str,
}

const WATCHES: [Watch; 6] = [
    Watch {
        name: "put",
        kind: Latency,
        unit: "s",
        period: Nanos::ms(100),
        full: None,
        doc: "Puts a new object of 1 KiB, without retries.",
    },
    Watch {
        name: "get",
        kind: Latency,
        unit: "s",
        period: Nanos::ms(100),
        full: None,
        doc: "Reads an acknowledged object of the load, by turns the newest and any, byte for byte.",
    },
    Watch {
        name: "stale-reads",
        kind: GaugeLow,
        unit: "reads",
        period: Nanos::ms(500),
        full: None,
        doc: "Acknowledged objects that a read was denied (404) or got other bytes of, since the reading before.",
    },
    Watch {
        name: "health",
        kind: GaugeLow,
        unit: "status",
        period: Nanos::secs(1),
        full: None,
        doc: "Worst status that any server gives for the health of the whole cluster.",
    },
    Watch {
        name: "drives",
        kind: GaugeFull,
        unit: "drives",
        period: Nanos::secs(1),
        full: Some(DRIVES),
        doc: "Fewest drives in order that any server tells of; a drive that only refuses to work is not missed there.",
    },
    Watch {
        name: "whole-objects",
        kind: GaugeFull,
        unit: "percent",
        period: Nanos::secs(4),
        full: Some(100.0),
        doc: "Share of acknowledged objects, every twelfth looked at, that have a copy on every drive, by a heal that changes nothing.",
    },
];

/// A client gives up on an operation after this.
pub(super) const DEADLINE: Nanos = Nanos::secs(5);

pub(super) fn all() -> Vec<ProbeSpec> {
    let spec = |watch: &Watch| ProbeSpec {
        name: watch.name.into(),
        kind: watch.kind,
        unit: watch.unit.into(),
        doc: watch.doc.into(),
        period_ns: watch.period,
        deadline_ns: DEADLINE,
        full: watch.full,
    };
    WATCHES.iter().map(spec).collect()
}
