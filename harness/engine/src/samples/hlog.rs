//! Operations as an HdrHistogram interval log: one histogram per second of the intended start and outcome, readable by the stock tools.
use hdrhistogram::{
    Histogram,
    serialization::{
        V2DeflateSerializer,
        interval_log::{IntervalLogWriterBuilder, Tag},
    },
};
use model::{samples::Op, system::Outcome, units::S};
use std::{
    io,
    time::{Duration, UNIX_EPOCH},
};

/// 1 µs to 1 h at 3 significant digits: 33,792 counters.
const LOWEST_NS: u64 = 1_000;
const HIGHEST_NS: u64 = 3_600 * S;

/// The log of these operations, in order of their intended start, and how many latencies were above its range.
///
/// # Errors
/// What the serializer says.
pub fn write(source: &str, ops: &[Op], wall_epoch_s: f64) -> io::Result<(Vec<u8>, u64)> {
    let mut out = Vec::new();
    let mut serializer = V2DeflateSerializer::new();
    let epoch = UNIX_EPOCH + Duration::from_secs_f64(wall_epoch_s.max(0.0));
    let mut log = IntervalLogWriterBuilder::new()
        .add_comment(&format!("brinell.hlog/1 source={source} unit=ns"))
        .add_comment("[Histogram log format version 1.3]")
        .with_start_time(epoch)
        .with_base_time(epoch)
        .with_max_value_divisor(1e6)
        .begin_log_with(&mut out, &mut serializer)?;
    let mut over = 0;
    let (first, last) = (second(ops.first()), second(ops.last()));
    let mut rest = ops;
    for at in first..=last {
        if ops.is_empty() {
            break;
        }
        let here = rest.iter().take_while(|op| op.intended.0 / S <= at).count();
        let (now, later) = rest.split_at(here);
        rest = later;
        for (outcome, word) in [
            (Outcome::Ok, "ok"),
            (Outcome::Fail, "fail"),
            (Outcome::Info, "info"),
        ] {
            let histogram = histogram(now, outcome, &mut over)?;
            if outcome != Outcome::Ok && histogram.is_empty() {
                continue;
            }
            let tag = format!("{source}.{word}");
            log.write_histogram(
                &histogram,
                Duration::from_secs(at),
                Duration::from_secs(1),
                Tag::new(&tag),
            )
            .map_err(|error| io::Error::other(format!("{error:?}")))?;
        }
    }
    Ok((out, over))
}

fn second(op: Option<&Op>) -> u64 {
    op.map_or(0, |op| op.intended.0 / S)
}

fn histogram(ops: &[Op], outcome: Outcome, over: &mut u64) -> io::Result<Histogram<u64>> {
    let mut histogram =
        Histogram::new_with_bounds(LOWEST_NS, HIGHEST_NS, 3).map_err(io::Error::other)?;
    for op in ops.iter().filter(|op| op.outcome == outcome) {
        let latency = op.ended.since(op.intended).0;
        *over += u64::from(latency > HIGHEST_NS);
        histogram.saturating_record(latency);
    }
    Ok(histogram)
}

#[cfg(test)]
mod tests {
    use super::*;
    use hdrhistogram::serialization::{
        Deserializer,
        interval_log::{IntervalLogIterator, LogEntry},
    };
    use model::units::Nanos;

    fn op(at_ms: u64, took_ms: u64, outcome: Outcome) -> Op {
        let intended = Nanos::ms(at_ms);
        Op {
            intended,
            sent: intended,
            ended: intended.plus(Nanos::ms(took_ms)),
            outcome,
            class: 0,
            kind: 0,
            process: 0,
        }
    }

    #[test]
    fn every_second_is_there_and_counts_come_back() {
        let ops = [
            op(100, 5, Outcome::Ok),
            op(900, 7, Outcome::Ok),
            op(2500, 9, Outcome::Fail),
        ];
        let (log, over) = write("x", &ops, 1.0).unwrap();
        let counts: Vec<(String, u64)> = IntervalLogIterator::new(&log)
            .filter_map(|entry| match entry.unwrap() {
                LogEntry::Interval(line) => {
                    use base64::Engine as _;
                    let bytes = base64::engine::general_purpose::STANDARD
                        .decode(line.encoded_histogram())
                        .unwrap();
                    let read: Histogram<u64> = Deserializer::new()
                        .deserialize(&mut io::Cursor::new(bytes))
                        .unwrap();
                    Some((line.tag().unwrap().as_str().to_owned(), read.len()))
                }
                _ => None,
            })
            .collect();
        let expected = [("x.ok", 2), ("x.ok", 0), ("x.ok", 0), ("x.fail", 1)]
            .map(|(tag, n)| (tag.to_owned(), n));
        assert_eq!((counts, over), (expected.to_vec(), 0));
    }
}
