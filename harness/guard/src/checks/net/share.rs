//! What share of numbered datagrams is lost or doubled: a run of them is sent, those that arrive are counted, and the count must
//! lie where the asked share leaves it; see [`model::check::net::expect`].
use crate::{
    checks::{Glance, Watch, datagrams},
    clock::Clock,
};
use model::{
    check::{
        End,
        net::{Counted, expect},
    },
    units::Nanos,
};
use std::net::{Ipv4Addr, UdpSocket};

/// At each glance so many: a run of 1400 is sent within 100 ms, and the receiver's buffer holds far more.
const BATCH: u32 = 4;
/// Before the first one the neighbour's hardware address may have to be asked for: datagrams wait meanwhile, three of them.
const FIRST_PATIENCE: Nanos = Nanos::ms(300);
/// After the last one was sent, before the counting ends: delivery takes some 0.05 ms.
const GRACE: Nanos = Nanos::ms(2);

struct Share {
    from: Ipv4Addr,
    to: Ipv4Addr,
    counted: Counted,
    per_10000: u32,
    sender: UdpSocket,
    receiver: UdpSocket,
    /// Of each of the run how often it arrived; empty before the path was found.
    arrived: Vec<u8>,
    datagrams: u32,
    /// Tells this run from earlier ones.
    tag: u64,
    /// Whether the path is warm: a first one has arrived, or none will.
    warm: bool,
    began: Nanos,
    last: Nanos,
    known: Option<Glance>,
}

/// Opens a socket in each namespace.
///
/// # Errors
/// A process is gone, or has no such address.
pub fn watch(
    from: &End,
    to: &End,
    counted: Counted,
    per_10000: u32,
    datagrams: u32,
) -> Result<impl Watch + use<>, String> {
    let (sender, receiver) = datagrams::sockets(from, to)?;
    Ok(Share {
        from: from.address,
        to: to.address,
        counted,
        per_10000,
        sender,
        receiver,
        arrived: Vec::new(),
        datagrams,
        tag: crate::clock::mono_ns(),
        warm: false,
        began: Nanos(0),
        last: Nanos(0),
        known: None,
    })
}

impl Share {
    fn send(&self, number: u64) {
        let bytes = [self.tag.to_le_bytes(), number.to_le_bytes()].concat();
        // A refused send is a datagram that does not arrive.
        let _ = self.sender.send(&bytes);
    }

    /// Numbers of this run that arrived since the last look.
    fn receive(&self) -> Vec<u64> {
        let mut bytes = [0; 16];
        let mut numbers = Vec::new();
        while let Ok((16, _)) = self.receiver.recv_from(&mut bytes) {
            let (tag, number) = bytes.split_at(8);
            if tag == self.tag.to_le_bytes() {
                numbers.push(u64::from_le_bytes(number.try_into().unwrap_or_default()));
            }
        }
        numbers
    }

    /// Sends ones that do not count until one arrives, or for so long that none will.
    fn warm_up(&mut self, now: Nanos) {
        if self.began == Nanos(0) {
            self.began = now;
        }
        self.send(u64::MAX);
        let met = !self.receive().is_empty();
        if met || now.since(self.began) > FIRST_PATIENCE {
            self.warm = true;
            self.start(now);
        }
    }

    /// A new run.
    fn start(&mut self, now: Nanos) {
        self.tag += 1;
        self.arrived.clear();
        self.began = now;
    }

    fn go_on(&mut self, clock: Clock) {
        for _ in 0..BATCH {
            if (self.arrived.len() as u32) < self.datagrams {
                self.send(self.arrived.len() as u64);
                self.arrived.push(0);
                self.last = clock.now();
            }
        }
        for number in self.receive() {
            if let Some(times) = self.arrived.get_mut(number as usize) {
                *times = times.saturating_add(1);
            }
        }
        let sent = self.arrived.len() as u32 == self.datagrams;
        if sent && clock.now().since(self.last) > GRACE {
            self.known = Some(self.verdict());
            self.start(clock.now());
        }
    }

    fn verdict(&self) -> Glance {
        let (what, which): (_, fn(&&u8) -> bool) = match self.counted {
            Counted::Lost => ("lost", |times| **times == 0),
            Counted::Doubled => ("doubled", |times| **times > 1),
        };
        let count = self.arrived.iter().filter(which).count() as u32;
        let (low, high) = expect(self.datagrams, self.per_10000);
        Glance {
            held: Some((low..=high).contains(&count)),
            since: self.began,
            evidence: format!(
                "datagrams {} to {}: {count} of {} {what}, {low} to {high} expected",
                self.from, self.to, self.datagrams
            ),
        }
    }
}

impl Watch for Share {
    fn glance(&mut self, clock: Clock) -> Glance {
        if self.warm {
            self.go_on(clock);
        } else {
            self.warm_up(clock.now());
        }
        self.known.clone().unwrap_or_else(|| Glance {
            held: None,
            since: clock.now(),
            evidence: format!("datagrams {} to {} are not counted yet", self.from, self.to),
        })
    }

    fn forget(&mut self) {
        self.known = None;
        self.began = Nanos(0);
        self.arrived.clear();
        self.tag += 1;
        self.warm = false;
    }
}
