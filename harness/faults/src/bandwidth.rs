//! Limits the rate of the target's interface with a token bucket: what it sends at its own half of the cable, what it receives at
//! the host's half.
//!
//! The whole interface is limited, whoever it talks to; the peers are those between whom and the target the rate is measured.
//! Where the load shares the interface, the measured rate is below the limit: only "not above" is asked.
use crate::between::{self, Pair, Ways};
use model::{
    act::{
        Act,
        net::{self, Side},
    },
    check::{self, Check},
    facts::{Capability, Facts, Targets, Unit},
    fault::{Fault, Kind, Lifetime, SettingDoc, Step, Unfit},
    units,
};
use serde::{Deserialize, Deserializer, Serialize, de::Error};

const KIB: u64 = 1 << 10;
const MIB: u64 = 1 << 20;

/// See the module.
pub struct Bandwidth;

/// What a scenario may set.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    #[serde(default = "usual_rate", deserialize_with = "rate")]
    rate: String,
    #[serde(default = "usual_burst", deserialize_with = "burst")]
    burst: String,
    #[serde(default)]
    ways: Ways,
}

fn usual_rate() -> String {
    "1MiB/s".to_owned()
}

fn usual_burst() -> String {
    "64KiB".to_owned()
}

fn rate<'de, D: Deserializer<'de>>(from: D) -> Result<String, D::Error> {
    let text = String::deserialize(from)?;
    match rate_bytes(&text) {
        Some(rate) if (64 * KIB..=128 * MIB).contains(&rate) => Ok(text),
        Some(_) => Err(D::Error::custom(format!(
            "`{text}` is out of range: `64KiB/s` to `128MiB/s`"
        ))),
        None => Err(D::Error::custom(format!(
            "read `{text}` as a rate; write it like `64KiB/s` or `1.5MiB/s`"
        ))),
    }
}

fn rate_bytes(text: &str) -> Option<u64> {
    units::bytes(text.strip_suffix("/s")?).ok()
}

fn burst<'de, D: Deserializer<'de>>(from: D) -> Result<String, D::Error> {
    let text = String::deserialize(from)?;
    match units::bytes(&text) {
        Ok(burst) if (4 * KIB..=MIB).contains(&burst) => Ok(text),
        Ok(_) => Err(D::Error::custom(format!(
            "`{text}` is out of range: `4KiB` to `1MiB`"
        ))),
        Err(error) => Err(D::Error::custom(error)),
    }
}

impl Fault for Bandwidth {
    type Settings = Settings;
    const NAME: &'static str = "bandwidth";
    const DOC: &'static str = "Limit the rate of the target's network interface.";
    const EXAMPLE: &'static str = "bandwidth: {rate: 1MiB/s, burst: 64KiB, ways: both}";
    const SETTINGS: &'static [SettingDoc] = &[
        SettingDoc {
            name: "rate",
            doc: "Bytes per second of each direction with all headers, 64KiB/s to 128MiB/s.",
            default: "1MiB/s",
        },
        SettingDoc {
            name: "burst",
            doc: "Bytes that may pass at once after a silence, 4KiB to 1MiB.",
            default: "64KiB",
        },
        Ways::DOC,
    ];
    const PROOF: &'static str = "Effective when a measured TCP transfer with a peer, after the burst, runs at most 15 % above the rate in each limited direction; healed when it runs at twice the rate or more.";
    const KIND: Kind = Kind::Held;
    const NEEDS: &'static [Capability] = &[Capability::Shaper];
    const UNIT: Option<Unit> = Some(Unit::Container);
    const PEERS: bool = true;

    fn steps(settings: &Settings, on: &Targets) -> Result<Vec<Step>, Unfit> {
        let rate = rate_bytes(&settings.rate);
        let rate = rate.ok_or(Unfit::Lacks("a rate that was checked before"))?;
        let burst = units::bytes(&settings.burst);
        let burst = burst.map_err(|_| Unfit::Lacks("a burst that was checked before"))?;
        let one = |node| step([rate, burst], settings.ways, node, &on.peers);
        on.hurt.iter().map(one).collect()
    }
}

fn step(
    [rate_bytes, burst_bytes]: [u64; 2],
    ways: Ways,
    node: &Facts,
    peers: &[Facts],
) -> Result<Step, Unfit> {
    let other = peers.iter().find(|peer| peer.address != node.address);
    let other = other.ok_or(Unfit::NoPeers)?;
    let out = ways.has_out().then_some((Side::Out, (node, other)));
    let inward = ways.has_in().then_some((Side::In, (other, node)));
    let (sides, pairs): (Vec<Side>, Vec<Pair>) = out.into_iter().chain(inward).unzip();
    let measured = |limited| {
        let check = |(from, to): &Pair| {
            Check::Net(check::net::Check::Rate {
                from: between::end(from),
                to: between::end(to),
                rate_bytes,
                burst_bytes,
                limited,
            })
        };
        Check::All(pairs.iter().map(check).collect())
    };
    let ready = Check::Node {
        node: node.node.clone(),
        is: check::NodeState::Ready,
    };
    Ok(Step {
        effective: measured(true),
        healed: Check::All(vec![measured(false), ready]),
        act: Act::Net(net::Act::Shape {
            end: between::end(node),
            sides,
            rate_bytes,
            burst_bytes,
        }),
        lifetime: Lifetime::Guard,
    })
}
