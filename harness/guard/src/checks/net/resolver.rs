//! A DNS query from inside a namespace is answered, refused at the sender, or met with silence.
use crate::{
    checks::{Glance, Watch},
    clock::Clock,
    netns,
};
use model::{check::net::Reply, facts::Process, units::Nanos};
use std::{
    io::ErrorKind,
    net::{Ipv4Addr, SocketAddr, UdpSocket},
};

/// A name that the resolver knows itself is answered within 1 ms; this long without an answer is silence.
const SILENCE: Nanos = Nanos::secs(1);
/// Between two queries once the answer is known.
const GAP: Nanos = Nanos::ms(50);
const PORT: u16 = 53;

struct Resolver {
    server: Ipv4Addr,
    name: String,
    want: Reply,
    socket: UdpSocket,
    number: u16,
    /// When the open query was sent.
    asked: Option<Nanos>,
    known: Option<(Reply, Nanos, String)>,
}

/// Opens a socket inside.
///
/// # Errors
/// The process is gone.
pub fn watch(
    process: &Process,
    server: Ipv4Addr,
    name: &str,
    want: Reply,
) -> Result<impl Watch + use<>, String> {
    let what = format!("open a socket to {server}");
    let socket = netns::there(process)?.try_inside(&what, || {
        let socket = UdpSocket::bind(SocketAddr::from((Ipv4Addr::UNSPECIFIED, 0)))?;
        socket.connect((server, PORT))?;
        socket.set_nonblocking(true)?;
        Ok(socket)
    })?;
    Ok(Resolver {
        server,
        name: name.to_owned(),
        want,
        socket,
        number: 0,
        asked: None,
        known: None,
    })
}

/// A query for the address of `name`, after RFC 1035, 4.1.
fn query(number: u16, name: &str) -> Vec<u8> {
    let mut bytes = number.to_be_bytes().to_vec();
    // Recursion desired, one question, nothing else.
    bytes.extend([1, 0, 0, 1, 0, 0, 0, 0, 0, 0]);
    for label in name.split('.') {
        let label = &label.as_bytes()[..label.len().min(63)];
        bytes.push(label.len() as u8);
        bytes.extend(label);
    }
    // The root; type A, class IN.
    bytes.extend([0, 0, 1, 0, 1]);
    bytes
}

impl Resolver {
    fn ask(&mut self, now: Nanos) {
        self.number = self.number.wrapping_add(1);
        match self.socket.send(&query(self.number, &self.name)) {
            Ok(_) => self.asked = Some(now),
            Err(error) => self.known = Some((Reply::Refused, now, format!("not sent: {error}"))),
        }
    }

    fn listen(&mut self, now: Nanos, since: Nanos) {
        let mut bytes = [0; 512];
        let number = self.number.to_be_bytes();
        match self.socket.recv(&mut bytes) {
            Ok(length) if length >= 12 && bytes[..2] == number => {
                let told = format!("answered, code {}", bytes[3] & 15);
                self.known = Some((Reply::Given, now, told));
                self.asked = None;
            }
            Ok(_) => {}
            Err(error) if error.kind() == ErrorKind::WouldBlock => {
                if now.since(since) > SILENCE {
                    self.known = Some((Reply::Silence, since, "not answered in 1 s".to_owned()));
                    self.asked = None;
                }
            }
            Err(error) => {
                self.known = Some((Reply::Refused, now, format!("refused: {error}")));
                self.asked = None;
            }
        }
    }
}

impl Watch for Resolver {
    fn glance(&mut self, clock: Clock) -> Glance {
        let now = clock.now();
        match (self.asked, &self.known) {
            (Some(since), _) => self.listen(now, since),
            (None, Some((_, at, _))) if now.since(*at) < GAP => {}
            (None, _) => self.ask(now),
        }
        let told = self.known.as_ref();
        Glance {
            held: told.map(|(reply, ..)| *reply == self.want),
            since: told.map_or(now, |(_, at, _)| *at),
            evidence: format!(
                "query for `{}` at {} {}",
                self.name,
                self.server,
                told.map_or("is open", |(.., told)| told)
            ),
        }
    }

    fn forget(&mut self) {
        (self.asked, self.known) = (None, None);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_query_is_written_as_the_standard_says() {
        let asked = query(0x1234, "a.bc");
        let tail = [1, b'a', 2, b'b', b'c', 0, 0, 1, 0, 1];
        assert_eq!(asked[..12], [0x12, 0x34, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0]);
        assert_eq!(asked[12..], tail);
    }
}
