//! A scenario: what is claimed, on which testbed, under which load, hurt how, judged by what. Parsed strictly, every value with its place.
//!
//! Parsing knows the grammar only; whether a fault, role or probe exists is [`crate::plan`]'s to say, from the catalogs.
//! ```text
//! text --[tree]--> values with places --[fields]--> Scenario --[plan]--> Plan
//! ```
mod fields;
mod place;
mod schema;
mod selector;
mod tree;

pub use fields::{Fields, Keys};
pub use place::{Place, Placed, Refusal, nearest};
pub use schema::schema;
pub use selector::{Among, Amount, Selector};
pub use tree::{Node, Tree};

use selector::KEYS as TARGET;

use crate::{
    compare::file as compare,
    units::{self, Nanos},
};

/// The whole file.
#[derive(Clone, Debug, PartialEq)]
pub struct Scenario {
    /// The sentence that the run puts to the test.
    pub claim: Placed<String>,
    /// The seed, where the author fixed it.
    pub seed: Option<u64>,
    /// Systems with their settings.
    pub testbed: Vec<(Placed<String>, Tree)>,
    /// The workload with its settings.
    pub workload: (Placed<String>, Tree),
    /// Lengths of the phases.
    pub phases: Phases,
    /// When the baseline counts as steady.
    pub steady: Steady,
    /// What is done to it.
    pub faults: Vec<FaultSpec>,
    /// How far the harness may go.
    pub limits: Limits,
    /// Changes to the probes' own settings, by probe.
    pub probes: Vec<(Placed<String>, ProbeChange)>,
    /// Keys and thresholds, unread: their grammar is [`crate::objective`]'s.
    pub objectives: Vec<Judged>,
}

/// A role, and at most how many of how many of it may be hurt at the same time.
pub type AtMost = (Placed<String>, Placed<(u32, u32)>);

/// A measure with its tags, and the thresholds it is held to.
pub type Judged = (Placed<String>, Vec<Placed<String>>);

/// Lengths of the phases, ns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Phases {
    /// Load on, samples kept but not judged.
    pub warm_up: Nanos,
    /// Load on, nothing hurt: gives the bands.
    pub baseline: Nanos,
    /// Watching after the last fault.
    pub recovery: Nanos,
    /// W: how long good must last to count as recovered.
    pub settle: Nanos,
    /// Most time given to the pipeline to drain before the final reads.
    pub cool_down: Nanos,
}

/// When the baseline counts as steady.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Steady {
    /// How many windows at the end of the baseline.
    pub windows: u32,
    /// Length of one.
    pub window: Nanos,
    /// How far their medians may be from the middle one, as a share.
    pub within: f64,
}

/// One entry under `faults`.
#[derive(Clone, Debug, PartialEq)]
pub struct FaultSpec {
    /// Its name in this scenario.
    pub id: Placed<String>,
    /// When, from the start of the fault phase, or from the planned end of the fault it comes after.
    pub at: Nanos,
    /// The fault that must be over and healed before.
    pub after: Option<Placed<String>>,
    /// Time between its targets, each hit by itself.
    pub stagger: Option<Placed<Nanos>>,
    /// Time between repeats.
    pub every: Option<Placed<Nanos>>,
    /// How many times.
    pub times: Placed<u64>,
    /// How long it lasts.
    pub hold: Option<Placed<Nanos>>,
    /// How long to look for its effect.
    pub prove: Nanos,
    /// How long to look for its heal.
    pub heal_within: Nanos,
    /// Whom it hits.
    pub target: Selector,
    /// The other side.
    pub peers: Option<Selector>,
    /// Name in the catalog.
    pub fault: Placed<String>,
    /// Its settings.
    pub settings: Tree,
}

/// How far the harness may go.
#[derive(Clone, Debug, PartialEq)]
pub struct Limits {
    /// Longest hold of any fault.
    pub hold: Placed<Nanos>,
    /// By role: at most so many of so many hurt at the same time.
    pub at_most: Vec<AtMost>,
}

/// Changes to one probe.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ProbeChange {
    /// Time between intended starts.
    pub period: Option<Nanos>,
    /// When an operation has failed.
    pub deadline: Option<Nanos>,
}

/// Most repeats of one fault: bounds the plan.
pub const MOST_TIMES: u64 = 1000;

const TOP: Keys = &[
    ("brinell", "number of the schema: 1"),
    ("claim", "one sentence: what the run puts to the test"),
    (
        "seed",
        "of all draws; drawn and printed where it is left out",
    ),
    ("testbed", "systems with their settings"),
    ("workload", "what runs on it and makes the load"),
    ("phases", "lengths of the phases"),
    ("steady", "when the baseline counts as steady"),
    ("faults", "what is done to it"),
    ("limits", "how far the harness may go"),
    ("probes", "changes to the probes' own settings, by probe"),
    (
        "objectives",
        "measures, `metric{tag:value}`, with the thresholds they are held to",
    ),
    (
        compare::KEY,
        "two arms under the same faults, for `brinell compare`",
    ),
];

const PHASES: Keys = &[
    ("warm_up", "load on, not judged; default 10s"),
    ("baseline", "load on, nothing hurt; default 30s"),
    ("recovery", "watching after the last fault; default 20s"),
    (
        "settle",
        "how long good must last to count as recovered; default 5s",
    ),
    (
        "cool_down",
        "most time to drain before the final reads; default 30s",
    ),
];

const STEADY: Keys = &[
    ("windows", "windows at the end of the baseline; default 3"),
    ("window", "length of one; default 10s"),
    (
        "within",
        "how far their medians may lie apart, as a share; default 25%",
    ),
];

const LIMITS: Keys = &[
    (
        "hold",
        "longest hold of any fault; default 120s, never unlimited",
    ),
    (
        "at_most",
        "by role: `1 of 3`, most nodes hurt at one time; looked at again at injection",
    ),
];

const PROBE: Keys = &[
    ("period", "time between intended starts"),
    ("deadline", "when an operation has failed"),
];

/// Reads a scenario.
///
/// # Errors
/// The first thing that is not as it should be, at its place, with the fix.
pub fn parse(text: &str) -> Result<Scenario, Refusal> {
    read(&Tree::parse(text)?)
}

/// The same from a tree.
pub(crate) fn read(tree: &Tree) -> Result<Scenario, Refusal> {
    let top = Fields::open("the scenario", tree, TOP)?;
    compare::no_comparison(tree)?;
    let version = top.need("brinell")?;
    version
        .whole("the schema number `brinell`", 1, 1)
        .map_err(|refusal| refusal.hint("this version reads `brinell: 1`"))?;
    let claim = placed_text(top.need("claim")?, "the claim")?;
    if claim.value.trim().is_empty() {
        return Err(Refusal::new(claim.at, "read the claim")
            .label("one sentence is due here: what the run puts to the test"));
    }
    let nothing = Tree::nothing(tree.at);
    Ok(Scenario {
        claim,
        seed: top
            .get("seed")
            .map(|seed| seed.whole("the seed", 0, u64::MAX))
            .transpose()?,
        testbed: members(top.need("testbed")?, "the testbed")?,
        workload: top
            .need("workload")?
            .variant("workload: {NAME: {...}}")
            .map(|(name, settings)| (name.clone(), settings.clone()))?,
        phases: phases(top.get("phases").unwrap_or(&nothing))?,
        steady: steady(top.get("steady").unwrap_or(&nothing))?,
        faults: top.get("faults").map_or(Ok(Vec::new()), |list| {
            list.items().iter().map(fault).collect()
        })?,
        limits: limits(top.get("limits").unwrap_or(&nothing))?,
        probes: members(top.get("probes").unwrap_or(&nothing), "the probes")?
            .into_iter()
            .map(|(name, change)| Ok((name, probe_change(&change)?)))
            .collect::<Result<_, Refusal>>()?,
        objectives: objectives(top.get("objectives").unwrap_or(&nothing))?,
    })
}

fn placed_text(tree: &Tree, what: &str) -> Result<Placed<String>, Refusal> {
    Ok(Placed {
        value: tree.text(what)?.to_owned(),
        at: tree.at,
    })
}

fn placed<T>(
    tree: &Tree,
    read: fn(&str) -> Result<T, units::UnitError>,
) -> Result<Placed<T>, Refusal> {
    Ok(Placed {
        value: tree.quantity(read)?,
        at: tree.at,
    })
}

fn members(tree: &Tree, what: &str) -> Result<Vec<(Placed<String>, Tree)>, Refusal> {
    match &tree.node {
        Node::Map(members) => Ok(members.clone()),
        _ => Err(tree
            .refuse(format!("read {what}"))
            .label("a map of names to settings is due here")),
    }
}

fn phases(tree: &Tree) -> Result<Phases, Refusal> {
    let fields = Fields::open("the phases", tree, PHASES)?;
    let span = |key: &str, default: u64| {
        fields.or(key, Nanos::secs(default), |tree| {
            tree.quantity(units::duration)
        })
    };
    Ok(Phases {
        warm_up: span("warm_up", 10)?,
        baseline: span("baseline", 30)?,
        recovery: span("recovery", 20)?,
        settle: span("settle", 5)?,
        cool_down: span("cool_down", 30)?,
    })
}

fn steady(tree: &Tree) -> Result<Steady, Refusal> {
    let fields = Fields::open("the steady state", tree, STEADY)?;
    Ok(Steady {
        windows: fields.or("windows", 3, |tree| {
            tree.whole("the number of windows", 1, 60)
        })? as u32,
        window: fields.or("window", Nanos::secs(10), |tree| {
            tree.quantity(units::duration)
        })?,
        within: fields.or("within", 0.25, |tree| tree.quantity(units::share))?,
    })
}

fn limits(tree: &Tree) -> Result<Limits, Refusal> {
    let fields = Fields::open("the limits", tree, LIMITS)?;
    let nothing = Tree::nothing(tree.at);
    let at_most = members(
        fields.get("at_most").unwrap_or(&nothing),
        "the blast radius `at_most`",
    )?;
    Ok(Limits {
        hold: fields.or(
            "hold",
            Placed {
                value: Nanos::secs(120),
                at: tree.at,
            },
            |tree| placed(tree, units::duration),
        )?,
        at_most: at_most
            .iter()
            .map(|(role, count)| Ok((role.clone(), placed(count, units::count_of)?)))
            .collect::<Result<_, Refusal>>()?,
    })
}

fn probe_change(tree: &Tree) -> Result<ProbeChange, Refusal> {
    let fields = Fields::open("a probe", tree, PROBE)?;
    let span = |key: &str| {
        fields
            .get(key)
            .map(|tree| tree.quantity(units::duration))
            .transpose()
    };
    Ok(ProbeChange {
        period: span("period")?,
        deadline: span("deadline")?,
    })
}

fn objectives(tree: &Tree) -> Result<Vec<Judged>, Refusal> {
    let read = |(key, list): (Placed<String>, Tree)| {
        let thresholds = list
            .items()
            .iter()
            .map(|item| placed_text(item, "a threshold"))
            .collect::<Result<_, _>>()?;
        Ok((key, thresholds))
    };
    members(tree, "the objectives")?
        .into_iter()
        .map(read)
        .collect()
}

const FAULT: Keys = &[
    (
        "id",
        "its name in this scenario; the name of the fault where it is left out",
    ),
    (
        "at",
        "when, from the start of the faults, or from the end of the one it comes after; default 0s",
    ),
    (
        "after",
        "id of a fault above it that must be over and healed before",
    ),
    (
        "stagger",
        "time between its targets, each hit by itself; all at once where it is left out",
    ),
    ("every", "time between repeats"),
    ("times", "how many repeats; default 1"),
    (
        "hold",
        "how long it lasts; default 10s, at most `limits.hold`",
    ),
    ("prove", "how long to look for its effect; default 5s"),
    ("heal_within", "how long to look for its heal; default 30s"),
    ("target", "whom it hits"),
    ("peers", "the other side, for faults between nodes"),
    ("do", "the fault with its settings"),
];

fn fault(tree: &Tree) -> Result<FaultSpec, Refusal> {
    let fields = Fields::open("a fault", tree, FAULT)?;
    let (name, settings) = fields.need("do")?.variant("do: {FAULT: {...}}")?;
    let span =
        |key: &str, default: Nanos| fields.or(key, default, |tree| tree.quantity(units::duration));
    let whole = |tree: &Tree| {
        Ok(Placed {
            value: tree.whole("the number of repeats", 1, MOST_TIMES)?,
            at: tree.at,
        })
    };
    Ok(FaultSpec {
        id: fields.get("id").map_or(Ok(name.clone()), |tree| {
            placed_text(tree, "the id of the fault")
        })?,
        at: span("at", Nanos(0))?,
        after: fields
            .get("after")
            .map(|tree| placed_text(tree, "the id of the fault before"))
            .transpose()?,
        stagger: fields
            .get("stagger")
            .map(|tree| placed(tree, units::duration))
            .transpose()?,
        every: fields
            .get("every")
            .map(|tree| placed(tree, units::duration))
            .transpose()?,
        times: fields.or(
            "times",
            Placed {
                value: 1,
                at: tree.at,
            },
            whole,
        )?,
        hold: fields
            .get("hold")
            .map(|tree| placed(tree, units::duration))
            .transpose()?,
        prove: span("prove", Nanos::secs(5))?,
        heal_within: span("heal_within", Nanos::secs(30))?,
        target: Selector::read(fields.need("target")?)?,
        peers: fields.get("peers").map(Selector::read).transpose()?,
        fault: name.clone(),
        settings: if settings.node == Node::Scalar(serde_json::Value::Null) {
            Tree::nothing(settings.at)
        } else {
            settings.clone()
        },
    })
}

#[cfg(test)]
mod tests;
