//! Turns one bit over in data files of drives: the medium forgets, and nobody is told.
//!
//! It hits the middle of the largest files. Who reads them sees it only where somebody checks; a system that finds and repairs
//! it has written the file afresh, which counts as healed.
use crate::drives::{self, DRIVES, ready};
use model::{
    act::{Act, disk},
    check::{Check, disk as check},
    drive::{Drive, Spot},
    facts::{Capability, Facts, Targets, Unit},
    fault::{Fault, Kind, Lifetime, SettingDoc, Step, Unfit},
};
use serde::{Deserialize, Deserializer, Serialize, de::Error};

/// See the module.
pub struct BitRot;

/// What a scenario may set.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    #[serde(default = "drives::one", deserialize_with = "drives::some")]
    drives: u32,
    #[serde(default = "drives::one", deserialize_with = "few")]
    files: u32,
}

fn few<'de, D: Deserializer<'de>>(from: D) -> Result<u32, D::Error> {
    match u32::deserialize(from)? {
        count @ 1..=8 => Ok(count),
        count => Err(D::Error::custom(format!(
            "`{count}` files: 1 to 8 of a drive can rot"
        ))),
    }
}

impl Fault for BitRot {
    type Settings = Settings;
    const NAME: &'static str = "bit-rot";
    const DOC: &'static str = "Turn a bit over in data files of drives.";
    const EXAMPLE: &'static str = "bit-rot: {drives: 1, files: 1}";
    const SETTINGS: &'static [SettingDoc] = &[
        DRIVES,
        SettingDoc {
            name: "files",
            doc: "How many files of each drive, the largest ones; 1 to 8.",
            default: "1",
        },
    ];
    const PROOF: &'static str = "Effective when the byte reads back differently past the page cache; healed when it reads as written, or the system has written the file afresh.";
    const KIND: Kind = Kind::Held;
    const NEEDS: &'static [Capability] = &[Capability::Drives];
    const UNIT: Option<Unit> = Some(Unit::Container);
    const PEERS: bool = false;
    const MAY_END: bool = true;

    fn steps(settings: &Settings, on: &Targets) -> Result<Vec<Step>, Unfit> {
        let mut steps = Vec::new();
        for node in &on.hurt {
            for drive in drives::first(node, settings.drives)? {
                let spots = spots(node, drive, settings.files)?;
                steps.extend(spots.into_iter().map(|spot| step(node, spot)));
            }
        }
        Ok(steps)
    }

    fn drives(settings: &Settings) -> u32 {
        settings.drives
    }
}

/// Fewer files than asked for are hurt where there are no more, none is refused.
fn spots<'a>(node: &'a Facts, drive: &Drive, files: u32) -> Result<Vec<&'a Spot>, Unfit> {
    let below = format!("{}/", drive.below);
    let own = node
        .spots
        .iter()
        .filter(|spot| spot.file.starts_with(&below));
    let spots: Vec<_> = own.take(files as usize).collect();
    if spots.is_empty() {
        return Err(Unfit::Lacks("a data file on the drive"));
    }
    Ok(spots)
}

fn step(node: &Facts, spot: &Spot) -> Step {
    let check = |rotten| {
        Check::Disk(Box::new(check::Check::Rotten {
            spot: spot.clone(),
            rotten,
        }))
    };
    Step {
        act: Act::Disk(Box::new(disk::Act::Rot { spot: spot.clone() })),
        effective: check(true),
        healed: Check::All(vec![check(false), ready(node)]),
        lifetime: Lifetime::Guard,
    }
}
