//! Delivers a share of the packets between each hurt node and each peer twice: a copy leaves where the packet enters the bridge.
//!
//! Which packets the kernel draws (`numgen random`), not the seed of the run: two runs share the share, not the packets. Each
//! direction is drawn and proved by itself.
use crate::between::{self, LIFETIME, Pair, Ways};
use model::{
    act::net::Fate,
    check::{
        Check,
        net::{self, Counted},
    },
    facts::{Capability, Targets, Unit},
    fault::{Fault, Kind, Lifetime, SettingDoc, Step, Unfit},
    units::Nanos,
};
use serde::{Deserialize, Serialize};

/// See the module.
pub struct PacketDuplication;

/// What a scenario may set.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    #[serde(default = "usual", deserialize_with = "between::share")]
    share: String,
    #[serde(default)]
    ways: Ways,
    #[serde(default = "between::lifetime", deserialize_with = "between::span")]
    lifetime: String,
}

fn usual() -> String {
    "20%".to_owned()
}

impl Fault for PacketDuplication {
    type Settings = Settings;
    const NAME: &'static str = "packet-duplication";
    const DOC: &'static str =
        "Deliver a share of the packets between the target and its peers twice.";
    const EXAMPLE: &'static str = "packet-duplication: {share: 20%, ways: both, lifetime: 5m}";
    const SETTINGS: &'static [SettingDoc] = &[
        SettingDoc {
            name: "share",
            doc: "Share of the packets of each direction, 1% to 90%; which ones is the kernel's draw, not the seed's.",
            default: "20%",
        },
        Ways::DOC,
        LIFETIME,
    ];
    const PROOF: &'static str = "Effective when, of a run of numbered datagrams in each direction, as many arrive twice as a binomial law with that share allows (false alarm at most 1 in 100 000); healed when none does in as long a run.";
    const KIND: Kind = Kind::Held;
    const NEEDS: &'static [Capability] = &[Capability::Doubling];
    const UNIT: Option<Unit> = None;
    const PEERS: bool = true;

    fn steps(settings: &Settings, on: &Targets) -> Result<Vec<Step>, Unfit> {
        let pairs = between::pairs(on, settings.ways)?;
        let share = between::per_10000(&settings.share)?;
        let lifetime = between::checked(&settings.lifetime)?;
        Ok(vec![Step {
            act: between::filter(Fate::Doubled(share), &pairs, lifetime),
            effective: Check::All(each(&pairs, share, share)),
            healed: Check::All([each(&pairs, 0, share), between::ready(on)].concat()),
            lifetime: Lifetime::Kernel,
        }])
    }

    fn lasts(settings: &Settings) -> Option<Nanos> {
        between::checked(&settings.lifetime).ok()
    }
}

/// As long a run for "none" as for the share.
fn each(pairs: &[Pair], per_10000: u32, share: u32) -> Vec<Check> {
    let check = |(from, to): &Pair| {
        Check::Net(net::Check::Share {
            from: between::end(from),
            to: between::end(to),
            counted: Counted::Doubled,
            per_10000,
            datagrams: net::run_of(share),
        })
    };
    pairs.iter().map(check).collect()
}
