//! The worker: a process of ours that takes packets from the kernel's queue and lets each go when it is due.
//!
//! It is told by JSON lines on its input, and tells back on its output that it lives. At the end of its input, which is the end
//! of the guard, it lets everything go and ends. Its settings have deadlines of their own, should the guard hang.
//! - [`netlink`] the kernel's queue.   - [`held`] what is held until when.   - [`lag`] how late we wake.   - [`packet`] damage.
pub mod held;
pub mod lag;
pub mod netlink;
pub mod packet;

use super::{Numbers, Order, Told};
use crate::{clock::mono_ns, detach};
use held::Held;
use lag::Lag;
use netlink::{Copied, Netlink};
use std::{
    fs::File,
    io::{self, Read, Write},
    os::fd::{AsFd, AsRawFd, RawFd},
    time::Duration,
};

/// Above the guard: a late packet is a wrong measurement.
const PRIORITY: i32 = 50;
/// Between two signs of life: five fit into the silence after which the guard kills.
const BEAT: Duration = Duration::from_millis(100);
/// Verdicts a call: well below what a netlink message may hold.
const FULL: usize = 30_000;

/// The hidden subcommand: `--run RUN --number N`. Gives the exit code.
pub fn main(args: impl IntoIterator<Item = String>) -> i32 {
    let args: Vec<String> = args.into_iter().collect();
    let [_, _, _, number] = &args[..] else {
        return 2;
    };
    let Ok(number) = number.parse() else { return 2 };
    match Worker::open(Numbers(number)) {
        Ok(mut worker) => worker.serve().map_or(1, |()| 0),
        Err(error) => {
            let why = error.to_string();
            let busy = error.raw_os_error() == Some(libc::EBUSY);
            say(&Told::Unable { why, busy });
            1
        }
    }
}

struct Worker {
    netlink: Netlink,
    held: Held,
    lag: Lag,
    input: File,
    heard: Vec<u8>,
    beat_ns: u64,
}

impl Worker {
    fn open(numbers: Numbers) -> io::Result<Self> {
        let lacks = detach::first_in_line(PRIORITY);
        let mut netlink = Netlink::open()?;
        netlink.bind(numbers.meta(), Copied::Meta)?;
        netlink.bind(numbers.payload(), Copied::Packet)?;
        let input: File = io::stdin().as_fd().try_clone_to_owned()?.into();
        for fd in [input.as_raw_fd(), libc::STDOUT_FILENO] {
            // SAFETY: open descriptors of our own pipes; the flag touches nobody else's end.
            unsafe { libc::fcntl(fd, libc::F_SETFL, libc::O_NONBLOCK) };
        }
        say(&Told::Ready { lacks });
        Ok(Self {
            netlink,
            held: Held::default(),
            lag: Lag::default(),
            input,
            heard: Vec::new(),
            beat_ns: mono_ns(),
        })
    }

    /// Until the input ends.
    fn serve(&mut self) -> io::Result<()> {
        loop {
            let [packets, orders] = self.wait();
            if orders && !self.listen() {
                self.held.release_all();
                return self.let_go();
            }
            if packets {
                self.take();
            }
            self.let_go()?;
            self.beat();
        }
    }

    /// Until a packet or an order comes, the next packet is due, or a beat.
    fn wait(&mut self) -> [bool; 2] {
        let beat = self.beat_ns + BEAT.as_nanos() as u64;
        let due = self.held.next_ns().map(|due| self.lag.before(due));
        let (next, now) = (due.map_or(beat, |due| due.min(beat)), mono_ns());
        let span = next.saturating_sub(now);
        let ready = poll([self.netlink.raw(), self.input.as_raw_fd()], span);
        if span > 0 && ready == [false; 2] {
            self.lag.learn(next, mono_ns());
        }
        ready
    }

    fn take(&mut self) {
        let (held, now_ns) = (&mut self.held, mono_ns());
        self.netlink.receive(|notice| {
            let slot = (notice.mark & 0xff) as u8;
            held.enter(now_ns, slot, notice.queue, notice.id, notice.payload);
        });
    }

    fn let_go(&mut self) -> io::Result<()> {
        let (mut out, horizon) = (Vec::new(), self.lag.horizon(mono_ns()));
        while let Some(parcel) = self.held.due(horizon) {
            let payload = parcel.payload.as_deref();
            netlink::accept(&mut out, parcel.queue, parcel.id, payload);
            if out.len() > FULL {
                self.netlink.send(&out)?;
                out.clear();
            }
        }
        self.netlink.send(&out)
    }

    /// False at the end.
    fn listen(&mut self) -> bool {
        let mut bytes = [0; 4096];
        match self.input.read(&mut bytes) {
            Ok(0) => return false,
            Ok(length) => self.heard.extend_from_slice(&bytes[..length]),
            Err(error) => {
                let later = [io::ErrorKind::WouldBlock, io::ErrorKind::Interrupted];
                return later.contains(&error.kind());
            }
        }
        while let Some(end) = self.heard.iter().position(|byte| *byte == b'\n') {
            let line: Vec<u8> = self.heard.drain(..=end).collect();
            let Ok(order) = serde_json::from_slice(&line) else {
                return false;
            };
            match order {
                Order::Treat {
                    slot,
                    treatment,
                    until_ns,
                } => self.held.treat(slot, treatment, until_ns),
                Order::Release { slot } => self.held.release(slot),
            }
            say(&Told::Done);
        }
        true
    }

    fn beat(&mut self) {
        let now = mono_ns();
        if now.saturating_sub(self.beat_ns) >= BEAT.as_nanos() as u64 {
            say(&Told::Beat);
            self.beat_ns = now;
        }
    }
}

/// Which of the two can be read, after at most `span_ns`.
fn poll(fds: [RawFd; 2], span_ns: u64) -> [bool; 2] {
    let mut polled = fds.map(|fd| libc::pollfd {
        fd,
        events: libc::POLLIN,
        revents: 0,
    });
    let span = libc::timespec {
        tv_sec: (span_ns / 1_000_000_000) as i64,
        tv_nsec: (span_ns % 1_000_000_000) as i64,
    };
    // SAFETY: two valid entries and a valid span; a null mask leaves the signal mask alone.
    unsafe { libc::ppoll(polled.as_mut_ptr(), 2, &raw const span, std::ptr::null()) };
    polled.map(|one| one.revents != 0)
}

/// A guard that does not listen any more is noticed on the other pipe.
fn say(told: &Told) {
    if let Ok(line) = crate::wire::line(told) {
        let mut out = io::stdout().lock();
        let _ = out.write_all(line.as_bytes()).and_then(|()| out.flush());
    }
}
