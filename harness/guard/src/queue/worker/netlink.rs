//! The kernel's packet queue over a raw netlink socket: bind, receive in batches, send verdicts.
//!
//! A packet stays in the kernel while its verdict is out; only its number and mark come up, unless a queue asks for the bytes.
//! A verdict without `NLM_F_REQUEST` is ignored without an error.
use std::{
    io,
    os::fd::{AsRawFd, FromRawFd, OwnedFd, RawFd},
};

const SUBSYSTEM: u16 = 3 << 8;
const PACKET: u16 = SUBSYSTEM;
const VERDICT: u16 = SUBSYSTEM | 1;
const CONFIG: u16 = SUBSYSTEM | 2;
const REQUEST: u16 = 1;
const ACK: u16 = 4;
const ERROR: u16 = 2;
const CFG_COMMAND: u16 = 1;
const CFG_COPY: u16 = 2;
const CFG_MAX_LENGTH: u16 = 3;
const CFG_MASK: u16 = 4;
const CFG_FLAGS: u16 = 5;
/// The kernel lets packets pass where the queue is full, and hands over unsegmented ones.
const FAIL_OPEN_AND_GSO: u32 = 1 | 4;
const ATTR_PACKET: u16 = 1;
const ATTR_VERDICT: u16 = 2;
const ATTR_MARK: u16 = 3;
const ATTR_PAYLOAD: u16 = 10;
const ACCEPT: u32 = 1;
/// Length of the netlink and the queue header before the attributes.
const HEAD: usize = 20;
/// A second of delay at line rate of small packets; beyond it the kernel fails open.
const MAX_PACKETS: u32 = 200_000;
/// Room for the notices of so many.
const RECEIVE_BYTES: i32 = 64 << 20;
/// Messages a call.
const BATCH: usize = 64;
/// The length of an attribute has 16 bits.
const LONGEST: usize = u16::MAX as usize - 4;
/// The largest packet with its attributes.
const ROOM: usize = 70_000;

/// How much of a packet comes up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Copied {
    /// Number and mark.
    Meta = 1,
    /// Also its bytes.
    Packet = 2,
}

/// One packet that waits for its verdict.
#[derive(Debug, PartialEq, Eq)]
pub struct Notice<'a> {
    /// Its queue.
    pub queue: u16,
    /// Its number there.
    pub id: u32,
    /// Its mark.
    pub mark: u32,
    /// Its bytes from the IP header on, where the queue asked for them.
    pub payload: &'a [u8],
}

/// An open socket.
pub struct Netlink {
    fd: OwnedFd,
    buffers: Vec<Vec<u8>>,
}

impl Netlink {
    /// Opens it, with room for a burst.
    ///
    /// # Errors
    /// What the kernel says.
    pub fn open() -> io::Result<Self> {
        let kind = libc::SOCK_RAW | libc::SOCK_CLOEXEC;
        // SAFETY: plain calls; a descriptor is owned as soon as it is known to be one.
        let fd = unsafe {
            let fd = libc::socket(libc::AF_NETLINK, kind, libc::NETLINK_NETFILTER);
            if fd < 0 {
                return Err(io::Error::last_os_error());
            }
            OwnedFd::from_raw_fd(fd)
        };
        // A lost notice is a packet that waits for ever: rather no error than a stop, and room enough.
        set(&fd, libc::SOL_NETLINK, libc::NETLINK_NO_ENOBUFS, 1)?;
        set(&fd, libc::SOL_SOCKET, libc::SO_RCVBUFFORCE, RECEIVE_BYTES)?;
        Ok(Self {
            fd,
            buffers: vec![vec![0; ROOM]; BATCH],
        })
    }

    /// The socket, for poll.
    pub fn raw(&self) -> RawFd {
        self.fd.as_raw_fd()
    }

    /// Takes charge of a queue.
    ///
    /// # Errors
    /// `EBUSY` where another process has it.
    pub fn bind(&mut self, queue: u16, copied: Copied) -> io::Result<()> {
        let range: u32 = if copied == Copied::Packet { 0xffff } else { 0 };
        let params = [&range.to_be_bytes()[..], &[copied as u8]].concat();
        let flags = FAIL_OPEN_AND_GSO.to_be_bytes();
        let orders: [&[(u16, &[u8])]; 4] = [
            &[(CFG_COMMAND, &[1, 0, 0, 0])],
            &[(CFG_COPY, &params)],
            &[(CFG_MAX_LENGTH, &MAX_PACKETS.to_be_bytes())],
            &[(CFG_FLAGS, &flags), (CFG_MASK, &flags)],
        ];
        for attributes in orders {
            let mut out = Vec::new();
            message(&mut out, CONFIG, REQUEST | ACK, queue, attributes);
            self.send(&out)?;
            self.acknowledged()?;
        }
        Ok(())
    }

    /// Waits for the answer to the last order; packets of a queue that is bound already are let through meanwhile.
    fn acknowledged(&mut self) -> io::Result<()> {
        loop {
            let buffer = &mut self.buffers[0];
            // SAFETY: the buffer is valid for its length.
            let got =
                unsafe { libc::recv(self.fd.as_raw_fd(), buffer.as_mut_ptr().cast(), ROOM, 0) };
            let got = usize::try_from(got).map_err(|_| io::Error::last_os_error())?;
            let bytes = self.buffers[0][..got].to_vec();
            match kind(&bytes) {
                Some(ERROR) => {
                    let code = bytes.get(16..HEAD).and_then(|code| code.try_into().ok());
                    let code = code.map_or(-libc::EPROTO, i32::from_ne_bytes);
                    return match code {
                        0 => Ok(()),
                        code => Err(io::Error::from_raw_os_error(-code)),
                    };
                }
                _ => {
                    let mut out = Vec::new();
                    if let Some(notice) = notice(&bytes) {
                        accept(&mut out, notice.queue, notice.id, None);
                    }
                    self.send(&out)?;
                }
            }
        }
    }

    /// Sends what was built; an empty batch is none.
    ///
    /// # Errors
    /// What the kernel says.
    pub fn send(&self, out: &[u8]) -> io::Result<()> {
        // SAFETY: the bytes are valid for their length.
        let sent = unsafe { libc::send(self.fd.as_raw_fd(), out.as_ptr().cast(), out.len(), 0) };
        if sent < 0 && !out.is_empty() {
            return Err(io::Error::last_os_error());
        }
        Ok(())
    }

    /// Whatever waits now, at most one batch.
    pub fn receive(&mut self, mut each: impl FnMut(Notice)) {
        let lengths = self.batch();
        for (buffer, length) in self.buffers.iter().zip(lengths) {
            if let Some(notice) = notice(&buffer[..length.min(ROOM)]) {
                each(notice);
            }
        }
    }

    fn batch(&mut self) -> Vec<usize> {
        let part = |buffer: &mut Vec<u8>| libc::iovec {
            iov_base: buffer.as_mut_ptr().cast(),
            iov_len: buffer.len(),
        };
        let mut parts: Vec<libc::iovec> = self.buffers.iter_mut().map(part).collect();
        let head = |part: &mut libc::iovec| {
            // SAFETY: all zero is a valid header: no name, no control data.
            let mut head: libc::mmsghdr = unsafe { std::mem::zeroed() };
            (head.msg_hdr.msg_iov, head.msg_hdr.msg_iovlen) = (part, 1);
            head
        };
        let mut heads: Vec<libc::mmsghdr> = parts.iter_mut().map(head).collect();
        // SAFETY: every header points to one part, every part to a buffer; all outlive the call.
        let got = unsafe {
            libc::recvmmsg(
                self.fd.as_raw_fd(),
                heads.as_mut_ptr(),
                BATCH as u32,
                libc::MSG_DONTWAIT,
                std::ptr::null_mut(),
            )
        };
        let got = usize::try_from(got).unwrap_or(0);
        heads[..got]
            .iter()
            .map(|head| head.msg_len as usize)
            .collect()
    }
}

/// Lets a packet go, as it came or replaced.
pub fn accept(out: &mut Vec<u8>, queue: u16, id: u32, payload: Option<&[u8]>) {
    let verdict = [ACCEPT.to_be_bytes(), id.to_be_bytes()].concat();
    let mut attributes = vec![(ATTR_VERDICT, &verdict[..])];
    attributes.extend(
        payload
            .filter(|bytes| bytes.len() <= LONGEST)
            .map(|bytes| (ATTR_PAYLOAD, bytes)),
    );
    message(out, VERDICT, REQUEST, queue, &attributes);
}

fn message(out: &mut Vec<u8>, kind: u16, flags: u16, queue: u16, attributes: &[(u16, &[u8])]) {
    let start = out.len();
    out.extend([0; 4]);
    out.extend(kind.to_ne_bytes());
    out.extend(flags.to_ne_bytes());
    out.extend([0; 8]);
    out.extend([0, 0]);
    out.extend(queue.to_be_bytes());
    for (name, value) in attributes {
        out.extend((4 + value.len() as u16).to_ne_bytes());
        out.extend(name.to_ne_bytes());
        out.extend(*value);
        out.resize(out.len().next_multiple_of(4), 0);
    }
    let length = (out.len() - start) as u32;
    out[start..start + 4].copy_from_slice(&length.to_ne_bytes());
}

fn kind(bytes: &[u8]) -> Option<u16> {
    Some(u16::from_ne_bytes([*bytes.get(4)?, *bytes.get(5)?]))
}

/// What one message tells; none where it is no packet.
fn notice(bytes: &[u8]) -> Option<Notice<'_>> {
    if kind(bytes)? != PACKET || bytes.len() < HEAD {
        return None;
    }
    let queue = u16::from_be_bytes([bytes[18], bytes[19]]);
    let (mut id, mut mark, mut payload) = (None, 0, &[][..]);
    let mut rest = &bytes[HEAD..];
    while rest.len() >= 4 {
        let length = usize::from(u16::from_ne_bytes([rest[0], rest[1]])).max(4);
        let value = rest.get(4..length).unwrap_or_default();
        let number = || {
            value
                .get(..4)
                .and_then(|four| Some(u32::from_be_bytes(four.try_into().ok()?)))
        };
        match u16::from_ne_bytes([rest[2], rest[3]]) & 0x3fff {
            ATTR_PACKET => id = number(),
            ATTR_MARK => mark = number().unwrap_or_default(),
            ATTR_PAYLOAD => payload = value,
            _ => {}
        }
        rest = rest.get(length.next_multiple_of(4)..).unwrap_or_default();
    }
    Some(Notice {
        queue,
        id: id?,
        mark,
        payload,
    })
}

fn set(fd: &OwnedFd, level: i32, name: i32, value: i32) -> io::Result<()> {
    let size = size_of::<i32>() as u32;
    // SAFETY: the value is an int, as these options take.
    let done =
        unsafe { libc::setsockopt(fd.as_raw_fd(), level, name, (&raw const value).cast(), size) };
    if done == 0 {
        Ok(())
    } else {
        Err(io::Error::last_os_error())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_notice_is_read_and_a_torn_one_does_no_harm() {
        let mut bytes = Vec::new();
        let attributes: &[(u16, &[u8])] = &[
            (ATTR_PACKET, &[0, 0, 1, 2, 8, 0, 2]),
            (ATTR_MARK, &[0, 0xfa, 7, 1]),
            (ATTR_PAYLOAD, b"bytes"),
        ];
        message(&mut bytes, PACKET, 0, 64_007, attributes);
        let whole = notice(&bytes).unwrap();
        let told = (whole.queue, whole.id, whole.mark, whole.payload);
        assert_eq!(told, (64_007, 0x102, 0xfa_0701, &b"bytes"[..]));
        (0..bytes.len()).for_each(|cut| {
            let _ = notice(&bytes[..cut]);
        });
        let mut verdict = Vec::new();
        accept(&mut verdict, 64_007, 1, Some(b"odd"));
        assert_eq!(notice(&verdict), None, "a verdict is no packet");
        assert_eq!(verdict.len() % 4, 0);
    }
}
