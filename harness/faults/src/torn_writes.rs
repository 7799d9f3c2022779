//! Writes the first half and says that all is written: what a power cut does to a write in flight, without the power cut.
//!
//! The length of the file is right and no error tells; whoever wrote still has the whole in its cache, until the file is opened
//! again. Only a checksum notices.
use crate::layer::{self, Spread};
use model::{
    act::fuse::{Effect, Op},
    facts::{Capability, Targets, Unit},
    fault::{Fault, Kind, SettingDoc, Step, Unfit},
    units::{self, Nanos},
};
use serde::{Deserialize, Serialize};

/// See the module.
pub struct TornWrites;

/// What a scenario may set.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    #[serde(default = "layer::one", deserialize_with = "layer::some")]
    drives: u32,
    #[serde(default = "share", deserialize_with = "layer::share")]
    share: String,
    #[serde(default = "layer::lifetime", deserialize_with = "layer::lasting")]
    lifetime: String,
}

fn share() -> String {
    "10%".to_owned()
}

impl Fault for TornWrites {
    type Settings = Settings;
    const NAME: &'static str = "torn-writes";
    const DOC: &'static str =
        "Write only the first half to drives of the target, and say that all is written.";
    const EXAMPLE: &'static str = "torn-writes: {drives: 1, share: 10%, lifetime: 5m}";
    const SETTINGS: &'static [SettingDoc] = &[
        layer::DRIVES,
        SettingDoc {
            name: "share",
            doc: "How many of the writes, from 1% to 100%.",
            default: "10%",
        },
        layer::LIFETIME,
    ];
    const PROOF: &'static str = "Effective when a write tried on the drive succeeds and reads back by half; healed when what is written, flushed and read back is right.";
    const KIND: Kind = Kind::Held;
    const NEEDS: &'static [Capability] = &[Capability::Fuse];
    const UNIT: Option<Unit> = Some(Unit::Container);
    const PEERS: bool = false;
    const MAY_END: bool = true;

    fn steps(settings: &Settings, on: &Targets) -> Result<Vec<Step>, Unfit> {
        let spread = Spread {
            drives: settings.drives,
            ops: &[Op::Write],
            share: &settings.share,
            lifetime: &settings.lifetime,
        };
        layer::steps(&spread, Effect::Tear, on)
    }

    fn layers(settings: &Settings) -> u32 {
        settings.drives
    }

    fn lasts(settings: &Settings) -> Option<Nanos> {
        units::duration(&settings.lifetime).ok()
    }
}
