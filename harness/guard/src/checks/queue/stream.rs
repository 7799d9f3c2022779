//! A stream of numbered datagrams: which arrive late, altered, or never.
//!
//! Each carries its number several times, so that a flipped bit does not hide whose it is. "Shows nothing" is believed only of
//! so many in a row that the asked share would hardly have spared them all.
use crate::{
    checks::{Glance, Watch, datagrams::socket},
    clock::Clock,
};
use model::{
    act::queue::Treatment,
    check::{End, queue::Sign},
    units::Nanos,
};
use std::{
    collections::VecDeque,
    net::{Ipv4Addr, UdpSocket},
    os::fd::{AsRawFd, RawFd},
};

/// Between two datagrams.
const GAP: Nanos = Nanos(500_000);
/// What has not arrived after this is lost, for now.
const GRACE: Nanos = Nanos::ms(50);
/// So many must show the sign: one odd datagram is no fault.
const SIGNS: usize = 3;
/// A row in which nothing shows is this many times the mean distance of two signs: e^-7 that it was luck.
const ROW: u64 = 7;
/// Datagrams remembered: the longest row, and what is under way for a second.
const MEMORY: usize = 4096;
/// Of tag and number.
const COPIES: usize = 4;

struct Sent {
    at: Nanos,
    /// How it arrived, as (late, altered).
    arrived: Option<(bool, bool)>,
}

/// How many of each kind.
#[derive(Default)]
struct Counts {
    whole: usize,
    late: usize,
    altered: usize,
    lost: usize,
}

struct Stream {
    from: Ipv4Addr,
    to: Ipv4Addr,
    sign: Sign,
    row: usize,
    shows: bool,
    sender: UdpSocket,
    receiver: UdpSocket,
    tag: u64,
    first: u64,
    sent: VecDeque<Sent>,
    /// The highest number that arrived.
    newest: u64,
}

/// Opens a socket at each end.
///
/// # Errors
/// A process is gone, or has no such address.
pub fn watch(
    from: &End,
    to: &End,
    sign: Sign,
    share_ppm: u32,
    shows: bool,
) -> Result<impl Watch + use<>, String> {
    let (sender, receiver) = (socket(from)?, socket(to)?);
    let address = receiver.local_addr().map_err(|error| error.to_string())?;
    let connected = sender.connect(address);
    connected.map_err(|error| format!("send to {address}: {error}"))?;
    let row = ROW * u64::from(Treatment::ALL_PPM) / u64::from(share_ppm.max(1));
    Ok(Stream {
        from: from.address,
        to: to.address,
        sign,
        row: (row as usize).clamp(20, MEMORY / 2),
        shows,
        sender,
        receiver,
        tag: crate::clock::mono_ns(),
        first: 0,
        sent: VecDeque::new(),
        newest: 0,
    })
}

/// Bit by bit what most of three copies say, and whether all copies agree; none where the length is another.
fn read(bytes: &[u8]) -> Option<([u8; 16], bool)> {
    let copies: Vec<&[u8]> = bytes.chunks_exact(16).collect();
    let [a, b, c, _] = copies[..] else {
        return None;
    };
    let most = |at: usize| a[at] & b[at] | b[at] & c[at] | a[at] & c[at];
    let most: [u8; 16] = std::array::from_fn(most);
    Some((most, copies.iter().all(|copy| *copy == most)))
}

impl Stream {
    fn send(&mut self, clock: Clock) {
        let last = self.sent.back().map(|sent| sent.at);
        if last.is_some_and(|at| clock.now().since(at) < GAP) {
            return;
        }
        let number = self.first + self.sent.len() as u64;
        self.sent.push_back(Sent {
            at: clock.now(),
            arrived: None,
        });
        let bytes = [self.tag.to_le_bytes(), number.to_le_bytes()].concat();
        // A refused send is a datagram that does not arrive.
        let _ = self.sender.send(&bytes.repeat(COPIES));
        if self.sent.len() > MEMORY {
            self.sent.pop_front();
            self.first += 1;
        }
    }

    fn receive(&mut self) {
        let mut bytes = [0; 16 * COPIES];
        while let Ok(length) = self.receiver.recv(&mut bytes) {
            if let Some((most, agree)) = read(&bytes[..length]) {
                self.arrived(&most, !agree);
            }
        }
    }

    fn arrived(&mut self, told: &[u8; 16], altered: bool) {
        let (tag, number) = told.split_at(8);
        let number = u64::from_le_bytes(number.try_into().unwrap_or_default());
        let place = number.checked_sub(self.first).map(|place| place as usize);
        if tag == self.tag.to_le_bytes()
            && let Some(sent) = place.and_then(|place| self.sent.get_mut(place))
        {
            let late = number < self.newest;
            sent.arrived.get_or_insert((late, altered));
            self.newest = self.newest.max(number);
        }
    }

    fn settled(&self, now: Nanos) -> impl DoubleEndedIterator<Item = &Sent> {
        let settled = move |sent: &&Sent| sent.arrived.is_some() || now.since(sent.at) > GRACE;
        self.sent.iter().filter(settled)
    }

    fn count(&self, now: Nanos) -> Counts {
        let mut counts = Counts::default();
        for sent in self.settled(now) {
            match sent.arrived {
                None => counts.lost += 1,
                Some((false, false)) => counts.whole += 1,
                Some((late, altered)) => {
                    counts.late += usize::from(late);
                    counts.altered += usize::from(altered);
                }
            }
        }
        counts
    }

    fn shown(&self, counts: &Counts) -> bool {
        match self.sign {
            Sign::Overtaken => counts.late >= SIGNS,
            Sign::Altered => counts.altered >= SIGNS,
            // Where nothing arrives at all, it is not for its checksum.
            Sign::Lost => counts.lost >= SIGNS && counts.altered == 0 && counts.whole >= SIGNS,
        }
    }

    /// Since when nothing shows, where the newest row is settled and spotless.
    fn spotless(&self, now: Nanos) -> Option<Nanos> {
        let row: Vec<&Sent> = self.settled(now).rev().take(self.row).collect();
        let whole = row.iter().all(|sent| sent.arrived == Some((false, false)));
        let oldest = row.last().map(|sent| sent.at);
        oldest.filter(|_| whole && row.len() == self.row)
    }
}

impl Watch for Stream {
    fn glance(&mut self, clock: Clock) -> Glance {
        self.send(clock);
        self.receive();
        let now = clock.now();
        let counts = self.count(now);
        let (shown, spotless) = (self.shown(&counts), self.spotless(now));
        // A sign seen once stays seen; what must be spotless is judged by its newest row.
        let held = match (self.shows, shown, spotless) {
            (true, true, _) | (false, _, Some(_)) => Some(true),
            (true, false, Some(_)) | (false, true, None) => Some(false),
            (_, false, None) => None,
        };
        let first = self.sent.front().map_or(now, |sent| sent.at);
        Glance {
            held,
            since: spotless.unwrap_or(first),
            evidence: format!(
                "datagrams {} to {}: {} whole and in order, {} overtaken, {} altered, {} lost",
                self.from, self.to, counts.whole, counts.late, counts.altered, counts.lost
            ),
        }
    }

    fn wakes(&self) -> Option<RawFd> {
        Some(self.receiver.as_raw_fd())
    }

    fn forget(&mut self) {
        self.first += self.sent.len() as u64;
        self.sent.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_flipped_bit_is_seen_and_hides_no_number() {
        let one = [7_u64.to_le_bytes(), 300_u64.to_le_bytes()].concat();
        let (whole, one): (_, [u8; 16]) = (one.repeat(COPIES), one.try_into().unwrap());
        assert_eq!(read(&whole), Some((one, true)));
        for bit in 0..whole.len() * 8 {
            let mut bytes = whole.clone();
            bytes[bit / 8] ^= 1 << (bit % 8);
            assert_eq!(read(&bytes), Some((one, false)));
        }
        assert_eq!(read(&whole[..40]), None);
    }
}
