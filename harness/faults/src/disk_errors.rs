//! Makes operations on drives fail the way a dying, full or remounted disk does, all or some of them.
//!
//! Reads that the page cache answers never reach the drive, so they do not fail; every opening of a file empties its cache.
use crate::layer::{self, Spread};
use model::{
    act::fuse::{Effect, Errno, Op},
    facts::{Capability, Targets, Unit},
    fault::{Fault, Kind, SettingDoc, Step, Unfit},
    units::{self, Nanos},
};
use serde::{Deserialize, Serialize};

/// See the module.
pub struct DiskErrors;

/// What a scenario may set.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    #[serde(default = "layer::one", deserialize_with = "layer::some")]
    drives: u32,
    #[serde(default = "operations", deserialize_with = "layer::ops")]
    operations: Vec<Op>,
    #[serde(default = "error")]
    error: Errno,
    #[serde(default = "share", deserialize_with = "layer::share")]
    share: String,
    #[serde(default = "layer::lifetime", deserialize_with = "layer::lasting")]
    lifetime: String,
}

fn operations() -> Vec<Op> {
    vec![Op::Write, Op::Fsync]
}

fn error() -> Errno {
    Errno::Eio
}

fn share() -> String {
    "100%".to_owned()
}

impl Fault for DiskErrors {
    type Settings = Settings;
    const NAME: &'static str = "disk-errors";
    const DOC: &'static str = "Make operations on drives of the target fail.";
    const EXAMPLE: &'static str = "disk-errors: {drives: 1, operations: [write, fsync], error: EIO, share: 100%, lifetime: 5m}";
    const SETTINGS: &'static [SettingDoc] = &[
        layer::DRIVES,
        SettingDoc {
            name: "operations",
            doc: "Which fail: read, write, fsync, create (and open), metadata (everything else).",
            default: r#"["write","fsync"]"#,
        },
        SettingDoc {
            name: "error",
            doc: "What they fail with: EIO, ENOSPC or EROFS.",
            default: "EIO",
        },
        SettingDoc {
            name: "share",
            doc: "How many of them, from 1% to 100%.",
            default: "100%",
        },
        layer::LIFETIME,
    ];
    const PROOF: &'static str = "Effective when each class of operation, tried on the drive, gives that error; healed when what is written, flushed and read back is right.";
    const KIND: Kind = Kind::Held;
    const NEEDS: &'static [Capability] = &[Capability::Fuse];
    const UNIT: Option<Unit> = Some(Unit::Container);
    const PEERS: bool = false;
    const MAY_END: bool = true;

    fn steps(settings: &Settings, on: &Targets) -> Result<Vec<Step>, Unfit> {
        let spread = Spread {
            drives: settings.drives,
            ops: &settings.operations,
            share: &settings.share,
            lifetime: &settings.lifetime,
        };
        layer::steps(&spread, Effect::Fail(settings.error), on)
    }

    fn layers(settings: &Settings) -> u32 {
        settings.drives
    }

    fn lasts(settings: &Settings) -> Option<Nanos> {
        units::duration(&settings.lifetime).ok()
    }
}
