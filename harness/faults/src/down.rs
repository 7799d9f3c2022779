//! A machine that died and is gone for a while: everything in the container ends at once, and nobody starts it before its time.
//!
//! Beside `kill`, after which the container is started again as soon as its end is proved: what others do about a member that stays
//! away (declare it dead, elect, write without it) begins only after their own timeouts.
use model::{
    act::{Act, Signal},
    check::{Check, NodeState},
    facts::{Capability, Facts, Targets, Unit},
    fault::{Fault, Kind, Lifetime, SettingDoc, Step, Takes, Unfit},
    units::{Nanos, duration},
};
use serde::{Deserialize, Deserializer, Serialize, de::Error};

/// See the module.
pub struct Down;

/// What a scenario may set.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    #[serde(rename = "for", default = "a_while", deserialize_with = "span")]
    away: String,
}

fn a_while() -> String {
    "20s".into()
}

fn span<'de, D: Deserializer<'de>>(from: D) -> Result<String, D::Error> {
    let text = String::deserialize(from)?;
    match duration(&text) {
        Ok(span) if span >= Nanos::ms(100) => Ok(text),
        Ok(_) => Err(D::Error::custom(format!(
            "`{text}` is over before anybody notices; at least `100ms`, or use `kill`"
        ))),
        Err(error) => Err(D::Error::custom(format!("`{text}`: {error}"))),
    }
}

impl Fault for Down {
    type Settings = Settings;
    const NAME: &'static str = "down";
    const DOC: &'static str = "Kill the target's container, and start it again only after a while.";
    const EXAMPLE: &'static str = "down: {for: 20s}";
    const SETTINGS: &'static [SettingDoc] = &[SettingDoc {
        name: "for",
        doc: "How long it stays down before it is started again; at least 100ms, at most `limits.hold`.",
        default: "20s",
    }];
    const PROOF: &'static str = "Effective when the kernel reports the end of its init; healed when the container runs, its role is whole and it does its work.";
    const KIND: Kind = Kind::OneShot;
    const NEEDS: &'static [Capability] = &[Capability::HostPids];
    const UNIT: Option<Unit> = Some(Unit::Container);
    const PEERS: bool = false;
    const TAKES: Takes = Takes::Life;

    fn steps(_: &Settings, on: &Targets) -> Result<Vec<Step>, Unfit> {
        Ok(on.hurt.iter().map(step).collect())
    }

    fn stays(settings: &Settings) -> Option<Nanos> {
        duration(&settings.away).ok()
    }
}

fn step(node: &Facts) -> Step {
    let asks = |is| Check::Node {
        node: node.node.clone(),
        is,
    };
    let runs = Check::Runs {
        container: node.container.clone(),
    };
    Step {
        act: Act::Signal {
            process: node.init.clone(),
            signal: Signal::Kill,
            container: node.container.clone(),
            revived_by: node.revived_by,
        },
        effective: Check::Gone {
            process: node.init.clone(),
        },
        healed: Check::All(vec![runs, asks(NodeState::Count), asks(NodeState::Ready)]),
        lifetime: Lifetime::OneShot,
    }
}
