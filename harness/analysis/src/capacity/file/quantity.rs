//! Quantities of a capacity file: each with its unit, and with its interval where there is one.
use super::LookUp;
use model::scenario::{Fields, Keys, Node, Placed, Refusal, Tree};
use serde::Serialize;

/// A number with the ends between which it lies; all three alike where nothing is known of them.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Ranged {
    /// The number.
    pub value: f64,
    /// Lower end.
    pub low: f64,
    /// Upper end.
    pub high: f64,
    /// Where it comes from.
    pub from: String,
}

/// Which of the three.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum End {
    /// Lower.
    Low,
    /// The number itself.
    Value,
    /// Upper.
    High,
}

impl Ranged {
    /// Without an interval.
    pub fn exactly(value: f64, from: &str) -> Self {
        Self {
            value,
            low: value,
            high: value,
            from: from.into(),
        }
    }

    /// One of the three.
    pub const fn at(&self, end: End) -> f64 {
        match end {
            End::Low => self.low,
            End::Value => self.value,
            End::High => self.high,
        }
    }

    /// Whether an interval was given.
    pub fn is_wide(&self) -> bool {
        self.low < self.high
    }

    /// Each of the three through a rising function, or a falling one.
    #[must_use]
    pub fn map(&self, of: impl Fn(f64) -> f64) -> Self {
        let (a, b) = (of(self.low), of(self.high));
        Self {
            value: of(self.value),
            low: a.min(b),
            high: a.max(b),
            from: self.from.clone(),
        }
    }
}

/// A measured recovery time that a report holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    /// The report, relative to the capacity file.
    pub report: Placed<String>,
    /// Id of the fault in its scenario.
    pub fault: Placed<String>,
    /// Probe that saw it; all of them where it is left out.
    pub probe: Option<Placed<String>>,
    /// `recover`, `detect`, `catch_up` or `reprotect`.
    pub measure: Placed<String>,
}

const RANGED: Keys = &[
    ("value", "the number with its unit"),
    ("low", "lower end of its interval"),
    ("high", "upper end"),
];
const SOURCE: Keys = &[
    ("from", "a report.json, relative to this file"),
    ("fault", "id of the fault in its scenario"),
    ("probe", "who saw it; default all probes"),
    (
        "measure",
        "recover (default), recover_after_heal, detect, catch_up or reprotect",
    ),
];

/// Reads one number by `read`.
pub(super) type Read = fn(&str) -> Result<f64, Bad>;

/// Why a quantity was refused, and how it is written.
pub(super) struct Bad {
    what: String,
    like: &'static str,
}

pub(super) fn one(tree: &Tree, read: Read) -> Result<f64, Refusal> {
    let text = match &tree.node {
        Node::Scalar(serde_json::Value::String(text)) => text.clone(),
        Node::Scalar(serde_json::Value::Number(number)) => number.to_string(),
        _ => {
            return Err(tree
                .refuse("read a quantity".into())
                .label("a number with its unit is due here"));
        }
    };
    read(text.trim()).map_err(|bad| {
        tree.refuse(bad.what)
            .hint(format!("write it like {}", bad.like))
    })
}

/// A number, or `{value, low, high}`.
pub(super) fn ranged(tree: &Tree, read: Read) -> Result<Ranged, Refusal> {
    if !matches!(tree.node, Node::Map(_)) {
        return Ok(Ranged::exactly(one(tree, read)?, "given"));
    }
    let fields = Fields::open("a number with its interval", tree, RANGED)?;
    let end = |key: &str| fields.get(key).map(|tree| one(tree, read)).transpose();
    let value = one(fields.need("value")?, read)?;
    let (low, high) = (end("low")?, end("high")?);
    let (Some(low), Some(high)) = (low, high) else {
        return Err(Refusal::new(tree.at, "read an interval with one end")
            .hint("give both `low` and `high`, or neither"));
    };
    if !(low..=high).contains(&value) {
        let (at, width) = tree.blame("value");
        return Err(
            Refusal::new(at, "read an interval that does not hold its value")
                .wide(width)
                .hint("give `low` <= `value` <= `high`"),
        );
    }
    Ok(Ranged {
        value,
        low,
        high,
        from: "given, with its interval".into(),
    })
}

/// The same, or `{from: report.json, fault: id}`.
pub(super) fn span_or_source(tree: &Tree, look_up: LookUp<'_>) -> Result<Ranged, Refusal> {
    let Node::Map(members) = &tree.node else {
        return ranged(tree, span);
    };
    if !members.iter().any(|(key, _)| key.value == "from") {
        return ranged(tree, span);
    }
    let fields = Fields::open("a measured time", tree, SOURCE)?;
    let text = |tree: &Tree, what: &str| -> Result<Placed<String>, Refusal> {
        Ok(Placed {
            value: tree.text(what)?.to_owned(),
            at: tree.at,
        })
    };
    let recover = || {
        Ok(Placed {
            value: "recover".into(),
            at: tree.at,
        })
    };
    look_up(&Source {
        report: text(fields.need("from")?, "the path of a report")?,
        fault: text(fields.need("fault")?, "the id of a fault")?,
        probe: fields
            .get("probe")
            .map(|tree| text(tree, "the name of a probe"))
            .transpose()?,
        measure: fields
            .get("measure")
            .map_or_else(recover, |tree| text(tree, "the name of a measure"))?,
    })
}

fn split(text: &str) -> Option<(f64, &str)> {
    let at = text.find(|c: char| !(c.is_ascii_digit() || "+-.".contains(c)));
    let (number, unit) = text.split_at(at.unwrap_or(text.len()));
    let number: f64 = number.parse().ok()?;
    number.is_finite().then_some((number, unit.trim()))
}

/// A number in one of these units, above `least` and at most `most` in the first.
fn read(
    text: &str,
    what: &str,
    like: &'static str,
    units: &[(&str, f64)],
    most: f64,
) -> Result<f64, Bad> {
    let refuse = |why: String| Bad {
        what: format!("read `{text}` as {what}{why}"),
        like,
    };
    let (number, unit) = split(text).ok_or_else(|| refuse(String::new()))?;
    let Some((_, scale)) = units.iter().find(|(name, _)| *name == unit) else {
        let known: Vec<&str> = units.iter().map(|(name, _)| *name).collect();
        return Err(refuse(format!(": its unit is one of {}", known.join(", "))));
    };
    let value = number * scale;
    if number < 0.0 {
        Err(refuse(": it is negative".into()))
    } else if value == 0.0 {
        Err(refuse(": it is zero".into()))
    } else if value > most {
        Err(refuse(": it is too large to be meant".into()))
    } else {
        Ok(value)
    }
}

/// Hours of a month of 30 days, and of a year of 365.
pub const MONTH_H: f64 = 720.0;
const YEAR_H: f64 = 8760.0;

/// A span in hours.
pub(super) fn span(text: &str) -> Result<f64, Bad> {
    let units = [
        ("h", 1.0),
        ("ms", 1.0 / 3.6e6),
        ("s", 1.0 / 3600.0),
        ("m", 1.0 / 60.0),
        ("d", 24.0),
        ("y", YEAR_H),
    ];
    read(
        text,
        "a span",
        "`12s`, `30m`, `720h`, `90d` or `5y`",
        &units,
        1e9,
    )
}

/// Failures per hour.
pub(super) fn failures(text: &str) -> Result<f64, Bad> {
    let units = [
        ("/h", 1.0),
        ("/day", 1.0 / 24.0),
        ("/week", 1.0 / 168.0),
        ("/month", 1.0 / MONTH_H),
        ("/year", 1.0 / YEAR_H),
    ];
    read(
        text,
        "a failure rate",
        "`2/month` or `0.5/year`",
        &units,
        1e6,
    )
}

/// Throughput per second.
pub(super) fn rate(text: &str) -> Result<f64, Bad> {
    read(text, "a throughput", "`8000/s`", &[("/s", 1.0)], 1e15)
}

/// A share as a percentage, 0 to 1.
pub(super) fn share(text: &str) -> Result<f64, Bad> {
    let like = "`99.9%`";
    match split(text) {
        Some((number, "%")) if (0.0..=100.0).contains(&number) => Ok(number / 100.0),
        Some((_, "%")) => Err(Bad {
            what: format!("read `{text}` as a share: it is not from 0 % to 100 %"),
            like,
        }),
        _ => Err(Bad {
            what: format!("read `{text}` as a share"),
            like,
        }),
    }
}

/// A plain number from 0 to 1: a parameter of a law.
pub(super) fn parameter(text: &str) -> Result<f64, Bad> {
    match split(text) {
        Some((number, "")) if (0.0..=1.0).contains(&number) => Ok(number),
        _ => match text.parse::<f64>() {
            // Small ones may be written with an exponent.
            Ok(number) if (0.0..=1.0).contains(&number) => Ok(number),
            _ => Err(Bad {
                what: format!("read `{text}` as a parameter of a law: it is not from 0 to 1"),
                like: "`0.02`",
            }),
        },
    }
}
