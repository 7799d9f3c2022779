//! Drops every packet between each hurt node and each peer, on the bridge of the run, both ways or one.
//!
//! Nobody gets an error: packets just do not arrive, and an established connection notices when its own timers do. Each
//! direction is proved by itself, since a ping cannot tell a one-way cut from a two-way one. With one way cut, TCP fails as a
//! whole all the same: acknowledgements are lost.
use crate::between::{self, LIFETIME, Pair, Ways};
use model::{
    act::net::Fate,
    check::Check,
    facts::{Capability, Targets, Unit},
    fault::{Fault, Kind, Lifetime, SettingDoc, Step, Unfit},
    units::Nanos,
};
use serde::{Deserialize, Serialize};

/// See the module.
pub struct Partition;

/// What a scenario may set.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    #[serde(default)]
    ways: Ways,
    #[serde(default = "between::lifetime", deserialize_with = "between::span")]
    lifetime: String,
}

impl Fault for Partition {
    type Settings = Settings;
    const NAME: &'static str = "partition";
    const DOC: &'static str =
        "Drop every packet between the target and its peers, both ways or one.";
    const EXAMPLE: &'static str = "partition: {ways: both, lifetime: 5m}";
    const SETTINGS: &'static [SettingDoc] = &[Ways::DOC, LIFETIME];
    const PROOF: &'static str = "Effective when numbered datagrams stop arriving in each direction that is cut, by itself; healed when they arrive in both.";
    const KIND: Kind = Kind::Held;
    const NEEDS: &'static [Capability] = &[Capability::BridgeFilter];
    const UNIT: Option<Unit> = None;
    const PEERS: bool = true;

    fn steps(settings: &Settings, on: &Targets) -> Result<Vec<Step>, Unfit> {
        let cut = between::pairs(on, settings.ways)?;
        let all = between::pairs(on, Ways::Both)?;
        let whole: Vec<Pair> = all
            .iter()
            .filter(|pair| !cut.contains(pair))
            .copied()
            .collect();
        Ok(vec![Step {
            act: between::filter(Fate::Dropped, &cut, between::checked(&settings.lifetime)?),
            effective: Check::All([each(&cut, false), each(&whole, true)].concat()),
            healed: Check::All([each(&all, true), between::ready(on)].concat()),
            lifetime: Lifetime::Kernel,
        }])
    }

    fn lasts(settings: &Settings) -> Option<Nanos> {
        between::checked(&settings.lifetime).ok()
    }
}

fn each(pairs: &[Pair], arrive: bool) -> Vec<Check> {
    let check = |(from, to): &Pair| Check::Datagrams {
        from: between::end(from),
        to: between::end(to),
        arrive,
    };
    pairs.iter().map(check).collect()
}
