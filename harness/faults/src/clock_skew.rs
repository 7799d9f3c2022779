//! Shifts the wall clock of the target's running processes, whatever they are written in; their monotonic clocks stay true.
//!
//! The clock code that the kernel maps into each process is replaced by "ask the kernel, add an offset". What they start later
//! runs on true time, as do file times and waits for an absolute instant.
use crate::node;
use model::{
    act::{Act, clock},
    check::{self, Check},
    facts::{Capability, Facts, Process, Targets, Unit},
    fault::{Fault, Kind, Lifetime, SettingDoc, Step, Takes, Unfit},
    units::{self, Nanos},
};
use serde::{Deserialize, Deserializer, Serialize, de::Error};

/// See the module.
pub struct ClockSkew;

/// What a scenario may set.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    #[serde(default = "ahead", deserialize_with = "shift")]
    by: String,
}

fn ahead() -> String {
    "+5m".to_owned()
}

/// Whole seconds: a call in the middle of the change could mix seconds and nanoseconds.
fn seconds(text: &str) -> Option<i64> {
    let (sign, span) = match text.split_at_checked(1)? {
        ("+", span) => (1, span),
        ("-", span) => (-1, span),
        _ => return None,
    };
    let span = units::duration(span).ok()?;
    let whole = span.0 > 0 && span.0 % Nanos::secs(1).0 == 0;
    whole.then(|| sign * (span.0 / Nanos::secs(1).0) as i64)
}

fn shift<'de, D: Deserializer<'de>>(from: D) -> Result<String, D::Error> {
    let text = String::deserialize(from)?;
    match seconds(&text) {
        Some(by) if by.unsigned_abs() <= 31_622_400 => Ok(text),
        _ => Err(D::Error::custom(format!(
            "`{text}` is no shift: a sign and whole seconds, such as `+5m` or `-30s`, a year at most"
        ))),
    }
}

impl Fault for ClockSkew {
    type Settings = Settings;
    const NAME: &'static str = "clock-skew";
    const DOC: &'static str = "Shift the wall clock of the target's running processes.";
    const EXAMPLE: &'static str = "clock-skew: {by: +5m}";
    const SETTINGS: &'static [SettingDoc] = &[SettingDoc {
        name: "by",
        doc: "How far and which way: `+` is ahead, `-` behind; whole seconds, a year at most.",
        default: "+5m",
    }];
    const PROOF: &'static str = "Effective when the clock code of each process reads back as the one that adds this offset, which the machine's probe saw a process of its own obey; healed when it reads back as the kernel's own and the node does its work.";
    const KIND: Kind = Kind::Held;
    const NEEDS: &'static [Capability] = &[Capability::Freezer, Capability::ClockPatch];
    const UNIT: Option<Unit> = None;
    const PEERS: bool = false;
    const TAKES: Takes = Takes::Hold;

    fn steps(settings: &Settings, on: &Targets) -> Result<Vec<Step>, Unfit> {
        let by_s = seconds(&settings.by);
        let by_s = by_s.ok_or(Unfit::Lacks("a shift that was checked before"))?;
        on.hurt.iter().map(|node| step(by_s, node)).collect()
    }
}

fn step(by_s: i64, node: &Facts) -> Result<Step, Unfit> {
    let freezer = node.freezer.clone();
    let freezer = freezer.ok_or(Unfit::Lacks("a freezer control file"))?;
    let main = node::main(node)?;
    let mut processes = node.processes.clone();
    processes.retain(|process| process != main);
    processes.insert(0, main.clone());
    let shifted = |process: &Process, by_s| {
        Check::Clock(check::clock::Check::Shifted {
            process: process.clone(),
            by_s,
        })
    };
    let each = |by_s| processes.iter().map(|one| shifted(one, by_s)).collect();
    let back: Vec<Check> = each(0);
    Ok(Step {
        effective: Check::All(each(by_s)),
        healed: Check::All([back, vec![node::ready(node)]].concat()),
        act: Act::Clock(clock::Act::Skew {
            processes,
            by_s,
            freezer,
        }),
        lifetime: Lifetime::Guard,
    })
}
