//! The laws that every fault obeys, as functions of a catalog and of whoever acts: so that a wrong fault or a wrong undo can be
//! put in their place, and must be caught.
pub mod acting;
pub mod mutants;
pub mod words;
pub mod wrongs;

use model::{
    act::{Act, Undo},
    facts::{Facts, Targets},
    fault::{AnyFault, Kind, Step},
    journal::codec::{decode_value, encode_value},
    units::Nanos,
    world::World,
};
use proptest::{
    prelude::any,
    test_runner::{Config, TestCaseError, TestRunner},
};
use serde::{Deserialize, Serialize};

/// Who acts on the world, and keeps the undo in between.
pub trait Hands {
    fn record(&self, world: &World, act: &Act) -> Undo {
        world.record(act)
    }
    fn act(&self, world: &mut World, act: &Act) {
        world.act(act);
    }
    /// Through the journal and back.
    fn keep(&self, undo: &Undo) -> Undo {
        let restore = undo.clone();
        let line = encode_value(1, Nanos(7), &Kept { restore }).expect("an undo is an object");
        let (_, _, value) = decode_value(line.trim_end()).expect("a line just written reads back");
        let kept: Kept = serde_json::from_value(value).expect("an undo just written reads back");
        kept.restore
    }
    fn undo(&self, world: &mut World, undo: &Undo) {
        world.undo(undo);
    }
}

#[derive(Serialize, Deserialize)]
struct Kept {
    restore: Undo,
}

/// The model world itself.
pub struct Honest;
impl Hands for Honest {}

/// What is put to the test.
#[derive(Clone, Copy)]
pub struct Subject<'a> {
    pub catalog: &'a [&'a dyn AnyFault],
    pub hands: &'a dyn Hands,
}

pub type Told = Result<(), String>;
pub type Law = fn(Subject) -> Told;

/// Every law by the claim it makes.
pub const LAWS: &[(&str, Law)] = &[
    ("names are unique and kebab-case", words::names),
    ("docs and proofs are one sentence each", words::docs),
    ("examples parse, and defaults are explicit", words::examples),
    (
        "unknown settings are refused by their key",
        words::unknown_settings,
    ),
    (
        "effective is false before and true after",
        acting::effective,
    ),
    (
        "healed is false while hurt and true after undo",
        acting::healed,
    ),
    (
        "undo restores any world from any cut",
        acting::undo_restores,
    ),
    ("undo twice is once", acting::twice_is_once),
    (
        "two faults undone in any order end where they began",
        acting::any_order,
    ),
    (
        "a restarted target and strangers stay untouched",
        acting::strangers,
    ),
    ("removal takes the run and nobody else", acting::removal),
];

/// Calls `claim` for every fault with many worlds and choices; the draws are the same in each run.
pub fn forall(subject: Subject, claim: impl Fn(&Bench, World, u64) -> Told) -> Told {
    for fault in subject.catalog {
        let config = Config {
            cases: cases(),
            failure_persistence: None,
            ..Config::default()
        };
        let mut runner = TestRunner::new_with_rng(
            config,
            proptest::test_runner::TestRng::deterministic_rng(Default::default()),
        );
        let bench = Bench {
            fault: *fault,
            hands: subject.hands,
        };
        let done = runner.run(&(any::<u64>(), any::<u64>()), |(bits, choice)| {
            claim(&bench, World::of(bits), choice).map_err(TestCaseError::fail)
        });
        done.map_err(|error| format!("{}: {error}", fault.name()))?;
    }
    Ok(())
}

fn cases() -> u32 {
    std::env::var("PROPTEST_CASES")
        .ok()
        .and_then(|text| text.parse().ok())
        .unwrap_or(64)
}

/// One fault and who acts.
pub struct Bench<'a> {
    pub fault: &'a dyn AnyFault,
    pub hands: &'a dyn Hands,
}

/// What an injection came to.
#[derive(Debug, PartialEq, Eq)]
pub enum Outcome {
    AlreadyHurt,
    NotEffective,
    Effective,
}

impl Bench<'_> {
    /// Example settings against targets drawn from who is up; none where this world has no such targets.
    pub fn steps(&self, world: &World, choice: u64) -> Option<(Targets, Vec<Step>)> {
        let fits = |node: &&Facts| self.fault.unit().is_none_or(|unit| unit == node.unit);
        let nodes: Vec<Facts> = world.facts().iter().filter(fits).cloned().collect();
        let pick = |choice: u64| nodes.get(choice as usize % nodes.len().max(1)).cloned();
        let first = pick(choice)?;
        let hurt: Vec<Facts> = [
            Some(first.clone()),
            (choice >> 8 & 1 == 1).then(|| pick(choice >> 9)).flatten(),
        ]
        .into_iter()
        .flatten()
        .collect();
        let apart = |node: &&Facts| hurt.iter().all(|one| one.address != node.address);
        let peers: Vec<Facts> = world.facts().iter().filter(apart).cloned().collect();
        let mut on = Targets {
            hurt: vec![first],
            peers,
            seed: choice,
        };
        for node in hurt {
            if on.hurt.iter().all(|one| one.container != node.container) {
                on.hurt.push(node);
            }
        }
        if self.fault.peers() && on.peers.is_empty() {
            return None;
        }
        let settings = example(self.fault).ok()?;
        let steps = self.fault.steps(&settings, &on).ok()?;
        Some((on, steps))
    }

    pub fn is_held(&self) -> bool {
        self.fault.kind() == Kind::Held
    }

    /// As the guard does it: look, record, act, look.
    pub fn inject(&self, world: &mut World, step: &Step, undos: &mut Vec<Undo>) -> Outcome {
        if world.holds(&step.effective) {
            return Outcome::AlreadyHurt;
        }
        undos.push(self.hands.keep(&self.hands.record(world, &step.act)));
        self.hands.act(world, &step.act);
        if world.holds(&step.effective) {
            Outcome::Effective
        } else {
            Outcome::NotEffective
        }
    }

    /// In the order of heal: by rank, newest first.
    pub fn undo_all(&self, world: &mut World, undos: &[Undo]) {
        let mut order: Vec<&Undo> = undos.iter().rev().collect();
        order.sort_by_key(|undo| undo.rank());
        for undo in order {
            self.hands.undo(world, undo);
        }
    }
}

/// The settings of a fault's example, checked.
pub fn example(fault: &dyn AnyFault) -> Result<serde_json::Value, String> {
    let read: std::collections::BTreeMap<String, serde_json::Value> =
        serde_saphyr::from_str(fault.example())
            .map_err(|error| format!("the example does not parse: {error}"))?;
    let settings = read
        .get(fault.name())
        .ok_or("the example names another fault")?;
    fault
        .check(settings)
        .map_err(|error| format!("the example is refused: {error}"))
}

/// `Err` with `why` unless `holds`.
pub fn claim(holds: bool, why: impl FnOnce() -> String) -> Told {
    if holds { Ok(()) } else { Err(why()) }
}
