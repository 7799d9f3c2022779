//! Defects in the harness' own view, planted against librdkafka's broker in memory: a reader that stops early, a producer whose
//! buffer is full, a producer that sends a record twice. None may pass as a loss of the platform, and none silently.
use super::{
    client::{self, Haste},
    log,
};
use crate::{malformed::Generator, transaction::Transaction};
use model::{ledger::Stage, system::Outcome, units::Nanos};
use rdkafka::{
    mocking::MockCluster,
    producer::{DefaultProducerContext, FutureProducer},
};
use std::time::Duration;

const TOPIC: &str = "transactions";
const SENT: u64 = 40;
const LIMIT: Duration = Duration::from_secs(20);

fn cluster() -> MockCluster<'static, DefaultProducerContext> {
    let cluster = MockCluster::new(1).expect("a broker in memory");
    cluster.create_topic(TOPIC, 2, 1).expect("a topic in it");
    cluster
}

fn record(number: u64) -> Vec<u8> {
    Transaction::drawn(7, 2, number, Nanos(number)).json()
}

async fn send(at: &str, numbers: impl Iterator<Item = u64>) {
    let producer = client::producer(at, Haste::Tuned, LIMIT, 0).expect("a producer");
    for number in numbers {
        let partition = (number % 2) as i32;
        let sent = client::produce(&producer, TOPIC, partition, &record(number)).await;
        sent.expect("the broker in memory takes it");
    }
}

async fn read(at: &str) -> Stage {
    let load = Generator {
        seed: 7,
        partitions: 2,
        malformed: 0.0,
    };
    let stage = log::read_of(at, TOPIC, load, SENT, LIMIT).await;
    stage.expect("the ends are told")
}

fn held(stage: &Stage) -> (u64, u64) {
    let lanes = stage.lanes.iter();
    let sums = lanes.map(|lane| (lane.intact.count(), lane.extra));
    sums.fold((0, 0), |sum, lane| (sum.0 + lane.0, sum.1 + lane.1))
}

#[tokio::test]
async fn a_record_that_the_producer_sent_twice_is_doubled_in_the_log_already() {
    let cluster = cluster();
    let at = cluster.bootstrap_servers();
    send(&at, (0..SENT).chain([3, 8, 3])).await;
    let stage = read(&at).await;
    assert_eq!((stage.complete.clone(), held(&stage)), (Ok(()), (SENT, 3)));
}

#[tokio::test]
async fn a_reader_that_stops_early_has_not_reached_the_end_and_says_where_it_stood() {
    let cluster = cluster();
    let at = cluster.bootstrap_servers();
    send(&at, 0..SENT).await;
    let ends = client::ends(&at, TOPIC, 2).await.expect("the ends");
    assert_eq!(ends, [20, 20]);
    let read = tokio::task::spawn_blocking(move || {
        let mut seen = 0;
        let whole = client::consume(&at, TOPIC, &[20, 20], LIMIT, |_, _, _| seen += 1);
        let early = client::consume(&at, TOPIC, &[20, 25], Duration::from_secs(2), |_, _, _| {});
        (whole, seen, early)
    });
    let (whole, seen, early) = read.await.expect("no panic");
    assert_eq!((whole, seen), (Ok(Vec::new()), SENT));
    assert!(
        early
            .unwrap_err()
            .contains("read up to [20, 20] of [20, 25]")
    );
}

#[tokio::test]
async fn a_full_buffer_refuses_each_record_by_name_and_loses_none_silently() {
    let producer: FutureProducer = client::config("127.0.0.1:9", Haste::Tuned)
        .set("queue.buffering.max.messages", "10")
        .set("message.timeout.ms", "1500")
        .create()
        .expect("a producer");
    let bytes: Vec<Vec<u8>> = (0..SENT).map(record).collect();
    let sends = bytes
        .iter()
        .map(|record| client::produce(&producer, TOPIC, 0, record));
    let fates = futures_util::future::join_all(sends).await;
    let told: Vec<_> = fates
        .into_iter()
        .map(|fate| client::outcome(&fate.expect_err("nobody is there")))
        .collect();
    let count = |outcome| told.iter().filter(|reply| reply.outcome == outcome).count() as u64;
    assert_eq!(count(Outcome::Fail), SENT - 10, "known not to be written");
    assert_eq!(count(Outcome::Info), 10, "nobody knows what became of them");
    let refused = told
        .iter()
        .filter(|reply| reply.class == "queue-full")
        .count() as u64;
    assert_eq!(refused, SENT - 10);
}
