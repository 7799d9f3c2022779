//! The dead man's switch on the real kernel: an owner that dies, hangs or leaves an act overdue is undone, guard or no guard.
//!
//! The effects are looked at by this process, with checks of its own; each test prints how long it took, none asserts it.
mod scene;

use guard::{checks, clock::Clock, engine_socket::Engine, journal::Replay, registry::Registry};
use model::{
    act::{Act, Undo, net},
    check::Check,
    facts::Process,
    guard::{Answer, Request},
    units::Nanos,
};
use scene::{
    Scene,
    owner::{LATER, Owner, both, cut, freeze, hurt, inject, process, reads},
    wait_for,
};
use std::{fs, path::PathBuf, time::Instant};

fn holds(check: &Check) -> bool {
    let clock = Clock::since(0);
    let Ok(mut watches) = checks::open(check, &Engine::find()) else {
        return false;
    };
    checks::once(&mut watches, clock, clock.now().plus(Nanos::secs(2)))
        .seen
        .held
}

/// Both effects are gone; prints how long after `since` each was first seen to be.
fn healed(scene: &Scene, since: Instant, what: &str) {
    wait_for("the thaw", || holds(&reads(scene, false)));
    let thawed = since.elapsed();
    wait_for("the mend", || holds(&both(scene, true)));
    println!(
        "{what}: thawed after {thawed:.1?}, datagrams arrive after {:.1?}",
        since.elapsed()
    );
}

/// A corpse that nobody has collected has ended too.
fn ended(guard: &Process) -> bool {
    !guard::process::lives(guard)
}

#[test]
fn a_killed_owner_is_undone_and_its_guard_ends() {
    let scene = Scene::new();
    let mut owner = hurt(&scene);
    let guard = process(owner.guard);
    let died = owner.kill();
    healed(&scene, died, "owner killed");
    wait_for("the end of the guard", || ended(&guard));
    let registry = Registry::at(scene.folder.join("open"));
    assert_eq!(registry.list().unwrap(), [], "a healed run is on no list");
    let journal = Replay::read(&fs::read(scene.folder.join("undo.jsonl")).unwrap());
    assert!(
        journal.pending().all().is_empty(),
        "every undo has its done"
    );
}

/// The owner asks for one injection and heal after the other and is killed in the middle, each time some milliseconds later.
#[test]
fn killed_at_twenty_instants_nothing_stays() {
    for round in 0..20 {
        let scene = Scene::new();
        let mut owner = Owner::of(&scene.config());
        let guard = process(owner.guard);
        for turn in 0..40 {
            let step = if turn % 2 == 0 {
                freeze(&scene)
            } else {
                cut(&scene)
            };
            let fault = format!("f#{turn}");
            let healed = vec![step.healed.clone()];
            owner.tell(&inject(&fault, step, LATER));
            let fault = fault.as_str().into();
            owner.tell(&Request::Heal {
                fault,
                healed,
                prove: Nanos::secs(1),
            });
        }
        // The instant under test, no condition: wherever it falls, the same must hold.
        std::thread::sleep(std::time::Duration::from_millis(round * 3));
        owner.kill();
        wait_for("the end of the guard", || ended(&guard));
        assert!(holds(&reads(&scene, false)), "round {round}: frozen");
        assert!(holds(&both(&scene, true)), "round {round}: cut");
        let journal = Replay::read(&fs::read(scene.folder.join("undo.jsonl")).unwrap());
        assert!(journal.pending().all().is_empty(), "round {round}");
    }
}

/// Stopped, it keeps its pipe open: only its silence tells.
#[test]
fn a_hung_owner_is_undone() {
    let scene = Scene::new();
    let owner = hurt(&scene);
    let guard = process(owner.guard);
    let stopped = Instant::now();
    owner.signal(owner.child.id(), libc::SIGSTOP);
    healed(&scene, stopped, "owner stopped");
    wait_for("the end of the guard", || ended(&guard));
}

/// With both dead the freezer stays shut (nobody is left to open it) until the journal is replayed; the kernel drops the table.
#[test]
fn with_the_guard_killed_too_the_journal_heals() {
    let scene = Scene::new();
    let mut owner = hurt(&scene);
    let guard = process(owner.guard);
    owner.signal(owner.child.id(), libc::SIGSTOP);
    owner.signal(owner.guard, libc::SIGKILL);
    owner.kill();
    wait_for("the end of the guard", || ended(&guard));
    assert!(holds(&reads(&scene, true)), "nothing has thawed it yet");
    let began = Instant::now();
    let journal = scene.folder.join("undo.jsonl");
    let report = guard::recover(&journal, &nowhere());
    assert!(report.is_clean() && report.undone.len() == 2, "{report:?}");
    healed(&scene, began, "replayed");
    let before = fs::read(&journal).unwrap();
    let again = guard::recover(&journal, &nowhere());
    assert_eq!(
        (again.undone.len(), fs::read(&journal).unwrap()),
        (0, before),
        "twice is once"
    );
}

/// No engine is needed to undo what the kernel holds.
fn nowhere() -> Engine {
    Engine::at(PathBuf::from("/nonexistent/engine.sock"))
}

#[test]
fn an_overdue_act_is_undone_while_its_owner_lives() {
    let scene = Scene::new();
    let config = scene.config();
    let mut owner = Owner::of(&config);
    let deadline = Nanos(guard::clock::mono_ns() - config.epoch_mono_ns).plus(Nanos::ms(700));
    let answer = owner.ask(&inject("freeze", freeze(&scene), deadline));
    assert!(
        matches!(&answer, Answer::Injected(done) if done.proof.held),
        "{answer:?}"
    );
    wait_for("the thaw", || holds(&reads(&scene, false)));
    let seen = owner.ask(&Request::Look {
        check: reads(&scene, false),
    });
    assert!(
        matches!(seen, Answer::Seen(seen) if seen.held),
        "the guard still answers"
    );
}

/// The kernel's own clock ends a cut, whatever becomes of the guard.
#[test]
fn a_cut_outlives_neither_its_lifetime_nor_its_guard() {
    let scene = Scene::new();
    let mut owner = Owner::of(&scene.config());
    let mut step = cut(&scene);
    if let Act::Net(net::Act::Filter { lifetime_ms, .. }) = &mut step.act {
        *lifetime_ms = 600;
    }
    let answer = owner.ask(&inject("cut", step, LATER));
    assert!(
        matches!(&answer, Answer::Injected(done) if done.proof.held),
        "{answer:?}"
    );
    owner.signal(owner.guard, libc::SIGSTOP);
    let stopped = Instant::now();
    wait_for("the end of the cut", || holds(&both(&scene, true)));
    println!(
        "lifetime 600 ms, guard stopped: datagrams arrive after {:.1?}",
        stopped.elapsed()
    );
    owner.signal(owner.guard, libc::SIGKILL);
}

#[test]
fn a_target_that_is_hurt_already_is_refused_and_left_as_it_was() {
    let scene = Scene::new();
    let freezer = &scene.nodes[0].freezer;
    fs::write(&freezer.write, &freezer.freeze).unwrap();
    wait_for("the freeze", || holds(&reads(&scene, true)));
    let mut owner = Owner::of(&scene.config());
    let answer = owner.ask(&inject("freeze", freeze(&scene), LATER));
    assert!(
        matches!(&answer, Answer::Refused { why } if why.contains("unhurt")),
        "{answer:?}"
    );
    let Answer::Closed { leftovers } = owner.ask(&Request::Close) else {
        panic!("not closed")
    };
    assert_eq!(leftovers, [] as [String; 0]);
    assert!(
        holds(&reads(&scene, true)),
        "somebody else's freeze is not ours to undo"
    );
}

/// An act that does nothing (it freezes the other group) is seen not to, and undone at once.
#[test]
fn an_act_without_effect_is_told_and_undone() {
    let scene = Scene::new();
    let mut owner = Owner::of(&scene.config());
    let mut step = freeze(&scene);
    let other = scene.nodes[1].freezer.clone();
    step.act = Act::Freeze {
        freezer: other.clone(),
    };
    let Request::Inject {
        fault,
        step,
        deadline,
        ..
    } = inject("freeze", step, LATER)
    else {
        unreachable!()
    };
    let answer = owner.ask(&Request::Inject {
        fault,
        step,
        deadline,
        prove: Nanos::ms(200),
    });
    assert!(
        matches!(&answer, Answer::Injected(done) if !done.proof.held),
        "{answer:?}"
    );
    assert!(holds(&Check::Reads {
        file: other.read,
        want: other.thawed
    }));
}

#[test]
fn after_close_nothing_is_done_any_more() {
    let scene = Scene::new();
    let mut owner = hurt(&scene);
    let Answer::Closed { leftovers } = owner.ask(&Request::Close) else {
        panic!("not closed")
    };
    assert_eq!(leftovers, [] as [String; 0]);
    assert!(holds(&reads(&scene, false)) && holds(&both(&scene, true)));
    let answer = owner.ask(&inject("freeze", freeze(&scene), LATER));
    assert!(matches!(answer, Answer::Refused { .. }), "{answer:?}");
    assert!(holds(&reads(&scene, false)));
}

/// The journal cut at any byte replays to a prefix of its facts, and undoes nothing that it does not name.
#[test]
fn a_journal_cut_at_any_byte_replays_its_prefix() {
    let scene = Scene::new();
    let mut owner = hurt(&scene);
    owner.ask(&Request::Heal {
        fault: "cut".into(),
        healed: vec![both(&scene, true)],
        prove: Nanos::secs(2),
    });
    let bytes = fs::read(scene.folder.join("undo.jsonl")).unwrap();
    let whole = Replay::read(&bytes);
    assert_eq!(whole.facts.len(), 4, "opened, two undos, one done");
    for cut in 0..bytes.len() {
        let replay = Replay::read(&bytes[..cut]);
        assert_eq!(replay.facts, whole.facts[..replay.facts.len()]);
        assert!(replay.bytes <= cut && replay.pending().all().len() <= 2);
    }
    let thaws = whole.pending().all();
    assert!(
        matches!(&thaws[..], [one] if matches!(one.undo, Undo::Thaw { .. })),
        "{thaws:?}"
    );
}
