//! Service level objectives: what share of time, samples or slices of time must be good over which window.
//!
//! - [`Slo`] one objective file's promise, [`Goal`] one target of it. Start here.   - [`read`] OpenSLO v1 to these words, strictly.
//! ```text
//! slo.yaml --[read]--> File --analysis::budget--> budget, alerts, gate
//! ```
pub mod read;

pub use read::parse;

use crate::{objective::Op, scenario::Placed, units::Nanos};

/// What a file says.
#[derive(Clone, Debug, PartialEq)]
pub struct File {
    /// Its objectives, in order.
    pub slos: Vec<Slo>,
    /// What was read and is not used, each in a sentence.
    pub notes: Vec<String>,
}

/// One service level objective.
#[derive(Clone, Debug, PartialEq)]
pub struct Slo {
    /// Unique in its file.
    pub name: Placed<String>,
    /// As people call it; the name where nothing else is said.
    pub title: String,
    /// Of which service.
    pub service: String,
    /// What it is for; may be empty.
    pub description: String,
    /// Over which time.
    pub window: Window,
    /// Its targets, at least one.
    pub goals: Vec<Goal>,
}

/// Over which time a budget is counted.
#[derive(Clone, Debug, PartialEq)]
pub enum Window {
    /// The last so long.
    Rolling(Nanos),
    /// Since the last boundary of a calendar.
    Calendar(Calendar),
}

/// A calendar's boundaries: `start` and every so many units after it.
#[derive(Clone, Debug, PartialEq)]
pub struct Calendar {
    /// How many.
    pub count: u32,
    /// Of what.
    pub unit: Unit,
    /// A first boundary, `2026-01-01 00:00:00`, without zone.
    pub start: Placed<String>,
    /// Its zone, as in the IANA database.
    pub zone: Placed<String>,
}

/// A unit of durations as OpenSLO writes them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// `m`
    Minute,
    /// `h`
    Hour,
    /// `d`
    Day,
    /// `w`
    Week,
    /// `M`
    Month,
    /// `Q`
    Quarter,
    /// `Y`
    Year,
}

/// One target.
#[derive(Clone, Debug, PartialEq)]
pub struct Goal {
    /// As people call it; `99.9 %` where nothing is said.
    pub title: String,
    /// Share that must be good, 0 to below 1.
    pub target: Placed<f64>,
    /// Whose samples.
    pub probe: Placed<String>,
    /// What a good one is.
    pub good: Good,
    /// What is counted.
    pub form: Form,
}

/// What a good sample is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Good {
    /// Answered within the probe's own bound: what availability counts.
    Available,
    /// Answered, however late.
    Answered,
    /// Answered with a value that stands so to a bound, in the probe's unit.
    Value(Op, f64),
}

/// What is counted.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Form {
    /// Good time over time.
    Time,
    /// Good samples over all.
    Samples,
    /// Good slices over all; a slice is good where at least this share of its samples is.
    Slices {
        /// Length of a slice.
        length: Nanos,
        /// Share that makes it good.
        target: f64,
    },
    /// The mean over slices of their share of good samples.
    Ratios {
        /// Length of a slice.
        length: Nanos,
    },
}

impl Unit {
    /// Every unit with its letter.
    pub const ALL: [(char, Self); 7] = [
        ('m', Self::Minute),
        ('h', Self::Hour),
        ('d', Self::Day),
        ('w', Self::Week),
        ('M', Self::Month),
        ('Q', Self::Quarter),
        ('Y', Self::Year),
    ];

    /// Its length where no calendar is asked: a month has 30 days, a quarter 90, a year 365.
    pub const fn length(self) -> Nanos {
        const HOUR: u64 = 3_600;
        Nanos::secs(match self {
            Self::Minute => 60,
            Self::Hour => HOUR,
            Self::Day => 24 * HOUR,
            Self::Week => 7 * 24 * HOUR,
            Self::Month => 30 * 24 * HOUR,
            Self::Quarter => 90 * 24 * HOUR,
            Self::Year => 365 * 24 * HOUR,
        })
    }
}
