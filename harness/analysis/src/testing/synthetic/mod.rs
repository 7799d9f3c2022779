//! A run folder made in memory: eight kills, three probes and a load, with outages exactly where a test puts them.
mod samples;

pub use samples::{UNITS, stall_at};

use crate::{Analysis, RunInput, analyze};
use model::{
    check::{Check, NodeState},
    fault::Kind,
    journal::{self, End, Event, event::SteadyCheck},
    ledger::{Stage, codec},
    objective,
    plan::{Load, Named, Phases, Plan, PlannedFault, Steady},
    samples::{Header, Op, Reading},
    scenario::{Place, Placed},
    system::{Outcome, ProbeKind, ProbeSpec},
    units::{MS, Nanos, S},
};
use serde_json::json;
use std::collections::BTreeMap;

/// Period of the latency probe and the age, ms.
pub const PERIOD: u64 = 100;
/// Where the baseline begins, ms.
pub const BASELINE: u64 = 6_000;
/// Where the faults begin, ms.
pub const FAULTS: u64 = 36_000;
/// Time between two faults, ms.
pub const EVERY: u64 = 20_000;
/// Settle time, ms.
pub const SETTLE: u64 = 5_000;

/// The file of its one stage.
const FILE: &str = "ledger/stored.stage";

/// A stretch of ms.
pub type Stretch = (u64, u64);

/// What to make. All times in ms since the epoch.
#[derive(Clone)]
pub struct Synthetic {
    /// Injections.
    pub repeats: u64,
    /// Whether they last (for 2 s) until healed.
    pub held: bool,
    /// `ack`: nothing is answered in these, then all that waited is.
    pub hangs: Vec<Stretch>,
    /// `ack`: refused at once in these.
    pub refused: Vec<Stretch>,
    /// `ack`: sent only at the end of these, by our own fault.
    pub stalled: Vec<Stretch>,
    /// `ack`: no sample at all in these.
    pub silent: Vec<Stretch>,
    /// `freshness`: grows in these.
    pub stale: Vec<Stretch>,
    /// `executors`: one short in these.
    pub short: Vec<Stretch>,
    /// The load: sent only at the end of these.
    pub load_stalled: Vec<Stretch>,
    /// Objectives as key and threshold.
    pub objectives: Vec<(String, String)>,
    /// Every clock reading later by this.
    pub shift: u64,
    /// Age of a batch in the baseline that was an accident.
    pub outlier: bool,
}

impl Default for Synthetic {
    fn default() -> Self {
        let kills = |from: u64, long: &dyn Fn(u64) -> u64| {
            (0..8)
                .map(|k| {
                    (
                        FAULTS + k * EVERY + from,
                        FAULTS + k * EVERY + from + long(k),
                    )
                })
                .collect()
        };
        Self {
            repeats: 8,
            held: false,
            hangs: kills(200, &|k| 1_000 + 100 * k),
            refused: Vec::new(),
            stalled: Vec::new(),
            silent: Vec::new(),
            stale: kills(200, &|k| 3_000 + 100 * k),
            short: kills(50, &|k| 2_000 + 100 * k),
            load_stalled: Vec::new(),
            objectives: [
                ("freshness{window:fault}", "p(99) < 10s"),
                ("recovery{fault:kill}", "med < 10s"),
                ("records_lost", "count == 0"),
                ("records_duplicated", "count == 0"),
                ("records_corrupted", "count == 0"),
            ]
            .map(|(key, threshold)| (key.to_owned(), threshold.to_owned()))
            .to_vec(),
            shift: 0,
            outlier: false,
        }
    }
}

impl Synthetic {
    /// End of the fault phase, ms.
    pub const fn recovery(&self) -> u64 {
        FAULTS + self.repeats.saturating_sub(1) * EVERY + 2_000
    }

    /// End of the recovery phase, ms.
    pub const fn end(&self) -> u64 {
        self.recovery() + 20_000
    }

    fn at(&self, ms: u64) -> Nanos {
        Nanos::ms(ms + self.shift)
    }

    /// The probes.
    pub fn probes() -> Vec<ProbeSpec> {
        let probe = |name: &str, kind, unit: &str, period, full| ProbeSpec {
            name: name.into(),
            kind,
            unit: unit.into(),
            doc: name.into(),
            period_ns: Nanos::ms(period),
            deadline_ns: Nanos::secs(5),
            full,
        };
        vec![
            probe("ack", ProbeKind::Latency, "s", PERIOD, None),
            probe("freshness", ProbeKind::GaugeLow, "s", PERIOD, None),
            probe(
                "executors",
                ProbeKind::GaugeFull,
                "executors",
                250,
                Some(2.0),
            ),
        ]
    }

    /// The plan.
    pub fn plan(&self) -> Plan {
        let placed = |text: &String| Placed {
            value: text.clone(),
            at: Place::default(),
        };
        let read = |(key, threshold): &(String, String)| {
            objective::parse(&placed(key), &placed(threshold), &Self::probes(), &["kill"]).unwrap()
        };
        Plan {
            schema: model::plan::SCHEMA.into(),
            name: "spark/synthetic".into(),
            claim: "Nothing is as bad as it looks.".into(),
            scenario_sha256: String::new(),
            seed: 7,
            nodes: Vec::new(),
            drives: Vec::new(),
            testbed: BTreeMap::new(),
            workload: Named {
                name: "pipeline".into(),
                settings: json!({}),
            },
            load: Load {
                rate: 10.0,
                poisson: false,
            },
            phases: Phases {
                warm_up_ns: Nanos::secs(5),
                baseline_ns: Nanos::secs(30),
                faults_ns: Nanos::ms(self.recovery() - FAULTS),
                recovery_ns: Nanos::secs(20),
                settle_ns: Nanos::ms(SETTLE),
                cool_down_ns: Nanos::secs(10),
            },
            steady: Steady {
                windows: 3,
                window_ns: Nanos::secs(10),
                within: 0.25,
            },
            faults: (0..self.repeats).map(|k| self.fault(k)).collect(),
            probes: Self::probes(),
            at_most: BTreeMap::new(),
            objectives: self.objectives.iter().map(read).collect(),
        }
    }

    fn fault(&self, k: u64) -> PlannedFault {
        PlannedFault {
            id: Self::id(k).as_str().into(),
            group: "kill".into(),
            fault: "kill".into(),
            kind: if self.held { Kind::Held } else { Kind::OneShot },
            settings: json!({}),
            question: String::new(),
            targets: vec!["spark-executor-1".into()],
            ask: None,
            peers: Vec::new(),
            peers_pick: None,
            ask_peers: None,
            after: Vec::new(),
            episode: None,
            at_ns: Nanos::ms(k * EVERY),
            hold_ns: self.held.then_some(Nanos::secs(2)),
            prove_ns: Nanos::secs(5),
            heal_within_ns: Nanos::secs(30),
            deadline_ns: Nanos::secs(60),
            needs: Vec::new(),
            place: (1, 1),
        }
    }

    /// Id of a repeat, from 0.
    pub fn id(k: u64) -> String {
        format!("kill#{}", k + 1)
    }

    /// The facts of the run, before they are numbered.
    pub fn events(&self) -> Vec<(Nanos, Event)> {
        let mut events = vec![
            (0, opened(self)),
            (0, entered("testbed")),
            (1_000, entered("warm-up")),
            (BASELINE, entered("baseline")),
            (
                FAULTS,
                Event::SteadyStateChecked {
                    when: "before".into(),
                    held: true,
                    checks: vec![SteadyCheck {
                        name: "ack".into(),
                        held: true,
                        measured: "5 ms".into(),
                    }],
                },
            ),
            (FAULTS, entered("faults")),
        ];
        (0..self.repeats).for_each(|k| events.extend(self.injection(k)));
        events.extend([
            (self.recovery(), entered("recovery")),
            (self.end(), entered("cool-down")),
            (
                self.end() + 8_000,
                Event::SamplesClosed {
                    source: "load".into(),
                    count: 0,
                    saturated: 0,
                    lost: 0,
                    classes: vec!["timeout".into()],
                },
            ),
            (
                self.end() + 8_100,
                Event::StageRead {
                    stage: "stored".into(),
                    path: FILE.into(),
                    sha256: String::new(),
                    complete: true,
                    why: None,
                    read: 0,
                    illegible: 0,
                },
            ),
            (
                self.end() + 8_200,
                Event::TestbedRemoved { leftovers: vec![] },
            ),
            (
                self.end() + 8_300,
                Event::RunClosed {
                    end: End::Finished,
                    leftovers: vec![],
                    why: None,
                },
            ),
        ]);
        events.sort_by_key(|(at, _)| *at);
        events
            .into_iter()
            .map(|(at, event)| (self.at(at), self.shifted(event)))
            .collect()
    }

    fn injection(&self, k: u64) -> Vec<(u64, Event)> {
        let (at, id) = (FAULTS + k * EVERY, Self::id(k).as_str().into());
        // Requested half a second before it takes effect: who takes the request for the effect is wrong by that.
        let heal = if self.held { at + 2_000 } else { at + 1_500 };
        let mut events = vec![
            (
                at - 500,
                Event::FaultRequested {
                    fault: "kill".into(),
                    id: Self::id(k).as_str().into(),
                },
            ),
            (
                at + 10,
                Event::FaultEffective {
                    id,
                    began_ns: Nanos::ms(at),
                    proved_ns: Nanos::ms(at + 10),
                    check: Check::Node {
                        node: "x".into(),
                        is: NodeState::Ready,
                    },
                    evidence: "gone".into(),
                },
            ),
        ];
        events.push((
            heal,
            Event::HealRequested {
                id: Self::id(k).as_str().into(),
                why: "hold over".into(),
            },
        ));
        events.push((
            heal + 10,
            Event::FaultHealed {
                id: Self::id(k).as_str().into(),
                began_ns: Nanos::ms(heal),
                proved_ns: Nanos::ms(heal + 10),
                evidence: "back".into(),
            },
        ));
        events
    }

    fn shifted(&self, event: Event) -> Event {
        let by = |at: Nanos| at.plus(Nanos::ms(self.shift));
        match event {
            Event::FaultEffective {
                id,
                began_ns,
                proved_ns,
                check,
                evidence,
            } => Event::FaultEffective {
                id,
                began_ns: by(began_ns),
                proved_ns: by(proved_ns),
                check,
                evidence,
            },
            Event::FaultHealed {
                id,
                began_ns,
                proved_ns,
                evidence,
            } => Event::FaultHealed {
                id,
                began_ns: by(began_ns),
                proved_ns: by(proved_ns),
                evidence,
            },
            other => other,
        }
    }

    /// The folder with these facts and these records in the one stage.
    pub fn folder(&self, events: &[(Nanos, Event)], stored: &[u64]) -> RunInput {
        self.folder_with(events, &self.stage(stored, &[]))
    }

    /// A stage of one partition with these records; of those, some damaged.
    pub fn stage(&self, stored: &[u64], damaged: &[u64]) -> Stage {
        let mut stage = Stage::new("stored", 1, self.load().len() as u64);
        let source = stage.source("file row");
        for (number, row) in stored.iter().zip(0..) {
            stage.take(*number, (source, row), !damaged.contains(number));
        }
        stage
    }

    /// The folder with these facts and this stage; the journal's own words on it follow.
    pub fn folder_with(&self, events: &[(Nanos, Event)], stage: &Stage) -> RunInput {
        let bytes = codec::encode(stage);
        let mut events = events.to_vec();
        for (_, event) in &mut events {
            if let Event::StageRead { path, .. } = event {
                *event = Event::StageRead {
                    stage: stage.name.clone(),
                    path: path.clone(),
                    sha256: codec::digest(&bytes),
                    complete: stage.complete.is_ok(),
                    why: stage.complete.clone().err(),
                    read: stage.read(),
                    illegible: stage.illegible,
                };
            }
        }
        let ops =
            |name: &str, ops: Vec<Op>| file("brinell.ops/1", name, ops.iter().map(Op::encode));
        let gauge = |name: &str, readings: Vec<Reading>| {
            file(
                "brinell.gauge/1",
                name,
                readings.iter().map(Reading::encode),
            )
        };
        RunInput {
            plan: self.plan().to_json().unwrap(),
            events: events.iter().enumerate().map(|(n, (at, event))| journal::encode(n as u64, *at, event).unwrap()).collect(),
            samples: [
                ("samples/ack.ops".to_owned(), ops("ack", self.ack())),
                ("samples/freshness.gauge".to_owned(), gauge("freshness", self.freshness())),
                ("samples/executors.gauge".to_owned(), gauge("executors", self.executors())),
                ("samples/load.ops".to_owned(), ops("load", self.load())),
            ]
            .into(),
            ledger: [(FILE.to_owned(), bytes)].into(),
            versions: Some(json!({"schema": "brinell.versions/1", "brinell": "0.1.0", "engine": {"version": "20.10"}}).to_string()),
        }
    }

    /// What the stage holds when all went well.
    pub fn stored(&self) -> Vec<u64> {
        self.load()
            .iter()
            .filter(|op| op.outcome == Outcome::Ok)
            .map(|op| u64::from(op.process))
            .collect()
    }

    /// The folder.
    pub fn input(&self) -> RunInput {
        self.folder(&self.events(), &self.stored())
    }

    /// What it shows.
    pub fn analysis(&self) -> Analysis {
        analyze(&self.input()).unwrap()
    }

    /// What it shows with another history of the stage.
    pub fn with_stored(&self, stored: &[u64], damaged: &[u64], complete: bool) -> Analysis {
        let mut stage = self.stage(stored, damaged);
        if !complete {
            stage = stage.unread("the deadline passed");
        }
        analyze(&self.folder_with(&self.events(), &stage)).unwrap()
    }
}

fn opened(run: &Synthetic) -> Event {
    Event::RunOpened {
        schema: journal::codec::SCHEMA.into(),
        run: "20260101T000000.000Z-0000".into(),
        seed: 7,
        scenario_sha256: String::new(),
        plan_sha256: crate::input::sha256(&run.plan().to_json().unwrap()),
        wall: "2026-01-01T00:00:00.000000Z".into(),
        boot_id: String::new(),
        epoch_mono_ns: 0,
    }
}

fn entered(phase: &str) -> Event {
    Event::PhaseEntered {
        phase: phase.into(),
    }
}

fn file(schema: &str, source: &str, records: impl Iterator<Item = [u8; 32]>) -> Vec<u8> {
    let header = Header {
        schema: schema.into(),
        source: source.into(),
        record: 32,
        unit: String::new(),
    };
    let mut bytes = serde_json::to_vec(&header).unwrap();
    bytes.push(b'\n');
    records.for_each(|record| bytes.extend(record));
    bytes
}
