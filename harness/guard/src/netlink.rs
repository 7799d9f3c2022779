//! Just enough netlink: one socket, requests with attributes, answers as bytes. A socket belongs to the namespace it was opened in.
use std::{
    io,
    os::fd::{AsRawFd, FromRawFd, OwnedFd},
};

/// Length of a netlink message header.
const HEADER: usize = 16;
/// No answer takes longer; the kernel answers within the call.
const PATIENCE_S: i64 = 2;

/// One open netlink socket.
pub struct Netlink(OwnedFd);

/// A message to be: its fixed part, then attributes.
#[derive(Clone, Debug)]
pub struct Message {
    kind: u16,
    flags: u16,
    body: Vec<u8>,
}

/// One attribute of an answer.
#[derive(Clone, Copy, Debug)]
pub struct Attribute<'a> {
    /// Its number, without flags.
    pub kind: u16,
    /// Its bytes.
    pub bytes: &'a [u8],
}

impl Message {
    /// A request with the fixed part of its kind.
    pub fn new(kind: u16, flags: i32, fixed: &[u8]) -> Self {
        let mut body = fixed.to_vec();
        pad(&mut body);
        let flags = (flags | libc::NLM_F_REQUEST) as u16;
        Self { kind, flags, body }
    }

    /// Adds one attribute.
    #[must_use]
    pub fn with(mut self, kind: u16, bytes: &[u8]) -> Self {
        attribute(&mut self.body, kind, bytes);
        self
    }

    fn bytes(&self) -> Vec<u8> {
        let length = (HEADER + self.body.len()) as u32;
        let mut bytes = length.to_ne_bytes().to_vec();
        bytes.extend(self.kind.to_ne_bytes());
        bytes.extend(self.flags.to_ne_bytes());
        // One request at a time: its number tells nothing.
        bytes.extend([0; 8]);
        bytes.extend(&self.body);
        bytes
    }
}

/// Appends an attribute, for nested ones.
pub fn attribute(to: &mut Vec<u8>, kind: u16, bytes: &[u8]) {
    to.extend((4 + bytes.len() as u16).to_ne_bytes());
    to.extend(kind.to_ne_bytes());
    to.extend(bytes);
    pad(to);
}

fn pad(bytes: &mut Vec<u8>) {
    bytes.resize(bytes.len().next_multiple_of(4), 0);
}

/// The attributes in `bytes`; what is cut short ends the list.
pub fn attributes(mut bytes: &[u8]) -> impl Iterator<Item = Attribute<'_>> {
    std::iter::from_fn(move || {
        let length = usize::from(u16_at(bytes, 0)?);
        let kind = u16_at(bytes, 2)? & 0x3fff;
        let value = bytes.get(4..length)?;
        bytes = bytes.get(length.next_multiple_of(4)..).unwrap_or_default();
        Some(Attribute { kind, bytes: value })
    })
}

/// The value of attribute `kind`.
pub fn find(bytes: &[u8], kind: u16) -> Option<&[u8]> {
    attributes(bytes)
        .find(|one| one.kind == kind)
        .map(|one| one.bytes)
}

/// A number of two bytes.
pub fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    let two = bytes.get(at..at + 2)?;
    two.try_into().ok().map(u16::from_ne_bytes)
}

/// A number of four bytes.
pub fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    let four = bytes.get(at..at + 4)?;
    four.try_into().ok().map(u32::from_ne_bytes)
}

impl Netlink {
    /// Opens a socket of this netlink family in the namespace of the calling thread.
    ///
    /// # Errors
    /// What the kernel says.
    pub fn open(family: i32) -> io::Result<Self> {
        // SAFETY: plain call; the descriptor it gives is ours alone.
        let fd = unsafe {
            let fd = libc::socket(
                libc::AF_NETLINK,
                libc::SOCK_RAW | libc::SOCK_CLOEXEC,
                family,
            );
            if fd < 0 {
                return Err(io::Error::last_os_error());
            }
            OwnedFd::from_raw_fd(fd)
        };
        let patience = libc::timeval {
            tv_sec: PATIENCE_S,
            tv_usec: 0,
        };
        // SAFETY: the option's value is a local of the size told.
        let set = unsafe {
            libc::setsockopt(
                fd.as_raw_fd(),
                libc::SOL_SOCKET,
                libc::SO_RCVTIMEO,
                (&raw const patience).cast(),
                size_of::<libc::timeval>() as u32,
            )
        };
        if set != 0 {
            return Err(io::Error::last_os_error());
        }
        Ok(Self(fd))
    }

    /// Asks for a list, and gives the body of each entry.
    ///
    /// # Errors
    /// What the kernel says.
    pub fn dump(&self, message: &Message) -> io::Result<Vec<Vec<u8>>> {
        self.ask(message, libc::NLM_F_DUMP)
    }

    /// Asks for a change, and waits until it is made.
    ///
    /// # Errors
    /// What the kernel says.
    pub fn change(&self, message: &Message) -> io::Result<()> {
        self.ask(message, libc::NLM_F_ACK).map(drop)
    }

    fn ask(&self, message: &Message, flags: i32) -> io::Result<Vec<Vec<u8>>> {
        let mut message = message.clone();
        message.flags |= flags as u16;
        let bytes = message.bytes();
        // SAFETY: the buffer is valid for its length.
        let sent = unsafe { libc::send(self.0.as_raw_fd(), bytes.as_ptr().cast(), bytes.len(), 0) };
        if sent < 0 {
            return Err(io::Error::last_os_error());
        }
        let mut found = Vec::new();
        while !self.answers(&mut found)? {}
        Ok(found)
    }

    /// Takes one packet of answers; true with the last one.
    fn answers(&self, found: &mut Vec<Vec<u8>>) -> io::Result<bool> {
        let mut buffer = vec![0; 64 << 10];
        // SAFETY: the buffer is valid for its length.
        let length = unsafe {
            libc::recv(
                self.0.as_raw_fd(),
                buffer.as_mut_ptr().cast(),
                buffer.len(),
                0,
            )
        };
        let length = usize::try_from(length).map_err(|_| io::Error::last_os_error())?;
        let mut rest = &buffer[..length];
        while let (Some(length), Some(kind)) = (u32_at(rest, 0), u16_at(rest, 4)) {
            let body = rest.get(HEADER..length as usize);
            let body = body.ok_or_else(|| io::Error::other("netlink: an answer cut short"))?;
            match i32::from(kind) {
                libc::NLMSG_DONE => return Ok(true),
                libc::NLMSG_ERROR => return refusal(body).map_or(Ok(true), Err),
                _ => found.push(body.to_vec()),
            }
            rest = rest
                .get((length as usize).next_multiple_of(4)..)
                .unwrap_or_default();
        }
        Ok(false)
    }
}

/// Code 0 is consent.
fn refusal(body: &[u8]) -> Option<io::Error> {
    let code = u32_at(body, 0)? as i32;
    (code != 0).then(|| io::Error::from_raw_os_error(-code))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn attributes_read_back_and_a_torn_one_ends_the_list() {
        let message = Message::new(1, 0, &[7; 5])
            .with(3, b"abc")
            .with(9, &[1, 2, 3, 4]);
        let body = &message.bytes()[HEADER + 8..];
        assert_eq!(find(body, 3), Some(&b"abc"[..]));
        assert_eq!(find(body, 9), Some(&[1, 2, 3, 4][..]));
        assert_eq!(attributes(&body[..9]).count(), 1);
    }

    #[test]
    fn the_kernel_lists_and_refuses() {
        let socket = Netlink::open(libc::NETLINK_ROUTE).unwrap();
        let links = socket
            .dump(&Message::new(libc::RTM_GETLINK, 0, &[0; 16]))
            .unwrap();
        assert!(!links.is_empty());
        let unknown = Message::new(9_999, 0, &[0; 16]);
        assert!(socket.change(&unknown).is_err());
    }
}
