//! What is seen of packets that are held, reordered or damaged. One file an observation.
mod round_trip;
mod stream;

use super::Watch;
use model::check::queue::Check;

/// Opens the observation.
///
/// # Errors
/// A process is gone, or has no such address.
pub fn open(check: &Check) -> Result<Box<dyn Watch>, String> {
    Ok(match check {
        Check::RoundTrip {
            from,
            to,
            by,
            within,
            grown,
        } => Box::new(round_trip::watch(from, to, *by, *within, *grown)?),
        Check::Stream {
            from,
            to,
            sign,
            share_ppm,
            shows,
        } => Box::new(stream::watch(from, to, *sign, *share_ppm, *shows)?),
    })
}
