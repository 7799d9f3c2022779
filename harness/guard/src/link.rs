//! The two ends of a node's cable: the interface that has its address, and the other half of that pair, a port of the bridge.
//!
//! Both are looked up afresh each time: after reconnects `eth0` is called `eth1`.
use crate::{
    netlink::{Message, Netlink, find, u32_at},
    netns::{self, Space},
};
use model::check::End;
use std::{io, net::Ipv4Addr};

/// Fixed part of a link message, and where its index and flags lie.
const FIXED: usize = 16;
/// A bridge port that forwards, in `IFLA_BRPORT_STATE`.
const FORWARDING: u8 = 3;
const IFLA_INFO_SLAVE_DATA: u16 = 5;
const IFLA_BRPORT_STATE: u16 = 1;
/// Of an address message: family, prefix, flags, scope, index.
const ADDRESS_FIXED: usize = 8;

/// One interface as the kernel lists it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    /// Its number in its namespace.
    pub index: u32,
    /// Its name there.
    pub name: String,
    /// Number of the other half, in that one's namespace.
    pub peer: Option<u32>,
    /// Whether it is switched on.
    pub up: bool,
    /// Whether it has a carrier.
    pub running: bool,
    /// Whether it is a port of a bridge that forwards.
    pub forwards: bool,
}

/// A node's interface, and its other half in the namespace of the guard.
pub struct Cable {
    /// The namespace of the node.
    pub space: Space,
    /// Its interface there.
    pub inner: Link,
    /// The other half, here.
    pub outer: Link,
}

/// Finds both halves; none where the node's process has ended.
///
/// # Errors
/// The address is on no interface, or the other half is not here.
pub fn cable(end: &End) -> Result<Option<Cable>, String> {
    let Some(space) = netns::of(&end.process)? else {
        return Ok(None);
    };
    let what = format!("find the interface of {}", end.address);
    let inner = space.try_inside(&what, || holder(end.address))?;
    let ours = links().map_err(|error| format!("list the links of the host: {error}"))?;
    let halves = |outer: &Link| inner.peer == Some(outer.index) && outer.peer == Some(inner.index);
    let outer = ours.into_iter().find(halves);
    let outer = outer.ok_or_else(|| {
        format!(
            "{what}: `{}` has no other half in the guard's network",
            inner.name
        )
    })?;
    Ok(Some(Cable {
        space,
        inner,
        outer,
    }))
}

/// The same, where the node must be there.
///
/// # Errors
/// It is not, or see [`cable`].
pub fn there(end: &End) -> Result<Cable, String> {
    let gone = || {
        format!(
            "find the interface of {}: process {} has ended",
            end.address, end.process.pid
        )
    };
    cable(end)?.ok_or_else(gone)
}

/// The interface with this address in the namespace of the calling thread.
fn holder(address: Ipv4Addr) -> io::Result<Link> {
    let socket = Netlink::open(libc::NETLINK_ROUTE)?;
    let mut fixed = [0; ADDRESS_FIXED];
    fixed[0] = libc::AF_INET as u8;
    let all = socket.dump(&Message::new(libc::RTM_GETADDR, 0, &fixed))?;
    let has = |body: &&Vec<u8>| {
        let attributes = body.get(ADDRESS_FIXED..).unwrap_or_default();
        find(attributes, libc::IFA_LOCAL) == Some(&address.octets())
    };
    let index = all.iter().find(has).and_then(|body| u32_at(body, 4));
    let absent = || io::Error::other(format!("no interface has address {address}"));
    let index = index.ok_or_else(absent)?;
    let mut links = links()?.into_iter();
    links.find(|link| link.index == index).ok_or_else(absent)
}

/// Every interface of the calling thread's namespace.
///
/// # Errors
/// What the kernel says.
pub fn links() -> io::Result<Vec<Link>> {
    let socket = Netlink::open(libc::NETLINK_ROUTE)?;
    let all = socket.dump(&Message::new(libc::RTM_GETLINK, 0, &[0; FIXED]))?;
    Ok(all.iter().filter_map(|body| read(body)).collect())
}

fn read(body: &[u8]) -> Option<Link> {
    let flags = u32_at(body, 8)? as i32;
    let attributes = body.get(FIXED..)?;
    let name = find(attributes, libc::IFLA_IFNAME)?;
    let port = find(attributes, libc::IFLA_LINKINFO)
        .and_then(|info| find(info, IFLA_INFO_SLAVE_DATA))
        .and_then(|data| find(data, IFLA_BRPORT_STATE));
    Some(Link {
        index: u32_at(body, 4)?,
        name: String::from_utf8_lossy(name)
            .trim_end_matches('\0')
            .to_owned(),
        peer: find(attributes, libc::IFLA_LINK).and_then(|bytes| u32_at(bytes, 0)),
        up: flags & libc::IFF_UP != 0,
        running: flags & libc::IFF_RUNNING != 0,
        forwards: port == Some(&[FORWARDING]),
    })
}

/// Switches an interface of the calling thread's namespace on or off.
///
/// # Errors
/// What the kernel says.
pub fn switch(index: u32, up: bool) -> io::Result<()> {
    let socket = Netlink::open(libc::NETLINK_ROUTE)?;
    let mut fixed = [0; FIXED];
    fixed[4..8].copy_from_slice(&index.to_ne_bytes());
    let on = libc::IFF_UP as u32;
    fixed[8..12].copy_from_slice(&if up { on } else { 0 }.to_ne_bytes());
    fixed[12..16].copy_from_slice(&on.to_ne_bytes());
    socket.change(&Message::new(libc::RTM_NEWLINK, 0, &fixed))
}
