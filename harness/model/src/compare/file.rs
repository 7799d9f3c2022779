//! The file of a comparison: an ordinary scenario with `compare:` instead of `faults:`.
//!
//! An arm is laid over the scenario: maps merge, everything else replaces. Places stay, so a refusal of an arm's plan points at the line
//! that the arm wrote. What an arm may not say stands equal in both by construction: faults, load phases, objectives, limits.
use super::{Claim, Measured};
use crate::{
    scenario::{self, Fields, Keys, Node, Place, Placed, Refusal, Scenario, Tree},
    units,
};

/// A comparison, read.
#[derive(Clone, Debug, PartialEq)]
pub struct File {
    /// The sentence that it puts to the test.
    pub claim: String,
    /// The seed, where the author fixed it.
    pub seed: Option<u64>,
    /// The probe by which the arms are compared.
    pub probe: Placed<String>,
    /// Runs of each arm and round.
    pub repeats: u64,
    /// Names of the arms, the one without first.
    pub arms: [String; 2],
    /// Rounds in the order written, the headline first.
    pub rounds: Vec<Round>,
    /// The table that it is held to.
    pub claims: Vec<Claim>,
}

/// The same faults for both arms.
#[derive(Clone, Debug, PartialEq)]
pub struct Round {
    /// Its name.
    pub name: Placed<String>,
    /// What each arm makes of it.
    pub scenarios: [Scenario; 2],
}

/// The key of a scenario file that makes it a comparison.
pub const KEY: &str = "compare";
/// What an arm may say.
const ARM: Keys = &[
    ("testbed", "systems with their settings"),
    ("workload", "the job and its settings"),
    ("probes", "changes to the probes' own settings"),
    ("steady", "when the baseline counts as steady"),
];
/// Keys of `compare`, with a sentence for help and schema.
pub const KEYS: Keys = &[
    ("probe", "the probe by which the arms are compared"),
    (
        "repeats",
        "runs of each arm; default 6, the least for an interval",
    ),
    (
        "arms",
        "two names, the one without first, with what each lays over the scenario",
    ),
    (
        "rounds",
        "lists of faults by name; the first is run unless all are asked for",
    ),
    ("claims", "the before/after table that is put to the test"),
];
/// Keys of a claim.
pub const CLAIM: Keys = &[
    ("metric", "what it is about"),
    ("without", "what it says of the first arm"),
    ("with", "what it says of the second arm"),
    ("claimed", "the improvement that it promises, in words"),
    (
        "reduction",
        "the same as a share: 90% where a tenth is to remain",
    ),
    (
        "measure",
        "what measures it: recovery, violations, quality, availability, lost, freshness, throughput",
    ),
    (
        "why",
        "why nothing here measures it, where `measure` is left out",
    ),
];
/// Most runs of an arm: bounds the comparison.
const MOST_REPEATS: u64 = 100;

/// Whether a file is a comparison.
///
/// # Errors
/// No YAML.
pub fn is_comparison(text: &str) -> Result<bool, Refusal> {
    Ok(member(&Tree::parse(text)?, KEY).is_some())
}

/// Reads a comparison.
///
/// # Errors
/// The first thing that is not as it should be, at its place, with the fix.
pub fn parse(text: &str) -> Result<File, Refusal> {
    let tree = Tree::parse(text)?;
    let Some((_, compare)) = member(&tree, KEY) else {
        return Err(Refusal::new(tree.at, "find `compare` in the scenario")
            .hint("add `compare: {probe: ..., arms: ..., rounds: ...}`, or use `brinell run`"));
    };
    if let Some((key, _)) = member(&tree, "faults") {
        return Err(
            Refusal::new(key.at, "read the key `faults` of a comparison")
                .wide(key.value.len())
                .hint("put them under `compare.rounds`, so that both arms get the same"),
        );
    }
    let base = without(&tree, KEY);
    let fields = Fields::open("the comparison", compare, KEYS)?;
    let probe = fields.need("probe")?;
    let arms = arms(fields.need("arms")?)?;
    let rounds = rounds(&base, fields.need("rounds")?, &arms)?;
    let first = &rounds[0].scenarios[0];
    Ok(File {
        claim: first.claim.value.clone(),
        seed: first.seed,
        probe: Placed {
            value: probe.text("the probe")?.to_owned(),
            at: probe.at,
        },
        repeats: fields.or("repeats", 6, |tree| {
            tree.whole("the number of repeats", 1, MOST_REPEATS)
        })?,
        arms: arms.map(|(name, _)| name.value.clone()),
        claims: fields.get("claims").map_or(Ok(Vec::new()), |list| {
            list.items().iter().map(claim).collect()
        })?,
        rounds,
    })
}

type Member<'a> = (&'a Placed<String>, &'a Tree);

fn members(tree: &Tree) -> &[(Placed<String>, Tree)] {
    match &tree.node {
        Node::Map(members) => members,
        _ => &[],
    }
}

fn member<'a>(tree: &'a Tree, name: &str) -> Option<Member<'a>> {
    let found = members(tree).iter().find(|(key, _)| key.value == name)?;
    Some((&found.0, &found.1))
}

fn without(tree: &Tree, name: &str) -> Tree {
    let kept = members(tree).iter().filter(|(key, _)| key.value != name);
    Tree {
        at: tree.at,
        node: Node::Map(kept.cloned().collect()),
    }
}

fn arms(tree: &Tree) -> Result<[Member<'_>; 2], Refusal> {
    let [first, second] = members(tree) else {
        return Err(tree.refuse("read the arms".into()).label(
            "two names with what each lays over the scenario are due here, the one without first",
        ));
    };
    for (_, arm) in [first, second] {
        Fields::open("an arm", arm, ARM)?;
    }
    Ok([(&first.0, &first.1), (&second.0, &second.1)])
}

fn rounds(base: &Tree, tree: &Tree, arms: &[Member<'_>; 2]) -> Result<Vec<Round>, Refusal> {
    let round = |(name, faults): &(Placed<String>, Tree)| {
        let mut scenarios = Vec::new();
        for (_, arm) in arms {
            let mut whole = laid_over(base, arm);
            if let Node::Map(members) = &mut whole.node {
                let key = Placed {
                    value: "faults".to_owned(),
                    at: name.at,
                };
                members.push((key, faults.clone()));
            }
            scenarios.push(scenario::read(&whole)?);
        }
        let scenarios = <[Scenario; 2]>::try_from(scenarios)
            .map_err(|_| Refusal::new(name.at, "read two arms"))?;
        Ok(Round {
            name: name.clone(),
            scenarios,
        })
    };
    let rounds: Vec<Round> = members(tree)
        .iter()
        .map(round)
        .collect::<Result<_, Refusal>>()?;
    if rounds.is_empty() {
        return Err(tree
            .refuse("read the rounds".into())
            .label("a list of faults by name is due here, like `headline: [...]`"));
    }
    Ok(rounds)
}

/// Maps merge key by key, anything else of `upper` replaces what is below it.
fn laid_over(lower: &Tree, upper: &Tree) -> Tree {
    let (Node::Map(below), Node::Map(above)) = (&lower.node, &upper.node) else {
        return upper.clone();
    };
    let mut merged = below.clone();
    for (key, value) in above {
        match merged
            .iter_mut()
            .find(|(known, _)| known.value == key.value)
        {
            Some((_, there)) => *there = laid_over(there, value),
            None => merged.push((key.clone(), value.clone())),
        }
    }
    Tree {
        at: upper.at,
        node: Node::Map(merged),
    }
}

fn claim(tree: &Tree) -> Result<Claim, Refusal> {
    let fields = Fields::open("a claim", tree, CLAIM)?;
    let text =
        |key: &'static str| fields.or(key, String::new(), |tree| Ok(tree.text(key)?.to_owned()));
    let measure = fields.get("measure").map(measured).transpose()?;
    let why = text("why")?;
    if measure.is_none() == why.is_empty() {
        return Err(tree
            .refuse("read a claim".into())
            .hint("give either `measure`, or `why` nothing here measures it"));
    }
    Ok(Claim {
        metric: fields.need("metric")?.text("the metric")?.to_owned(),
        without: text("without")?,
        with: text("with")?,
        claimed: text("claimed")?,
        reduction: fields
            .get("reduction")
            .map(|tree| tree.quantity(units::share))
            .transpose()?,
        measure,
        why,
    })
}

fn measured(tree: &Tree) -> Result<Measured, Refusal> {
    let word = tree.text("the measure")?;
    serde_json::from_value(word.into()).map_err(|_| {
        let known = Measured::ALL.map(Measured::name);
        Refusal::unknown(tree.at, format!("find the measure `{word}`"), word, &known)
    })
}

/// The faults of both arms must be the same.
///
/// # Errors
/// At the round, where planning made them differ.
pub fn same_faults(round: &Placed<String>, plans: &[crate::plan::Plan; 2]) -> Result<(), Refusal> {
    let [first, second] = plans;
    if first.faults == second.faults {
        return Ok(());
    }
    let differs = first
        .faults
        .iter()
        .zip(&second.faults)
        .find(|(a, b)| a != b);
    let what = differs.map_or("their number", |(fault, _)| fault.id.as_str());
    Err(Refusal::new(
        round.at,
        format!("hurt both arms of round `{}` alike", round.value),
    )
    .wide(round.value.len())
    .label(format!("the plans differ in {what}"))
    .hint("let both arms have the same nodes"))
}

/// The probe must be one of both arms.
///
/// # Errors
/// At the probe.
pub fn known_probe(probe: &Placed<String>, plan: &crate::plan::Plan) -> Result<(), Refusal> {
    let known: Vec<&str> = plan.probes.iter().map(|spec| spec.name.as_str()).collect();
    if known.contains(&probe.value.as_str()) {
        return Ok(());
    }
    let what = format!("find the probe `{}`", probe.value);
    Err(Refusal::unknown(probe.at, what, &probe.value, &known))
}

/// A scenario that is a comparison, where a run was asked for.
pub(crate) fn no_run(at: Place) -> Refusal {
    Refusal::new(at, "run a comparison as one scenario")
        .wide(KEY.len())
        .hint("use `brinell compare`")
}
