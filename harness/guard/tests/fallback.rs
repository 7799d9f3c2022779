//! Where `libnftables` is missing the `nft` program cuts and mends the same flows; only the owner table is lost, and said so.
mod scene;

use guard::{checks, clock::Clock, engine_socket::Engine, filter::Filter, nft::Nft};
use model::{
    act::net::{Fate, Flow},
    units::Nanos,
};
use scene::{Scene, owner::ends};

fn comes_to(scene: &Scene, from: usize, to: usize, arrive: bool) -> bool {
    let clock = Clock::since(0);
    let opened = checks::open(&ends(scene, from, to, arrive), &Engine::find());
    let mut watches = opened.expect("both ends live");
    let until = clock.now().plus(Nanos::secs(2));
    checks::until(&mut watches, true, clock, until).seen.held
}

#[test]
fn the_program_cuts_and_mends_like_the_library_and_says_what_it_lacks() {
    let scene = Scene::new();
    let [a, b] = [scene.nodes[0].address, scene.nodes[1].address];
    let flow = Flow { from: a, to: b };
    let mut filter = Filter::by(&scene.name, Nft::Program);
    let backend = filter
        .backend(Fate::Dropped)
        .expect("a mechanism was given");
    assert!(backend.contains("no owner"), "{backend}");
    let done = filter.add(
        Fate::Dropped,
        &[flow.into()],
        60_000,
        guard::clock::mono_ns(),
    );
    done.expect("the `nft` program of package nftables");
    assert!(comes_to(&scene, 0, 1, false) && comes_to(&scene, 1, 0, true));
    for _ in 0..2 {
        filter
            .mend(Fate::Dropped, &[flow])
            .expect("what is gone is fine");
        assert!(comes_to(&scene, 0, 1, true));
    }
    assert_eq!(filter.exists(), Ok(false), "it goes with the last flow");
    filter.make(Fate::Dropped, &[]).expect("once more");
    assert_eq!(filter.exists(), Ok(true), "nobody but us removes it");
    filter.remove().expect("it is there");
    assert_eq!(filter.exists(), Ok(false));
}
