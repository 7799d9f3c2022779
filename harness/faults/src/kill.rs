//! Ends a process the way a crash does: no goodbye, sockets closed by the kernel.
//!
//! Of a container its init gets the signal, so everything in it ends; of a process inside a container only that process.
//! A signal that may be caught (`TERM`) is proved like any other: the process must be gone.
use crate::node;
use model::{
    act::{Act, Signal},
    check::Check,
    facts::{Capability, Facts, Targets, Unit},
    fault::{Fault, Kind, Lifetime, SettingDoc, Step, Takes, Unfit},
};
use serde::{Deserialize, Deserializer, Serialize, de::Error};

/// See the module.
pub struct Kill;

/// What a scenario may set.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    #[serde(default = "kill", deserialize_with = "deadly")]
    signal: Signal,
}

fn kill() -> Signal {
    Signal::Kill
}

fn deadly<'de, D: Deserializer<'de>>(from: D) -> Result<Signal, D::Error> {
    match Signal::deserialize(from)? {
        Signal::Cont => Err(D::Error::custom(
            "`CONT` ends no process; `KILL`, `TERM`, `INT`, `HUP`, `QUIT`, `ABRT`, `USR1`, `USR2` or `PWR` may",
        )),
        signal => Ok(signal),
    }
}

impl Fault for Kill {
    type Settings = Settings;
    const NAME: &'static str = "kill";
    const DOC: &'static str = "End a process of the target at once.";
    const EXAMPLE: &'static str = "kill: {signal: KILL}";
    const SETTINGS: &'static [SettingDoc] = &[SettingDoc {
        name: "signal",
        doc: "What the process gets: KILL cannot be caught; TERM, INT, HUP, QUIT, ABRT, USR1, USR2, PWR can.",
        default: "KILL",
    }];
    const PROOF: &'static str = "Effective when the kernel reports the end of that very process; healed when its role is whole again.";
    const KIND: Kind = Kind::OneShot;
    const NEEDS: &'static [Capability] = &[Capability::HostPids];
    const UNIT: Option<Unit> = None;
    const PEERS: bool = false;
    const TAKES: Takes = Takes::Life;

    fn steps(settings: &Settings, on: &Targets) -> Result<Vec<Step>, Unfit> {
        on.hurt
            .iter()
            .map(|node| step(settings.signal, node))
            .collect()
    }
}

fn step(signal: Signal, node: &Facts) -> Result<Step, Unfit> {
    let process = node::life(node)?;
    Ok(Step {
        act: Act::Signal {
            process: process.clone(),
            signal,
            container: node.container.clone(),
            revived_by: node.revived_by,
        },
        effective: Check::Gone {
            process: process.clone(),
        },
        healed: Check::All(node::back(node)),
        lifetime: Lifetime::OneShot,
    })
}
