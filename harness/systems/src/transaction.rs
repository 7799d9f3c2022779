//! One record of the load: drawn from the seed by its number, with a checksum over every field, so that any change on its way shows.
use model::{seed::Draw, units::Nanos};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

/// Between the numbers of marks of one turn and of the next; more than partitions there can be.
const TURN: i64 = 1000;

/// A transaction as it travels, as JSON. Numbers below zero are canaries of bring-up, not part of the load.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Transaction {
    /// Number of the operation, from 0, dense.
    pub(crate) number: i64,
    /// Partition of the topic: number modulo partitions.
    pub(crate) partition: u32,
    /// Dense within the partition: number divided by partitions.
    pub(crate) seq: i64,
    /// When it was due on the run's clock, ns.
    pub(crate) intended_ns: u64,
    pub(crate) transaction_id: String,
    pub(crate) customer_id: String,
    pub(crate) merchant_id: String,
    /// Above zero.
    pub(crate) amount_cents: i64,
    pub(crate) currency: String,
    /// First 16 hex digits of the SHA-256 over all of the above.
    pub(crate) checksum: String,
}

impl Transaction {
    /// Record `number` of a run.
    pub(crate) fn drawn(seed: u64, partitions: u32, number: u64, intended: Nanos) -> Self {
        let mut draw = Draw::new(seed, &format!("transaction {number}"));
        let parts = u64::from(partitions);
        Self {
            number: number.cast_signed(),
            partition: (number % parts) as u32,
            seq: (number / parts).cast_signed(),
            intended_ns: intended.0,
            transaction_id: format!("t-{:016x}", draw.below(u64::MAX)),
            customer_id: format!("c-{:05}", draw.below(10_000)),
            merchant_id: format!("m-{:04}", draw.below(500)),
            amount_cents: (1 + draw.below(1_000_000)).cast_signed(),
            currency: ["EUR", "USD", "GBP", "JPY"][draw.below(4) as usize].into(),
            checksum: String::new(),
        }
        .summed()
    }

    /// The canary of a partition: proves the way through before the load begins.
    pub(crate) fn canary(partition: u32) -> Self {
        let mut canary = Self::drawn(0, 1, 0, Nanos(0));
        (canary.number, canary.partition, canary.seq) = (-1 - i64::from(partition), partition, -1);
        canary.summed()
    }

    /// A mark: once it is through, so is what was sent to the partition before it. Turn 0 is the canary.
    pub(crate) fn marking(partition: u32, turn: u32) -> Self {
        let mut mark = Self::canary(partition);
        mark.number -= TURN * i64::from(turn);
        mark.summed()
    }

    /// Partition and turn of a mark, by its number below zero; none for records of the load.
    pub(crate) fn mark(number: i64) -> Option<(u32, u32)> {
        let mark = u64::try_from(-1 - number).ok()?;
        let (turn, partition) = (mark / TURN.unsigned_abs(), mark % TURN.unsigned_abs());
        Some((u32::try_from(partition).ok()?, u32::try_from(turn).ok()?))
    }

    /// The same, with the checksum that fits.
    pub(crate) fn summed(mut self) -> Self {
        self.checksum = self.sum();
        self
    }

    fn sum(&self) -> String {
        let all = format!(
            "{}|{}|{}|{}|{}|{}|{}|{}|{}",
            self.number,
            self.partition,
            self.seq,
            self.intended_ns,
            self.transaction_id,
            self.customer_id,
            self.merchant_id,
            self.amount_cents,
            self.currency
        );
        let digest = Sha256::digest(all.as_bytes());
        digest[..8]
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect()
    }

    /// Whether every field is as it was sent.
    pub(crate) fn intact(&self) -> bool {
        self.checksum == self.sum()
    }

    /// As it travels.
    pub(crate) fn json(&self) -> Vec<u8> {
        serde_json::to_vec(self).expect("a struct of numbers and strings is JSON")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_and_number_give_the_same_record() {
        let drawn = |seed| Transaction::drawn(seed, 4, 9, Nanos(5));
        assert_eq!(drawn(7), drawn(7));
        assert_ne!(drawn(7), drawn(8));
        assert_eq!((drawn(7).partition, drawn(7).seq), (1, 2));
    }

    #[test]
    fn a_canary_is_no_record_of_the_load() {
        let canary = Transaction::canary(3);
        assert!(canary.number < 0 && canary.intact());
        assert_eq!(Transaction::mark(canary.number), Some((3, 0)));
        let last = Transaction::marking(3, 2);
        assert!(last.intact());
        assert_eq!(Transaction::mark(last.number), Some((3, 2)));
        assert_eq!(Transaction::mark(0), None);
    }

    proptest::proptest! {
        #[test]
        fn any_flipped_byte_of_a_value_is_noticed(number in 0_u64..1_000_000, at in 0_usize..400, bit in 0_u32..8) {
            let sent = Transaction::drawn(7, 4, number, Nanos(number * 3));
            let mut bytes = sent.json();
            let at = at % bytes.len();
            bytes[at] ^= 1 << bit;
            if let Ok(read) = serde_json::from_slice::<Transaction>(&bytes) {
                proptest::prop_assert!(read == sent || !read.intact(), "{}", String::from_utf8_lossy(&bytes));
            }
        }

        #[test]
        fn a_record_survives_its_way(number in 0_u64..u64::MAX / 2) {
            let sent = Transaction::drawn(1, 4, number, Nanos(number));
            let read: Transaction = serde_json::from_slice(&sent.json()).expect("it is JSON");
            proptest::prop_assert!(read == sent && read.intact());
        }
    }
}
