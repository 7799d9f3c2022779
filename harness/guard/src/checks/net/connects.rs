//! A TCP connection is made or refused: a listener of our own in one namespace, on a port of its own, called from the other.
use crate::{
    checks::{Glance, Watch},
    clock::Clock,
    netns::{self, Space},
};
use model::check::End;
use std::{
    io::{self, ErrorKind},
    net::{SocketAddr, TcpListener, TcpStream},
    time::Duration,
};

/// Longer than a handshake between two namespaces by a factor of a thousand; a lost packet is sent again after 1 s.
const PATIENCE: Duration = Duration::from_millis(300);

struct Connects {
    from: Space,
    caller: End,
    listener: TcpListener,
    address: SocketAddr,
    refused: bool,
}

/// Opens the listener.
///
/// # Errors
/// A process is gone, or has no such address.
pub fn watch(from: &End, to: &End, refused: bool) -> Result<impl Watch + use<>, String> {
    let what = format!("listen at {}", to.address);
    let place = SocketAddr::from((to.address, 0));
    let listener = netns::there(&to.process)?.try_inside(&what, || {
        let listener = TcpListener::bind(place)?;
        listener.set_nonblocking(true)?;
        Ok(listener)
    })?;
    let address = listener.local_addr().map_err(|error| error.to_string())?;
    Ok(Connects {
        from: netns::there(&from.process)?,
        caller: from.clone(),
        listener,
        address,
        refused,
    })
}

impl Connects {
    fn call(&self) -> io::Result<()> {
        let address = self.address;
        let called = self
            .from
            .inside(move || TcpStream::connect_timeout(&address, PATIENCE));
        // Taken from the queue, so that it never fills.
        while self.listener.accept().is_ok() {}
        called.map(drop)
    }
}

impl Watch for Connects {
    fn glance(&mut self, clock: Clock) -> Glance {
        let came = self.call();
        let (held, told) = match &came {
            Ok(()) => (!self.refused, "made".to_owned()),
            Err(error) => {
                let reset = matches!(
                    error.kind(),
                    ErrorKind::ConnectionRefused | ErrorKind::ConnectionReset
                );
                (self.refused && reset, format!("not made: {error}"))
            }
        };
        Glance {
            held: Some(held),
            since: clock.now(),
            evidence: format!(
                "connection {} to {} {told}",
                self.caller.address,
                self.address.ip()
            ),
        }
    }
}
