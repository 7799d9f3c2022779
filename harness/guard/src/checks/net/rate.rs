//! The rate of a TCP transfer between two namespaces, measured after the burst has passed.
//!
//! The transfer ends after its time, or once so many bytes have passed that the rate is surely above the limit: both bound what
//! a look costs the path. What was measured held since the measuring began.
use crate::{
    checks::{Glance, Watch},
    clock::Clock,
    netns::{self, Space},
};
use model::{check::End, units::Nanos};
use std::{
    io::{self, Read, Write},
    net::{SocketAddr, TcpListener, TcpStream},
    sync::atomic::{AtomicBool, Ordering},
    thread,
    time::{Duration, Instant},
};

/// How long the rate is measured.
const SPAN: Duration = Duration::from_millis(500);
/// No wait of a socket is longer, so that a cut path ends a look too.
const PATIENCE: Duration = Duration::from_secs(1);
/// Above the limit by this much is still within it.
const GRANTED: f64 = 1.15;
/// A path without the limit is at least so many times faster.
const FREE: f64 = 2.0;
const CHUNK: usize = 16 << 10;

struct Rate {
    from: Space,
    ends: [End; 2],
    listener: TcpListener,
    address: SocketAddr,
    rate_bytes: u64,
    burst_bytes: u64,
    limited: bool,
}

/// Opens a listener in one namespace.
///
/// # Errors
/// A process is gone, or has no such address.
pub fn watch(
    from: &End,
    to: &End,
    rate_bytes: u64,
    burst_bytes: u64,
    limited: bool,
) -> Result<impl Watch + use<>, String> {
    let what = format!("listen at {}", to.address);
    let place = SocketAddr::from((to.address, 0));
    let inside = netns::there(&to.process)?;
    let listener = inside.try_inside(&what, || TcpListener::bind(place))?;
    let address = listener.local_addr().map_err(|error| error.to_string())?;
    Ok(Rate {
        from: netns::there(&from.process)?,
        ends: [from.clone(), to.clone()],
        listener,
        address,
        rate_bytes,
        burst_bytes,
        limited,
    })
}

impl Rate {
    /// Bytes per second after the burst, and when that began.
    fn measure(&self, clock: Clock) -> io::Result<(f64, Nanos)> {
        let address = self.address;
        let sender = self
            .from
            .inside(move || TcpStream::connect_timeout(&address, PATIENCE))?;
        sender.set_write_timeout(Some(PATIENCE))?;
        // Accepted at once: the handshake is done.
        let (receiver, _) = self.listener.accept()?;
        receiver.set_read_timeout(Some(PATIENCE))?;
        let over = AtomicBool::new(false);
        thread::scope(|scope| {
            scope.spawn(|| pour(sender, &over));
            let measured = self.count(receiver, clock);
            over.store(true, Ordering::Relaxed);
            measured
        })
    }

    /// The first bytes pass at any speed: the burst, and as much again for what the sockets hold.
    fn count(&self, mut receiver: TcpStream, clock: Clock) -> io::Result<(f64, Nanos)> {
        let (head, enough) = (2 * self.burst_bytes, self.enough());
        let mut buffer = vec![0; CHUNK];
        let (began, mut passed) = (Instant::now(), 0);
        while passed < head && began.elapsed() < 2 * SPAN {
            passed += taken(&mut receiver, &mut buffer)?;
        }
        let since = clock.now();
        let (began, mut passed) = (Instant::now(), 0);
        while began.elapsed() < SPAN && passed < enough {
            passed += taken(&mut receiver, &mut buffer)?;
        }
        Ok((passed as f64 / began.elapsed().as_secs_f64(), since))
    }

    /// So many bytes within the span prove a path without limit.
    fn enough(&self) -> u64 {
        (self.rate_bytes as f64 * 2.0 * FREE * SPAN.as_secs_f64()) as u64
    }
}

fn taken(receiver: &mut TcpStream, buffer: &mut [u8]) -> io::Result<u64> {
    match receiver.read(buffer)? {
        0 => Err(io::ErrorKind::UnexpectedEof.into()),
        length => Ok(length as u64),
    }
}

/// Sends until told to end, or until the path is gone.
fn pour(mut sender: TcpStream, over: &AtomicBool) {
    let bytes = [0; CHUNK];
    while !over.load(Ordering::Relaxed) && sender.write_all(&bytes).is_ok() {}
}

impl Watch for Rate {
    fn glance(&mut self, clock: Clock) -> Glance {
        let measured = self.measure(clock);
        let asked = self.rate_bytes as f64;
        let held = measured.as_ref().is_ok_and(|(rate, _)| match self.limited {
            true => *rate > 0.0 && *rate <= asked * GRANTED,
            false => *rate >= asked * FREE,
        });
        let since = measured
            .as_ref()
            .map_or_else(|_| clock.now(), |(_, since)| *since);
        let told = measured.map_or_else(
            |error| error.to_string(),
            |(rate, _)| {
                format!(
                    "{:.0} KiB/s, {:.0} KiB/s asked",
                    rate / 1024.0,
                    asked / 1024.0
                )
            },
        );
        Glance {
            held: Some(held),
            since,
            evidence: format!(
                "transfer {} to {}: {told}",
                self.ends[0].address, self.ends[1].address
            ),
        }
    }
}
