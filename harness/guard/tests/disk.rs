//! The same cases against drives of the model world and against real ones: what the laws prove of disk faults in the model holds here.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]
mod scene;

use guard::{checks, clock::Clock, drives};
use model::{
    act::{
        Act, Undo,
        disk::{self, Pace},
    },
    check::{
        Check,
        disk::{Check as Seen, Outcome},
    },
    drive::Drive,
    facts::Facts,
    units::Nanos,
    world::World,
};
use scene::drives::Drives;
use std::{fs, time::Instant};

/// Where acts are done and checks are looked at.
trait Ground {
    fn facts(&self) -> Facts;
    fn record(&mut self, act: &Act) -> Undo;
    fn act(&mut self, act: &Act);
    fn undo(&mut self, undo: &Undo);
    /// Whether the check comes to hold.
    fn sees(&mut self, check: &Check) -> bool;
}

impl Ground for World {
    fn facts(&self) -> Facts {
        World::facts(self).remove(0)
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

impl Ground for Drives {
    fn facts(&self) -> Facts {
        Drives::facts(self)
    }
    fn record(&mut self, act: &Act) -> Undo {
        self.hands
            .prepare(act)
            .map_or(Undo::Nothing, |deed| deed.undo())
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
        let look = checks::until(&mut watches, true, clock, clock.now().plus(Nanos::secs(5)));
        println!("{}: {}", look.seen.held, look.seen.evidence);
        look.seen.held
    }
}

macro_rules! cases {
    ($($name:ident)*) => {
        mod model_world {
            $(#[test] fn $name() { super::$name(&mut model::world::World::of(1)); })*
        }
        mod kernel {
            $(#[test] fn $name() { super::$name(&mut super::Drives::new(2)); })*
        }
    };
}

cases! {
    a_dead_drive_gives_eio_until_it_is_mounted_afresh
    a_spoilt_drive_refuses_writes_until_it_is_mounted_afresh
    a_full_drive_takes_nothing_until_it_is_drained
    a_frozen_drive_answers_nothing_until_it_is_thawed
    a_slow_drive_keeps_its_pace_and_gets_its_old_limit_back
    a_rotten_byte_reads_wrong_until_it_is_mended
    a_replaced_drive_is_another_one_until_it_is_put_back
    a_power_cut_takes_the_process_with_it
    an_undo_whose_act_never_happened_changes_nothing
}

fn writes(drive: &Drive, come_to: Outcome) -> Check {
    Check::Disk(Box::new(Seen::Writes {
        drive: drive.clone(),
        come_to,
    }))
}

/// Does it to the first drive, sees it there and not on the second, undoes it twice, sees both whole.
fn held(ground: &mut impl Ground, act: disk::Act, hurt: &Check, whole: &Check) {
    let drives = ground.facts().drives;
    let other = writes(&drives[1], Outcome::Done);
    let act = Act::Disk(Box::new(act));
    assert!(ground.sees(whole), "whole before");
    let undo = ground.record(&act);
    ground.act(&act);
    assert!(
        ground.sees(hurt) && ground.sees(&other),
        "hurt, and its neighbour not"
    );
    for _ in 0..2 {
        ground.undo(&undo);
        assert!(ground.sees(whole) && ground.sees(&other), "whole again");
    }
}

fn a_dead_drive_gives_eio_until_it_is_mounted_afresh(ground: &mut impl Ground) {
    let facts = ground.facts();
    let (drive, container) = (facts.drives[0].clone(), facts.container);
    let act = disk::Act::ShutDown {
        drives: vec![drive.clone()],
        container,
        victim: None,
    };
    held(
        ground,
        act,
        &writes(&drive, Outcome::IoError),
        &writes(&drive, Outcome::Done),
    );
}

fn a_spoilt_drive_refuses_writes_until_it_is_mounted_afresh(ground: &mut impl Ground) {
    let facts = ground.facts();
    let (drive, container) = (facts.drives[0].clone(), facts.container);
    let act = disk::Act::Spoil {
        drives: vec![drive.clone()],
        container,
    };
    held(
        ground,
        act,
        &writes(&drive, Outcome::ReadOnly),
        &writes(&drive, Outcome::Done),
    );
}

fn a_full_drive_takes_nothing_until_it_is_drained(ground: &mut impl Ground) {
    let drive = ground.facts().drives[0].clone();
    let act = disk::Act::Fill {
        drive: drive.clone(),
    };
    held(
        ground,
        act,
        &writes(&drive, Outcome::NoSpace),
        &writes(&drive, Outcome::Done),
    );
}

fn a_frozen_drive_answers_nothing_until_it_is_thawed(ground: &mut impl Ground) {
    let drive = ground.facts().drives[0].clone();
    let act = disk::Act::Freeze {
        drive: drive.clone(),
    };
    held(
        ground,
        act,
        &writes(&drive, Outcome::Stalls),
        &writes(&drive, Outcome::Done),
    );
}

/// A limit that somebody set before is there again afterwards, and is no stranger's.
fn a_slow_drive_keeps_its_pace_and_gets_its_old_limit_back(ground: &mut impl Ground) {
    let facts = ground.facts();
    let (drive, throttle) = (facts.drives[0].clone(), facts.throttle.unwrap());
    let limit = |most| disk::Act::Slow {
        drive: drive.clone(),
        throttle: throttle.clone(),
        pace: Pace::Bytes(most),
    };
    let check = |most, slow| {
        Check::Disk(Box::new(Seen::Slow {
            drive: drive.clone(),
            throttle: throttle.clone(),
            pace: Pace::Bytes(most),
            slow,
        }))
    };
    let (slow, slower) = (4 << 20, 1 << 20);
    ground.act(&Act::Disk(Box::new(limit(slow))));
    assert!(ground.sees(&check(slow, true)), "slow before");
    held(
        ground,
        limit(slower),
        &check(slower, true),
        &check(slower, false),
    );
    assert!(ground.sees(&check(slow, true)), "as slow as before");
}

fn a_rotten_byte_reads_wrong_until_it_is_mended(ground: &mut impl Ground) {
    let spot = ground.facts().spots[0].clone();
    let check = |rotten| {
        Check::Disk(Box::new(Seen::Rotten {
            spot: spot.clone(),
            rotten,
        }))
    };
    held(
        ground,
        disk::Act::Rot { spot: spot.clone() },
        &check(true),
        &check(false),
    );
}

fn a_replaced_drive_is_another_one_until_it_is_put_back(ground: &mut impl Ground) {
    let facts = ground.facts();
    let drive = facts.drives[0].clone();
    let check = |replaced| {
        Check::Disk(Box::new(Seen::Replaced {
            drive: drive.clone(),
            process: facts.init.clone(),
            replaced,
        }))
    };
    let act = disk::Act::Swap {
        drive: drive.clone(),
    };
    held(ground, act, &check(true), &check(false));
}

fn a_power_cut_takes_the_process_with_it(ground: &mut impl Ground) {
    let facts = ground.facts();
    let act = Act::Disk(Box::new(disk::Act::ShutDown {
        drives: facts.drives.clone(),
        container: facts.container.clone(),
        victim: Some(facts.init.clone()),
    }));
    let undo = ground.record(&act);
    ground.act(&act);
    assert!(ground.sees(&Check::Gone {
        process: facts.init
    }));
    for drive in &facts.drives {
        assert!(ground.sees(&writes(drive, Outcome::IoError)));
    }
    for _ in 0..2 {
        ground.undo(&undo);
        for drive in &facts.drives {
            assert!(ground.sees(&writes(drive, Outcome::Done)));
        }
    }
    let container = facts.container;
    assert!(ground.sees(&Check::Runs { container }));
}

fn an_undo_whose_act_never_happened_changes_nothing(ground: &mut impl Ground) {
    let facts = ground.facts();
    let (drive, container) = (facts.drives[0].clone(), facts.container.clone());
    let drives = vec![drive.clone()];
    let acts = [
        disk::Act::ShutDown {
            drives: drives.clone(),
            container: container.clone(),
            victim: None,
        },
        disk::Act::Spoil { drives, container },
        disk::Act::Freeze {
            drive: drive.clone(),
        },
        disk::Act::Fill {
            drive: drive.clone(),
        },
        disk::Act::Rot {
            spot: facts.spots[0].clone(),
        },
        disk::Act::Swap {
            drive: drive.clone(),
        },
    ];
    for act in acts {
        let undo = ground.record(&Act::Disk(Box::new(act)));
        ground.undo(&undo);
    }
    assert!(ground.sees(&writes(&drive, Outcome::Done)));
    assert_eq!(
        ground.facts().init,
        facts.init,
        "its process was left alone"
    );
}

/// What was synced before a power cut is there after it, what was not is lost: a kill alone loses nothing.
#[test]
fn a_power_cut_loses_what_was_not_synced() {
    let mut ground = Drives::new(1);
    let facts = ground.facts();
    let drive = &facts.drives[0];
    let path = |name: &str| format!("{}/{name}", drive.mount);
    fs::write(path("kept"), b"kept").unwrap();
    fs::File::open(path("kept")).unwrap().sync_all().unwrap();
    fs::write(path("lost"), b"lost").unwrap();
    let act = Act::Disk(Box::new(disk::Act::ShutDown {
        drives: facts.drives.clone(),
        container: facts.container.clone(),
        victim: Some(facts.init.clone()),
    }));
    let undo = ground.record(&act);
    ground.act(&act);
    ground.undo(&undo);
    assert_eq!(fs::read(path("kept")).unwrap(), b"kept");
    assert!(fs::read(path("lost")).is_err(), "it was never synced");
}

#[test]
fn four_drives_are_made_as_asked_and_nothing_of_them_is_left() {
    let began = Instant::now();
    let ground = Drives::new(4);
    println!("four drives in {:?}", began.elapsed());
    assert_eq!(ground.drives.len(), 4);
    let home = ground.hands.drives_folder.clone();
    for drive in &ground.drives {
        assert_eq!(
            fs::read_dir(&drive.mount).unwrap().count(),
            1,
            "nothing but the test's own file"
        );
    }
    // Without its mount, the mount point takes nothing: a system cannot go on in the folder underneath.
    let first = &ground.drives[0];
    drives::mounts::unmount_lazily(first.mount.as_ref()).unwrap();
    assert!(fs::write(format!("{}/stray", first.mount), b"x").is_err());
    drop(ground);
    assert_eq!(drives::remove::leftovers(&home), Vec::<String>::new());
}
