//! Quorums as blocks of k of n: erasure sets of drives, replicas with a minimum in sync, and a quorum of controllers on the same nodes.
use super::{
    k_of_n::k_of_n,
    odds::{Error, Odds},
};
use serde::Serialize;

/// An erasure set as MinIO keeps it: each object in data + parity pieces, one per drive.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct ErasureSet {
    /// Drives of the set.
    pub drives: u64,
    /// Drives that may be lost without losing an object.
    pub parity: u64,
}

impl ErasureSet {
    /// A set.
    ///
    /// # Errors
    /// Fewer than 2 or more than 16 drives, or more parity than half of them.
    pub fn of(drives: u64, parity: u64) -> Result<Self, Error> {
        if !(2..=16).contains(&drives) {
            return Err(Error::Quorum(format!(
                "make an erasure set of {drives} drives: it has 2 to 16"
            )));
        }
        if parity > drives / 2 {
            return Err(Error::Quorum(format!(
                "make an erasure set of {drives} drives with parity {parity}: parity is at most half, {}",
                drives / 2
            )));
        }
        Ok(Self { drives, parity })
    }

    /// Drives that hold data.
    pub const fn data(self) -> u64 {
        self.drives - self.parity
    }

    /// Drives that a read needs.
    pub const fn read(self) -> u64 {
        self.data()
    }

    /// Drives that a write needs: one more than a read where data and parity are equal, so that two writes cannot both win.
    pub const fn write(self) -> u64 {
        if self.data() == self.parity {
            self.data() + 1
        } else {
            self.data()
        }
    }
}

/// Replicas of a partition with a minimum in sync, as Kafka keeps them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Replicas {
    /// Replicas of each partition.
    pub factor: u64,
    /// In sync before a write is acknowledged.
    pub min_isr: u64,
}

impl Replicas {
    /// Replicas.
    ///
    /// # Errors
    /// A minimum in sync that is not from 1 to the factor.
    pub fn of(factor: u64, min_isr: u64) -> Result<Self, Error> {
        if min_isr == 0 || min_isr > factor {
            return Err(Error::Quorum(format!(
                "keep {min_isr} of {factor} replicas in sync: the minimum is from 1 to the factor"
            )));
        }
        Ok(Self { factor, min_isr })
    }

    /// Brokers of so many that must be up for every partition to be written, whichever brokers hold it: those that are down may be
    /// replicas of one partition.
    pub const fn every(self, brokers: u64) -> u64 {
        brokers.saturating_sub(self.factor - self.min_isr)
    }
}

/// Controllers that must be up of so many: more than half.
pub const fn majority(controllers: u64) -> u64 {
    controllers / 2 + 1
}

/// At least `k` of a set of `n` nodes up and, of `part` of the same nodes, at least `least`: one block. Multiplying the two would count
/// each failure twice.
///
/// # Errors
/// [`Error`]: counts that are none, `part` larger than `n`.
/// ```
/// use analysis::capacity::{Odds, quorum::on_the_same};
/// let nodes = Odds::of(0.998)?;
/// let block = on_the_same((2, 3), (2, 3), nodes)?;
/// assert!((block.up - 0.999988).abs() < 5e-7);                    // multiplied: 0.999976
/// # Ok::<(), analysis::capacity::odds::Error>(())
/// ```
pub fn on_the_same(
    (k, n): (u64, u64),
    (least, part): (u64, u64),
    each: Odds,
) -> Result<Odds, Error> {
    super::odds::counts(k, n)?;
    super::odds::counts(least, part)?;
    if part > n {
        return Err(Error::Quorum(format!(
            "put {part} controllers on {n} nodes: give at most one per node"
        )));
    }
    if part == n {
        return k_of_n(k.max(least), n, each);
    }
    // By how many of the part are up; each count with what the rest must then have.
    let rest = n - part;
    let mut odds = Odds { up: 0.0, down: 0.0 };
    for up in 0..=part {
        let share = exactly(up, part, each)?;
        let needed = k.saturating_sub(up);
        let then = if up < least || needed > rest {
            Odds { up: 0.0, down: 1.0 }
        } else if needed == 0 {
            Odds::SURE
        } else {
            k_of_n(needed, rest, each)?
        };
        odds.up += share * then.up;
        odds.down += share * then.down;
    }
    Ok(odds)
}

/// Exactly `i` of `n` up.
fn exactly(i: u64, n: u64, each: Odds) -> Result<f64, Error> {
    let choose: f64 = (0..i).fold(1.0, |c, j| c * (n - j) as f64 / (j + 1) as f64);
    let share = choose * each.up.powf(i as f64) * each.down.powf((n - i) as f64);
    if share.is_finite() {
        Ok(share)
    } else {
        Err(Error::TooMany(n))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn near(got: f64, want: f64, within: f64) {
        assert!((got - want).abs() <= within, "got {got:e}, want {want:e}");
    }

    #[test]
    fn the_worked_quorums_come_out() {
        let each = Odds::of(0.99).unwrap();
        let block = |k, n| k_of_n(k, n, each).unwrap();
        let four = ErasureSet::of(4, 2).unwrap();
        assert_eq!((four.read(), four.write()), (2, 3));
        near(block(2, 4).up, 0.999_996_03, 5e-9);
        near(block(3, 4).up, 0.999_407_97, 5e-9);
        let eight = ErasureSet::of(8, 4).unwrap();
        assert_eq!((eight.read(), eight.write()), (4, 5));
        near(block(4, 8).down, 5.46e-9, 5e-12);
        near(block(5, 8).up, 0.999_999_322, 5e-10);
        let sixteen = ErasureSet::of(16, 4).unwrap();
        assert_eq!((sixteen.read(), sixteen.write()), (12, 12));
        near(block(12, 16).up, 0.999_999_601_6, 5e-11);
        let replicas = Replicas::of(3, 2).unwrap();
        assert_eq!(replicas.every(3), 2);
        near(block(2, 3).up, 0.999_702, 5e-7);
        near(block(1, 3).up, 0.999_999, 5e-7);
    }

    #[test]
    fn controllers_on_the_same_nodes_are_not_counted_twice() {
        let nodes = Odds::of(0.998).unwrap();
        let alone = k_of_n(2, 3, nodes).unwrap();
        near(alone.and(alone).up, 0.999_976, 5e-7);
        near(
            on_the_same((2, 3), (2, 3), nodes).unwrap().up,
            0.999_988,
            5e-7,
        );
    }

    #[test]
    fn what_is_no_quorum_is_refused() {
        assert!(
            ErasureSet::of(17, 4).is_err()
                && ErasureSet::of(4, 3).is_err()
                && ErasureSet::of(1, 0).is_err()
        );
        assert!(Replicas::of(3, 4).is_err() && Replicas::of(3, 0).is_err());
        let nodes = Odds::of(0.9).unwrap();
        assert!(on_the_same((2, 3), (3, 5), nodes).is_err());
        assert!(on_the_same((4, 3), (2, 3), nodes).is_err());
    }

    proptest! {
        /// Every set of nodes that is up, one after the other.
        #[test]
        fn the_block_is_the_sum_over_all_sets((n, k, part, least) in (1..9_u64).prop_flat_map(|n| (Just(n), 1..=n, 1..=n)).prop_flat_map(|(n, k, part)| (Just(n), Just(k), Just(part), 1..=part)), up in 0.0..=1.0_f64) {
            let each = Odds::of(up).unwrap();
            let mut sum = 0.0;
            for set in 0..1_u64 << n {
                let ones = set.count_ones();
                if u64::from(ones) >= k && u64::from((set & ((1 << part) - 1)).count_ones()) >= least {
                    sum += up.powi(ones as i32) * each.down.powi(n as i32 - ones as i32);
                }
            }
            let got = on_the_same((k, n), (least, part), each).unwrap();
            prop_assert!((got.up - sum).abs() < 1e-12 && (got.up + got.down - 1.0).abs() < 1e-12);
        }
    }
}
