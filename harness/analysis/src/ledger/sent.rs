//! What the sender knows of its records: three bitmaps a partition.
use model::{ledger::Bits, samples::Op, system::Outcome};

/// Outcomes by partition; record `k` of the load went to partition `k mod partitions`, as number `k div partitions` there.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sent(Vec<Outcomes>);

/// Of one partition, by sequence.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Outcomes {
    /// Acknowledged.
    pub ok: Bits,
    /// Known not written.
    pub fail: Bits,
    /// Unknown.
    pub info: Bits,
}

impl Sent {
    /// The outcomes of these operations.
    pub fn of(ops: &[Op], partitions: u32) -> Self {
        let mut sent = vec![Outcomes::default(); partitions.max(1) as usize];
        for op in ops {
            let (partition, seq) = (
                op.process % partitions.max(1),
                op.process / partitions.max(1),
            );
            let seq = u64::from(seq) + u64::from(crate::mutant("D16") && seq % 64 == 63);
            let of = &mut sent[partition as usize];
            let bits = match op.outcome {
                Outcome::Ok => &mut of.ok,
                Outcome::Info if crate::mutant("D11") => &mut of.ok,
                Outcome::Info if crate::mutant("D10") => &mut of.fail,
                Outcome::Fail => &mut of.fail,
                Outcome::Info => &mut of.info,
            };
            bits.set(seq);
        }
        Self(sent)
    }

    /// Of one partition.
    pub fn partition(&self, at: usize) -> &Outcomes {
        &self.0[at]
    }
}
