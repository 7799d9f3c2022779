//! Wrong faults, each with one slip that somebody could make; the laws must catch every one.
use model::{
    act::{Act, Signal, control, disk, net, process, queue},
    check::Check,
    facts::{Capability, Targets, Unit},
    fault::{AnyFault, Escalation, Kind, SettingDoc, SettingsError, Step, Takes, Unfit},
    units::Nanos,
};
use serde_json::Value;

/// A fault that does as it should, but for some.
pub struct Wrong<'a> {
    pub inner: &'a dyn AnyFault,
    pub what: &'static str,
    pub name: Option<&'static str>,
    pub doc: Option<&'static str>,
    pub example: Option<&'static str>,
    pub lenient: bool,
    pub steps: fn(Step) -> Step,
}

fn wrong<'a>(inner: &'a dyn AnyFault, what: &'static str) -> Wrong<'a> {
    Wrong {
        inner,
        what,
        name: None,
        doc: None,
        example: None,
        lenient: false,
        steps: |step| step,
    }
}

/// Of each fault, each slip that it can make.
pub fn wrongs<'a>(catalog: &[&'a dyn AnyFault]) -> Vec<Wrong<'a>> {
    catalog.iter().flat_map(|fault| of(*fault)).collect()
}

fn of(fault: &dyn AnyFault) -> Vec<Wrong<'_>> {
    let mut wrongs = vec![
        Wrong {
            name: Some("Not_Kebab"),
            ..wrong(fault, "odd name")
        },
        Wrong {
            doc: Some("no sentence"),
            ..wrong(fault, "odd doc")
        },
        Wrong {
            example: Some("other: {}"),
            ..wrong(fault, "example of another fault")
        },
        Wrong {
            lenient: true,
            ..wrong(fault, "unknown keys accepted")
        },
        Wrong {
            steps: |step| Step {
                effective: Check::All(vec![]),
                ..step
            },
            ..wrong(fault, "effective always holds")
        },
        Wrong {
            steps: |step| Step {
                effective: step.healed.clone(),
                ..step
            },
            ..wrong(fault, "effective means healed")
        },
        Wrong {
            steps: |step| Step {
                healed: Check::All(vec![]),
                ..step
            },
            ..wrong(fault, "healed always holds")
        },
        Wrong {
            steps: |step| Step {
                healed: step.effective.clone(),
                ..step
            },
            ..wrong(fault, "healed means effective")
        },
    ];
    if fault.peers() && fault.kind() == Kind::Held {
        wrongs.push(Wrong {
            steps: one_way,
            ..wrong(fault, "one direction is left out")
        });
    }
    if fault.kind() == Kind::OneShot {
        wrongs.push(Wrong {
            steps: harmless,
            ..wrong(fault, "an act that ends nothing")
        });
    }
    wrongs
}

fn one_way(mut step: Step) -> Step {
    match &mut step.act {
        Act::Net(net::Act::Filter { flows, .. }) | Act::Queue(queue::Act::Divert { flows, .. }) => {
            flows.pop();
        }
        Act::Net(net::Act::Shape { sides, .. }) => drop(sides.pop()),
        _ => {}
    }
    step
}

/// The same act, but on nobody.
fn harmless(mut step: Step) -> Step {
    match &mut step.act {
        Act::Signal { signal, .. } => *signal = Signal::Cont,
        Act::Net(net::Act::Sever { peers, .. }) => peers.clear(),
        Act::Process(process::Act::Restart { container }) => container.clear(),
        Act::Process(process::Act::Notice { victim, .. }) => victim.start_ticks += 1,
        Act::Control(control::Act::Set { hog, .. }) => *hog = None,
        Act::Disk(act) => {
            if let disk::Act::ShutDown { victim, .. } = &mut **act {
                *victim = None;
            }
        }
        _ => {}
    }
    step
}

impl AnyFault for Wrong<'_> {
    fn name(&self) -> &'static str {
        self.name.unwrap_or(self.inner.name())
    }
    fn doc(&self) -> &'static str {
        self.doc.unwrap_or(self.inner.doc())
    }
    fn example(&self) -> &'static str {
        self.example.unwrap_or(self.inner.example())
    }
    fn settings(&self) -> &'static [SettingDoc] {
        self.inner.settings()
    }
    fn proof(&self) -> &'static str {
        self.inner.proof()
    }
    fn kind(&self) -> Kind {
        self.inner.kind()
    }
    fn needs(&self) -> &'static [Capability] {
        self.inner.needs()
    }
    fn unit(&self) -> Option<Unit> {
        self.inner.unit()
    }
    fn peers(&self) -> bool {
        self.inner.peers()
    }
    fn takes(&self) -> Takes {
        self.inner.takes()
    }
    fn may_end(&self) -> bool {
        self.inner.may_end()
    }
    fn escalation(&self) -> Escalation {
        self.inner.escalation()
    }
    fn check(&self, settings: &Value) -> Result<Value, SettingsError> {
        match (self.inner.check(settings), self.lenient) {
            (Err(_), true) => Ok(settings.clone()),
            (told, _) => told,
        }
    }
    fn steps(&self, settings: &Value, on: &Targets) -> Result<Vec<Step>, Unfit> {
        let steps = self.inner.steps(settings, on)?;
        Ok(steps.into_iter().map(self.steps).collect())
    }
    fn lasts(&self, settings: &Value) -> Option<Nanos> {
        self.inner.lasts(settings)
    }
}
