//! From decision to effect, and from undo to healed, as the guard tells it. Printed, not asserted: this machine may be busy.
mod scene;

use model::{
    act::{Act, Signal},
    check::Check,
    facts::RevivedBy,
    fault::{Lifetime, Step},
    guard::{Answer, Request},
    units::Nanos,
};
use scene::{
    Scene,
    owner::{LATER, Owner, cut, freeze, inject, process},
};
use std::process::Command;

#[test]
fn decision_to_effect_and_heal_are_printed() {
    let scene = Scene::new();
    let mut owner = Owner::of(&scene.config());
    for (name, step) in [("freeze", freeze(&scene)), ("cut", cut(&scene))] {
        let mut spans: Vec<[u64; 3]> = Vec::new();
        for round in 0..20 {
            let fault = format!("{name}#{round}");
            let Answer::Injected(done) = owner.ask(&inject(&fault, step.clone(), LATER)) else {
                panic!("{name} was refused")
            };
            assert!(done.proof.held, "{}", done.proof.evidence);
            let heal = Request::Heal {
                fault: fault.as_str().into(),
                healed: vec![step.healed.clone()],
                prove: Nanos::secs(2),
            };
            let Answer::Healed(healed) = owner.ask(&heal) else {
                panic!("{name} was not healed")
            };
            assert!(healed.proof.held, "{}", healed.proof.evidence);
            spans.push([
                done.proved.since(done.began).0,
                healed.undone[0].took.0,
                healed.proved.since(healed.began).0,
            ]);
        }
        let told = |at: usize| {
            let mut one: Vec<u64> = spans.iter().map(|span| span[at]).collect();
            one.sort_unstable();
            format!(
                "{:.3} ms ({:.3})",
                one[10] as f64 / 1e6,
                one[19] as f64 / 1e6
            )
        };
        println!(
            "{name}: effective {}, undo {}, healed {}   p50 (max) of 20",
            told(0),
            told(1),
            told(2)
        );
    }
}

/// One process a round: a kill cannot be repeated on the same one.
#[test]
fn decision_to_death_is_printed() {
    let scene = Scene::new();
    let mut owner = Owner::of(&scene.config());
    let mut spans = Vec::new();
    for round in 0..20 {
        let mut child = Command::new("sleep").arg("600").spawn().unwrap();
        let victim = process(child.id());
        let step = Step {
            act: Act::Signal {
                process: victim.clone(),
                signal: Signal::Kill,
                container: String::new(),
                revived_by: RevivedBy::Platform,
            },
            effective: Check::Gone { process: victim },
            healed: Check::All(vec![]),
            lifetime: Lifetime::OneShot,
        };
        let Answer::Injected(done) = owner.ask(&inject(&format!("k#{round}"), step, LATER)) else {
            panic!("refused")
        };
        assert!(done.proof.held, "{}", done.proof.evidence);
        spans.push(done.proved.since(done.began).0);
        child.wait().unwrap();
    }
    spans.sort_unstable();
    println!(
        "kill: effective {:.3} ms ({:.3})   p50 (max) of 20",
        spans[10] as f64 / 1e6,
        spans[19] as f64 / 1e6
    );
}
