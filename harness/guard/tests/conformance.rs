//! The same cases against the model world and against the kernel: so that what the laws of faults prove in the model holds here.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]
mod scene;

use model::{
    act::{
        Act, Signal, Undo,
        net::{self, Fate, Flow},
    },
    check::{Check, End},
    facts::{Facts, RevivedBy},
};
use scene::ground::{Ground, kernel, world};

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
    a_killed_process_is_gone_and_its_neighbour_is_not
    another_process_with_that_pid_is_not_hit
    a_frozen_group_reads_frozen_until_it_is_thawed
    who_was_frozen_before_stays_frozen
    a_frozen_process_dies_when_thawed
    a_cut_stops_one_direction_and_leaves_the_other
    a_mend_leaves_what_was_cut_before
    an_undo_whose_act_never_happened_changes_nothing
    undoing_what_is_gone_is_a_success
}

fn kill(of: &Facts) -> Act {
    Act::Signal {
        process: of.init.clone(),
        signal: Signal::Kill,
        container: of.container.clone(),
        revived_by: RevivedBy::Platform,
    }
}

fn freeze(of: &Facts) -> Act {
    Act::Freeze {
        freezer: of.freezer.clone().unwrap(),
    }
}

fn frozen(of: &Facts) -> Check {
    let freezer = of.freezer.clone().unwrap();
    Check::Reads {
        file: freezer.read,
        want: freezer.frozen,
    }
}

fn thawed(of: &Facts) -> Check {
    let freezer = of.freezer.clone().unwrap();
    Check::Reads {
        file: freezer.read,
        want: freezer.thawed,
    }
}

fn gone(of: &Facts) -> Check {
    Check::Gone {
        process: of.init.clone(),
    }
}

fn flow(from: &Facts, to: &Facts) -> Flow {
    Flow {
        from: from.address,
        to: to.address,
    }
}

fn cut(flows: &[Flow]) -> Act {
    Act::Net(net::Act::Filter {
        fate: Fate::Dropped,
        flows: flows.to_vec(),
        ends: vec![],
        lifetime_ms: 60_000,
    })
}

fn arrive(from: &Facts, to: &Facts) -> Check {
    let end = |of: &Facts| End {
        process: of.init.clone(),
        address: of.address,
    };
    Check::Datagrams {
        from: end(from),
        to: end(to),
        arrive: true,
    }
}

fn a_killed_process_is_gone_and_its_neighbour_is_not(ground: &mut impl Ground) {
    let nodes = ground.facts();
    assert!(ground.sees(&gone(&nodes[0]), false));
    ground.act(&kill(&nodes[0]));
    assert!(ground.sees(&gone(&nodes[0]), true));
    assert!(ground.sees(&gone(&nodes[1]), false));
}

fn another_process_with_that_pid_is_not_hit(ground: &mut impl Ground) {
    let nodes = ground.facts();
    let mut stranger = nodes[0].clone();
    stranger.init.start_ticks += 1;
    ground.act(&kill(&stranger));
    assert!(ground.sees(&gone(&stranger), true));
    assert!(ground.sees(&gone(&nodes[0]), false));
}

fn a_frozen_group_reads_frozen_until_it_is_thawed(ground: &mut impl Ground) {
    let nodes = ground.facts();
    let undo = ground.record(&freeze(&nodes[0]));
    assert!(ground.sees(&frozen(&nodes[0]), false));
    ground.act(&freeze(&nodes[0]));
    assert!(ground.sees(&frozen(&nodes[0]), true));
    assert!(ground.sees(&frozen(&nodes[1]), false));
    for _ in 0..2 {
        ground.undo(&undo);
        assert!(ground.sees(&thawed(&nodes[0]), true));
    }
}

fn who_was_frozen_before_stays_frozen(ground: &mut impl Ground) {
    let nodes = ground.facts();
    ground.act(&freeze(&nodes[0]));
    assert!(ground.sees(&frozen(&nodes[0]), true));
    let undo = ground.record(&freeze(&nodes[0]));
    ground.act(&freeze(&nodes[0]));
    ground.undo(&undo);
    assert!(ground.sees(&frozen(&nodes[0]), true));
}

/// On v1 it is still there while frozen; on v2 it may die at once. Thawed, it is gone on both.
fn a_frozen_process_dies_when_thawed(ground: &mut impl Ground) {
    let nodes = ground.facts();
    let undo = ground.record(&freeze(&nodes[0]));
    ground.act(&freeze(&nodes[0]));
    assert!(ground.sees(&frozen(&nodes[0]), true));
    ground.act(&kill(&nodes[0]));
    if nodes[0]
        .freezer
        .as_ref()
        .unwrap()
        .write
        .ends_with("freezer.state")
    {
        assert!(ground.sees(&gone(&nodes[0]), false));
    }
    ground.undo(&undo);
    assert!(ground.sees(&gone(&nodes[0]), true));
}

fn a_cut_stops_one_direction_and_leaves_the_other(ground: &mut impl Ground) {
    let nodes = ground.facts();
    let (there, back) = (arrive(&nodes[0], &nodes[1]), arrive(&nodes[1], &nodes[0]));
    assert!(ground.sees(&there, true) && ground.sees(&back, true));
    let act = cut(&[flow(&nodes[0], &nodes[1])]);
    let undo = ground.record(&act);
    ground.act(&act);
    assert!(ground.sees(&there, false));
    assert!(ground.sees(&back, true));
    for _ in 0..2 {
        ground.undo(&undo);
        assert!(ground.sees(&there, true) && ground.sees(&back, true));
    }
}

fn a_mend_leaves_what_was_cut_before(ground: &mut impl Ground) {
    let nodes = ground.facts();
    let (there, back) = (flow(&nodes[0], &nodes[1]), flow(&nodes[1], &nodes[0]));
    ground.act(&cut(&[there]));
    let both = cut(&[there, back]);
    let undo = ground.record(&both);
    ground.act(&both);
    assert!(ground.sees(&arrive(&nodes[1], &nodes[0]), false));
    ground.undo(&undo);
    assert!(ground.sees(&arrive(&nodes[1], &nodes[0]), true));
    assert!(ground.sees(&arrive(&nodes[0], &nodes[1]), false));
}

fn an_undo_whose_act_never_happened_changes_nothing(ground: &mut impl Ground) {
    let nodes = ground.facts();
    let both = cut(&[flow(&nodes[0], &nodes[1]), flow(&nodes[1], &nodes[0])]);
    for act in [freeze(&nodes[0]), both] {
        let undo = ground.record(&act);
        ground.undo(&undo);
    }
    assert!(ground.sees(&thawed(&nodes[0]), true));
    assert!(ground.sees(&arrive(&nodes[0], &nodes[1]), true));
}

fn undoing_what_is_gone_is_a_success(ground: &mut impl Ground) {
    let nodes = ground.facts();
    let mut vanished = nodes[0].clone().freezer.unwrap();
    for path in [&mut vanished.write, &mut vanished.read] {
        *path = path.replace(
            nodes[0].freezer.as_ref().unwrap().write.as_str(),
            "/sys/fs/cgroup/no/such/group",
        );
        path.push_str(".gone");
    }
    ground.undo(&Undo::Thaw {
        freezer: vanished,
        was_frozen: false,
    });
    ground.undo(&Undo::Net(net::Undo::Mend {
        fate: Fate::Dropped,
        flows: vec![flow(&nodes[0], &nodes[1])],
    }));
    assert!(ground.sees(&arrive(&nodes[0], &nodes[1]), true));
}
