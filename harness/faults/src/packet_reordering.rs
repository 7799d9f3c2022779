//! Holds some packets for a moment, so that later ones overtake them.
//!
//! Nothing is lost; TCP takes late segments for lost ones, sends them again and slows down.
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
use serde::{Deserialize, Deserializer, Serialize};

/// See the module.
pub struct PacketReordering;

/// What a scenario may set.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    #[serde(default = "share", deserialize_with = "divert::share")]
    share: String,
    #[serde(default = "delay", deserialize_with = "delays")]
    delay: String,
    #[serde(default)]
    ways: Ways,
    #[serde(default = "between::lifetime", deserialize_with = "between::span")]
    lifetime: String,
}

fn share() -> String {
    "25%".to_owned()
}

fn delay() -> String {
    "10ms".to_owned()
}

fn delays<'de, D: Deserializer<'de>>(from: D) -> Result<String, D::Error> {
    divert::span(from, Nanos::ms(2), Nanos::secs(1))
}

impl Fault for PacketReordering {
    type Settings = Settings;
    const NAME: &'static str = "packet-reordering";
    const DOC: &'static str = "Let packets between the target and its peers overtake each other.";
    const EXAMPLE: &'static str =
        "packet-reordering: {share: 25%, delay: 10ms, ways: both, lifetime: 5m}";
    const SETTINGS: &'static [SettingDoc] = &[
        SettingDoc {
            name: "share",
            doc: "How many packets are held, 1% to 50%, drawn from the seed.",
            default: "25%",
        },
        SettingDoc {
            name: "delay",
            doc: "How long they are held, 2ms to 1s.",
            default: "10ms",
        },
        Ways::DOC,
        between::LIFETIME,
    ];
    const PROOF: &'static str = "Effective when numbered datagrams arrive out of order in each chosen direction by itself; healed when a long row of them arrives in order.";
    const KIND: Kind = Kind::Held;
    const NEEDS: &'static [Capability] = &[Capability::PacketQueue];
    const UNIT: Option<Unit> = None;
    const PEERS: bool = true;

    fn steps(settings: &Settings, on: &Targets) -> Result<Vec<Step>, Unfit> {
        let pairs = between::pairs(on, settings.ways)?;
        let share_ppm = divert::ppm(&settings.share)?;
        let treatment = Treatment {
            held_ppm: share_ppm,
            ..Treatment::hold(between::checked(&settings.delay)?, Nanos(0), on.seed)
        };
        let proof = |shows| divert::streams(&pairs, Sign::Overtaken, share_ppm, shows);
        divert::step(on, &pairs, treatment, &settings.lifetime, proof)
    }

    fn lasts(settings: &Settings) -> Option<Nanos> {
        between::checked(&settings.lifetime).ok()
    }
}
