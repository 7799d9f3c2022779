//! The queue at the root of an interface: read, replaced by a token bucket of ours, and taken away again.
use crate::netlink::{Message, Netlink, attribute, find, u32_at};
use std::io;

const FIXED: usize = 20;
const TCA_KIND: u16 = 1;
const TCA_OPTIONS: u16 = 2;
const TCA_TBF_PARMS: u16 = 1;
const TCA_TBF_RATE64: u16 = 4;
const TCA_TBF_BURST: u16 = 6;
const ROOT: u32 = u32::MAX;
/// Tells ours from anybody else's.
const OURS: u32 = 0xb11e_0000;
/// Ethernet: then the kernel computes times from the rate and needs no table.
const LINKLAYER: u8 = 1;
/// What a queue may hold: so long a wait at the full rate, beyond the burst.
const WAIT_MS: u64 = 300;

/// What stands at the root of an interface.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Root {
    /// What the kernel puts there by itself.
    Default,
    /// Our limit.
    Ours,
    /// Somebody else's choice.
    Foreign,
}

fn fixed(index: u32, handle: u32, parent: u32) -> [u8; FIXED] {
    let mut fixed = [0; FIXED];
    fixed[4..8].copy_from_slice(&index.to_ne_bytes());
    fixed[8..12].copy_from_slice(&handle.to_ne_bytes());
    fixed[12..16].copy_from_slice(&parent.to_ne_bytes());
    fixed
}

/// Reads the root of interface `index` of the calling thread's namespace.
///
/// # Errors
/// What the kernel says.
pub fn root(index: u32) -> io::Result<Root> {
    let socket = Netlink::open(libc::NETLINK_ROUTE)?;
    let all = socket.dump(&Message::new(libc::RTM_GETQDISC, 0, &fixed(index, 0, 0)))?;
    let stands = |body: &&Vec<u8>| u32_at(body, 4) == Some(index) && u32_at(body, 12) == Some(ROOT);
    let Some(body) = all.iter().find(stands) else {
        return Ok(Root::Default);
    };
    let kind = body.get(FIXED..).and_then(|all| find(all, TCA_KIND));
    Ok(match (u32_at(body, 8), kind) {
        (Some(0), _) => Root::Default,
        (Some(OURS), Some(b"tbf\0")) => Root::Ours,
        _ => Root::Foreign,
    })
}

/// Limits what leaves by interface `index`.
///
/// # Errors
/// What the kernel says: `EEXIST` where anything but the default stands, `ENOENT` without token buckets.
pub fn limit(index: u32, rate_bytes: u64, burst_bytes: u64) -> io::Result<()> {
    let clamp = |bytes: u64| u32::try_from(bytes).unwrap_or(u32::MAX);
    let wait = clamp(rate_bytes.saturating_mul(WAIT_MS) / 1000 + burst_bytes);
    // A rate that does not fit has its own attribute; this one must not be zero.
    let mut parameters = vec![0, LINKLAYER, 0, 0, 0, 0, 0, 0];
    parameters.extend(clamp(rate_bytes).to_ne_bytes());
    parameters.extend([0; 12]);
    for number in [wait, 0, 0] {
        parameters.extend(number.to_ne_bytes());
    }
    let mut options = Vec::new();
    attribute(&mut options, TCA_TBF_PARMS, &parameters);
    attribute(&mut options, TCA_TBF_RATE64, &rate_bytes.to_ne_bytes());
    attribute(
        &mut options,
        TCA_TBF_BURST,
        &clamp(burst_bytes).to_ne_bytes(),
    );
    let flags = libc::NLM_F_CREATE | libc::NLM_F_EXCL;
    let message = Message::new(libc::RTM_NEWQDISC, flags, &fixed(index, OURS, ROOT));
    let message = message.with(TCA_KIND, b"tbf\0").with(TCA_OPTIONS, &options);
    Netlink::open(libc::NETLINK_ROUTE)?.change(&message)
}

/// Takes our limit away; the kernel puts its default back. What is not ours stays.
///
/// # Errors
/// What the kernel says.
pub fn lift(index: u32) -> io::Result<()> {
    if root(index)? != Root::Ours {
        return Ok(());
    }
    let message = Message::new(libc::RTM_DELQDISC, 0, &fixed(index, OURS, ROOT));
    Netlink::open(libc::NETLINK_ROUTE)?.change(&message)
}
