//! The byte that a medium gives back, read past the page cache.
use crate::{
    acts::disk::rot,
    checks::{Glance, Watch},
    clock::Clock,
};
use model::drive::Spot;
use std::{io, os::fd::AsRawFd};

struct Rotten {
    spot: Spot,
    rotten: bool,
}

/// Reads nothing before the first glance.
pub fn watch(spot: &Spot, rotten: bool) -> impl Watch + use<> {
    Rotten {
        spot: spot.clone(),
        rotten,
    }
}

/// The byte now; none where the file is gone or was written afresh.
fn byte(spot: &Spot) -> io::Result<Option<u8>> {
    let Some(file) = rot::same(spot)? else {
        return Ok(None);
    };
    // SAFETY: an open descriptor.
    unsafe { libc::posix_fadvise(file.as_raw_fd(), 0, 0, libc::POSIX_FADV_DONTNEED) };
    rot::read(&file, spot).map(Some)
}

impl Watch for Rotten {
    fn glance(&mut self, clock: Clock) -> Glance {
        let found = byte(&self.spot);
        let told = match &found {
            Ok(None) => "was written afresh".to_owned(),
            Ok(Some(byte)) if *byte == self.spot.byte => "reads as written".to_owned(),
            Ok(Some(byte)) => format!("reads {byte:#04x}, was written {:#04x}", self.spot.byte),
            Err(error) => format!("cannot be read: {error}"),
        };
        let rotten = found
            .ok()
            .map(|found| found.is_some_and(|byte| byte != self.spot.byte));
        Glance {
            held: Some(rotten == Some(self.rotten)),
            since: clock.now(),
            evidence: format!("byte {} of {} {told}", self.spot.offset, self.spot.file),
        }
    }
}
