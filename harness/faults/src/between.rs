//! What faults between nodes share: who sends to whom, how long the kernel keeps a rule, shares, and the ends of a check.
use model::{
    act::{
        Act,
        net::{self, Fate, Flow},
    },
    check::{Check, End, NodeState},
    facts::{Facts, Targets},
    fault::{SettingDoc, Unfit},
    units::{self, MS, Nanos},
};
use serde::{Deserialize, Deserializer, Serialize, de::Error};

/// Which directions, as the target sees them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Ways {
    /// What it sends and what it receives.
    #[default]
    Both,
    /// What it sends.
    Out,
    /// What it receives.
    In,
}

impl Ways {
    pub const DOC: SettingDoc = SettingDoc {
        name: "ways",
        doc: "Which directions, as the target sees them: `out` is what it sends, `in` what it receives.",
        default: "both",
    };

    pub const fn has_out(self) -> bool {
        matches!(self, Self::Both | Self::Out)
    }

    pub const fn has_in(self) -> bool {
        matches!(self, Self::Both | Self::In)
    }
}

pub const LIFETIME: SettingDoc = SettingDoc {
    name: "lifetime",
    doc: "The kernel forgets the rule by itself after this long, should everything else fail; longer than `hold`.",
    default: "5m",
};

pub fn lifetime() -> String {
    "5m".to_owned()
}

/// A span that the kernel's clock can tell.
pub fn span<'de, D: Deserializer<'de>>(from: D) -> Result<String, D::Error> {
    let text = String::deserialize(from)?;
    match units::duration(&text) {
        Ok(span) if span.0 >= MS => Ok(text),
        Ok(_) => Err(D::Error::custom(format!(
            "`{text}` is shorter than the kernel's clock: at least `1ms`"
        ))),
        Err(error) => Err(D::Error::custom(error)),
    }
}

/// A span that was checked when it was read.
pub fn checked(text: &str) -> Result<Nanos, Unfit> {
    units::duration(text).map_err(|_| Unfit::Lacks("a duration that was checked before"))
}

/// From 1 % to 90 %: below, a proof would take thousands of datagrams; above, it is a partition.
pub fn share<'de, D: Deserializer<'de>>(from: D) -> Result<String, D::Error> {
    let text = String::deserialize(from)?;
    match units::share(&text) {
        Ok(share) if (0.01..=0.9).contains(&share) => Ok(text),
        Ok(_) => Err(D::Error::custom(format!(
            "`{text}` is out of range: `1%` to `90%`"
        ))),
        Err(error) => Err(D::Error::custom(error)),
    }
}

/// Of 10 000 so many.
pub fn per_10000(text: &str) -> Result<u32, Unfit> {
    let share = units::share(text);
    let share = share.map_err(|_| Unfit::Lacks("a share that was checked before"))?;
    Ok((share * 1e4).round() as u32)
}

/// Sender and receiver of a direction.
pub type Pair<'a> = (&'a Facts, &'a Facts);

/// Each direction between a hurt node and a peer once: two nodes may share a container, and nobody is cut from itself.
///
/// # Errors
/// Nobody is on the other side.
pub fn pairs(on: &Targets, ways: Ways) -> Result<Vec<Pair<'_>>, Unfit> {
    let mut pairs: Vec<Pair> = Vec::new();
    let across = |hurt| on.peers.iter().map(move |peer| (hurt, peer));
    for (hurt, peer) in on.hurt.iter().flat_map(across) {
        let out = ways.has_out().then_some((hurt, peer));
        let inward = ways.has_in().then_some((peer, hurt));
        for (from, to) in out.into_iter().chain(inward) {
            let known = |(a, b): &Pair| (a.address, b.address) == (from.address, to.address);
            if from.address != to.address && !pairs.iter().any(known) {
                pairs.push((from, to));
            }
        }
    }
    if pairs.is_empty() {
        Err(Unfit::NoPeers)
    } else {
        Ok(pairs)
    }
}

/// Gives all pairs that fate, in one act.
pub fn filter(fate: Fate, pairs: &[Pair], lifetime: Nanos) -> Act {
    let flow = |(from, to): &Pair| Flow {
        from: from.address,
        to: to.address,
    };
    let mut ends: Vec<End> = Vec::new();
    if matches!(fate, Fate::Doubled(_)) {
        for node in pairs.iter().flat_map(|(from, to)| [from, to]) {
            let one = end(node);
            if !ends.contains(&one) {
                ends.push(one);
            }
        }
    }
    Act::Net(net::Act::Filter {
        fate,
        flows: pairs.iter().map(flow).collect(),
        ends,
        lifetime_ms: lifetime.0 / MS,
    })
}

/// Where a check enters a node's network.
pub fn end(node: &Facts) -> End {
    End {
        process: node.init.clone(),
        address: node.address,
    }
}

/// Every hurt node does its work.
pub fn ready(on: &Targets) -> Vec<Check> {
    let ask = |node: &Facts| Check::Node {
        node: node.node.clone(),
        is: NodeState::Ready,
    };
    on.hurt.iter().map(ask).collect()
}

/// Each container of these nodes once.
pub fn homes(nodes: &[Facts]) -> Vec<&Facts> {
    let mut homes: Vec<&Facts> = Vec::new();
    for node in nodes {
        if homes.iter().all(|home| home.container != node.container) {
            homes.push(node);
        }
    }
    homes
}
