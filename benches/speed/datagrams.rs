//! Numbered datagrams from one network namespace to another, every 50 microseconds, with the instant at which each arrived.
use guard::clock::mono_ns;
use std::{
    fs::File,
    io,
    net::{Ipv4Addr, UdpSocket},
    os::fd::AsRawFd,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    thread::{self, JoinHandle},
    time::Duration,
};

/// Between two datagrams.
const PACE: Duration = Duration::from_micros(50);

/// A stream of datagrams, and when the last one that was sent last and arrived was sent.
pub struct Stream {
    stop: Arc<AtomicBool>,
    arrived: Arc<AtomicU64>,
    threads: Vec<JoinHandle<()>>,
}

impl Stream {
    /// From the namespace of `from` to `to` (pid and address).
    pub fn open(from: u32, to: (u32, Ipv4Addr)) -> Result<Self, String> {
        let fails = |error: io::Error| format!("open a stream of datagrams: {error}");
        // Not bound to its address: the address goes and comes with a cable that is pulled.
        let receiver = inside(to.0, || UdpSocket::bind(("0.0.0.0", 0))).map_err(fails)?;
        let port = receiver.local_addr().map_err(fails)?.port();
        let sender = inside(from, || UdpSocket::bind(("0.0.0.0", 0))).map_err(fails)?;
        receiver
            .set_read_timeout(Some(Duration::from_millis(20)))
            .map_err(fails)?;
        let (stop, arrived) = (
            Arc::new(AtomicBool::new(false)),
            Arc::new(AtomicU64::new(0)),
        );
        let sending = {
            let stop = stop.clone();
            thread::spawn(move || {
                // SAFETY: only sets this thread's timer slack.
                unsafe { libc::prctl(libc::PR_SET_TIMERSLACK, 1) };
                while !stop.load(Ordering::Relaxed) {
                    let _ = sender.send_to(&mono_ns().to_le_bytes(), (to.1, port));
                    thread::sleep(PACE);
                }
            })
        };
        let receiving = {
            let (stop, arrived) = (stop.clone(), arrived.clone());
            thread::spawn(move || {
                let mut bytes = [0; 8];
                while !stop.load(Ordering::Relaxed) {
                    if matches!(receiver.recv_from(&mut bytes), Ok((8, _))) {
                        arrived.store(u64::from_le_bytes(bytes), Ordering::Release);
                    }
                }
            })
        };
        let stream = Self {
            stop,
            arrived,
            threads: vec![sending, receiving],
        };
        stream.first_after(0)?;
        Ok(stream)
    }

    /// When the last one that arrived was sent, once none has arrived for 20 ms; fails after 5 s.
    pub fn last_before_silence(&self) -> Result<u64, String> {
        let began = mono_ns();
        loop {
            let last = self.arrived.load(Ordering::Acquire);
            if mono_ns().saturating_sub(last) > 20_000_000
                && last == self.arrived.load(Ordering::Acquire)
            {
                return Ok(last);
            }
            if mono_ns() - began > 5_000_000_000 {
                return Err("see the datagrams stop within 5 s".to_owned());
            }
            thread::sleep(PACE);
        }
    }

    /// When the first one that was sent after `instant` and arrived was sent; fails after 10 s.
    pub fn first_after(&self, instant: u64) -> Result<u64, String> {
        let began = mono_ns();
        loop {
            let last = self.arrived.load(Ordering::Acquire);
            if last > instant {
                return Ok(last);
            }
            if mono_ns() - began > 10_000_000_000 {
                return Err("see a datagram within 10 s".to_owned());
            }
            thread::sleep(PACE);
        }
    }
}

impl Drop for Stream {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        for thread in self.threads.drain(..) {
            let _ = thread.join();
        }
    }
}

/// Entering a namespace is per thread: a thread of its own enters, opens and ends.
fn inside<T: Send + 'static>(
    pid: u32,
    open: impl FnOnce() -> io::Result<T> + Send + 'static,
) -> io::Result<T> {
    let space = File::open(format!("/proc/{pid}/ns/net"))?;
    let entered = move || {
        // SAFETY: an open descriptor of a network namespace; only this thread changes.
        if unsafe { libc::setns(space.as_raw_fd(), libc::CLONE_NEWNET) } != 0 {
            return Err(io::Error::last_os_error());
        }
        open()
    };
    thread::spawn(entered)
        .join()
        .unwrap_or_else(|_| Err(io::Error::other("its thread ended early")))
}
