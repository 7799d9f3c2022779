//! Answers every TCP packet between the target and its peers with a reset, as a middlebox does that has lost its state.
//!
//! Established connections end at their next packet (ECONNRESET), new ones are refused at once (ECONNREFUSED), until the rule
//! goes. Both ways only: with one way, the reset would reach the wrong side and the caller would wait.
use crate::between::{self, LIFETIME, Pair, Ways};
use model::{
    act::net::Fate,
    check::{Check, net},
    facts::{Capability, Targets, Unit},
    fault::{Fault, Kind, Lifetime, SettingDoc, Step, Unfit},
    units::Nanos,
};
use serde::{Deserialize, Serialize};

/// See the module.
pub struct ConnectionReset;

/// What a scenario may set.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    #[serde(default = "between::lifetime", deserialize_with = "between::span")]
    lifetime: String,
}

impl Fault for ConnectionReset {
    type Settings = Settings;
    const NAME: &'static str = "connection-reset";
    const DOC: &'static str = "Answer all TCP between the target and its peers with a reset.";
    const EXAMPLE: &'static str = "connection-reset: {lifetime: 5m}";
    const SETTINGS: &'static [SettingDoc] = &[LIFETIME];
    const PROOF: &'static str = "Effective when a connection to a listener of our own in the other network namespace is refused, in each direction; healed when it is made.";
    const KIND: Kind = Kind::Held;
    const NEEDS: &'static [Capability] = &[Capability::BridgeReset];
    const UNIT: Option<Unit> = None;
    const PEERS: bool = true;

    fn steps(settings: &Settings, on: &Targets) -> Result<Vec<Step>, Unfit> {
        let pairs = between::pairs(on, Ways::Both)?;
        Ok(vec![Step {
            act: between::filter(Fate::Reset, &pairs, between::checked(&settings.lifetime)?),
            effective: Check::All(each(&pairs, true)),
            healed: Check::All([each(&pairs, false), between::ready(on)].concat()),
            lifetime: Lifetime::Kernel,
        }])
    }

    fn lasts(settings: &Settings) -> Option<Nanos> {
        between::checked(&settings.lifetime).ok()
    }
}

fn each(pairs: &[Pair], refused: bool) -> Vec<Check> {
    let check = |(from, to): &Pair| {
        Check::Net(net::Check::Connects {
            from: between::end(from),
            to: between::end(to),
            refused,
        })
    };
    pairs.iter().map(check).collect()
}
