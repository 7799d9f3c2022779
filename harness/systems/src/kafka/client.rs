//! Clients of the brokers. librdkafka's defaults are not Java's: what matters here is set, not left.
use crate::bed::wait::failed;
use model::system::{BedError, Outcome, Reply};
use rdkafka::{
    ClientConfig, Message as _, Offset, TopicPartitionList,
    admin::{AdminClient, AdminOptions, NewTopic, TopicReplication},
    client::DefaultClientContext,
    consumer::{BaseConsumer, Consumer as _},
    error::KafkaError,
    producer::{FutureProducer, FutureRecord, future_producer::Delivery},
    types::RDKafkaErrorCode,
};
use serde::{Deserialize, Serialize};
use std::time::{Duration, Instant};

/// Longest wait of one question to a broker.
pub(crate) const QUESTION: Duration = Duration::from_secs(5);

/// How soon a client gives a broker up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Haste {
    /// librdkafka's own timeouts: a silent broker is waited for, up to a minute.
    Stock,
    /// Two seconds of silence are enough to ask another one.
    Tuned,
}

const TUNED: &[(&str, &str)] = &[
    ("socket.timeout.ms", "2000"),
    ("request.timeout.ms", "1500"),
    ("socket.connection.setup.timeout.ms", "1500"),
    ("reconnect.backoff.ms", "50"),
    ("reconnect.backoff.max.ms", "500"),
    ("retry.backoff.ms", "50"),
    ("retry.backoff.max.ms", "200"),
    ("topic.metadata.refresh.interval.ms", "1000"),
];

pub(super) fn config(at: &str, haste: Haste) -> ClientConfig {
    let mut config = ClientConfig::new();
    let ours = [
        ("bootstrap.servers", at),
        ("broker.address.family", "v4"),
        ("log_level", "2"),
    ];
    let tuned = match haste {
        Haste::Stock => &[],
        Haste::Tuned => TUNED,
    };
    for (key, value) in ours.iter().chain(tuned) {
        config.set(*key, *value);
    }
    config
}

/// A producer that never writes a record twice nor out of order, and gives up on one after `limit`.
///
/// Its queue is bounded: 100 000 records or 64 MiB; a full queue refuses at once.
pub(crate) fn producer(
    at: &str,
    haste: Haste,
    limit: Duration,
    linger_ms: u32,
) -> Result<FutureProducer, BedError> {
    let producer = config(at, haste)
        .set("enable.idempotence", "true")
        .set("acks", "all")
        .set("message.timeout.ms", limit.as_millis().to_string())
        .set("queue.buffering.max.messages", "100000")
        .set("queue.buffering.max.kbytes", "65536")
        .set("linger.ms", linger_ms.to_string())
        .create();
    producer.map_err(|error| failed("make a Kafka producer", error))
}

/// Sends one record to a partition and waits for its fate.
pub(crate) async fn produce(
    producer: &FutureProducer,
    topic: &str,
    partition: i32,
    record: &[u8],
) -> Result<Delivery, KafkaError> {
    let record = FutureRecord::<(), [u8]>::to(topic)
        .partition(partition)
        .payload(record);
    let sent = producer.send_result(record).map_err(|(error, _)| error)?;
    match sent.await {
        Ok(fate) => fate.map_err(|(error, _)| error),
        Err(_) => Err(KafkaError::Canceled),
    }
}

/// What a failed produce means: `fail` only where the record is known not to be in the log.
pub(crate) fn outcome(error: &KafkaError) -> Reply {
    use RDKafkaErrorCode as Code;
    let code = error.rdkafka_error_code();
    let refused = matches!(
        code,
        Some(
            Code::QueueFull
                | Code::MessageSizeTooLarge
                | Code::UnknownTopicOrPartition
                | Code::UnknownPartition
                | Code::UnknownTopic
                | Code::TopicAuthorizationFailed
                | Code::NotEnoughReplicas
                | Code::InvalidRecord
        )
    );
    let outcome = if refused {
        Outcome::Fail
    } else {
        Outcome::Info
    };
    let class = code.map_or("canceled".to_owned(), |code| kebab(&format!("{code:?}")));
    Reply {
        outcome,
        value: None,
        class,
    }
}

/// `MessageTimedOut` -> `message-timed-out`.
fn kebab(name: &str) -> String {
    let mut out = String::new();
    for letter in name.chars() {
        if letter.is_ascii_uppercase() && !out.is_empty() {
            out.push('-');
        }
        out.push(letter.to_ascii_lowercase());
    }
    out
}

/// Makes a topic with a copy on every broker; one that is there already is as good.
pub(crate) async fn make_topic(
    at: &str,
    name: &str,
    partitions: u32,
    copies: u32,
) -> Result<(), String> {
    let admin: AdminClient<DefaultClientContext> = config(at, Haste::Tuned)
        .create()
        .map_err(|error| error.to_string())?;
    let topic = NewTopic::new(
        name,
        partitions.cast_signed(),
        TopicReplication::Fixed(copies.cast_signed()),
    );
    let options = AdminOptions::new()
        .request_timeout(Some(QUESTION))
        .operation_timeout(Some(QUESTION));
    let made = admin.create_topics([&topic], &options).await;
    for result in made.map_err(|error| error.to_string())? {
        match result {
            Ok(_) | Err((_, RDKafkaErrorCode::TopicAlreadyExists)) => {}
            Err((topic, code)) => return Err(format!("{topic}: {code}")),
        }
    }
    Ok(())
}

/// The end of every partition: the offset the next record would get.
pub(crate) async fn ends(at: &str, topic: &str, partitions: u32) -> Result<Vec<i64>, String> {
    let (config, topic) = (config(at, Haste::Tuned), topic.to_owned());
    let asked = tokio::task::spawn_blocking(move || {
        let consumer: BaseConsumer = config.create()?;
        let end =
            |partition: u32| consumer.fetch_watermarks(&topic, partition.cast_signed(), QUESTION);
        (0..partitions)
            .map(|partition| Ok(end(partition)?.1))
            .collect()
    });
    let ends: Result<_, KafkaError> = asked.await.map_err(|error| error.to_string())?;
    ends.map_err(|error| error.to_string())
}

/// Partitions of the topic beyond those that were made for it, which hold something: somebody else added them.
pub(crate) async fn added(at: &str, topic: &str, made: u32) -> Result<Vec<u32>, String> {
    let (config, name) = (config(at, Haste::Tuned), topic.to_owned());
    let asked = tokio::task::spawn_blocking(move || -> Result<u32, KafkaError> {
        let consumer: BaseConsumer = config.create()?;
        let told = consumer.fetch_metadata(Some(&name), QUESTION)?;
        Ok(told
            .topics()
            .iter()
            .map(|topic| topic.partitions().len() as u32)
            .sum())
    });
    let counted = asked.await.map_err(|error| error.to_string())?;
    let there = counted.map_err(|error| error.to_string())?;
    if there <= made {
        return Ok(Vec::new());
    }
    let ends = ends(at, topic, there).await?;
    let holds = |partition: &u32| ends[*partition as usize] > 0;
    Ok((made..there).filter(holds).collect())
}

/// Offsets that are not there although something stands before and behind them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Hole {
    /// Partition.
    pub(crate) partition: u32,
    /// First that is missing.
    pub(crate) from: i64,
    /// The next that is there.
    pub(crate) to: i64,
}

/// Reads a topic from its begin up to these ends, partition by partition as they come; `each` sees partition,
/// offset and payload of every record. What is not there any more is told as holes, the one before the first record too. Blocks.
///
/// # Errors
/// Which partitions did not come to their end within `limit`, and the last thing the client said.
pub(crate) fn consume(
    at: &str,
    topic: &str,
    ends: &[i64],
    limit: Duration,
    mut each: impl FnMut(u32, u64, &[u8]),
) -> Result<Vec<Hole>, String> {
    let until = Instant::now() + limit;
    let consumer = reader(at, topic, ends.len()).map_err(|error| error.to_string())?;
    let begins = begins(&consumer, topic, ends.len());
    let mut next = begins.map_err(|error| error.to_string())?;
    let removed = (0..).zip(&next).filter(|(_, begin)| **begin > 0);
    let hole = |(partition, to): (u32, &i64)| Hole {
        partition,
        from: 0,
        to: *to,
    };
    let mut holes: Vec<Hole> = removed.map(hole).collect();
    let mut said = String::from("nothing");
    while next.iter().zip(ends).any(|(next, end)| next < end) {
        if Instant::now() >= until {
            let why = format!("read up to {next:?} of {ends:?}; the client said last: {said}");
            return Err(why);
        }
        match consumer.poll(POLL) {
            Some(Ok(message)) => {
                let (lane, offset) = (message.partition() as u32, message.offset());
                let expected = std::mem::replace(&mut next[lane as usize], offset + 1);
                if offset > expected {
                    holes.push(Hole {
                        partition: lane,
                        from: expected,
                        to: offset,
                    });
                }
                // What came after the ends were asked for belongs to nobody's claim.
                if offset < ends[lane as usize] {
                    let payload = message.payload().unwrap_or_default();
                    each(lane, offset.cast_unsigned(), payload);
                }
            }
            Some(Err(error)) => said = error.to_string(),
            None => {}
        }
    }
    Ok(holes)
}

/// The first offset of every partition that is still there.
fn begins(by: &BaseConsumer, topic: &str, partitions: usize) -> Result<Vec<i64>, KafkaError> {
    let begin = |partition: usize| Ok(by.fetch_watermarks(topic, partition as i32, QUESTION)?.0);
    (0..partitions).map(begin).collect()
}

/// Longest wait for one message while reading back.
const POLL: Duration = Duration::from_millis(200);

/// A consumer of all partitions of a topic from their begin; it commits nothing.
fn reader(at: &str, topic: &str, partitions: usize) -> Result<BaseConsumer, KafkaError> {
    let consumer: BaseConsumer = config(at, Haste::Tuned)
        .set("group.id", "brinell-read-back")
        .set("enable.auto.commit", "false")
        .set("auto.offset.reset", "earliest")
        .set("check.crcs", "true")
        .create()?;
    let mut all = TopicPartitionList::new();
    for partition in 0..partitions {
        all.add_partition_offset(topic, partition as i32, Offset::Beginning)?;
    }
    consumer.assign(&all)?;
    Ok(consumer)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_record_known_to_be_refused_has_failed() {
        let of = |code| outcome(&KafkaError::MessageProduction(code));
        assert_eq!(of(RDKafkaErrorCode::QueueFull).outcome, Outcome::Fail);
        let late = of(RDKafkaErrorCode::MessageTimedOut);
        assert_eq!(
            (late.outcome, late.class.as_str()),
            (Outcome::Info, "message-timed-out")
        );
        assert_eq!(
            of(RDKafkaErrorCode::NotEnoughReplicasAfterAppend).outcome,
            Outcome::Info
        );
        assert_eq!(outcome(&KafkaError::Canceled).outcome, Outcome::Info);
    }
}
