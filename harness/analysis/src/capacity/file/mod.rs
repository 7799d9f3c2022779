//! The capacity file: the question, what was measured, and what the user knows. Read strictly, every refusal at its place.
//!
//! - [`parse`] start here.   - [`Throughput`] what carries the load.   - [`Class`] how parts fail.   - [`Group`] what must be up.
mod class;
mod group;
mod quantity;
mod throughput;

pub use class::{Class, Life};
pub use group::{ErasureNeed, Group, Need, ReplicaNeed};
pub use quantity::{End, MONTH_H, Ranged, Source};
pub use throughput::Throughput;

use super::monte_carlo::Stop;
use model::scenario::{Fields, Keys, Node, Placed, Refusal, Tree};
use quantity::{one, ranged, rate, share, span};

/// A capacity file, read.
#[derive(Clone, Debug, PartialEq)]
pub struct File {
    /// What is asked, in one sentence.
    pub question: String,
    /// The seed, where the author fixed it.
    pub seed: Option<u64>,
    /// Records a second that must be carried.
    pub load: f64,
    /// Share of time in which they must be, 0 to 1.
    pub slo: f64,
    /// Share of the throughput that is kept free.
    pub headroom: f64,
    /// Length of an outage after which the backlog is worked off, h.
    pub outage: Option<Ranged>,
    /// How throughput grows.
    pub throughput: Throughput,
    /// Kinds of parts by name.
    pub classes: Vec<(Placed<String>, Class)>,
    /// What must be up.
    pub groups: Vec<Group>,
    /// When the simulation stops.
    pub stop: Stop,
}

/// How a measured recovery time is found in a report.
pub type LookUp<'a> = &'a dyn Fn(&Source) -> Result<Ranged, Refusal>;

/// Most groups and classes.
const MOST: usize = 100;

const TOP: Keys = &[
    ("brinell", "number of the schema: 1"),
    ("question", "one sentence: what is to be sized"),
    (
        "seed",
        "of resampling and simulation; drawn and printed where it is left out",
    ),
    ("load", "records a second that must be carried"),
    ("slo", "share of time in which they must be"),
    (
        "headroom",
        "share of the throughput that is kept free; default 0%",
    ),
    (
        "outage",
        "length of an outage whose backlog is worked off; default the repair of what carries the load",
    ),
    ("throughput", "how it grows with the number of executors"),
    ("classes", "how parts fail and come back, by name"),
    ("groups", "what must be up, by name"),
    ("simulate", "when the simulation stops"),
];
const SIMULATE: Keys = &[
    (
        "half_width",
        "half the width of the interval over its value; default 5%",
    ),
    ("lifetimes", "most component-lifetimes; default 5000000"),
];

/// Reads a capacity file.
///
/// # Errors
/// The first thing that is not as it should be, at its place, with the fix.
pub fn parse(text: &str, look_up: LookUp<'_>) -> Result<File, Refusal> {
    let tree = Tree::parse(text)?;
    let top = Fields::open("the capacity file", &tree, TOP)?;
    top.need("brinell")?
        .whole("the schema number `brinell`", 1, 1)
        .map_err(|refusal| refusal.hint("this version reads `brinell: 1`"))?;
    let classes = members(top.need("classes")?, "the classes")?
        .iter()
        .map(|(name, tree)| Ok((name.clone(), class::read(tree, look_up)?)))
        .collect::<Result<Vec<_>, Refusal>>()?;
    let groups = members(top.need("groups")?, "the groups")?
        .iter()
        .map(|(name, tree)| group::read(name, tree))
        .collect::<Result<Vec<_>, Refusal>>()?;
    let file = File {
        question: top.need("question")?.text("the question")?.to_owned(),
        seed: top
            .get("seed")
            .map(|seed| seed.whole("the seed", 0, u64::MAX))
            .transpose()?,
        load: one(top.need("load")?, rate)?,
        slo: inner(top.need("slo")?)?,
        headroom: top.or("headroom", 0.0, headroom)?,
        outage: top
            .get("outage")
            .map(|tree| ranged(tree, span))
            .transpose()?,
        throughput: throughput::read(top.need("throughput")?)?,
        stop: top.or("simulate", Stop::default(), stop)?,
        classes,
        groups,
    };
    file.agree()?;
    Ok(file)
}

impl File {
    /// The class of a group.
    pub fn class(&self, group: &Group) -> Option<&Class> {
        let named = |(name, _): &&(Placed<String>, Class)| name.value == group.class.value;
        self.classes.iter().find(named).map(|(_, class)| class)
    }

    /// Every class that is named exists; the load is carried by one group.
    fn agree(&self) -> Result<(), Refusal> {
        for group in &self.groups {
            if self.class(group).is_none() {
                let word = &group.class.value;
                let known: Vec<&str> = self
                    .classes
                    .iter()
                    .map(|(name, _)| name.value.as_str())
                    .collect();
                return Err(Refusal::unknown(
                    group.class.at,
                    format!("find the class `{word}`"),
                    word,
                    &known,
                ));
            }
        }
        let mut carriers = self.groups.iter().filter(|group| group.need == Need::Load);
        match (carriers.next(), carriers.next()) {
            (Some(_), None) => Ok(()),
            (_, Some(second)) => Err(Refusal::new(
                second.name.at,
                "size two groups for the same load",
            )
            .wide(second.name.value.len())
            .hint("give `need: load` to one group")),
            (None, _) => Err(Refusal::new(
                self.groups[0].name.at,
                "find the group that carries the load",
            )
            .hint("give one group `need: load`")),
        }
    }
}

fn members<'a>(tree: &'a Tree, what: &str) -> Result<&'a [(Placed<String>, Tree)], Refusal> {
    match &tree.node {
        Node::Map(members) if members.len() > MOST => {
            Err(tree.refuse(format!("take {} of {what}: at most {MOST}", members.len())))
        }
        Node::Map(members) if !members.is_empty() => Ok(members),
        _ => Err(tree
            .refuse(format!("read {what}"))
            .label("a map of names to settings is due here")),
    }
}

fn inner(tree: &Tree) -> Result<f64, Refusal> {
    let slo = one(tree, share)?;
    if slo > 0.0 && slo < 1.0 {
        Ok(slo)
    } else {
        Err(tree
            .refuse("take an objective that is always or never met".into())
            .hint("give more than 0% and less than 100%, like `99.9%`"))
    }
}

fn headroom(tree: &Tree) -> Result<f64, Refusal> {
    let share = one(tree, share)?;
    if share < 1.0 {
        Ok(share)
    } else {
        Err(tree.refuse("keep everything free: nothing would be carried".into()))
    }
}

fn stop(tree: &Tree) -> Result<Stop, Refusal> {
    let fields = Fields::open("the simulation", tree, SIMULATE)?;
    let default = Stop::default();
    let half_width = fields.or("half_width", default.half_width, |tree| one(tree, share))?;
    if half_width <= 0.0 {
        let (at, width) = tree.blame("half_width");
        return Err(Refusal::new(at, "stop at no width at all")
            .wide(width)
            .hint("give more than 0%"));
    }
    Ok(Stop {
        half_width,
        lifetimes: fields.or("lifetimes", default.lifetimes, |tree| {
            tree.whole("the number of lifetimes", 1, 100_000_000_000)
        })?,
    })
}

#[cfg(test)]
mod tests;
