//! Packets through the queue worker: the same cases against the model world and against the kernel, then what only a kernel has:
//! a worker that hangs, a guard that dies. Known by datagrams between two networks, never by a return code.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]
mod scene;

use guard::{acts::Hands, checks, clock::Clock, engine_socket::Engine, queue::Queue};
use model::{
    act::{
        Act, Undo,
        net::Flow,
        queue::{self, Treatment},
    },
    check::{
        Check, End,
        queue::{Check as Packets, Sign},
    },
    facts::Facts,
    fault::{Lifetime, Step},
    guard::{Answer, Request},
    units::Nanos,
    world::World,
};
use scene::{
    Scene,
    owner::{LATER, Owner, inject, process},
    wait_for,
};
use std::{fs, process::Command, sync::Mutex, time::Instant};

const FAR_MS: u64 = 60_000;

/// Where acts are done and checks are looked at.
trait Ground {
    fn facts(&self) -> Vec<Facts>;
    fn record(&mut self, act: &Act) -> Undo;
    fn act(&mut self, act: &Act);
    fn undo(&mut self, undo: &Undo);
    /// Whether the check comes to hold.
    fn sees(&mut self, check: &Check) -> bool;
    /// Takes the measure of before.
    fn measure(&mut self, _: &Check) {}
}

impl Ground for World {
    fn facts(&self) -> Vec<Facts> {
        World::facts(self)
    }
    fn record(&mut self, act: &Act) -> Undo {
        World::record(self, act)
    }
    fn act(&mut self, act: &Act) {
        World::act(self, act);
    }
    fn undo(&mut self, undo: &Undo) {
        World::undo(self, undo);
    }
    fn sees(&mut self, check: &Check) -> bool {
        self.holds(check)
    }
}

struct Kernel {
    scene: Scene,
    hands: Hands,
}

impl Ground for Kernel {
    fn facts(&self) -> Vec<Facts> {
        self.scene.facts()
    }
    fn record(&mut self, act: &Act) -> Undo {
        self.hands.prepare(act).unwrap().undo()
    }
    fn act(&mut self, act: &Act) {
        let mut deed = self.hands.prepare(act).unwrap();
        deed.ready().unwrap();
        deed.go().unwrap();
    }
    fn undo(&mut self, undo: &Undo) {
        self.hands.undo(undo).unwrap();
    }
    fn sees(&mut self, check: &Check) -> bool {
        let clock = Clock::since(0);
        let mut watches = checks::open(check, &self.hands.engine).unwrap();
        watches.iter_mut().for_each(|watch| watch.forget());
        let until = clock.now().plus(Nanos::secs(5));
        let look = checks::until(&mut watches, true, clock, until);
        println!("{}", look.seen.evidence);
        look.seen.held
    }
    fn measure(&mut self, check: &Check) {
        let clock = Clock::since(0);
        let mut watches = checks::open(check, &self.hands.engine).unwrap();
        checks::once(&mut watches, clock, clock.now().plus(Nanos::secs(5)));
        watches.iter_mut().for_each(|watch| watch.forget());
    }
}

fn world() -> World {
    World::of(1)
}

fn kernel() -> Kernel {
    let scene = Scene::new();
    let mut hands = Hands::of(&scene.name, Engine::find());
    let worker = env!("CARGO_BIN_EXE_guard-standin");
    hands.queue = Mutex::new(Queue::of(&scene.name).with_worker(worker));
    Kernel { scene, hands }
}

macro_rules! cases {
    ($($name:ident)*) => {
        mod model_world {
            $(#[test] fn $name() { super::$name(&mut super::world()); })*
        }
        mod kernel {
            $(#[test] fn $name() { super::$name(&mut super::kernel()); })*
        }
    };
}

cases! {
    held_both_ways_a_round_trip_takes_twice_the_delay
    two_treatments_are_undone_in_any_order
    a_release_leaves_what_was_diverted_before
    some_packets_are_overtaken
    damage_with_its_checksum_is_loss
    silent_damage_reaches_the_reader
    undoing_twice_is_once
}

fn flows(facts: &[Facts]) -> [Flow; 2] {
    let (a, b) = (facts[0].address, facts[1].address);
    [Flow { from: a, to: b }, Flow { from: b, to: a }]
}

fn divert(flows: &[Flow], treatment: Treatment) -> Act {
    Act::Queue(queue::Act::Divert {
        flows: flows.to_vec(),
        treatment,
        lifetime_ms: FAR_MS,
    })
}

fn hold(ms: u64) -> Treatment {
    Treatment::hold(Nanos::ms(ms), Nanos(0), 7)
}

fn ends(facts: &[Facts]) -> [End; 2] {
    [0, 1].map(|at| End {
        process: facts[at].init.clone(),
        address: facts[at].address,
    })
}

/// Whether the round trip takes so much, give or take what a busy test machine adds.
fn takes(facts: &[Facts], ms: u64) -> Check {
    let [from, to] = ends(facts);
    Check::Queue(Packets::RoundTrip {
        from,
        to,
        by: Nanos::ms(ms),
        within: Nanos::ms(8),
        grown: ms > 0,
    })
}

fn stream(facts: &[Facts], sign: Sign, shows: bool) -> Check {
    let [from, to] = ends(facts);
    Check::Queue(Packets::Stream {
        from,
        to,
        sign,
        share_ppm: 100_000,
        shows,
    })
}

fn held_both_ways_a_round_trip_takes_twice_the_delay(ground: &mut impl Ground) {
    let facts = ground.facts();
    ground.measure(&takes(&facts, 60));
    assert!(ground.sees(&takes(&facts, 0)));
    let act = divert(&flows(&facts), hold(30));
    let undo = ground.record(&act);
    ground.act(&act);
    assert!(ground.sees(&takes(&facts, 60)));
    ground.undo(&undo);
    assert!(ground.sees(&takes(&facts, 0)));
}

fn two_treatments_are_undone_in_any_order(ground: &mut impl Ground) {
    let facts = ground.facts();
    let [there, back] = flows(&facts);
    ground.measure(&takes(&facts, 70));
    for first in [true, false] {
        let acts = [divert(&[there], hold(20)), divert(&[back], hold(50))];
        let undos = acts.each_ref().map(|act| {
            let undo = ground.record(act);
            ground.act(act);
            undo
        });
        assert!(ground.sees(&takes(&facts, 70)));
        let (one, other, left) = if first { (0, 1, 50) } else { (1, 0, 20) };
        ground.undo(&undos[one]);
        assert!(ground.sees(&takes(&facts, left)));
        ground.undo(&undos[other]);
        assert!(ground.sees(&takes(&facts, 0)));
    }
}

fn a_release_leaves_what_was_diverted_before(ground: &mut impl Ground) {
    let facts = ground.facts();
    let [there, back] = flows(&facts);
    ground.measure(&takes(&facts, 90));
    let before = divert(&[there], hold(30));
    let first = ground.record(&before);
    ground.act(&before);
    let act = divert(&[there, back], hold(60));
    let undo = ground.record(&act);
    ground.act(&act);
    assert!(ground.sees(&takes(&facts, 90)), "the first comer stays");
    ground.undo(&undo);
    assert!(ground.sees(&takes(&facts, 30)));
    ground.undo(&first);
    assert!(ground.sees(&takes(&facts, 0)));
}

fn shows(ground: &mut impl Ground, sign: Sign, treatment: Treatment) {
    let facts = ground.facts();
    let act = divert(&flows(&facts), treatment);
    assert!(ground.sees(&stream(&facts, sign, false)));
    let undo = ground.record(&act);
    ground.act(&act);
    assert!(ground.sees(&stream(&facts, sign, true)));
    ground.undo(&undo);
    assert!(ground.sees(&stream(&facts, sign, false)));
}

fn some_packets_are_overtaken(ground: &mut impl Ground) {
    let treatment = Treatment {
        held_ppm: 100_000,
        ..hold(10)
    };
    shows(ground, Sign::Overtaken, treatment);
}

fn damaged(silent: bool) -> Treatment {
    Treatment {
        damaged_ppm: 100_000,
        silent,
        seed: 7,
        ..Treatment::default()
    }
}

fn damage_with_its_checksum_is_loss(ground: &mut impl Ground) {
    shows(ground, Sign::Lost, damaged(false));
}

fn silent_damage_reaches_the_reader(ground: &mut impl Ground) {
    shows(ground, Sign::Altered, damaged(true));
}

fn undoing_twice_is_once(ground: &mut impl Ground) {
    let facts = ground.facts();
    let act = divert(&flows(&facts), hold(30));
    let undo = ground.record(&act);
    ground.undo(&undo);
    ground.act(&act);
    ground.undo(&undo);
    ground.undo(&undo);
    assert!(ground.sees(&takes(&facts, 0)));
}

/// How a fault asks for it: 25 ms each way, proved by the round trip.
fn slow(scene: &Scene) -> Step {
    let facts = scene.facts();
    Step {
        act: divert(&flows(&facts), hold(25)),
        effective: takes(&facts, 50),
        healed: takes(&facts, 0),
        lifetime: Lifetime::Kernel,
    }
}

/// An owner whose guard holds that, proved; the worker's process.
fn slowed(scene: &Scene, step: Step) -> (Owner, u32) {
    let mut owner = Owner::of(&scene.config());
    let answer = owner.ask(&inject("slow", step, LATER));
    let Answer::Injected(done) = answer else {
        panic!("{answer:?}")
    };
    assert!(done.proof.held, "{}", done.proof.evidence);
    println!("{}: {}", done.backend, done.proof.evidence);
    let worker = child_of(owner.guard).unwrap();
    (owner, worker)
}

/// The one child of a guard.
fn child_of(guard: u32) -> Option<u32> {
    let threads = fs::read_dir(format!("/proc/{guard}/task")).ok()?;
    let children = threads
        .flatten()
        .filter_map(|one| fs::read_to_string(one.path().join("children")).ok());
    children
        .collect::<String>()
        .split_whitespace()
        .next()?
        .parse()
        .ok()
}

fn rules() -> String {
    let saved = Command::new("iptables-save")
        .args(["-t", "mangle"])
        .output()
        .unwrap();
    String::from_utf8_lossy(&saved.stdout).into_owned()
}

/// Looks, without asking any guard, whether the round trip is short again.
fn flows_again(scene: &Scene) -> bool {
    let clock = Clock::since(0);
    let mut watches = checks::open(&takes(&scene.facts(), 0), &Engine::find()).unwrap();
    let look = checks::until(&mut watches, true, clock, clock.now().plus(Nanos::ms(500)));
    look.seen.held
}

#[test]
fn a_fault_is_proved_healed_and_leaves_nothing() {
    let scene = Scene::new();
    let (mut owner, worker) = slowed(&scene, slow(&scene));
    assert!(rules().contains("brinell:"));
    let Answer::Healed(healed) = owner.ask(&Request::Heal {
        fault: "slow".into(),
        healed: vec![slow(&scene).healed],
        prove: Nanos::secs(5),
    }) else {
        panic!("not healed")
    };
    assert!(healed.proof.held, "{}", healed.proof.evidence);
    println!("{}", healed.proof.evidence);
    assert!(!rules().contains("brinell:"), "{}", rules());
    let gone = process(worker);
    assert!(!guard::process::lives(&gone), "no fault, no worker");
    let Answer::Closed { leftovers } = owner.ask(&Request::Close) else {
        panic!("not closed")
    };
    assert_eq!(leftovers, [] as [String; 0]);
}

/// A stopped worker holds every packet for ever; the guard notices its silence.
#[test]
fn a_hung_worker_is_killed_and_packets_pass_again() {
    let scene = Scene::new();
    let (owner, worker) = slowed(&scene, slow(&scene));
    owner.signal(worker, libc::SIGSTOP);
    let stopped = Instant::now();
    wait_for("packets that pass", || flows_again(&scene));
    println!(
        "worker stopped: packets pass after {:.1?}",
        stopped.elapsed()
    );
    let journal = scene.folder.join("undo.jsonl");
    let told = || {
        fs::read_to_string(&journal)
            .unwrap()
            .contains("worker-killed")
    };
    wait_for("the journal's word of it", told);
}

#[test]
fn a_killed_worker_lets_packets_pass() {
    let scene = Scene::new();
    let (owner, worker) = slowed(&scene, slow(&scene));
    owner.signal(worker, libc::SIGKILL);
    wait_for("packets that pass", || flows_again(&scene));
}

#[test]
fn a_killed_guard_leaves_no_delay() {
    let scene = Scene::new();
    let (owner, worker) = slowed(&scene, slow(&scene));
    let worker = process(worker);
    owner.signal(owner.guard, libc::SIGKILL);
    let killed = Instant::now();
    wait_for("packets that pass", || flows_again(&scene));
    println!("guard killed: packets pass after {:.1?}", killed.elapsed());
    wait_for("the end of the worker", || !guard::process::lives(&worker));
}

/// The kernel forgets the pairs, and the worker has a deadline of its own.
#[test]
fn a_hung_guard_leaves_no_delay_beyond_the_lifetime() {
    let scene = Scene::new();
    let mut step = slow(&scene);
    if let Act::Queue(queue::Act::Divert { lifetime_ms, .. }) = &mut step.act {
        *lifetime_ms = 1500;
    }
    let (owner, _) = slowed(&scene, step);
    owner.signal(owner.guard, libc::SIGSTOP);
    wait_for("packets that pass", || flows_again(&scene));
    owner.signal(owner.guard, libc::SIGKILL);
}

/// With both dead the rule stands, and a worker that hangs: a replay of the journal takes both away.
#[test]
fn with_owner_and_guard_killed_a_replay_leaves_no_rule() {
    let scene = Scene::new();
    let (mut owner, worker) = slowed(&scene, slow(&scene));
    let (guard, worker) = (process(owner.guard), process(worker));
    owner.signal(worker.pid, libc::SIGSTOP);
    owner.signal(owner.child.id(), libc::SIGSTOP);
    owner.signal(owner.guard, libc::SIGKILL);
    owner.kill();
    wait_for("the end of the guard", || !guard::process::lives(&guard));
    assert!(rules().contains("brinell:"), "nobody has removed it yet");
    let report = guard::recover(&scene.folder.join("undo.jsonl"), &Engine::find());
    assert!(report.is_clean(), "{report:?}");
    assert!(!rules().contains("brinell:"), "{}", rules());
    wait_for("the end of the worker", || !guard::process::lives(&worker));
    assert!(flows_again(&scene));
}

/// Rules of a run of which nothing else is known are swept by their comment, but not while somebody serves their queue.
#[test]
fn a_sweep_takes_rules_that_nobody_serves() {
    let scene = Scene::new();
    let (mut owner, worker) = slowed(&scene, slow(&scene));
    assert_eq!(
        guard::queue::rules::sweep(|_| true),
        Ok(vec![]),
        "its worker lives"
    );
    let (guard, worker) = (process(owner.guard), process(worker));
    owner.signal(owner.child.id(), libc::SIGSTOP);
    owner.signal(owner.guard, libc::SIGKILL);
    owner.kill();
    wait_for("the end of both", || {
        [&guard, &worker]
            .iter()
            .all(|one| !guard::process::lives(one))
    });
    let swept = guard::queue::rules::sweep(|_| true).unwrap();
    assert!(
        matches!(&swept[..], [one] if one.contains("brinell:")),
        "{swept:?}"
    );
    assert!(!rules().contains("brinell:"), "{}", rules());
}
