//! Makes a straggler: the target's container gets a share of one processor and no more.
//!
//! It throttles only who wants more than the share: an idle target is not hurt, and then the fault is not effective.
use crate::node;
use model::{
    act::{
        Act,
        control::{self, Setting},
    },
    check::{self, Check},
    control::Cpu,
    facts::{Capability, Facts, Targets, Unit},
    fault::{Fault, Kind, Lifetime, SettingDoc, Step, Unfit},
    units,
};
use serde::{Deserialize, Deserializer, Serialize, de::Error};

/// See the module.
pub struct CpuQuota;

/// What a scenario may set.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    #[serde(default = "a_tenth", deserialize_with = "share")]
    share: String,
}

fn a_tenth() -> String {
    "10%".to_owned()
}

fn share<'de, D: Deserializer<'de>>(from: D) -> Result<String, D::Error> {
    let text = String::deserialize(from)?;
    match units::share(&text) {
        Ok(share) if share >= 0.01 => Ok(text),
        Ok(_) => Err(D::Error::custom(format!(
            "`{text}` is less than the kernel gives: `1%` to `100%` of one processor"
        ))),
        Err(error) => Err(D::Error::custom(error)),
    }
}

impl Fault for CpuQuota {
    type Settings = Settings;
    const NAME: &'static str = "cpu-quota";
    const DOC: &'static str = "Give the target's container a share of one processor.";
    const EXAMPLE: &'static str = "cpu-quota: {share: 10%}";
    const SETTINGS: &'static [SettingDoc] = &[SettingDoc {
        name: "share",
        doc: "How much of one processor it gets, 1% to 100%.",
        default: "10%",
    }];
    const PROOF: &'static str = "Effective when the kernel counts that the container used its quota up; healed when the old quota stands there and the node does its work.";
    const KIND: Kind = Kind::Held;
    const NEEDS: &'static [Capability] = &[Capability::CpuControl];
    const UNIT: Option<Unit> = Some(Unit::Container);
    const PEERS: bool = false;

    fn steps(settings: &Settings, on: &Targets) -> Result<Vec<Step>, Unfit> {
        let share = units::share(&settings.share);
        let share = share.map_err(|_| Unfit::Lacks("a share that was checked before"))?;
        on.hurt.iter().map(|node| step(share, node)).collect()
    }
}

fn step(share: f64, node: &Facts) -> Result<Step, Unfit> {
    let cpu: &Cpu = node
        .control
        .cpu
        .as_ref()
        .ok_or(Unfit::Lacks("a CPU quota file"))?;
    let setting = Setting {
        file: cpu.file(),
        key: String::new(),
        to: cpu.quota(share),
        of: node.init.clone(),
    };
    let old = Check::Reads {
        file: cpu.file(),
        want: cpu.now.clone(),
    };
    Ok(Step {
        act: Act::Control(control::Act::Set {
            settings: vec![setting],
            hog: None,
            start: None,
        }),
        effective: Check::Control(check::control::Check::Grew {
            file: cpu.stat(),
            key: "nr_throttled".to_owned(),
        }),
        healed: Check::All(vec![old, node::ready(node)]),
        lifetime: Lifetime::Guard,
    })
}
