//! What a cloud does when it takes a spot machine back: a notice, a grace, the end.
//!
//! The notice goes to the process that does the node's work, the end to the whole node. A process without a handler for the
//! notice hears none: then the fault is not effective. Should our own process end within the grace, the end never comes.
use crate::node;
use model::{
    act::{Act, Signal, process},
    check::{self, Check},
    facts::{Capability, Facts, Targets, Unit},
    fault::{Fault, Kind, Lifetime, SettingDoc, Step, Takes, Unfit},
    units::{self, MS, Nanos},
};
use serde::{Deserialize, Deserializer, Serialize, de::Error};

/// See the module.
pub struct SpotInterruption;

/// What a scenario may set.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    #[serde(default = "pwr", deserialize_with = "notice")]
    notice: Signal,
    #[serde(default = "five_seconds", deserialize_with = "span")]
    grace: String,
}

fn pwr() -> Signal {
    Signal::Pwr
}

fn five_seconds() -> String {
    "5s".to_owned()
}

fn notice<'de, D: Deserializer<'de>>(from: D) -> Result<Signal, D::Error> {
    match Signal::deserialize(from)? {
        signal @ (Signal::Pwr | Signal::Term) => Ok(signal),
        other => Err(D::Error::custom(format!(
            "`{}` is no notice: `PWR` or `TERM`",
            other.name()
        ))),
    }
}

/// The effect must be seen within the time a scenario gives for it, a minute at most.
fn span<'de, D: Deserializer<'de>>(from: D) -> Result<String, D::Error> {
    let text = String::deserialize(from)?;
    match units::duration(&text) {
        Ok(span) if (Nanos::ms(1)..=Nanos::secs(60)).contains(&span) => Ok(text),
        Ok(_) => Err(D::Error::custom(format!(
            "`{text}` is no grace: `1ms` to `60s`, and shorter than `prove`"
        ))),
        Err(error) => Err(D::Error::custom(error)),
    }
}

impl Fault for SpotInterruption {
    type Settings = Settings;
    const NAME: &'static str = "spot-interruption";
    const DOC: &'static str = "Give the target notice, and end it after a grace.";
    const EXAMPLE: &'static str = "spot-interruption: {notice: PWR, grace: 5s}";
    const SETTINGS: &'static [SettingDoc] = &[
        SettingDoc {
            name: "notice",
            doc: "How it is told: PWR or TERM.",
            default: "PWR",
        },
        SettingDoc {
            name: "grace",
            doc: "How long it has from the notice, 1ms to 60s; shorter than `prove`, since the end is what is proved.",
            default: "5s",
        },
    ];
    const PROOF: &'static str = "Effective when who was told had a handler for it and the kernel reports the end, both instants in the evidence; healed when its role is whole again.";
    const KIND: Kind = Kind::OneShot;
    const NEEDS: &'static [Capability] = &[Capability::HostPids];
    const UNIT: Option<Unit> = None;
    const PEERS: bool = false;
    const TAKES: Takes = Takes::Life;

    fn steps(settings: &Settings, on: &Targets) -> Result<Vec<Step>, Unfit> {
        let grace = units::duration(&settings.grace);
        let grace = grace.map_err(|_| Unfit::Lacks("a grace that was checked before"))?;
        on.hurt
            .iter()
            .map(|node| step(settings.notice, grace.0 / MS, node))
            .collect()
    }
}

fn step(signal: Signal, grace_ms: u64, node: &Facts) -> Result<Step, Unfit> {
    let (told, victim) = (node::main(node)?.clone(), node::life(node)?.clone());
    Ok(Step {
        effective: Check::Process(check::process::Check::Interrupted {
            told: told.clone(),
            signal,
            victim: victim.clone(),
        }),
        healed: Check::All(node::back(node)),
        act: Act::Process(process::Act::Notice {
            process: told,
            signal,
            victim,
            grace_ms,
            container: node.container.clone(),
            revived_by: node.revived_by,
        }),
        lifetime: Lifetime::OneShot,
    })
}
