//! Drops every packet between each hurt node and each peer, both ways, on the bridge of the run.
//!
//! Nobody gets an error: packets just do not arrive, and an established connection notices when its own timers do. Each
//! direction is proved by itself, since a ping cannot tell a one-way cut from a two-way one.
use model::{
    act::{Act, Flow},
    check::{Check, End, NodeState},
    facts::{Capability, Facts, Targets, Unit},
    fault::{Fault, Kind, Lifetime, SettingDoc, Step, Unfit},
    units::{self, MS, Nanos},
};
use serde::{Deserialize, Deserializer, Serialize, de::Error};

/// See the module.
pub struct Partition;

/// What a scenario may set.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    #[serde(default = "lifetime", deserialize_with = "span")]
    lifetime: String,
}

fn lifetime() -> String {
    "5m".to_owned()
}

fn span<'de, D: Deserializer<'de>>(from: D) -> Result<String, D::Error> {
    let text = String::deserialize(from)?;
    match units::duration(&text) {
        Ok(span) if span.0 >= MS => Ok(text),
        Ok(_) => Err(D::Error::custom(format!(
            "`{text}` is shorter than the kernel's clock: at least `1ms`"
        ))),
        Err(error) => Err(D::Error::custom(error)),
    }
}

impl Fault for Partition {
    type Settings = Settings;
    const NAME: &'static str = "partition";
    const DOC: &'static str = "Drop every packet between the target and its peers, both ways.";
    const EXAMPLE: &'static str = "partition: {lifetime: 5m}";
    const SETTINGS: &'static [SettingDoc] = &[SettingDoc {
        name: "lifetime",
        doc: "The kernel forgets the rule by itself after this long, should everything else fail; longer than `hold`.",
        default: "5m",
    }];
    const PROOF: &'static str = "Effective when numbered datagrams stop arriving in each direction by itself; healed when they arrive in each.";
    const KIND: Kind = Kind::Held;
    const NEEDS: &'static [Capability] = &[Capability::BridgeFilter];
    const UNIT: Option<Unit> = None;
    const PEERS: bool = true;

    fn steps(settings: &Settings, on: &Targets) -> Result<Vec<Step>, Unfit> {
        let pairs = pairs(on);
        if pairs.is_empty() {
            return Err(Unfit::NoPeers);
        }
        let span = units::duration(&settings.lifetime);
        let span = span.map_err(|_| Unfit::Lacks("a lifetime that was checked before"))?;
        let flows = pairs.iter().map(|(from, to)| Flow {
            from: from.address,
            to: to.address,
        });
        Ok(vec![Step {
            act: Act::Cut {
                flows: flows.collect(),
                lifetime_ms: span.0 / MS,
            },
            effective: Check::All(each(&pairs, false)),
            healed: Check::All([each(&pairs, true), ready(on)].concat()),
            lifetime: Lifetime::Kernel,
        }])
    }

    fn lasts(settings: &Settings) -> Option<Nanos> {
        units::duration(&settings.lifetime).ok()
    }
}

/// Sender and receiver of each direction, each pair of addresses once: two nodes may share a container.
fn pairs(on: &Targets) -> Vec<(&Facts, &Facts)> {
    let mut pairs: Vec<(&Facts, &Facts)> = Vec::new();
    let across = |hurt| on.peers.iter().map(move |peer| (hurt, peer));
    for (hurt, peer) in on.hurt.iter().flat_map(across) {
        let known = |a: &Facts, b: &Facts| (a.address, b.address) == (hurt.address, peer.address);
        let twice = pairs.iter().any(|(a, b)| known(a, b) || known(b, a));
        if hurt.address != peer.address && !twice {
            pairs.extend([(hurt, peer), (peer, hurt)]);
        }
    }
    pairs
}

fn each(pairs: &[(&Facts, &Facts)], arrive: bool) -> Vec<Check> {
    let end = |node: &Facts| End {
        process: node.init.clone(),
        address: node.address,
    };
    let check = |(from, to): &(&Facts, &Facts)| Check::Datagrams {
        from: end(from),
        to: end(to),
        arrive,
    };
    pairs.iter().map(check).collect()
}

fn ready(on: &Targets) -> Vec<Check> {
    let ask = |node: &Facts| Check::Node {
        node: node.node.clone(),
        is: NodeState::Ready,
    };
    on.hurt.iter().map(ask).collect()
}
