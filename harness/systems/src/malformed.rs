//! Records that are malformed on purpose: a share of the load that a validating job must reject, drawn from the seed by number.
//!
//! Each carries its number legibly and first, so that a ledger can say which record it was, even where a dead-letter table keeps
//! nothing but the bytes. Checksums fit what a reader gets who lets a wrong field pass as null: that such a record was accepted is
//! known from its having been sent malformed, not from its checksum.
use crate::transaction::Transaction;
use model::{ledger::Bits, seed::Draw, units::Nanos};

/// What is wrong with a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Malformed {
    /// An amount of zero or below.
    Amount,
    /// An amount in words.
    AmountInWords,
    /// An amount that no 64 bits hold.
    AmountTooLarge,
    /// No customer.
    NoCustomer,
    /// A merchant that is null.
    NullMerchant,
    /// Cut in the middle: no JSON at all.
    Cut,
}

/// Every kind.
const KINDS: [Malformed; 6] = [
    Malformed::Amount,
    Malformed::AmountInWords,
    Malformed::AmountTooLarge,
    Malformed::NoCustomer,
    Malformed::NullMerchant,
    Malformed::Cut,
];

/// What the load of a run sends: good records, and malformed ones among them.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Generator {
    pub(crate) seed: u64,
    pub(crate) partitions: u32,
    /// Share of malformed records, 0 to 1.
    pub(crate) malformed: f64,
}

/// What the bytes of a record tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Legible {
    /// No number can be read from them.
    No,
    /// No record of the load: its number, below zero.
    Canary(i64),
    /// A record of the load, and whether the bytes are as they were sent.
    Load { number: u64, as_sent: bool },
}

impl Generator {
    /// What is wrong with a record; none for a good one.
    pub(crate) fn fault_of(&self, number: u64) -> Option<Malformed> {
        if self.malformed <= 0.0 {
            return None;
        }
        let mut draw = Draw::new(self.seed, &format!("malformed {number}"));
        let chosen = draw.unit() <= self.malformed;
        chosen.then(|| KINDS[draw.below(KINDS.len() as u64) as usize])
    }

    /// Which of the first `sent` records are malformed, by number.
    pub(crate) fn malformed(&self, sent: u64) -> Bits {
        let mut numbers = Bits::default();
        for number in (0..sent).filter(|number| self.fault_of(*number).is_some()) {
            numbers.set(number);
        }
        numbers
    }

    /// A record as it travels.
    pub(crate) fn bytes_of(&self, number: u64, intended: Nanos) -> Vec<u8> {
        let record = Transaction::drawn(self.seed, self.partitions, number, intended);
        match self.fault_of(number) {
            None => record.json(),
            Some(fault) => fault.spoil(record),
        }
    }

    /// Which record these bytes are, and whether they are as they were sent: a good one by its checksum, a malformed one byte by byte.
    pub(crate) fn read(&self, bytes: &[u8]) -> Legible {
        let Some(number) = number_of(bytes) else {
            return Legible::No;
        };
        let Ok(number) = u64::try_from(number) else {
            return Legible::Canary(number);
        };
        let as_sent = match self.fault_of(number) {
            None => serde_json::from_slice::<Transaction>(bytes).is_ok_and(|read| read.intact()),
            // A wrong instant does not get through: the checksum is over it, and stands in every kind.
            Some(_) => value_of(bytes, "intended_ns")
                .and_then(|at| at.parse().ok())
                .is_some_and(|at| self.bytes_of(number, Nanos(at)) == bytes),
        };
        Legible::Load { number, as_sent }
    }
}

impl Malformed {
    fn spoil(self, mut record: Transaction) -> Vec<u8> {
        let (amount, whole) = (record.amount_cents, record.clone());
        match self {
            Self::Amount => record.amount_cents = -(amount % 2) * amount,
            Self::AmountInWords | Self::AmountTooLarge => record.amount_cents = 0,
            Self::NoCustomer => record.customer_id.clear(),
            Self::NullMerchant => record.merchant_id.clear(),
            Self::Cut => return cut(&whole),
        }
        let text = String::from_utf8(record.summed().json()).unwrap_or_default();
        let amount_in = |words: &str| text.replacen("cents\":0", &format!("cents\":{words}"), 1);
        let spoilt = match self {
            Self::AmountInWords => amount_in(&format!("\"{amount} cents\"")),
            Self::AmountTooLarge => amount_in(&format!("{amount}{}", "0".repeat(19))),
            Self::NoCustomer => text.replacen("\"customer_id\":\"\",", "", 1),
            Self::NullMerchant => text.replacen("merchant_id\":\"\"", "merchant_id\":null", 1),
            Self::Amount | Self::Cut => text,
        };
        spoilt.into_bytes()
    }
}

/// The checksum stands early, so that what is left can be told from what a fault left of it.
fn cut(record: &Transaction) -> Vec<u8> {
    let Transaction {
        number,
        checksum,
        intended_ns,
        transaction_id,
        ..
    } = record;
    format!(
        "{{\"number\":{number},\"checksum\":\"{checksum}\",\"intended_ns\":{intended_ns},\"transaction_id\":\"{}",
        &transaction_id[..9]
    )
    .into_bytes()
}

/// The number of a record, from bytes that need not be JSON.
pub(crate) fn number_of(bytes: &[u8]) -> Option<i64> {
    value_of(bytes, "number")?.parse().ok()
}

/// The digits after the first member of this name, where something follows them: of a number that was cut nobody knows the rest.
fn value_of<'a>(bytes: &'a [u8], name: &str) -> Option<&'a str> {
    let key = format!("\"{name}\":");
    let at = bytes
        .windows(key.len())
        .position(|part| part == key.as_bytes())?;
    let rest = &bytes[at + key.len()..];
    let end = rest
        .iter()
        .position(|byte| !matches!(byte, b'0'..=b'9' | b'-'))?;
    std::str::from_utf8(&rest[..end]).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    const HALF: Generator = Generator {
        seed: 7,
        partitions: 4,
        malformed: 0.5,
    };

    /// The first record of each kind.
    fn each() -> BTreeMap<String, Vec<u8>> {
        let kind = |number| Some((format!("{:?}", HALF.fault_of(number)?), number));
        let all: BTreeMap<_, _> = (0..200).rev().filter_map(kind).collect();
        let bytes = |(kind, number)| (kind, HALF.bytes_of(number, Nanos(number * 3)));
        all.into_iter().map(bytes).collect()
    }

    #[test]
    fn every_kind_occurs_and_none_is_a_good_record() {
        let all = each();
        assert_eq!(all.len(), KINDS.len());
        for (kind, bytes) in all {
            let good = serde_json::from_slice::<Transaction>(&bytes)
                .is_ok_and(|read| read.amount_cents > 0);
            assert!(!good, "{kind}: {}", String::from_utf8_lossy(&bytes));
            let json = serde_json::from_slice::<serde_json::Value>(&bytes).is_ok();
            assert_eq!(json, kind != "Cut", "{kind}");
        }
    }

    /// What Spark and its like make of a field of a wrong type, or of none.
    #[test]
    fn a_checksum_tells_nothing_to_who_reads_wrong_fields_as_null() {
        for (kind, bytes) in each().into_iter().filter(|(kind, _)| kind != "Cut") {
            let mut row: BTreeMap<String, serde_json::Value> =
                serde_json::from_slice(&bytes).unwrap();
            row.retain(|name, value| name != "amount_cents" || value.is_i64());
            row.retain(|_, value| !value.is_null());
            for (name, null) in [
                ("amount_cents", 0.into()),
                ("customer_id", "".into()),
                ("merchant_id", "".into()),
            ] {
                row.entry(name.into()).or_insert(null);
            }
            let lax = serde_json::from_value::<Transaction>(serde_json::to_value(row).unwrap());
            assert!(lax.unwrap().intact(), "{kind}");
        }
    }

    #[test]
    fn the_share_is_kept_and_none_is_none() {
        let of = |malformed| Generator { malformed, ..HALF }.malformed(20_000).count();
        assert_eq!((of(0.0), of(1.0)), (0, 20_000));
        // Four standard deviations of a binomial.
        assert!(of(0.02).abs_diff(400) < 80, "{}", of(0.02));
        assert!(HALF.malformed(200).has(3) == HALF.fault_of(3).is_some());
    }

    #[test]
    fn a_canary_and_what_has_no_number_are_no_records() {
        assert_eq!(
            HALF.read(&Transaction::canary(1).json()),
            Legible::Canary(-2)
        );
        assert_eq!(HALF.read(b"{\"number\":"), Legible::No);
        assert_eq!(
            HALF.read(b"{\"number\":12"),
            Legible::No,
            "12 of how many digits?"
        );
    }

    proptest::proptest! {
        #[test]
        fn the_same_number_gives_the_same_bytes_and_they_are_read_as_sent(number in 0_u64..1 << 50, at in 0_u64..1 << 60) {
            let bytes = HALF.bytes_of(number, Nanos(at));
            proptest::prop_assert_eq!(&bytes, &HALF.bytes_of(number, Nanos(at)));
            proptest::prop_assert_eq!(HALF.read(&bytes), Legible::Load { number, as_sent: true });
            proptest::prop_assert_eq!(number_of(&bytes), Some(number.cast_signed()));
        }

        #[test]
        fn any_change_on_the_way_is_noticed(number in 0_u64..100_000, at in 0_usize..400, bit in 0_u32..8, cut in proptest::bool::ANY) {
            let sent = HALF.bytes_of(number, Nanos(number * 3));
            let mut bytes = sent.clone();
            let at = at % bytes.len();
            if cut { bytes.truncate(at) } else { bytes[at] ^= 1 << bit }
            let same = |bytes: &[u8]| serde_json::from_slice::<Transaction>(bytes).ok();
            if let Legible::Load { as_sent, .. } = HALF.read(&bytes) {
                let harmless = same(&sent).is_some() && same(&sent) == same(&bytes);
                proptest::prop_assert!(!as_sent || harmless, "{}", String::from_utf8_lossy(&bytes));
            }
        }
    }
}
