//! A beat: a process that writes the monotonic clock into a shared page every few tens of microseconds, for as long as it may run.
use guard::clock::mono_ns;
use std::{
    fs::{File, OpenOptions},
    io,
    os::fd::AsRawFd,
    path::Path,
    process::{Child, Command},
    sync::atomic::{AtomicU64, Ordering},
    time::Duration,
};

/// Between two beats.
const PACE: Duration = Duration::from_micros(20);
/// The clock and the number of beats.
const BYTES: usize = 16;

/// A shared page, mapped for as long as the process lives.
pub struct Page(&'static AtomicU64);

impl Page {
    fn of(file: &File) -> io::Result<Self> {
        // SAFETY: a fresh shared mapping of an open file, checked below.
        let at = unsafe {
            libc::mmap(
                std::ptr::null_mut(),
                BYTES,
                libc::PROT_READ | libc::PROT_WRITE,
                libc::MAP_SHARED,
                file.as_raw_fd(),
                0,
            )
        };
        if at == libc::MAP_FAILED {
            return Err(io::Error::last_os_error());
        }
        // SAFETY: just mapped, never unmapped, and aligned to a page; every access is atomic.
        Ok(Self(unsafe { &*at.cast::<AtomicU64>() }))
    }

    /// The instant of the last beat, in ns of the monotonic clock.
    pub fn last(&self) -> u64 {
        self.0.load(Ordering::Acquire)
    }
}

/// The beating process: never returns.
pub fn run(file: &str) {
    let page = OpenOptions::new()
        .read(true)
        .write(true)
        .open(file)
        .and_then(|file| Page::of(&file))
        .expect("a page");
    // SAFETY: only sets this thread's timer slack and its death with the parent.
    unsafe {
        libc::prctl(libc::PR_SET_TIMERSLACK, 1);
        libc::prctl(libc::PR_SET_PDEATHSIG, libc::SIGKILL);
    }
    loop {
        page.0.store(mono_ns(), Ordering::Release);
        std::thread::sleep(PACE);
    }
}

/// A beat inside the groups of a container.
pub struct Beat {
    child: Child,
    page: Page,
}

impl Beat {
    /// Starts it and moves it into `group` (the `cgroup.procs` beside the freezer's control file).
    pub fn start(folder: &Path, group: &Path) -> Result<Self, String> {
        let fails = |error: io::Error| format!("start a beat: {error}");
        let path = folder.join("beat");
        let file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(true)
            .open(&path)
            .map_err(fails)?;
        file.set_len(BYTES as u64).map_err(fails)?;
        let page = Page::of(&file).map_err(fails)?;
        let child = Command::new("/proc/self/exe")
            .arg("beat")
            .arg(&path)
            .spawn()
            .map_err(fails)?;
        let beat = Self { child, page };
        std::fs::write(group, beat.child.id().to_string()).map_err(fails)?;
        beat.first_after(0)?;
        Ok(beat)
    }

    /// The last beat once it is still for 20 ms, by then it is not merely late; fails after 5 s of beats.
    pub fn last_before_silence(&self) -> Result<u64, String> {
        let began = mono_ns();
        loop {
            let last = self.page.last();
            if mono_ns().saturating_sub(last) > 20_000_000 && last == self.page.last() {
                return Ok(last);
            }
            if mono_ns() - began > 5_000_000_000 {
                return Err("see the beat stop within 5 s".to_owned());
            }
            std::hint::spin_loop();
        }
    }

    /// The first beat after `instant`; fails after 5 s.
    pub fn first_after(&self, instant: u64) -> Result<u64, String> {
        let began = mono_ns();
        loop {
            let last = self.page.last();
            if last > instant {
                return Ok(last);
            }
            if mono_ns() - began > 5_000_000_000 {
                return Err("see a beat within 5 s".to_owned());
            }
            std::thread::sleep(PACE);
        }
    }
}

impl Drop for Beat {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
