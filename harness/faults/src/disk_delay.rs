//! Makes operations on drives take longer, each by the same: a disk that answers, but late.
//!
//! Unlike a limit on the rate, it hits a client that asks for little as hard as one that asks for much. Up to eight operations
//! of a drive wait side by side.
use crate::layer::{self, Spread};
use model::{
    act::fuse::{Effect, Op},
    facts::{Capability, Targets, Unit},
    fault::{Fault, Kind, SettingDoc, Step, Unfit},
    units::{self, MS, Nanos},
};
use serde::{Deserialize, Deserializer, Serialize};

/// See the module.
pub struct DiskDelay;

/// What a scenario may set.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    #[serde(default = "layer::one", deserialize_with = "layer::some")]
    drives: u32,
    #[serde(default = "operations", deserialize_with = "layer::ops")]
    operations: Vec<Op>,
    #[serde(default = "delay", deserialize_with = "noticeable")]
    delay: String,
    #[serde(default = "layer::lifetime", deserialize_with = "layer::lasting")]
    lifetime: String,
}

fn operations() -> Vec<Op> {
    vec![Op::Read, Op::Write, Op::Fsync]
}

fn delay() -> String {
    "20ms".to_owned()
}

/// Less than a millisecond is noise of the disk, more than ten seconds no delay but a hang.
fn noticeable<'de, D: Deserializer<'de>>(from: D) -> Result<String, D::Error> {
    layer::span(from, Nanos(MS), Nanos::secs(10))
}

impl Fault for DiskDelay {
    type Settings = Settings;
    const NAME: &'static str = "disk-delay";
    const DOC: &'static str = "Make every operation on drives of the target take longer.";
    const EXAMPLE: &'static str =
        "disk-delay: {drives: 1, operations: [read, write, fsync], delay: 20ms, lifetime: 5m}";
    const SETTINGS: &'static [SettingDoc] = &[
        layer::DRIVES,
        SettingDoc {
            name: "operations",
            doc: "Which are late: read, write, fsync, create (and open), metadata (everything else).",
            default: r#"["read","write","fsync"]"#,
        },
        SettingDoc {
            name: "delay",
            doc: "How much later each of them is done, from 1ms to 10s.",
            default: "20ms",
        },
        layer::LIFETIME,
    ];
    const PROOF: &'static str = "Effective when each class of operation, tried on the drive, takes at least that long; healed when the layer delays no more and what is written, flushed and read back is right.";
    const KIND: Kind = Kind::Held;
    const NEEDS: &'static [Capability] = &[Capability::Fuse];
    const UNIT: Option<Unit> = Some(Unit::Container);
    const PEERS: bool = false;

    fn steps(settings: &Settings, on: &Targets) -> Result<Vec<Step>, Unfit> {
        let spread = Spread {
            drives: settings.drives,
            ops: &settings.operations,
            share: "100%",
            lifetime: &settings.lifetime,
        };
        layer::steps(&spread, Effect::Delay(layer::read(&settings.delay)?), on)
    }

    fn layers(settings: &Settings) -> u32 {
        settings.drives
    }

    fn lasts(settings: &Settings) -> Option<Nanos> {
        units::duration(&settings.lifetime).ok()
    }
}
