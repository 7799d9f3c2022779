//! The workload's topic read back to its known end: which record lies at which offset.
use super::client;
use crate::{
    bed::wait::{failed, until},
    malformed::{Generator, Legible},
};
use model::{ledger::Stage, system::BedError};
use std::time::Duration;
use tokio::time::Instant;

/// Name of the stage.
pub(crate) const LOG: &str = "log";

/// The topic of a load that sends good records only, see [`read_of`].
///
/// # Errors
/// The ends cannot be had.
pub(crate) async fn read(
    brokers: &str,
    topic: &str,
    partitions: u32,
    sent: u64,
    limit: Duration,
) -> Result<Stage, BedError> {
    let good = Generator {
        seed: 0,
        partitions,
        malformed: 0.0,
    };
    read_of(brokers, topic, good, sent, limit).await
}

/// Everything up to the high watermarks of now, when nothing is in flight any more. An end that was not reached, or a topic that
/// has lost its begin, is no error but an incomplete read.
///
/// # Errors
/// The ends cannot be had.
pub(crate) async fn read_of(
    brokers: &str,
    topic: &str,
    from: Generator,
    sent: u64,
    limit: Duration,
) -> Result<Stage, BedError> {
    let (end, partitions) = (Instant::now() + limit, from.partitions);
    let asked = || client::ends(brokers, topic, partitions);
    let ends = until("the ends of the topic", limit / 2, asked).await?;
    let left = end.saturating_duration_since(Instant::now());
    let stage = Stage::new(LOG, partitions, sent).in_order();
    let mut stage = stage.sent_malformed(&from.malformed(sent));
    for partition in 0..partitions {
        stage.source(format!("{topic}-{partition} offset"));
    }
    let added = client::added(brokers, topic, partitions).await;
    let (at, topic) = (brokers.to_owned(), topic.to_owned());
    let consumed = tokio::task::spawn_blocking(move || {
        let each = |partition: u32, offset: u64, bytes: &[u8]| {
            take(&mut stage, from, (partition, offset), bytes);
        };
        let read = client::consume(&at, &topic, &ends, left, each);
        stage.complete = read
            .and_then(|holes| whole(&holes))
            .and(added.and_then(|more| own(&more)));
        stage
    });
    consumed
        .await
        .map_err(|error| failed("read the topic back", error))
}

/// A log of which something was removed (retention, compaction) tells nothing of what stood there.
fn whole(holes: &[client::Hole]) -> Result<(), String> {
    let Some(client::Hole {
        partition,
        from,
        to,
    }) = holes.first()
    else {
        return Ok(());
    };
    Err(format!(
        "partition {partition} has nothing from offset {from} to {}{}: what stood there was removed (retention, compaction) or is no record; keep the topic longer than the run",
        to - 1,
        match holes.len() - 1 {
            0 => String::new(),
            more => format!(", and {more} more holes"),
        }
    ))
}

/// Records in partitions that the load does not know are nobody's.
fn own(added: &[u32]) -> Result<(), String> {
    match added {
        [] => Ok(()),
        more => Err(format!(
            "partitions {more:?} were added to the topic and hold records: what they are is not known, keep its partitions as they are during a run"
        )),
    }
}

fn take(stage: &mut Stage, from: Generator, place: (u32, u64), bytes: &[u8]) {
    match from.read(bytes) {
        Legible::No => stage.take_illegible(place),
        // Of bring-up or of the probe.
        Legible::Canary(_) => {}
        Legible::Load { number, as_sent } => stage.take_in(place.0, number, place, as_sent),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::transaction::Transaction;
    use model::ledger::Lane;
    use model::units::Nanos;

    const HALF: Generator = Generator {
        seed: 7,
        partitions: 3,
        malformed: 0.5,
    };

    #[test]
    fn what_is_read_is_counted_by_what_it_is() {
        let mut stage = Stage::new(LOG, 3, 30);
        let good = Generator {
            malformed: 0.0,
            ..HALF
        };
        let drawn = |number| Transaction::drawn(7, 3, number, Nanos(number));
        let changed = Transaction {
            amount_cents: -1,
            ..drawn(4)
        };
        let records = [
            drawn(1),
            Transaction::canary(1),
            changed,
            drawn(1),
            drawn(2),
        ];
        for (record, offset) in records.iter().zip(0..) {
            take(&mut stage, good, (1, offset), &record.json());
        }
        take(&mut stage, good, (1, 9), b"{\"number\":");
        let lane = &stage.lanes[1];
        assert_eq!((lane.read, lane.corrupted, lane.extra), (4, 1, 1));
        assert_eq!(
            lane.strangers.len(),
            1,
            "record 2 belongs to another partition"
        );
        assert_eq!(stage.illegible, 1);
    }

    #[test]
    fn a_malformed_record_is_intact_in_the_log_if_it_is_as_it_was_sent() {
        let stage = Stage::new(LOG, 3, 300).in_order();
        let mut stage = stage.sent_malformed(&HALF.malformed(300));
        for number in 0..300 {
            let mut bytes = HALF.bytes_of(number, Nanos(number));
            let last = bytes.len() - 2;
            bytes[last] ^= u8::from(number == 150 || number == 151);
            take(&mut stage, HALF, ((number % 3) as u32, number / 3), &bytes);
        }
        let all = |of: fn(&Lane) -> u64| stage.lanes.iter().map(of).sum::<u64>();
        assert_eq!((all(|lane| lane.read), stage.illegible), (300, 0));
        assert_eq!(
            (all(|lane| lane.intact.count()), all(|lane| lane.corrupted)),
            (298, 2)
        );
        assert!((100..200).contains(&all(|lane| lane.malformed.count())));
    }

    #[test]
    fn a_log_with_holes_is_not_whole() {
        let hole = |partition, from, to| client::Hole {
            partition,
            from,
            to,
        };
        assert_eq!(whole(&[]), Ok(()));
        let why = whole(&[hole(1, 0, 3), hole(2, 7, 9)]).unwrap_err();
        assert!(why.contains("partition 1 has nothing from offset 0 to 2, and 1 more holes"));
        assert_eq!(own(&[]), Ok(()));
        assert!(own(&[4]).unwrap_err().contains("[4] were added"));
    }
}
