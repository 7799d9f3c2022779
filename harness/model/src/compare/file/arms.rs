//! Arms and rounds: what an arm lays over the scenario, and the scenarios that this makes.
use super::Round;
use crate::scenario::{self, Fields, Keys, Node, Placed, Refusal, Tree};

/// What an arm may say.
pub const ARM: Keys = &[
    ("testbed", "systems with their settings"),
    ("workload", "the job and its settings"),
    ("probes", "changes to the probes' own settings"),
    ("steady", "when the baseline counts as steady"),
];

/// A key with its value.
pub(super) type Member<'a> = (&'a Placed<String>, &'a Tree);

fn members(tree: &Tree) -> &[(Placed<String>, Tree)] {
    match &tree.node {
        Node::Map(members) => members,
        _ => &[],
    }
}

/// A key of a map with its value.
pub(super) fn member<'a>(tree: &'a Tree, name: &str) -> Option<Member<'a>> {
    let found = members(tree).iter().find(|(key, _)| key.value == name)?;
    Some((&found.0, &found.1))
}

/// A map without one of its keys.
pub(super) fn without(tree: &Tree, name: &str) -> Tree {
    let kept = members(tree).iter().filter(|(key, _)| key.value != name);
    Tree {
        at: tree.at,
        node: Node::Map(kept.cloned().collect()),
    }
}

/// The two arms, the one without first.
pub(super) fn arms(tree: &Tree) -> Result<[Member<'_>; 2], Refusal> {
    let [first, second] = members(tree) else {
        return Err(tree.refuse("read the arms".into()).label(
            "two names with what each lays over the scenario are due here, the one without first",
        ));
    };
    for (name, arm) in [first, second] {
        plain(name, "arm")?;
        Fields::open("an arm", arm, ARM).map_err(both)?;
    }
    Ok([(&first.0, &first.1), (&second.0, &second.1)])
}

/// Where no key is near, the rule is the fix.
fn both(refusal: Refusal) -> Refusal {
    match refusal.hint {
        Some(_) => refusal,
        None => refusal.hint("everything else is the same in both arms: say it above `compare`"),
    }
}

/// Names become folders.
fn plain(name: &Placed<String>, what: &str) -> Result<(), Refusal> {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    let text = &name.value;
    if !text.is_empty() && text.chars().all(is_plain) {
        return Ok(());
    }
    Err(
        Refusal::new(name.at, format!("name a folder after the {what} `{text}`"))
            .wide(text.chars().count())
            .hint("use letters, digits, `-` and `_`"),
    )
}

/// Every round with what each arm makes of it.
pub(super) fn rounds(
    base: &Tree,
    tree: &Tree,
    arms: &[Member<'_>; 2],
) -> Result<Vec<Round>, Refusal> {
    let rounds = members(tree);
    if rounds.is_empty() {
        return Err(tree
            .refuse("read the rounds".into())
            .label("lists of faults by name are due here, like `headline: [...]`"));
    }
    let round = |(name, faults): &(Placed<String>, Tree)| {
        plain(name, "round")?;
        if faults.items().is_empty() {
            return Err(faults
                .refuse(format!("read round `{}`", name.value))
                .label("at least one fault is due here"));
        }
        let of = |(_, arm): Member<'_>| scenario::read(&whole(base, arm, (name, faults)));
        Ok(Round {
            name: name.clone(),
            scenarios: [of(arms[0])?, of(arms[1])?],
        })
    };
    rounds.iter().map(round).collect()
}

/// The scenario of one arm and round, as if written out.
fn whole(base: &Tree, arm: &Tree, (name, faults): Member<'_>) -> Tree {
    let mut whole = laid_over(base, arm);
    // What the file as a whole lacks, the arm does not lack.
    whole.at = base.at;
    let key = Placed {
        value: "faults".to_owned(),
        at: name.at,
    };
    if let Node::Map(members) = &mut whole.node {
        members.push((key, faults.clone()));
    }
    whole
}

/// Maps merge key by key, anything else of `upper` replaces what is below it.
fn laid_over(lower: &Tree, upper: &Tree) -> Tree {
    let (Node::Map(below), Node::Map(above)) = (&lower.node, &upper.node) else {
        return upper.clone();
    };
    let mut merged = below.clone();
    for (key, value) in above {
        let there = merged
            .iter_mut()
            .find(|(known, _)| known.value == key.value);
        match there {
            Some((_, there)) => *there = laid_over(there, value),
            None => merged.push((key.clone(), value.clone())),
        }
    }
    Tree {
        at: upper.at,
        node: Node::Map(merged),
    }
}
