//! Layered drives through the guard itself: a fault on one is proved and healed, a hung layer is killed, and a killed run leaves
//! neither layer nor drive, whether its guard lives or not.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]
mod scene;

use guard::drives::{self, remove};
use model::{
    act::{
        Act,
        fuse::{self, Effect, Errno, Op, Rule},
    },
    check::Check,
    drive::{Drive, DriveSpec},
    fault::{Lifetime, Step},
    guard::{Answer, Request},
    units::Nanos,
};
use scene::{
    drives::{registry, scratch, specs},
    owner::{LATER, Owner, inject},
    wait_for,
};
use std::{
    fs::{self, File},
    os::unix::fs::FileExt,
    path::PathBuf,
    process::Command,
};

struct Run {
    owner: Owner,
    folder: PathBuf,
    home: PathBuf,
    drives: Vec<Drive>,
}

impl Run {
    fn new() -> Self {
        let (name, folder) = scratch();
        let mut config = guard::Config::new(&name, folder.clone(), guard::clock::mono_ns());
        config.registry = Some(folder.join("open"));
        let home = drives::home(registry(&folder).folder()).join(name);
        let mut owner = Owner::of(&config);
        let layered = |spec: DriveSpec| DriveSpec {
            layered: true,
            ..spec
        };
        let answer = owner.ask(&Request::Provide {
            drives: specs(2).into_iter().map(layered).collect(),
            deadline: LATER,
        });
        let Answer::Provided { drives } = answer else {
            panic!("{answer:?}");
        };
        Self {
            owner,
            folder,
            home,
            drives,
        }
    }

    fn worker(&self, at: usize) -> fusefs::page::Worker {
        let page = fusefs::Page::open(self.drives[at].layer().unwrap().page.as_ref());
        page.unwrap().worker().unwrap()
    }

    fn hurt(&mut self) {
        let answer = self
            .owner
            .ask(&inject("eio", errors(&self.drives[0]), LATER));
        assert!(
            matches!(&answer, Answer::Injected(done) if done.proof.held),
            "{answer:?}"
        );
    }

    fn left(&self) -> Vec<String> {
        remove::leftovers(&self.home)
    }
}

impl Drop for Run {
    fn drop(&mut self) {
        for layer in self.drives.iter().filter_map(Drive::layer) {
            let _ = guard::acts::fuse::undo(&fuse::Undo::Detach { layer });
        }
        let _ = remove::all(&self.home);
        let _ = fs::remove_dir_all(&self.folder);
    }
}

fn errors(drive: &Drive) -> Step {
    let layer = drive.layer().unwrap();
    let rule = Rule {
        ops: vec![Op::Write, Op::Fsync],
        effect: Effect::Fail(Errno::Eio),
        share_ppm: 1_000_000,
        seed: 7,
    };
    let (of, what) = (layer.clone(), rule.clone());
    Step {
        effective: Check::Fuse(fuse::Check::Suffers {
            layer: of.clone(),
            rule: what.clone(),
        }),
        healed: Check::Fuse(fuse::Check::Sound {
            layer: of,
            rule: what,
        }),
        act: Act::Fuse(fuse::Act::Impose {
            layer,
            rule,
            lifetime_ms: 60_000,
        }),
        lifetime: Lifetime::Worker,
    }
}

fn gone(worker: &fusefs::page::Worker) -> bool {
    !guard::process::lives(&model::facts::Process {
        pid: worker.pid,
        start_ticks: worker.start_ticks,
    })
}

#[test]
fn a_fault_on_a_layered_drive_is_proved_and_healed() {
    let mut run = Run::new();
    run.hurt();
    let healed = run.owner.ask(&Request::Heal {
        fault: "eio".into(),
        healed: vec![errors(&run.drives[0]).healed],
        prove: Nanos::secs(5),
    });
    assert!(
        matches!(&healed, Answer::Healed(done) if done.proof.held),
        "{healed:?}"
    );
}

#[test]
fn the_guard_kills_a_hung_layer() {
    let run = Run::new();
    let (hung, other) = (run.worker(0), run.worker(1));
    let file = File::create(format!("{}/held", run.drives[0].mount)).unwrap();
    run.owner.signal(hung.pid, libc::SIGSTOP);
    // A stop takes a moment: the last writes before it may still be served.
    wait_for("an error", || file.write_at(b"x", 0).is_err());
    wait_for("its death", || gone(&hung));
    assert!(!gone(&other));
}

/// Hurt, and one layer stopped besides.
#[test]
fn a_killed_owner_leaves_neither_layer_nor_drive() {
    let mut run = Run::new();
    let workers = [run.worker(0), run.worker(1)];
    run.hurt();
    run.owner.signal(workers[1].pid, libc::SIGSTOP);
    run.owner.kill();
    let took = wait_for("nothing", || {
        workers.iter().all(gone) && run.left().is_empty()
    });
    println!("gone {took:.1?} after the kill");
}

#[test]
fn what_a_killed_guard_leaves_is_cleaned_from_its_journal() {
    let mut run = Run::new();
    let workers = [run.worker(0), run.worker(1)];
    run.hurt();
    run.owner.signal(run.owner.guard, libc::SIGKILL);
    run.owner.kill();
    assert!(!workers.iter().any(gone), "they outlive the guard");
    let done = Command::new(env!("CARGO_BIN_EXE_guard-standin"))
        .arg("clean")
        .arg(run.folder.join("open"))
        .output();
    println!("{}", String::from_utf8_lossy(&done.unwrap().stdout));
    assert!(workers.iter().all(gone));
    assert_eq!(run.left(), Vec::<String>::new());
}
