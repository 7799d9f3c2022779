//! Binary records of every operation (`.ops`) and of every gauge reading (`.gauge`): 32 bytes each, little-endian, after one JSON header line.
//!
//! A crash can only cut the last record: readers drop and count it. Times are nanoseconds since the run's epoch; all ones means "never ended".
use crate::{system::Outcome, units::Nanos};
use serde::{Deserialize, Serialize};

/// First line of either file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Header {
    /// `brinell.ops/1` or `brinell.gauge/1`.
    pub schema: String,
    /// Probe name, or `load`.
    pub source: String,
    /// Bytes per record: 32.
    pub record: u32,
    /// Unit of the gauge's value; empty for operations.
    pub unit: String,
}

/// One operation: `intended, sent, ended` u64, outcome u8, class u8, kind u16, process u32.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Op {
    /// When it was due.
    pub intended: Nanos,
    /// When it was really sent.
    pub sent: Nanos,
    /// When its outcome was known; `u64::MAX` = never.
    pub ended: Nanos,
    /// Done, not done, unknown.
    pub outcome: Outcome,
    /// Index into the classes of `samples-closed` (0 = none).
    pub class: u8,
    /// Free for the source.
    pub kind: u16,
    /// Number of the operation within its source: the record's own number for the load.
    pub process: u32,
}

/// One reading of a gauge: `intended, sent, ended` u64, value f64 (NaN where it could not be read).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Reading {
    /// When it was due.
    pub intended: Nanos,
    /// When it was really asked.
    pub sent: Nanos,
    /// When the answer came.
    pub ended: Nanos,
    /// The value in the header's unit, or NaN.
    pub value: f64,
}

/// Bytes per record of both kinds.
pub const RECORD: usize = 32;

const fn outcome_byte(outcome: Outcome) -> u8 {
    match outcome {
        Outcome::Ok => 0,
        Outcome::Fail => 1,
        Outcome::Info => 2,
    }
}

impl Op {
    /// As written.
    pub fn encode(&self) -> [u8; RECORD] {
        let mut out = [0; RECORD];
        out[0..8].copy_from_slice(&self.intended.0.to_le_bytes());
        out[8..16].copy_from_slice(&self.sent.0.to_le_bytes());
        out[16..24].copy_from_slice(&self.ended.0.to_le_bytes());
        out[24] = outcome_byte(self.outcome);
        out[25] = self.class;
        out[26..28].copy_from_slice(&self.kind.to_le_bytes());
        out[28..32].copy_from_slice(&self.process.to_le_bytes());
        out
    }

    /// As read; an outcome byte that means nothing is unknown.
    pub fn decode(bytes: &[u8; RECORD]) -> Self {
        let outcome = match bytes[24] {
            0 => Outcome::Ok,
            1 => Outcome::Fail,
            _ => Outcome::Info,
        };
        Self {
            intended: word(bytes, 0),
            sent: word(bytes, 8),
            ended: word(bytes, 16),
            outcome,
            class: bytes[25],
            kind: u16::from_le_bytes([bytes[26], bytes[27]]),
            process: u32::from_le_bytes([bytes[28], bytes[29], bytes[30], bytes[31]]),
        }
    }
}

impl Reading {
    /// As written.
    pub fn encode(&self) -> [u8; RECORD] {
        let mut out = [0; RECORD];
        out[0..8].copy_from_slice(&self.intended.0.to_le_bytes());
        out[8..16].copy_from_slice(&self.sent.0.to_le_bytes());
        out[16..24].copy_from_slice(&self.ended.0.to_le_bytes());
        out[24..32].copy_from_slice(&self.value.to_le_bytes());
        out
    }

    /// As read.
    pub fn decode(bytes: &[u8; RECORD]) -> Self {
        let value = f64::from_bits(word(bytes, 24).0);
        Self {
            intended: word(bytes, 0),
            sent: word(bytes, 8),
            ended: word(bytes, 16),
            value,
        }
    }
}

fn word(bytes: &[u8; RECORD], at: usize) -> Nanos {
    let mut eight = [0; 8];
    eight.copy_from_slice(&bytes[at..at + 8]);
    Nanos(u64::from_le_bytes(eight))
}

/// A file's header, its whole records, and how many bytes of a cut last record were dropped.
///
/// # Errors
/// A text where the header line is missing or of another schema.
pub fn read<'a>(
    bytes: &'a [u8],
    schema: &str,
) -> Result<(Header, impl Iterator<Item = &'a [u8; RECORD]>, usize), String> {
    let end = bytes
        .iter()
        .position(|byte| *byte == b'\n')
        .ok_or("find the header line of the samples")?;
    let header: Header = serde_json::from_slice(&bytes[..end])
        .map_err(|error| format!("read the header of the samples: {error}"))?;
    if header.schema != schema || header.record as usize != RECORD {
        return Err(format!(
            "read samples of schema `{}`, {} bytes a record; known here: `{schema}`, {RECORD}",
            header.schema, header.record
        ));
    }
    let (records, rest) = bytes[end + 1..].as_chunks::<RECORD>();
    Ok((header, records.iter(), rest.len()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn operations_read_as_written(a: u64, b: u64, c: u64, o in 0_usize..3, class: u8, kind: u16, process: u32) {
            let outcome = [Outcome::Ok, Outcome::Fail, Outcome::Info][o];
            let op = Op { intended: Nanos(a), sent: Nanos(b), ended: Nanos(c), outcome, class, kind, process };
            prop_assert_eq!(Op::decode(&op.encode()), op);
        }

        #[test]
        fn a_cut_last_record_is_dropped_and_counted(records in 0_usize..5, cut in 0_usize..RECORD) {
            let header = Header { schema: "brinell.gauge/1".into(), source: "x".into(), record: 32, unit: "s".into() };
            let mut bytes = serde_json::to_vec(&header).unwrap();
            bytes.push(b'\n');
            let reading = Reading { intended: Nanos(1), sent: Nanos(2), ended: Nanos(3), value: 4.5 };
            (0..records).for_each(|_| bytes.extend(reading.encode()));
            bytes.extend(&reading.encode()[..cut]);
            let (_, read, dropped) = read(&bytes, "brinell.gauge/1").unwrap();
            prop_assert_eq!((read.count(), dropped), (records, cut));
        }
    }
}
