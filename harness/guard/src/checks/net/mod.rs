//! Checks of traffic and links. One file a check.
mod cable;
mod connects;
mod rate;
mod resolver;
mod share;
mod standing;

use super::Watch;
use model::check::net::Check;

/// Opens what `check` looks at.
///
/// # Errors
/// A process is gone, or has no such address.
pub fn open(check: &Check) -> Result<Box<dyn Watch>, String> {
    Ok(match check {
        Check::Share {
            from,
            to,
            counted,
            per_10000,
            datagrams,
        } => Box::new(share::watch(from, to, *counted, *per_10000, *datagrams)?),
        Check::Connects { from, to, refused } => Box::new(connects::watch(from, to, *refused)?),
        Check::Sockets { end, peers, stand } => Box::new(standing::watch(end, peers, *stand)?),
        Check::Resolver {
            process,
            server,
            name,
            reply,
        } => Box::new(resolver::watch(process, *server, name, *reply)?),
        Check::Cable { end, plugged } => Box::new(cable::watch(end, *plugged)),
        Check::Rate {
            from,
            to,
            rate_bytes,
            burst_bytes,
            limited,
        } => Box::new(rate::watch(from, to, *rate_bytes, *burst_bytes, *limited)?),
    })
}
