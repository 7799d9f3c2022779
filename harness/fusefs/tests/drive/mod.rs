//! A layer over a temporary folder, ended on drop whatever a test did to it.
#![expect(dead_code, reason = "each test file uses a part of it")]
use fusefs::{Page, page, worker};
use model::act::fuse::{Effect, Op, Rule};
use std::{
    fs,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::atomic::{AtomicU32, Ordering},
    thread,
    time::{Duration, Instant},
};

static NEXT: AtomicU32 = AtomicU32::new(0);

pub struct Drive {
    pub folder: PathBuf,
    pub below: PathBuf,
    pub mount: PathBuf,
    pub page: Page,
    pub child: Child,
}

impl Drive {
    /// Fails, with the fix in its first line, where it cannot be had.
    pub fn new() -> Self {
        assert!(
            Path::new("/dev/fuse").exists(),
            "run this as root on a Linux with /dev/fuse: sudo -E cargo test -p fusefs"
        );
        let name = format!(
            "brinell-drive-{}-{}",
            std::process::id(),
            NEXT.fetch_add(1, Ordering::Relaxed)
        );
        let folder = std::env::temp_dir().join(name);
        let [below, mount] = ["below", "mount"].map(|name| folder.join(name));
        fs::create_dir_all(&below).unwrap();
        fs::create_dir_all(&mount).unwrap();
        let place = folder.join("page");
        let page = Page::create(&place).unwrap();
        let child = Command::new(env!("CARGO_BIN_EXE_fusefs-standin"))
            .args([&below, &mount, &place])
            .stdin(Stdio::null())
            .spawn()
            .unwrap();
        let drive = Self {
            folder,
            below,
            mount,
            page,
            child,
        };
        wait_for("the mount", || {
            drive
                .page
                .worker()
                .is_some_and(|worker| worker.mounted && worker.beat_ns != 0)
        });
        drive
    }

    pub fn at(&self, name: &str) -> PathBuf {
        self.mount.join(name)
    }

    pub fn signal(&self, number: i32) {
        // SAFETY: a child of ours that was not waited for.
        assert_eq!(unsafe { libc::kill(self.child.id() as i32, number) }, 0);
    }

    pub fn impose(&self, rule: &Rule, lifetime: Duration) {
        let until = page::mono_ns() + lifetime.as_nanos() as u64;
        self.page.impose(rule, until).unwrap();
    }
}

impl Drop for Drive {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        let _ = worker::unmount(&self.mount);
        let _ = fs::remove_dir_all(&self.folder);
    }
}

pub const LONG: Duration = Duration::from_secs(60);

pub fn rule(ops: &[Op], effect: Effect) -> Rule {
    Rule {
        ops: ops.to_vec(),
        effect,
        share_ppm: 1_000_000,
        seed: 7,
    }
}

/// Waits for a fact, at most 30 s.
pub fn wait_for(what: &str, fact: impl Fn() -> bool) -> Duration {
    let began = Instant::now();
    while !fact() {
        assert!(
            began.elapsed() < Duration::from_secs(30),
            "never seen: {what}"
        );
        thread::sleep(Duration::from_micros(200));
    }
    began.elapsed()
}
