//! The run's clock: `CLOCK_MONOTONIC` minus the epoch that the owner handed over, so that both write the same instants.
use model::units::Nanos;

/// Nanoseconds since the run's epoch.
#[derive(Clone, Copy, Debug)]
pub struct Clock {
    epoch_ns: u64,
}

impl Clock {
    /// A clock that counts from `epoch_ns` of `CLOCK_MONOTONIC`.
    pub const fn since(epoch_ns: u64) -> Self {
        Self { epoch_ns }
    }

    /// An instant of `CLOCK_MONOTONIC` on this clock.
    pub const fn at(&self, mono_ns: u64) -> Nanos {
        Nanos(mono_ns.saturating_sub(self.epoch_ns))
    }

    /// Now.
    pub fn now(&self) -> Nanos {
        self.at(mono_ns())
    }
}

/// `CLOCK_MONOTONIC` in nanoseconds.
pub fn mono_ns() -> u64 {
    let mut at = libc::timespec {
        tv_sec: 0,
        tv_nsec: 0,
    };
    // SAFETY: `at` is a valid timespec; the clock exists on every Linux, so the call cannot fail.
    unsafe { libc::clock_gettime(libc::CLOCK_MONOTONIC, &raw mut at) };
    at.tv_sec as u64 * 1_000_000_000 + at.tv_nsec as u64
}
