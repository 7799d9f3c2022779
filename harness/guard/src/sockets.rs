//! The TCP connections of the calling thread's network namespace, through the kernel's socket diagnostics.
use crate::netlink::{Message, Netlink};
use std::{io, net::Ipv4Addr};

const SOCK_DIAG_BY_FAMILY: u16 = 20;
const SOCK_DESTROY: u16 = 21;
const ESTABLISHED: u32 = 1 << 1;
/// Length of what names a socket: ports, addresses, interface, cookie.
const ID: usize = 48;
/// Where the other side's address lies in it.
const REMOTE: usize = 20;
/// What stands before an IPv4 address in an IPv6 socket; a JVM opens those.
const MAPPED: [u8; 12] = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 255, 255];

/// One connection, as the kernel names it: with a cookie, so that no later one is taken for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Connection {
    family: u8,
    id: Vec<u8>,
}

impl Connection {
    /// The other side.
    fn remote(&self) -> Option<Ipv4Addr> {
        let at = if i32::from(self.family) == libc::AF_INET6 {
            (self.id.get(REMOTE..REMOTE + MAPPED.len())? == MAPPED)
                .then_some(REMOTE + MAPPED.len())?
        } else {
            REMOTE
        };
        let four: [u8; 4] = self.id.get(at..at + 4)?.try_into().ok()?;
        Some(four.into())
    }

    fn request(&self, kind: u16) -> Message {
        request(kind, self.family, &self.id)
    }
}

fn request(kind: u16, family: u8, id: &[u8]) -> Message {
    let mut fixed = vec![family, libc::IPPROTO_TCP as u8, 0, 0];
    fixed.extend(ESTABLISHED.to_ne_bytes());
    fixed.extend(id);
    Message::new(kind, 0, &fixed)
}

/// Established connections with one of these addresses.
///
/// # Errors
/// What the kernel says.
pub fn standing(peers: &[Ipv4Addr]) -> io::Result<Vec<Connection>> {
    let socket = Netlink::open(libc::NETLINK_SOCK_DIAG)?;
    let mut found = Vec::new();
    for family in [libc::AF_INET, libc::AF_INET6] {
        let all = socket.dump(&request(SOCK_DIAG_BY_FAMILY, family as u8, &[0; ID]))?;
        let named = all.iter().filter_map(|body| {
            let (family, id) = (*body.first()?, body.get(4..4 + ID)?.to_vec());
            Some(Connection { family, id })
        });
        found.extend(named.filter(|one| one.remote().is_some_and(|to| peers.contains(&to))));
    }
    Ok(found)
}

/// Ends every established connection with one of these addresses; one that ends by itself meanwhile is fine.
///
/// # Errors
/// What the kernel says: `EOPNOTSUPP` where it cannot.
pub fn destroy(peers: &[Ipv4Addr]) -> io::Result<()> {
    let socket = Netlink::open(libc::NETLINK_SOCK_DIAG)?;
    for one in standing(peers)? {
        match socket.change(&one.request(SOCK_DESTROY)) {
            Err(error) if error.raw_os_error() != Some(libc::ENOENT) => return Err(error),
            _ => {}
        }
    }
    Ok(())
}
