//! Numbered datagrams from one network namespace to another arrive, or do not; each direction by itself, which a ping cannot tell.
//!
//! Both sockets are opened inside the namespaces and used from here, by one thread: a bridge delivers within the send call, so
//! what is not there some milliseconds later was dropped. "Blocked" is told back to the first datagram of the unbroken loss.
use super::{Glance, Watch};
use crate::{clock::Clock, netns};
use model::{
    check::End,
    units::{MS, Nanos},
};
use std::{
    collections::VecDeque,
    net::{Ipv4Addr, SocketAddr, UdpSocket},
};

/// Between two datagrams: five fit into the millisecond that a cut may take.
const GAP: Nanos = Nanos(200_000);
/// So many in a row must arrive, or be lost: one lost datagram is no cut.
const RUN: usize = 4;
/// What has not arrived after this is lost; delivery takes some 0.05 ms, a late thread finds it in its buffer.
const GRACE: Nanos = Nanos::ms(2);
/// Before the first arrival the neighbour's hardware address may have to be asked for.
const FIRST_GRACE: Nanos = Nanos(250 * MS);
/// Between two datagrams before the first arrival, so that what is remembered reaches back beyond that grace.
const FIRST_GAP: Nanos = Nanos(5 * MS);
/// Datagrams remembered.
const MEMORY: usize = 64;
const _: () =
    assert!(MEMORY as u64 * FIRST_GAP.0 > FIRST_GRACE.0 && MEMORY as u64 * GAP.0 > GRACE.0);

struct Datagrams {
    from: Ipv4Addr,
    to: Ipv4Addr,
    arrive: bool,
    sender: UdpSocket,
    receiver: UdpSocket,
    /// Tells our datagrams from those of an earlier watch on the same port.
    tag: u64,
    /// Number of the first one remembered.
    first: u64,
    /// When each was sent, and when it arrived.
    sent: VecDeque<(Nanos, Option<Nanos>)>,
    /// Whether any ever arrived.
    ever: bool,
}

/// Opens a socket in each namespace.
///
/// # Errors
/// A process is gone, or has no such address.
pub fn watch(from: &End, to: &End, arrive: bool) -> Result<impl Watch + use<>, String> {
    let (sender, receiver) = sockets(from, to)?;
    Ok(Datagrams {
        from: from.address,
        to: to.address,
        arrive,
        sender,
        receiver,
        tag: crate::clock::mono_ns(),
        first: 0,
        sent: VecDeque::new(),
        ever: false,
    })
}

/// A socket that sends to the other one, neither of which waits.
///
/// # Errors
/// A process is gone, or has no such address.
pub fn sockets(from: &End, to: &End) -> Result<(UdpSocket, UdpSocket), String> {
    let receiver = socket(to)?;
    let sender = socket(from)?;
    let address = receiver.local_addr().map_err(|error| error.to_string())?;
    sender
        .connect(address)
        .map_err(|error| format!("send to {address}: {error}"))?;
    Ok((sender, receiver))
}

/// A socket at an address inside a network namespace, that does not wait.
///
/// # Errors
/// The process is gone, or has no such address.
pub fn socket(end: &End) -> Result<UdpSocket, String> {
    let address = SocketAddr::from((end.address, 0));
    let what = format!("open a socket at {}", end.address);
    netns::there(&end.process)?.try_inside(&what, || {
        let socket = UdpSocket::bind(address)?;
        socket.set_nonblocking(true)?;
        Ok(socket)
    })
}

impl Datagrams {
    fn send(&mut self, clock: Clock) {
        let gap = if self.ever { GAP } else { FIRST_GAP };
        let last = self.sent.back().map(|(at, _)| *at);
        let due = last.is_none_or(|at| clock.now().since(at) >= gap);
        if !due {
            return;
        }
        let number = self.first + self.sent.len() as u64;
        let bytes = [self.tag.to_le_bytes(), number.to_le_bytes()].concat();
        // A refused send is a datagram that does not arrive.
        let _ = self.sender.send(&bytes);
        self.sent.push_back((clock.now(), None));
        if self.sent.len() > MEMORY {
            self.sent.pop_front();
            self.first += 1;
        }
    }

    fn receive(&mut self, clock: Clock) {
        let mut bytes = [0; 16];
        while let Ok((16, _)) = self.receiver.recv_from(&mut bytes) {
            let now = clock.now();
            let (tag, number) = bytes.split_at(8);
            let number = u64::from_le_bytes(number.try_into().unwrap_or_default());
            let place = number.checked_sub(self.first).map(|place| place as usize);
            if tag == self.tag.to_le_bytes() {
                self.ever = true;
                if let Some((_, arrived)) = place.and_then(|place| self.sent.get_mut(place)) {
                    *arrived = Some(now);
                }
            }
        }
    }

    /// Whether they arrive, and since when: a run of arrivals up to the newest, or a run of losses up to the newest.
    fn verdict(&self, now: Nanos) -> Option<(bool, Nanos)> {
        let grace = if self.ever { GRACE } else { FIRST_GRACE };
        let open =
            |(at, arrived): &&(Nanos, Option<Nanos>)| arrived.is_none() && now.since(*at) < grace;
        let lost_or_open = self
            .sent
            .iter()
            .rev()
            .take_while(|(_, arrived)| arrived.is_none());
        let lost: Vec<Nanos> = lost_or_open.skip_while(open).map(|(at, _)| *at).collect();
        if lost.len() >= RUN {
            return lost.last().map(|first| (false, *first));
        }
        let settled = self.sent.iter().rev().skip_while(open);
        let arrived: Vec<Nanos> = settled.map_while(|(_, arrived)| *arrived).collect();
        (arrived.len() >= RUN).then(|| (true, arrived.last().copied().unwrap_or(now)))
    }
}

impl Watch for Datagrams {
    fn glance(&mut self, clock: Clock) -> Glance {
        self.send(clock);
        self.receive(clock);
        let now = clock.now();
        let verdict = self.verdict(now);
        let told = match verdict {
            Some((true, _)) => "arrive",
            Some((false, _)) => "do not arrive",
            None => "are not decided yet",
        };
        Glance {
            held: verdict.map(|(arrives, _)| arrives == self.arrive),
            since: verdict.map_or(now, |(_, since)| since),
            evidence: format!("datagrams {} to {} {told}", self.from, self.to),
        }
    }

    fn forget(&mut self) {
        self.first += self.sent.len() as u64;
        self.sent.clear();
    }
}
