//! Layers under drives: the same cases against the model world and the kernel, and what only the kernel can show.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]
use guard::{
    acts::{Hands, fuse::Silences},
    checks,
    clock::Clock,
    engine_socket::Engine,
};
use model::{
    act::{
        Act, Undo,
        fuse::{self, Effect, Errno, Layer, Op, Rule},
    },
    check::Check,
    facts::Process,
    units::Nanos,
    world::{World, fuse::layer},
};
use std::{
    fs::{self, File},
    os::unix::fs::FileExt,
    path::PathBuf,
    sync::{
        atomic::{AtomicU32, Ordering},
        mpsc,
    },
    thread,
    time::{Duration, Instant},
};

/// Where acts are done and checks are looked at.
trait Ground {
    fn layer(&self) -> Layer;
    fn record(&mut self, act: &Act) -> Undo;
    fn act(&mut self, act: &Act);
    fn undo(&mut self, undo: &Undo);
    /// Whether the check comes to say `wanted`.
    fn sees(&mut self, check: &Check, wanted: bool) -> bool;
}

impl Ground for World {
    fn layer(&self) -> Layer {
        layer("c0")
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
    fn sees(&mut self, check: &Check, wanted: bool) -> bool {
        self.holds(check) == wanted
    }
}

/// A folder with a layer over it, ended on drop.
struct Kernel {
    folder: PathBuf,
    hands: Hands,
    attached: Undo,
}

static NEXT: AtomicU32 = AtomicU32::new(0);

impl Kernel {
    /// Fails, with the fix in its first line, where it cannot be had.
    fn new() -> Self {
        if let Err(why) = guard::acts::fuse::probe() {
            panic!("run this as root with /dev/fuse: sudo -E cargo test -p guard\n{why}");
        }
        let name = format!(
            "brinell-layer-{}-{}",
            std::process::id(),
            NEXT.fetch_add(1, Ordering::Relaxed)
        );
        let folder = std::env::temp_dir().join(&name);
        for part in ["below", "mount"] {
            fs::create_dir_all(folder.join(part)).unwrap();
        }
        let mut hands = Hands::of(&name, Engine::find());
        hands.program = env!("CARGO_BIN_EXE_guard-standin").into();
        let mut kernel = Self {
            folder,
            hands,
            attached: Undo::Nothing,
        };
        let attach = Act::Fuse(fuse::Act::Attach {
            layer: kernel.layer(),
        });
        kernel.attached = kernel.record(&attach);
        kernel.act(&attach);
        kernel
    }

    fn worker(&self) -> fusefs::page::Worker {
        let page = fusefs::Page::open(self.layer().page.as_ref()).unwrap();
        page.worker().unwrap()
    }

    fn signal(&self, number: i32) {
        // SAFETY: a process of ours that its page names.
        assert_eq!(unsafe { libc::kill(self.worker().pid as i32, number) }, 0);
    }
}

impl Drop for Kernel {
    fn drop(&mut self) {
        let _ = self.hands.undo(&self.attached);
        let _ = fs::remove_dir_all(&self.folder);
    }
}

impl Ground for Kernel {
    fn layer(&self) -> Layer {
        let at = |name| self.folder.join(name).to_string_lossy().into_owned();
        Layer {
            below: at("below"),
            mount: at("mount"),
            page: at("page"),
        }
    }
    fn record(&mut self, act: &Act) -> Undo {
        let deed = self.hands.prepare(act);
        deed.map_or(Undo::Nothing, |deed| deed.undo())
    }
    fn act(&mut self, act: &Act) {
        if let Ok(mut deed) = self.hands.prepare(act) {
            deed.ready().unwrap();
            deed.go().unwrap();
        }
    }
    fn undo(&mut self, undo: &Undo) {
        self.hands.undo(undo).unwrap();
    }
    fn sees(&mut self, check: &Check, wanted: bool) -> bool {
        let clock = Clock::since(0);
        let Ok(mut watches) = checks::open(check, &self.hands.engine) else {
            return !wanted;
        };
        let until = clock.now().plus(Nanos::secs(10));
        let look = checks::until(&mut watches, wanted, clock, until);
        look.seen.held == wanted
    }
}

fn world() -> impl Ground {
    World::of(0)
}

fn kernel() -> impl Ground {
    Kernel::new()
}

macro_rules! cases {
    ($($name:ident)*) => {
        mod model_world {
            $(#[test] fn $name() { super::$name(&mut super::world()); })*
        }
        mod kernel_itself {
            $(#[test] fn $name() { super::$name(&mut super::kernel()); })*
        }
    };
}

cases! {
    each_effect_is_suffered_until_it_is_lifted
    what_stood_there_before_stays
    rules_are_lifted_in_any_order
    an_undo_whose_act_never_happened_changes_nothing
    a_layer_that_is_gone_is_neither_hurt_nor_sound_and_undoing_is_a_success
}

fn rule(ops: &[Op], effect: Effect, share_ppm: u32) -> Rule {
    Rule {
        ops: ops.to_vec(),
        effect,
        share_ppm,
        seed: 7,
    }
}

fn eio() -> Rule {
    rule(&[Op::Write, Op::Fsync], Effect::Fail(Errno::Eio), 1_000_000)
}

fn impose(layer: &Layer, rule: &Rule) -> Act {
    Act::Fuse(fuse::Act::Impose {
        layer: layer.clone(),
        rule: rule.clone(),
        lifetime_ms: 60_000,
    })
}

fn suffers(layer: &Layer, rule: &Rule) -> Check {
    let (layer, rule) = (layer.clone(), rule.clone());
    Check::Fuse(fuse::Check::Suffers { layer, rule })
}

fn sound(layer: &Layer, rule: &Rule) -> Check {
    let (layer, rule) = (layer.clone(), rule.clone());
    Check::Fuse(fuse::Check::Sound { layer, rule })
}

fn each_effect_is_suffered_until_it_is_lifted(ground: &mut impl Ground) {
    let layer = ground.layer();
    let some = 300_000;
    for rule in [
        eio(),
        rule(&[Op::Read], Effect::Fail(Errno::Erofs), 1_000_000),
        rule(&[Op::Write], Effect::Fail(Errno::Enospc), some),
        rule(&[Op::Write], Effect::Tear, some),
        rule(
            &[Op::Read, Op::Write],
            Effect::Delay(Nanos::ms(20)),
            1_000_000,
        ),
    ] {
        let (act, hurt, whole) = (
            impose(&layer, &rule),
            suffers(&layer, &rule),
            sound(&layer, &rule),
        );
        assert!(
            ground.sees(&hurt, false) && ground.sees(&whole, true),
            "{rule:?}"
        );
        let undo = ground.record(&act);
        ground.act(&act);
        assert!(ground.sees(&hurt, true), "{rule:?}");
        assert!(ground.sees(&whole, false), "{rule:?}");
        for _ in 0..2 {
            ground.undo(&undo);
            assert!(
                ground.sees(&hurt, false) && ground.sees(&whole, true),
                "{rule:?}"
            );
        }
    }
}

fn what_stood_there_before_stays(ground: &mut impl Ground) {
    let layer = ground.layer();
    ground.act(&impose(&layer, &eio()));
    let undo = ground.record(&impose(&layer, &eio()));
    ground.act(&impose(&layer, &eio()));
    ground.undo(&undo);
    assert!(ground.sees(&suffers(&layer, &eio()), true));
}

fn rules_are_lifted_in_any_order(ground: &mut impl Ground) {
    let layer = ground.layer();
    let slow = rule(&[Op::Fsync], Effect::Delay(Nanos::ms(5)), 1_000_000);
    let undos = [eio(), slow.clone()].map(|rule| {
        let undo = ground.record(&impose(&layer, &rule));
        ground.act(&impose(&layer, &rule));
        undo
    });
    ground.undo(&undos[0]);
    assert!(ground.sees(&sound(&layer, &eio()), true));
    assert!(ground.sees(&suffers(&layer, &slow), true));
    ground.undo(&undos[1]);
    assert!(ground.sees(&sound(&layer, &slow), true));
}

fn an_undo_whose_act_never_happened_changes_nothing(ground: &mut impl Ground) {
    let layer = ground.layer();
    let slow = rule(&[Op::Fsync], Effect::Delay(Nanos::ms(5)), 1_000_000);
    ground.act(&impose(&layer, &slow));
    let undo = ground.record(&impose(&layer, &eio()));
    ground.undo(&undo);
    assert!(ground.sees(&suffers(&layer, &slow), true));
}

fn a_layer_that_is_gone_is_neither_hurt_nor_sound_and_undoing_is_a_success(
    ground: &mut impl Ground,
) {
    let layer = ground.layer();
    let undo = ground.record(&impose(&layer, &eio()));
    ground.act(&impose(&layer, &eio()));
    let gone = Undo::Fuse(fuse::Undo::Detach {
        layer: layer.clone(),
    });
    for _ in 0..2 {
        ground.undo(&gone);
        ground.undo(&undo);
    }
    assert!(ground.sees(&suffers(&layer, &eio()), false));
    assert!(ground.sees(&sound(&layer, &eio()), false));
}

/// As the guard looks: the same eye before, during and after, so that its scratch file is there although none can be made.
#[test]
fn every_class_suffers_at_once() {
    let mut kernel = Kernel::new();
    let (layer, all) = (
        kernel.layer(),
        rule(&Op::ALL, Effect::Fail(Errno::Eio), 1_000_000),
    );
    let clock = Clock::since(0);
    let patience = || clock.now().plus(Nanos::secs(10));
    let mut eye = checks::open(&suffers(&layer, &all), &kernel.hands.engine).unwrap();
    assert!(!checks::once(&mut eye, clock, patience()).seen.held);
    eye.iter_mut().for_each(|watch| watch.forget());
    let undo = kernel.record(&impose(&layer, &all));
    kernel.act(&impose(&layer, &all));
    let seen = checks::until(&mut eye, true, clock, patience()).seen;
    assert!(seen.held, "{}", seen.evidence);
    for word in [
        "read EIO",
        "write EIO",
        "fsync EIO",
        "create EIO",
        "metadata EIO",
    ] {
        assert!(seen.evidence.contains(word), "{}", seen.evidence);
    }
    kernel.undo(&undo);
    assert!(kernel.sees(&sound(&layer, &all), true));
}

/// Process, mount, page and log.
#[test]
fn a_detached_layer_leaves_nothing_although_it_is_stopped_and_in_use() {
    let mut kernel = Kernel::new();
    let (layer, worker) = (kernel.layer(), kernel.worker());
    let file = File::create(kernel.folder.join("mount/held")).unwrap();
    kernel.signal(libc::SIGSTOP);
    let undo = kernel.attached.clone();
    let began = Instant::now();
    kernel.undo(&undo);
    assert!(began.elapsed() < Duration::from_secs(5));
    assert!(file.write_at(b"x", 0).is_err());
    let process = Process {
        pid: worker.pid,
        start_ticks: worker.start_ticks,
    };
    assert!(!guard::process::lives(&process));
    let mounts = fs::read_to_string("/proc/self/mountinfo").unwrap();
    assert!(!mounts.contains(&layer.mount));
    let left = fs::read_dir(&kernel.folder)
        .unwrap()
        .map(|one| one.unwrap().file_name());
    let mut left: Vec<_> = left.collect();
    left.sort();
    assert_eq!(left, ["below", "mount"]);
}

/// The process that a page names must be the one that wrote it.
#[test]
fn a_later_process_with_that_pid_is_not_ended() {
    let mut kernel = Kernel::new();
    let mut stranger = std::process::Command::new("sleep")
        .arg("60")
        .spawn()
        .unwrap();
    let page = fusefs::Page::open(kernel.layer().page.as_ref()).unwrap();
    kernel.signal(libc::SIGKILL);
    page.serve(stranger.id(), 1);
    let undo = kernel.attached.clone();
    kernel.undo(&undo);
    assert_eq!(stranger.try_wait().unwrap(), None);
    stranger.kill().unwrap();
    stranger.wait().unwrap();
}

/// Who waits for it gets an error, and it is told of once.
#[test]
fn a_silent_layer_is_killed() {
    let kernel = Kernel::new();
    let (layer, worker) = (kernel.layer(), kernel.worker());
    let mut silences = Silences::default();
    assert_eq!(silences.look(&layer), None);
    let file = File::create(kernel.folder.join("mount/held")).unwrap();
    kernel.signal(libc::SIGSTOP);
    let (tell, told) = mpsc::channel();
    // A stop takes a moment: the last writes before it may still be served.
    let waits = move || {
        while file.write_at(b"x", 0).is_ok() {}
        tell.send(())
    };
    thread::spawn(waits);
    let began = Instant::now();
    let (pid, why, _) = loop {
        if let Some(killed) = silences.look(&layer) {
            break killed;
        }
        assert!(began.elapsed() < Duration::from_secs(30), "never killed");
        thread::sleep(Duration::from_millis(10));
    };
    assert_eq!(pid, worker.pid);
    assert!(why.contains("silent for"), "{why}");
    told.recv_timeout(Duration::from_secs(10)).unwrap();
    assert_eq!(silences.look(&layer), None);
}

#[test]
fn a_layer_over_nothing_is_refused_with_the_reason() {
    let kernel = Kernel::new();
    let mut layer = kernel.layer();
    layer.below.push_str("-not-there");
    let refused = kernel
        .hands
        .prepare(&Act::Fuse(fuse::Act::Attach { layer }));
    assert!(refused.err().unwrap().contains("below-not-there"));
    let twice = kernel.hands.prepare(&Act::Fuse(fuse::Act::Attach {
        layer: kernel.layer(),
    }));
    assert!(twice.err().unwrap().contains("its page is there"));
}
