//! Acts on traffic and links: the same cases against the model world and against the kernel. Each is seen not to hold before,
//! to hold after the act, and to be gone after the undo, done twice.
mod scene;

use model::{
    act::{
        Act, Undo,
        net::{self, Fate, Flow, Mute, Side},
    },
    check::{
        Check, End,
        net::{self as seen, Counted, Reply},
    },
    facts::Facts,
};
use scene::ground::{Ground, kernel, world};
use std::net::Ipv4Addr;

macro_rules! cases {
    ($($name:ident)*) => {
        mod model_world {
            $(#[test] fn $name() { super::$name(&mut super::world()); })*
        }
        mod on_the_kernel {
            $(#[test] fn $name() { super::$name(&mut super::kernel()); })*
        }
    };
}

cases! {
    a_share_is_lost_in_one_direction_and_none_after
    a_share_is_doubled_in_one_direction_and_none_after
    two_shares_on_one_flow_are_undone_each_by_itself
    connections_are_refused_while_reset_and_made_after
    connections_that_stand_are_ended_once
    a_resolver_is_refused_and_answers_after
    a_resolver_hangs_and_answers_after
    two_ways_of_muting_are_undone_each_by_itself
    a_pulled_cable_has_no_carrier_until_it_is_plugged_in
    a_cable_that_was_out_stays_out
    what_is_sent_and_received_is_limited_until_lifted
    an_undo_whose_target_is_gone_is_a_success
    an_undo_whose_act_never_happened_changes_nothing
}

const SERVER: Ipv4Addr = Ipv4Addr::new(127, 0, 0, 11);
const RATE: u64 = 1 << 20;
const BURST: u64 = 1 << 16;

fn end(of: &Facts) -> End {
    End {
        process: of.init.clone(),
        address: of.address,
    }
}

fn filter(fate: Fate, from: &Facts, to: &Facts) -> Act {
    Act::Net(net::Act::Filter {
        fate,
        flows: vec![Flow {
            from: from.address,
            to: to.address,
        }],
        ends: vec![end(from), end(to)],
        lifetime_ms: 60_000,
    })
}

fn share(counted: Counted, from: &Facts, to: &Facts, per_10000: u32) -> Check {
    Check::Net(seen::Check::Share {
        from: end(from),
        to: end(to),
        counted,
        per_10000,
        datagrams: seen::run_of(1_000),
    })
}

fn connects(from: &Facts, to: &Facts, refused: bool) -> Check {
    Check::Net(seen::Check::Connects {
        from: end(from),
        to: end(to),
        refused,
    })
}

fn sockets(of: &Facts, peer: &Facts, stand: bool) -> Check {
    Check::Net(seen::Check::Sockets {
        end: end(of),
        peers: vec![peer.address],
        stand,
    })
}

fn resolver(of: &Facts, reply: Reply) -> Check {
    Check::Net(seen::Check::Resolver {
        process: of.init.clone(),
        server: SERVER,
        name: "node-0".to_owned(),
        reply,
    })
}

fn mute(of: &Facts, how: Mute) -> Act {
    Act::Net(net::Act::Mute {
        process: of.init.clone(),
        server: SERVER,
        how,
        lifetime_ms: 60_000,
    })
}

fn cable(of: &Facts, plugged: bool) -> Check {
    Check::Net(seen::Check::Cable {
        end: end(of),
        plugged,
    })
}

fn unplug(of: &Facts) -> Act {
    Act::Net(net::Act::Unplug { end: end(of) })
}

fn shape(of: &Facts, sides: &[Side]) -> Act {
    Act::Net(net::Act::Shape {
        end: end(of),
        sides: sides.to_vec(),
        rate_bytes: RATE,
        burst_bytes: BURST,
    })
}

fn rate(from: &Facts, to: &Facts, limited: bool) -> Check {
    Check::Net(seen::Check::Rate {
        from: end(from),
        to: end(to),
        rate_bytes: RATE,
        burst_bytes: BURST,
        limited,
    })
}

/// On the kernel only: the model has no clock.
#[test]
fn every_fate_and_muting_ends_by_itself_without_anybody() {
    let mut ground = kernel();
    let nodes = ground.facts();
    let [a, b] = [&nodes[0], &nodes[1]];
    ground.resolve();
    let soon = |mut act: Act| {
        if let Act::Net(net::Act::Filter { lifetime_ms, .. } | net::Act::Mute { lifetime_ms, .. }) =
            &mut act
        {
            *lifetime_ms = 1_500;
        }
        act
    };
    let cases = [
        (
            filter(Fate::Lost(5_000), a, b),
            share(Counted::Lost, a, b, 0),
        ),
        (
            filter(Fate::Doubled(5_000), a, b),
            share(Counted::Doubled, a, b, 0),
        ),
        (filter(Fate::Reset, a, b), connects(a, b, false)),
        (mute(a, Mute::Fast), resolver(a, Reply::Given)),
    ];
    for (act, whole) in &cases {
        assert!(ground.sees(whole, true), "{whole:?}");
        ground.act(&soon(act.clone()));
        assert!(ground.sees(whole, false), "{act:?}");
    }
    for (act, whole) in &cases {
        assert!(ground.sees(whole, true), "{act:?}");
    }
}

/// A group against a group: all directions in one transaction, and all are mended.
#[test]
fn a_hundred_pairs_take_one_transaction() {
    let mut ground = kernel();
    let nodes = ground.facts();
    let [a, b] = [&nodes[0], &nodes[1]];
    let other = |n: u8| Ipv4Addr::new(10, 77, 1, n);
    let mut flows = vec![Flow {
        from: a.address,
        to: b.address,
    }];
    flows.extend((1..=99).map(|n| Flow {
        from: other(n),
        to: b.address,
    }));
    let act = Act::Net(net::Act::Filter {
        fate: Fate::Dropped,
        flows,
        ends: vec![],
        lifetime_ms: 60_000,
    });
    let arrive = |arrive| Check::Datagrams {
        from: end(a),
        to: end(b),
        arrive,
    };
    let undo = ground.record(&act);
    let mut deed = ground.hands.prepare(&act).unwrap();
    deed.ready().unwrap();
    let began = std::time::Instant::now();
    deed.go().unwrap();
    println!(
        "100 pairs added in {:.3} ms",
        began.elapsed().as_secs_f64() * 1e3
    );
    drop(deed);
    assert!(ground.sees(&arrive(false), true));
    let began = std::time::Instant::now();
    ground.undo(&undo);
    println!(
        "and deleted in {:.3} ms",
        began.elapsed().as_secs_f64() * 1e3
    );
    assert!(ground.sees(&arrive(true), true));
}

/// Proves the act, and that its undo heals, twice over.
fn there_and_back(ground: &mut impl Ground, act: &Act, effective: &Check, healed: &Check) {
    let undo = ground.record(act);
    assert!(ground.proves(act, effective));
    assert!(ground.sees(healed, false));
    for _ in 0..2 {
        ground.undo(&undo);
        assert!(ground.sees(healed, true) && ground.sees(effective, false));
    }
}

fn counted_share(ground: &mut impl Ground, fate: Fate, counted: Counted, per_10000: u32) {
    let nodes = ground.facts();
    let [a, b] = [&nodes[0], &nodes[1]];
    let both = |there| Check::All(vec![share(counted, a, b, there), share(counted, b, a, 0)]);
    there_and_back(ground, &filter(fate, a, b), &both(per_10000), &both(0));
}

fn a_share_is_lost_in_one_direction_and_none_after(ground: &mut impl Ground) {
    counted_share(ground, Fate::Lost(1_000), Counted::Lost, 1_000);
}

fn a_share_is_doubled_in_one_direction_and_none_after(ground: &mut impl Ground) {
    counted_share(ground, Fate::Doubled(2_000), Counted::Doubled, 2_000);
}

fn two_shares_on_one_flow_are_undone_each_by_itself(ground: &mut impl Ground) {
    let nodes = ground.facts();
    let [a, b] = [&nodes[0], &nodes[1]];
    let (lost, doubled) = (Fate::Lost(1_000), Fate::Doubled(2_000));
    let acts = [filter(lost, a, b), filter(doubled, a, b)];
    let undos = acts.each_ref().map(|act| {
        let undo = ground.record(act);
        ground.act(act);
        undo
    });
    assert!(ground.sees(&share(Counted::Lost, a, b, 1_000), true));
    ground.undo(&undos[0]);
    assert!(ground.sees(&share(Counted::Lost, a, b, 0), true));
    assert!(ground.sees(&share(Counted::Doubled, a, b, 2_000), true));
    ground.undo(&undos[1]);
    assert!(ground.sees(&share(Counted::Doubled, a, b, 0), true));
}

fn connections_are_refused_while_reset_and_made_after(ground: &mut impl Ground) {
    let nodes = ground.facts();
    let (refused, made) = (
        connects(&nodes[0], &nodes[1], true),
        connects(&nodes[0], &nodes[1], false),
    );
    let act = filter(Fate::Reset, &nodes[0], &nodes[1]);
    there_and_back(ground, &act, &refused, &made);
}

fn connections_that_stand_are_ended_once(ground: &mut impl Ground) {
    let nodes = ground.facts();
    ground.connect();
    assert!(ground.sees(&sockets(&nodes[0], &nodes[1], true), true));
    let act = Act::Net(net::Act::Sever {
        end: end(&nodes[0]),
        peers: vec![nodes[1].address],
    });
    assert_eq!(ground.record(&act), Undo::Nothing);
    assert!(ground.proves(&act, &sockets(&nodes[0], &nodes[1], false)));
    assert!(ground.sees(&sockets(&nodes[0], &nodes[1], true), false));
}

fn muted(ground: &mut impl Ground, how: Mute, comes_to: Reply) {
    let node = ground.facts().remove(0);
    ground.resolve();
    let answered = resolver(&node, Reply::Given);
    there_and_back(
        ground,
        &mute(&node, how),
        &resolver(&node, comes_to),
        &answered,
    );
}

fn a_resolver_is_refused_and_answers_after(ground: &mut impl Ground) {
    muted(ground, Mute::Fast, Reply::Refused);
}

fn a_resolver_hangs_and_answers_after(ground: &mut impl Ground) {
    muted(ground, Mute::Hang, Reply::Silence);
}

fn two_ways_of_muting_are_undone_each_by_itself(ground: &mut impl Ground) {
    let node = ground.facts().remove(0);
    ground.resolve();
    let undos = [Mute::Hang, Mute::Fast].map(|how| {
        let undo = ground.record(&mute(&node, how));
        ground.act(&mute(&node, how));
        undo
    });
    let again = ground.record(&mute(&node, Mute::Fast));
    ground.undo(&again);
    assert!(ground.sees(&resolver(&node, Reply::Refused), true));
    ground.undo(&undos[1]);
    assert!(ground.sees(&resolver(&node, Reply::Silence), true));
    ground.undo(&undos[0]);
    assert!(ground.sees(&resolver(&node, Reply::Given), true));
}

fn a_pulled_cable_has_no_carrier_until_it_is_plugged_in(ground: &mut impl Ground) {
    let nodes = ground.facts();
    let (out, whole) = (cable(&nodes[0], false), cable(&nodes[0], true));
    there_and_back(ground, &unplug(&nodes[0]), &out, &whole);
    assert!(ground.sees(&cable(&nodes[1], true), true));
}

fn a_cable_that_was_out_stays_out(ground: &mut impl Ground) {
    let nodes = ground.facts();
    let first = ground.record(&unplug(&nodes[0]));
    ground.act(&unplug(&nodes[0]));
    let undo = ground.record(&unplug(&nodes[0]));
    ground.undo(&undo);
    assert!(ground.sees(&cable(&nodes[0], false), true));
    ground.undo(&first);
    assert!(ground.sees(&cable(&nodes[0], true), true));
}

fn what_is_sent_and_received_is_limited_until_lifted(ground: &mut impl Ground) {
    let nodes = ground.facts();
    let [a, b] = [&nodes[0], &nodes[1]];
    let both = |limited| Check::All(vec![rate(a, b, limited), rate(b, a, limited)]);
    let act = shape(a, &[Side::Out, Side::In]);
    there_and_back(ground, &act, &both(true), &both(false));
}

fn an_undo_whose_target_is_gone_is_a_success(ground: &mut impl Ground) {
    let mut gone = ground.facts().remove(0);
    gone.init.start_ticks += 1;
    for undo in [
        net::Undo::Unmute {
            process: gone.init.clone(),
            how: Mute::Fast,
            was_muted: false,
        },
        net::Undo::Plug {
            end: end(&gone),
            was_unplugged: false,
        },
        net::Undo::Unshape {
            end: end(&gone),
            sides: vec![Side::Out, Side::In],
        },
    ] {
        ground.undo(&Undo::Net(undo));
    }
    assert!(ground.sees(&cable(&ground.facts()[0], true), true));
}

fn an_undo_whose_act_never_happened_changes_nothing(ground: &mut impl Ground) {
    let nodes = ground.facts();
    let [a, b] = [&nodes[0], &nodes[1]];
    for act in [
        filter(Fate::Doubled(2_000), a, b),
        filter(Fate::Reset, a, b),
        mute(a, Mute::Hang),
        unplug(a),
        shape(a, &[Side::In]),
    ] {
        let undo = ground.record(&act);
        ground.undo(&undo);
        ground.undo(&undo);
    }
    assert!(ground.sees(&cable(a, true), true));
    assert!(ground.sees(&connects(a, b, false), true));
}
