//! Clients of the brokers. librdkafka's defaults are not Java's: what matters here is set, not left.
use crate::bed::wait::failed;
use model::system::{BedError, Outcome, Reply};
use rdkafka::{
    ClientConfig,
    admin::{AdminClient, AdminOptions, NewTopic, TopicReplication},
    client::DefaultClientContext,
    consumer::{BaseConsumer, Consumer as _},
    error::KafkaError,
    producer::{FutureProducer, FutureRecord, Producer as _, future_producer::Delivery},
    types::RDKafkaErrorCode,
};
use std::time::Duration;

/// Longest wait of one question to a broker.
pub(crate) const QUESTION: Duration = Duration::from_secs(5);

fn config(at: &str) -> ClientConfig {
    let mut config = ClientConfig::new();
    for (key, value) in [
        ("bootstrap.servers", at),
        ("broker.address.family", "v4"),
        ("socket.connection.setup.timeout.ms", "3000"),
        ("reconnect.backoff.ms", "50"),
        ("reconnect.backoff.max.ms", "250"),
        ("log_level", "2"),
    ] {
        config.set(key, value);
    }
    config
}

/// A producer that never writes a record twice nor out of order, and gives up on one after `limit`.
///
/// Its queue is bounded: 100 000 records or 64 MiB; a full queue refuses at once.
pub(crate) fn producer(
    at: &str,
    limit: Duration,
    linger_ms: u32,
) -> Result<FutureProducer, BedError> {
    let producer = config(at)
        .set("enable.idempotence", "true")
        .set("acks", "all")
        .set("message.timeout.ms", limit.as_millis().to_string())
        .set(
            "request.timeout.ms",
            limit.as_millis().min(30_000).to_string(),
        )
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
    let admin: AdminClient<DefaultClientContext> =
        config(at).create().map_err(|error| error.to_string())?;
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

/// How many brokers the cluster names.
pub(crate) async fn brokers(producer: &FutureProducer) -> Result<usize, String> {
    let producer = producer.clone();
    let asked = tokio::task::spawn_blocking(move || {
        producer
            .client()
            .fetch_metadata(None, Duration::from_secs(1))
            .map(|told| told.brokers().len())
    });
    asked
        .await
        .map_err(|error| error.to_string())?
        .map_err(|error| error.to_string())
}

/// The end of every partition: the offset the next record would get.
pub(crate) async fn ends(at: &str, topic: &str, partitions: u32) -> Result<Vec<i64>, String> {
    let (config, topic) = (config(at), topic.to_owned());
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
