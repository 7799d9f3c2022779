//! The one clock: nanoseconds since the run's epoch. Follows tokio's clock, so that a paused runtime makes a whole run in milliseconds.
use model::units::Nanos;
use tokio::time::Instant;

/// Reads the run's clock.
#[derive(Clone, Copy, Debug)]
pub struct Clock {
    epoch: Instant,
}

impl Clock {
    /// A clock whose epoch is this instant.
    pub const fn since(epoch: Instant) -> Self {
        Self { epoch }
    }

    /// Now.
    pub fn now(&self) -> Nanos {
        Nanos(u64::try_from(self.epoch.elapsed().as_nanos()).unwrap_or(u64::MAX))
    }

    /// Sleeps until an instant of this clock; returns at once where it has passed.
    pub async fn until(&self, at: Nanos) {
        tokio::time::sleep_until(self.epoch + at.as_duration()).await;
    }
}
