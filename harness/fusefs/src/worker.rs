//! The process behind a mount: it comes, beats, and ends with its page or by force; never because a terminal or its parent did.
//!
//! A thread of its own beats, so that a stopped process is told from one that waits for its disk.
use crate::{
    page::{Page, mono_ns},
    passage::Passage,
};
use fuser::{Config, MountOption, Session, SessionACL};
use std::{ffi::CString, fs, io, path::Path, sync::Arc, thread, time::Duration};

/// Between two signs of life.
pub const BEAT: Duration = Duration::from_millis(100);
/// Operations at a time: as many may wait for a delay without making others wait.
const THREADS: usize = 8;

/// Mounts and serves until the mount or the page is closed.
///
/// # Errors
/// What could not be had; fits after "failed to".
pub fn run(below: &Path, mount: &Path, page: &Path) -> Result<(), String> {
    settle();
    let place = page.display().to_string();
    let page = Page::open(page).map_err(|error| format!("open page {place}: {error}"))?;
    let page = Arc::new(page);
    let start_ticks = start_ticks().ok_or("read the own start time: mount /proc")?;
    page.serve(std::process::id(), start_ticks);
    if page.is_closed() {
        return Err(format!("serve page {place}: it is closed"));
    }
    let from = below.display();
    let passage = Passage::of(below, page.clone());
    let passage = passage.map_err(|error| format!("pass through {from}: {error}"))?;
    let session = Session::new(passage, mount, &config(&place));
    let session = session.map_err(|error| format!("mount {}: {error}", mount.display()))?;
    page.mounted(connection(mount, Path::new(&place)).unwrap_or_default());
    let (beats, at) = (page.clone(), mount.to_owned());
    thread::spawn(move || beat(&beats, &at));
    session.run().map_err(|error| format!("serve: {error}"))
}

fn config(page: &str) -> Config {
    let mut config = Config::default();
    config.mount_options = vec![
        MountOption::FSName(page.to_owned()),
        MountOption::DefaultPermissions,
        MountOption::Suid,
        MountOption::Dev,
    ];
    config.acl = SessionACL::All;
    config.n_threads = Some(THREADS);
    config.clone_fd = true;
    config
}

/// A session of its own, deaf to a terminal, with an ordinary place in the queue for the processor whoever started it.
fn settle() {
    // SAFETY: plain system calls on the calling process; the only pointers are to locals.
    unsafe {
        libc::setsid();
        for signal in [libc::SIGINT, libc::SIGTERM, libc::SIGHUP, libc::SIGPIPE] {
            libc::signal(signal, libc::SIG_IGN);
        }
        let ordinary = libc::sched_param { sched_priority: 0 };
        libc::sched_setscheduler(0, libc::SCHED_OTHER, &raw const ordinary);
        libc::prctl(libc::PR_SET_TIMERSLACK, 1);
        // The kernel applied the caller's mask already.
        libc::umask(0);
    }
}

fn beat(page: &Page, mount: &Path) {
    loop {
        page.beat();
        if page.is_closed() {
            let _ = unmount(mount);
            std::process::exit(0);
        }
        thread::sleep(BEAT);
    }
}

/// Takes the mount out of the tree at once; who still uses it keeps it until it ends.
///
/// # Errors
/// What the kernel says.
pub fn unmount(mount: &Path) -> io::Result<()> {
    let path = CString::new(mount.as_os_str().as_encoded_bytes())?;
    // SAFETY: a valid C string.
    let done = unsafe { libc::umount2(path.as_ptr(), libc::MNT_DETACH | libc::UMOUNT_NOFOLLOW) };
    crate::calls::done(done).map(drop)
}

/// Number of the kernel's connection behind the mount at `mount` that serves `page`, from the process's own list of mounts:
/// looking at the mount itself could hang.
pub fn connection(mount: &Path, page: &Path) -> Option<u64> {
    let text = fs::read_to_string("/proc/self/mountinfo").ok()?;
    find(&text, mount.to_str()?, page.to_str()?)
}

/// The page is what a mount of ours shows as its device.
fn find(mountinfo: &str, mount: &str, page: &str) -> Option<u64> {
    let ours = |line: &&str| {
        let mut behind = line.split(" - ").nth(1).unwrap_or_default().split(' ');
        let at = line.split(' ').nth(4) == Some(mount);
        at && behind.next() == Some("fuse") && behind.next() == Some(page)
    };
    let line = mountinfo.lines().rev().find(ours)?;
    line.split(' ').nth(2)?.split_once(':')?.1.parse().ok()
}

/// Start of the calling process: field 22 of its `stat`, counted from the last bracket of its name.
fn start_ticks() -> Option<u64> {
    let text = fs::read_to_string("/proc/self/stat").ok()?;
    let fields = text.rsplit_once(')')?.1;
    fields.split_whitespace().nth(19)?.parse().ok()
}

/// How long ago the layer of `page` gave its last sign of life; none before its first.
pub fn silent_ns(page: &Page) -> Option<u64> {
    let beat = page.worker()?.beat_ns;
    (beat != 0).then(|| mono_ns().saturating_sub(beat))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_mount_of_ours_at_a_place_is_found() {
        let text = "36 35 8:1 / /d rw - ext4 /dev/vda rw\n\
                    40 36 0:51 / /d/1 rw shared:3 - fuse /run/page-1 rw\n\
                    41 36 0:52 / /d/1 rw - fuse /run/page-1 rw\n\
                    42 36 0:53 / /d/2 rw - fuse.sshfs host rw\n";
        assert_eq!(find(text, "/d/1", "/run/page-1"), Some(52));
        assert_eq!(find(text, "/d/1", "/run/page-2"), None);
        assert_eq!(find(text, "/d/2", "host"), None);
    }
}
