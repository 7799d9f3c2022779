//! Where the slot time went: slots x wall = work + waits + idle + waste, or it is unknown.
use super::efficiency::Stands;
use crate::report::Measure;
use serde::Serialize;

/// Slot time of one run by what it went to, s, from the engine's own task metrics.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct SlotTimes {
    /// Tasks that can run at the same time.
    pub slots: u32,
    /// Length of the run.
    pub wall: f64,
    /// Work.
    pub compute: f64,
    /// Waiting for shuffled blocks.
    pub fetch_wait: f64,
    /// Writing shuffled blocks.
    pub shuffle_write: f64,
    /// Serialising and deserialising.
    pub serialise: f64,
    /// Garbage collection.
    pub gc: f64,
    /// From ready to started.
    pub scheduler_delay: f64,
    /// No task.
    pub idle: f64,
    /// Tasks that failed, were killed or lost the race against a copy.
    pub wasted: f64,
}

/// How far the parts may miss the whole.
pub const CLOSES_WITHIN: f64 = 0.02;
/// Share of fetch wait and write above which shuffle is a cause.
pub const SHUFFLE: f64 = 0.20;

/// Why slot times were refused; fits after "failed to".
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum Error {
    /// Nothing to divide by.
    #[error("divide the slot time: {slots} slots for {wall} s are none")]
    Nothing {
        /// Slots.
        slots: u32,
        /// Length, s.
        wall: f64,
    },
    /// A part that is no time.
    #[error("read `{part}`: {value} s is no time")]
    Part {
        /// Which.
        part: &'static str,
        /// What stood there.
        value: f64,
    },
}

/// The slot time divided.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Division {
    /// Compute over all slot time; unknown where the identity does not close.
    pub efficiency: Measure,
    /// Where it stands to the reference band.
    pub stands: Stands,
    /// Each part with its share of all slot time, in the order of the identity.
    pub parts: Vec<Part>,
    /// (Sum of parts - whole) / whole.
    pub gap: f64,
    /// What limits it: `shuffle`.
    pub causes: Vec<Cause>,
}

/// One part of the slot time.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Part {
    /// Name.
    pub name: &'static str,
    /// s.
    pub s: f64,
    /// Of all slot time.
    pub share: f64,
}

/// What limits the throughput, with the number that says so and the threshold it passed.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Cause {
    /// `shuffle`, `skew`.
    pub name: &'static str,
    /// Measured share.
    pub share: f64,
    /// Above which it is a cause.
    pub threshold: f64,
}

impl SlotTimes {
    fn parts(&self) -> [(&'static str, f64); 8] {
        [
            ("compute", self.compute),
            ("shuffle fetch wait", self.fetch_wait),
            ("shuffle write", self.shuffle_write),
            ("serialise", self.serialise),
            ("gc", self.gc),
            ("scheduler delay", self.scheduler_delay),
            ("idle", self.idle),
            ("wasted", self.wasted),
        ]
    }

    /// Divides the slot time.
    ///
    /// # Errors
    /// No slots, no wall time, or a part that is negative or not finite. An identity that does not close within [`CLOSES_WITHIN`] is no
    /// error: the efficiency is unknown, with the gap.
    pub fn divide(&self) -> Result<Division, Error> {
        let whole = f64::from(self.slots) * self.wall;
        if !(whole.is_finite() && whole > 0.0) {
            return Err(Error::Nothing {
                slots: self.slots,
                wall: self.wall,
            });
        }
        let parts = self.parts();
        if let Some((part, value)) = parts
            .iter()
            .find(|(_, s)| !(s.is_finite() && *s >= 0.0))
            .copied()
        {
            return Err(Error::Part { part, value });
        }
        let gap = (parts.iter().map(|(_, s)| s).sum::<f64>() - whole) / whole;
        let closes = gap.abs() <= CLOSES_WITHIN || crate::mutant("K6");
        let efficiency = self.efficiency(whole, gap, closes);
        let shuffle = (self.fetch_wait + self.shuffle_write) / whole;
        let cause = Cause {
            name: "shuffle",
            share: shuffle,
            threshold: SHUFFLE,
        };
        Ok(Division {
            stands: Stands::of(efficiency.low, efficiency.high),
            efficiency,
            parts: parts
                .map(|(name, s)| Part {
                    name,
                    s,
                    share: s / whole,
                })
                .to_vec(),
            gap,
            causes: if closes && shuffle > SHUFFLE {
                vec![cause]
            } else {
                Vec::new()
            },
        })
    }

    /// Compute over the whole, give or take the gap: that much slot time is unaccounted for.
    fn efficiency(&self, whole: f64, gap: f64, closes: bool) -> Measure {
        let share = self.compute / whole;
        let bar = gap.abs();
        Measure {
            value: closes.then_some(share),
            unit: "1".into(),
            n: 1,
            low: closes.then_some(share - bar),
            high: closes.then_some(share + bar),
            error: closes.then_some(bar),
            method: "compute over slots x wall, give or take what the parts miss of it".into(),
            why: (!closes).then(|| {
                format!(
                    "the parts miss the whole by {:+.1} %, more than {} %: metrics are missing or counted twice",
                    gap * 100.0,
                    CLOSES_WITHIN * 100.0
                )
            }),
            level: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The worked division of the science notes.
    const WORKED: SlotTimes = SlotTimes {
        slots: 4,
        wall: 60.0,
        compute: 162.0,
        fetch_wait: 24.0,
        shuffle_write: 0.0,
        serialise: 6.0,
        gc: 9.0,
        scheduler_delay: 3.0,
        idle: 30.0,
        wasted: 6.0,
    };

    #[test]
    fn the_worked_division_closes() {
        let divided = WORKED.divide().unwrap();
        assert_eq!(divided.efficiency.value, Some(0.675));
        assert_eq!((divided.gap, divided.stands), (0.0, Stands::Inside));
        assert!(divided.causes.is_empty());
        assert_eq!(divided.parts[6].share, 0.125);
    }

    #[test]
    fn a_division_that_does_not_close_is_unknown_either_way() {
        for idle in [30.0 - 4.9, 30.0 + 4.9] {
            let divided = SlotTimes { idle, ..WORKED }.divide().unwrap();
            assert_eq!(divided.efficiency.value, None, "{idle}");
            assert!(divided.efficiency.why.unwrap().contains("2 %"));
        }
        for idle in [30.0 - 4.7, 30.0 + 4.7] {
            let divided = SlotTimes { idle, ..WORKED }.divide().unwrap();
            assert!(divided.efficiency.value.is_some(), "{idle}");
        }
    }

    #[test]
    fn more_than_a_fifth_of_shuffle_is_a_cause() {
        let shuffled = SlotTimes {
            compute: 122.0,
            shuffle_write: 40.0,
            ..WORKED
        };
        let divided = shuffled.divide().unwrap();
        assert_eq!(divided.causes[0].name, "shuffle");
        assert!((divided.causes[0].share - 64.0 / 240.0).abs() < 1e-12);
    }

    #[test]
    fn what_is_no_time_is_refused() {
        assert!(
            SlotTimes {
                gc: f64::NAN,
                ..WORKED
            }
            .divide()
            .is_err()
        );
        assert!(
            SlotTimes {
                idle: -1.0,
                ..WORKED
            }
            .divide()
            .is_err()
        );
        assert!(SlotTimes { slots: 0, ..WORKED }.divide().is_err());
    }
}
