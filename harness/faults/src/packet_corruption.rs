//! Flips one bit in some packets on their way over the bridge of the run.
//!
//! Two faults in one: with its old checksum a damaged packet is noticed by the receiver's kernel and dropped, which is loss; with
//! a checksum that fits, nobody but the application itself can notice.
use crate::{
    between::{self, Ways},
    divert,
};
use model::{
    act::queue::Treatment,
    check::queue::Sign,
    facts::{Capability, Targets, Unit},
    fault::{Fault, Kind, SettingDoc, Step, Unfit},
    units::Nanos,
};
use serde::{Deserialize, Serialize};

/// See the module.
pub struct PacketCorruption;

/// What becomes of the checksum of a damaged packet.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Checksum {
    /// As it was: the damage is detected.
    Keep,
    /// Made to fit: the damage is silent.
    Fix,
}

/// What a scenario may set.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    #[serde(default = "share", deserialize_with = "divert::share")]
    share: String,
    #[serde(default = "keep")]
    checksum: Checksum,
    #[serde(default)]
    ways: Ways,
    #[serde(default = "between::lifetime", deserialize_with = "between::span")]
    lifetime: String,
}

fn share() -> String {
    "5%".to_owned()
}

fn keep() -> Checksum {
    Checksum::Keep
}

impl Fault for PacketCorruption {
    type Settings = Settings;
    const NAME: &'static str = "packet-corruption";
    const DOC: &'static str = "Flip a bit in some packets between the target and its peers.";
    const EXAMPLE: &'static str =
        "packet-corruption: {share: 5%, checksum: fix, ways: both, lifetime: 5m}";
    const SETTINGS: &'static [SettingDoc] = &[
        SettingDoc {
            name: "share",
            doc: "How many packets are damaged, 1% to 50%, drawn from the seed; a large send counts as one packet.",
            default: "5%",
        },
        SettingDoc {
            name: "checksum",
            doc: "Whether it is `keep`, so that the receiver's kernel drops the packet, or `fix`, so that bad bytes reach the reader.",
            default: "keep",
        },
        Ways::DOC,
        between::LIFETIME,
    ];
    const PROOF: &'static str = "Effective when numbered datagrams are lost and none arrives altered (`keep`) or some arrive altered (`fix`), in each chosen direction; healed when a long row of them arrives whole.";
    const KIND: Kind = Kind::Held;
    const NEEDS: &'static [Capability] = &[Capability::PacketQueue];
    const UNIT: Option<Unit> = None;
    const PEERS: bool = true;
    const MAY_END: bool = true;

    fn steps(settings: &Settings, on: &Targets) -> Result<Vec<Step>, Unfit> {
        let pairs = between::pairs(on, settings.ways)?;
        let share_ppm = divert::ppm(&settings.share)?;
        let silent = settings.checksum == Checksum::Fix;
        let treatment = Treatment {
            damaged_ppm: share_ppm,
            silent,
            seed: on.seed,
            ..Treatment::default()
        };
        let sign = if silent { Sign::Altered } else { Sign::Lost };
        let proof = |shows| divert::streams(&pairs, sign, share_ppm, shows);
        divert::step(on, &pairs, treatment, &settings.lifetime, proof)
    }

    fn lasts(settings: &Settings) -> Option<Nanos> {
        between::checked(&settings.lifetime).ok()
    }
}
