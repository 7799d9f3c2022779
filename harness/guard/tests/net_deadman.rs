//! The dead man's switch for traffic and links: what a dead owner, or a dead owner and guard, leave of each of these acts.
//!
//! The rules go with the guard's sockets, whoever kills it. A pulled cable and a limited rate stay until the journal is replayed.
mod scene;

use guard::{checks, clock::Clock, engine_socket::Engine};
use model::{
    act::{
        Act,
        net::{self, Fate, Flow, Mute, Side},
    },
    check::{
        Check,
        net::{self as seen, Reply},
    },
    fault::{Lifetime, Step},
    guard::Answer,
    units::Nanos,
};
use scene::{
    Scene,
    owner::{LATER, Owner, inject, process},
    wait_for,
};
use std::net::Ipv4Addr;

const SERVER: Ipv4Addr = Ipv4Addr::new(127, 0, 0, 11);
const RATE: u64 = 1 << 20;
const BURST: u64 = 1 << 16;

fn holds(check: &Check) -> bool {
    let clock = Clock::since(0);
    let Ok(mut watches) = checks::open(check, &nowhere()) else {
        return false;
    };
    let until = clock.now().plus(Nanos::secs(4));
    checks::once(&mut watches, clock, until).seen.held
}

/// No engine is needed to undo what the kernel holds.
fn nowhere() -> Engine {
    Engine::at("/nonexistent/engine.sock".into())
}

fn step(act: net::Act, [effective, healed]: [seen::Check; 2], lifetime: Lifetime) -> Step {
    Step {
        act: Act::Net(act),
        effective: Check::Net(effective),
        healed: Check::Net(healed),
        lifetime,
    }
}

/// Rules: the resolver of the first node is muted, its connections to the second are reset.
fn rules(scene: &Scene) -> [Step; 2] {
    let [from, to] = [scene.end(0), scene.end(1)];
    let resolver = |reply| seen::Check::Resolver {
        process: from.process.clone(),
        server: SERVER,
        name: "node-0".to_owned(),
        reply,
    };
    let connects = |refused| seen::Check::Connects {
        from: from.clone(),
        to: to.clone(),
        refused,
    };
    let lifetime_ms = 120_000;
    let mute = net::Act::Mute {
        process: from.process.clone(),
        server: SERVER,
        how: Mute::Fast,
        lifetime_ms,
    };
    let reset = net::Act::Filter {
        fate: Fate::Reset,
        flows: vec![Flow {
            from: from.address,
            to: to.address,
        }],
        ends: vec![],
        lifetime_ms,
    };
    [
        step(
            mute,
            [Reply::Refused, Reply::Given].map(resolver),
            Lifetime::Kernel,
        ),
        step(reset, [true, false].map(connects), Lifetime::Kernel),
    ]
}

/// Links: what the first node sends is limited, the cable of the second is pulled.
fn links(scene: &Scene) -> [Step; 2] {
    let [from, to] = [scene.end(0), scene.end(1)];
    let rate = |limited| seen::Check::Rate {
        from: from.clone(),
        to: to.clone(),
        rate_bytes: RATE,
        burst_bytes: BURST,
        limited,
    };
    let cable = |plugged| seen::Check::Cable {
        end: to.clone(),
        plugged,
    };
    let shape = net::Act::Shape {
        end: from.clone(),
        sides: vec![Side::Out],
        rate_bytes: RATE,
        burst_bytes: BURST,
    };
    let unplug = net::Act::Unplug { end: to.clone() };
    [
        step(shape, [true, false].map(rate), Lifetime::Guard),
        step(unplug, [false, true].map(cable), Lifetime::Guard),
    ]
}

/// An owner whose guard holds all of them, each proved; the cable last, since nothing passes after it.
fn hurt(scene: &mut Scene) -> (Owner, [Step; 4]) {
    scene.resolve();
    let [[mute, reset], [shape, unplug]] = [rules(scene), links(scene)];
    // The rate is measured before connections are refused.
    let steps = [shape, mute, reset, unplug];
    let mut owner = Owner::of(&scene.config());
    for (number, step) in steps.iter().enumerate() {
        wait_for("the path", || holds(&step.healed));
        let answer = owner.ask(&inject(&format!("f#{number}"), step.clone(), LATER));
        let proved = matches!(&answer, Answer::Injected(done) if done.proof.held);
        assert!(proved, "{answer:?}");
    }
    (owner, steps)
}

#[test]
fn with_the_owner_killed_everything_is_whole_again() {
    let mut scene = Scene::new();
    let (mut owner, steps) = hurt(&mut scene);
    let guard = process(owner.guard);
    owner.kill();
    wait_for("the end of the guard", || !guard::process::lives(&guard));
    for step in steps.iter().rev() {
        wait_for("the heal", || holds(&step.healed));
    }
}

#[test]
fn with_the_guard_killed_too_the_journal_mends_the_links() {
    let mut scene = Scene::new();
    let (mut owner, [shape, mute, reset, unplug]) = hurt(&mut scene);
    let guard = process(owner.guard);
    owner.signal(owner.child.id(), libc::SIGSTOP);
    owner.signal(owner.guard, libc::SIGKILL);
    owner.kill();
    wait_for("the end of the guard", || !guard::process::lives(&guard));
    wait_for("the end of its table", || holds(&mute.healed));
    assert!(holds(&unplug.effective), "nobody has plugged it in yet");
    let report = guard::recover(&scene.folder.join("undo.jsonl"), &nowhere());
    assert!(report.is_clean() && report.undone.len() == 4, "{report:?}");
    for step in [unplug, reset, shape] {
        wait_for("the heal", || holds(&step.healed));
    }
}
