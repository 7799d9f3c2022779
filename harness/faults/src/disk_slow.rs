//! Limits how fast the target uses drives. What only reaches the page cache is not held back; what is synced, or read from the
//! medium, is.
use crate::drives::{self, DRIVES, ready};
use model::{
    act::{
        Act,
        disk::{self, Pace},
    },
    check::{Check, disk as check},
    drive::Drive,
    facts::{Capability, Facts, Targets, Unit},
    fault::{Fault, Kind, Lifetime, SettingDoc, Step, Unfit},
};
use serde::{Deserialize, Deserializer, Serialize, de::Error};

/// See the module.
pub struct DiskSlow;

/// What a scenario may set.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    #[serde(default = "drives::one", deserialize_with = "drives::some")]
    drives: u32,
    #[serde(default = "rate", deserialize_with = "paced")]
    rate: String,
}

fn rate() -> String {
    "1MiB/s".to_owned()
}

/// Slower than a block in a tenth of a second is better frozen; faster than this the page cache hides it.
const LEAST: u64 = 40 << 10;
const MOST: u64 = 64 << 20;

/// A number and its unit: bytes or operations per second.
fn pace(text: &str) -> Option<Pace> {
    let text = text.strip_suffix("/s")?;
    let digits = text.find(|c: char| !c.is_ascii_digit())?;
    let number: u64 = text[..digits].parse().ok()?;
    let bytes = |unit: u64| {
        number
            .checked_mul(unit)
            .filter(|rate| (LEAST..=MOST).contains(rate))
    };
    match &text[digits..] {
        "KiB" => bytes(1 << 10).map(Pace::Bytes),
        "MiB" => bytes(1 << 20).map(Pace::Bytes),
        "op" => (5..=1000)
            .contains(&number)
            .then_some(Pace::Operations(number)),
        _ => None,
    }
}

fn paced<'de, D: Deserializer<'de>>(from: D) -> Result<String, D::Error> {
    let text = String::deserialize(from)?;
    if pace(&text).is_some() {
        return Ok(text);
    }
    Err(D::Error::custom(format!(
        "`{text}` is no pace: `40KiB/s` to `64MiB/s` or `5op/s` to `1000op/s`, like `1MiB/s` or `20op/s`"
    )))
}

impl Fault for DiskSlow {
    type Settings = Settings;
    const NAME: &'static str = "disk-slow";
    const DOC: &'static str = "Limit how fast the target reads and writes drives.";
    const EXAMPLE: &'static str = "disk-slow: {drives: 1, rate: 1MiB/s}";
    const SETTINGS: &'static [SettingDoc] = &[
        DRIVES,
        SettingDoc {
            name: "rate",
            doc: "How fast, reads and writes each, in bytes (`1MiB/s`) or operations (`20op/s`).",
            default: "1MiB/s",
        },
    ];
    const PROOF: &'static str = "Effective when direct writes by a process of the target's own group get on no faster than asked (within a half); healed when they do, and the node does its work.";
    const KIND: Kind = Kind::Held;
    const NEEDS: &'static [Capability] = &[Capability::Drives, Capability::Throttle];
    const UNIT: Option<Unit> = Some(Unit::Container);
    const PEERS: bool = false;

    fn steps(settings: &Settings, on: &Targets) -> Result<Vec<Step>, Unfit> {
        let pace = pace(&settings.rate).ok_or(Unfit::Lacks("a pace that was checked before"))?;
        let mut steps = Vec::new();
        for node in &on.hurt {
            for drive in drives::first(node, settings.drives)? {
                steps.push(step(pace, node, drive)?);
            }
        }
        Ok(steps)
    }

    fn drives(settings: &Settings) -> u32 {
        settings.drives
    }
}

fn step(pace: Pace, node: &Facts, drive: &Drive) -> Result<Step, Unfit> {
    let throttle = node.throttle.clone();
    let throttle = throttle.ok_or(Unfit::Lacks("a group that limits block devices"))?;
    let check = |slow| {
        Check::Disk(Box::new(check::Check::Slow {
            drive: drive.clone(),
            throttle: throttle.clone(),
            pace,
            slow,
        }))
    };
    Ok(Step {
        effective: check(true),
        healed: Check::All(vec![check(false), ready(node)]),
        act: Act::Disk(Box::new(disk::Act::Slow {
            drive: drive.clone(),
            throttle: throttle.clone(),
            pace,
        })),
        lifetime: Lifetime::Guard,
    })
}
