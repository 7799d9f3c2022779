//! Drives of a run that is killed: one of them frozen, with a process that waits on it in the kernel. Its guard removes them, and
//! where that is killed too, `clean` does, from the journal or from the folder alone.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]
mod scene;

use guard::drives::{self, remove};
use model::{
    act::{Act, disk},
    check::{
        Check,
        disk::{Check as Seen, Outcome},
    },
    drive::Drive,
    fault::{Lifetime, Step},
    guard::{Answer, Request},
};
use scene::{
    drives::{registry, scratch, specs},
    owner::{LATER, Owner, inject},
    wait_for,
};
use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

struct Run {
    owner: Owner,
    folder: PathBuf,
    home: PathBuf,
}

impl Run {
    /// A run with two drives, the first of them frozen.
    fn frozen() -> Self {
        let (name, folder) = scratch();
        let mut config = guard::Config::new(&name, folder.clone(), guard::clock::mono_ns());
        config.registry = Some(folder.join("open"));
        let home = drives::home(registry(&folder).folder());
        let mut owner = Owner::of(&config);
        let answer = owner.ask(&Request::Provide {
            drives: specs(2),
            deadline: LATER,
        });
        let Answer::Provided { drives } = answer else {
            panic!("{answer:?}");
        };
        let answer = owner.ask(&inject("hung", freeze(&drives[0]), LATER));
        assert!(
            matches!(&answer, Answer::Injected(done) if done.proof.held),
            "{answer:?}"
        );
        let home = home.join(name);
        Self {
            owner,
            folder,
            home,
        }
    }

    fn left(&self) -> Vec<String> {
        remove::leftovers(&self.home)
    }

    fn clean(&self) {
        let done = Command::new(env!("CARGO_BIN_EXE_guard-standin"))
            .arg("clean")
            .arg(self.folder.join("open"))
            .output();
        println!("{}", String::from_utf8_lossy(&done.unwrap().stdout));
    }
}

impl Drop for Run {
    fn drop(&mut self) {
        let _ = remove::all(&self.home);
        let _ = fs::remove_dir_all(&self.folder);
    }
}

fn freeze(drive: &Drive) -> Step {
    let writes = |come_to| {
        Check::Disk(Box::new(Seen::Writes {
            drive: drive.clone(),
            come_to,
        }))
    };
    Step {
        act: Act::Disk(Box::new(disk::Act::Freeze {
            drive: drive.clone(),
        })),
        effective: writes(Outcome::Stalls),
        healed: writes(Outcome::Done),
        lifetime: Lifetime::Guard,
    }
}

#[test]
fn a_killed_owner_leaves_no_drive() {
    let mut run = Run::frozen();
    assert!(!run.left().is_empty());
    run.owner.kill();
    let took = wait_for("no drive", || run.left().is_empty());
    println!("gone {took:.1?} after the kill");
}

#[test]
fn what_a_killed_guard_leaves_is_cleaned_from_its_journal() {
    let mut run = Run::frozen();
    run.owner.signal(run.owner.guard, libc::SIGKILL);
    run.owner.kill();
    assert!(!run.left().is_empty(), "nobody is there to remove them");
    run.clean();
    assert_eq!(run.left(), Vec::<String>::new());
}

/// Without journal and list there is still the folder.
#[test]
fn what_nobody_lists_is_cleaned_from_its_folder() {
    let mut run = Run::frozen();
    run.owner.signal(run.owner.guard, libc::SIGKILL);
    run.owner.kill();
    fs::remove_dir_all(run.folder.join("open")).unwrap();
    fs::remove_file(run.folder.join("undo.jsonl")).unwrap();
    run.clean();
    assert_eq!(run.left(), Vec::<String>::new());
    assert!(!Path::new(&run.home).exists());
}
