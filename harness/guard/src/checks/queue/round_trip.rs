//! Round trips of numbered datagrams between two network namespaces: their median before, and how far it has grown since.
//!
//! The answer is sent by the same thread as soon as the question is there, so a busy machine adds what it added before. What a
//! pair took before anybody hurt it is remembered for the heal, whose check is opened while it still hurts.
use crate::{
    checks::{Glance, Watch, datagrams::socket},
    clock::Clock,
};
use model::{
    check::End,
    units::{MS, Nanos},
};
use std::{
    collections::{BTreeMap, VecDeque},
    io,
    net::{Ipv4Addr, UdpSocket},
    os::fd::{AsRawFd, FromRawFd, OwnedFd, RawFd},
    sync::{Mutex, MutexGuard, PoisonError},
};

/// Between two questions.
const GAP: Nanos = Nanos::ms(1);
/// So many answers make a median that one late thread does not move.
const ENOUGH: usize = 20;
/// A question is lost when its answer is this much later than twice what it should take.
const GRACE: Nanos = Nanos::ms(200);
/// Questions remembered: more than a proof may take.
const MEMORY: usize = 16_384;

type Pair = (u32, Ipv4Addr, u32, Ipv4Addr);

/// Medians of before, by process and address of both ends.
static BEFORE: Mutex<BTreeMap<Pair, Nanos>> = Mutex::new(BTreeMap::new());

/// Median of the questions since the last change.
#[derive(Clone, Copy)]
struct Median {
    took: Nanos,
    /// When the first of them was asked.
    since: Nanos,
    n: usize,
}

struct RoundTrip {
    pair: Pair,
    by: Nanos,
    within: Nanos,
    grown: bool,
    asker: UdpSocket,
    answerer: UdpSocket,
    either: OwnedFd,
    tag: u64,
    first: u64,
    sent: VecDeque<(Nanos, Option<Nanos>)>,
    median: Option<Median>,
    /// Whether any answer ever came: what was asked before waited for the neighbour's hardware address, and does not count.
    met: bool,
    /// Median before the change; none while it is being measured.
    before: Option<Nanos>,
}

/// Opens a socket at each end. Where the round trip must grow, what comes until [`Watch::forget`] is the measure of before.
///
/// # Errors
/// A process is gone, or has no such address.
pub fn watch(
    from: &End,
    to: &End,
    by: Nanos,
    within: Nanos,
    grown: bool,
) -> Result<impl Watch + use<>, String> {
    let (asker, answerer) = (socket(from)?, socket(to)?);
    let address = answerer.local_addr().map_err(|error| error.to_string())?;
    let connected = asker.connect(address);
    connected.map_err(|error| format!("send to {address}: {error}"))?;
    let pair = (from.process.pid, from.address, to.process.pid, to.address);
    // Never measured: a bridge on one machine takes some 0.05 ms, far below any band.
    let before = known().get(&pair).copied().unwrap_or_default();
    let either = both(&asker, &answerer).map_err(|error| format!("watch two sockets: {error}"))?;
    Ok(RoundTrip {
        pair,
        by,
        within,
        grown,
        asker,
        answerer,
        either,
        tag: crate::clock::mono_ns(),
        first: 0,
        sent: VecDeque::new(),
        median: None,
        met: false,
        before: (!grown).then_some(before),
    })
}

fn known() -> MutexGuard<'static, BTreeMap<Pair, Nanos>> {
    BEFORE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A descriptor that is readable when one of the two is.
fn both(one: &UdpSocket, other: &UdpSocket) -> io::Result<OwnedFd> {
    let told = |done: i32| {
        if done < 0 {
            Err(io::Error::last_os_error())
        } else {
            Ok(done)
        }
    };
    // SAFETY: a new descriptor, owned as soon as it is known to be one; the events live over the calls.
    unsafe {
        let fd = told(libc::epoll_create1(libc::EPOLL_CLOEXEC))?;
        let either = OwnedFd::from_raw_fd(fd);
        for socket in [one, other] {
            let mut event = libc::epoll_event {
                events: libc::EPOLLIN as u32,
                u64: 0,
            };
            let socket = socket.as_raw_fd();
            told(libc::epoll_ctl(
                fd,
                libc::EPOLL_CTL_ADD,
                socket,
                &raw mut event,
            ))?;
        }
        Ok(either)
    }
}

impl RoundTrip {
    fn ask(&mut self, clock: Clock) {
        let last = self.sent.back().map(|(at, _)| *at);
        if last.is_some_and(|at| clock.now().since(at) < GAP) {
            return;
        }
        let number = self.first + self.sent.len() as u64;
        self.sent.push_back((clock.now(), None));
        let bytes = [self.tag.to_le_bytes(), number.to_le_bytes()].concat();
        // A refused send is a question without an answer.
        let _ = self.asker.send(&bytes);
        if self.sent.len() > MEMORY {
            self.sent.pop_front();
            self.first += 1;
        }
    }

    fn answer(&self) {
        let mut bytes = [0; 16];
        while let Ok((16, whom)) = self.answerer.recv_from(&mut bytes) {
            let _ = self.answerer.send_to(&bytes, whom);
        }
    }

    fn hear(&mut self, clock: Clock) {
        let mut bytes = [0; 16];
        while let Ok(16) = self.asker.recv(&mut bytes) {
            let now = clock.now();
            let (tag, number) = bytes.split_at(8);
            let number = u64::from_le_bytes(number.try_into().unwrap_or_default());
            let place = number.checked_sub(self.first).map(|place| place as usize);
            if tag == self.tag.to_le_bytes()
                && let Some((at, took)) = place.and_then(|place| self.sent.get_mut(place))
            {
                took.get_or_insert(now.since(*at));
                if !std::mem::replace(&mut self.met, true) {
                    self.clear();
                }
            }
        }
    }

    fn clear(&mut self) {
        self.first += self.sent.len() as u64;
        self.sent.clear();
        self.median = None;
    }

    /// Of the questions up to the first that is still open: those that come early must not count before those that come late.
    fn measure(&self, now: Nanos) -> Option<Median> {
        let patience = Nanos(self.by.0.saturating_mul(2)).plus(GRACE);
        let settled =
            |(at, took): &&(Nanos, Option<Nanos>)| took.is_some() || now.since(*at) > patience;
        let settled: Vec<_> = self.sent.iter().take_while(settled).collect();
        let mut took: Vec<Nanos> = settled.iter().filter_map(|(_, took)| *took).collect();
        // More lost than answered: nobody knows a median.
        if took.len() < ENOUGH || took.len() * 2 < settled.len() {
            return None;
        }
        took.sort_unstable();
        Some(Median {
            took: took[took.len() / 2],
            since: settled[0].0,
            n: took.len(),
        })
    }

    /// While the measure of before is taken, nothing has grown.
    fn holds(&self, median: Median) -> bool {
        let due = if self.grown { self.by } else { Nanos(0) };
        let off = |before| median.took.since(before).0.abs_diff(due.0);
        self.before
            .is_some_and(|before| off(before) <= self.within.0)
    }

    fn told(&self) -> String {
        let (_, from, _, to) = self.pair;
        let ms = |span: Nanos| span.0 as f64 / MS as f64;
        let median = self.median.map_or("is not known yet".to_owned(), |median| {
            format!("{:.3} ms (n = {})", ms(median.took), median.n)
        });
        let before = self
            .before
            .map(|before| format!(", {:.3} ms before", ms(before)));
        let before = before.unwrap_or_default();
        format!("median round trip {from} to {to} {median}{before}")
    }
}

impl Watch for RoundTrip {
    fn glance(&mut self, clock: Clock) -> Glance {
        self.ask(clock);
        self.answer();
        self.hear(clock);
        let now = clock.now();
        self.median = self.measure(now);
        Glance {
            held: self.median.map(|median| self.holds(median)),
            since: self.median.map_or(now, |median| median.since),
            evidence: self.told(),
        }
    }

    fn wakes(&self) -> Option<RawFd> {
        Some(self.either.as_raw_fd())
    }

    fn forget(&mut self) {
        if self.before.is_none() {
            let mut known = known();
            known.extend(self.median.map(|median| (self.pair, median.took)));
            self.before = known.get(&self.pair).copied();
        }
        self.clear();
    }
}
