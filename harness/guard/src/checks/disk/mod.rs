//! How drives are observed: one file a check.
mod replaced;
mod rotten;
mod slow;
mod writes;

use super::Watch;
use model::check::disk::Check;

/// Opens what `check` looks at.
///
/// # Errors
/// It cannot be looked at.
pub fn open(check: &Check) -> Result<Box<dyn Watch>, String> {
    Ok(match check {
        Check::Writes { drive, come_to } => Box::new(writes::watch(drive, *come_to)),
        Check::Slow {
            drive,
            throttle,
            pace,
            slow,
        } => Box::new(slow::watch(drive, throttle, *pace, *slow)?),
        Check::Rotten { spot, rotten } => Box::new(rotten::watch(spot, *rotten)),
        Check::Replaced {
            drive,
            process,
            replaced,
        } => Box::new(replaced::watch(drive, process, *replaced)),
    })
}
