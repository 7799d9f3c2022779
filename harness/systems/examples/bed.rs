//! Brings a testbed up, prints where the time went, runs 20 s of load with every probe, says which containers die, reads the table back, removes everything.
//!
//! ```text
//! cargo run -p systems --example bed -- kafka=brinell/kafka:TAG minio=brinell/minio:TAG spark=brinell/spark:TAG [seconds] [records/s]
//! ```
use futures_util::{StreamExt as _, future::join_all};
use model::{
    ledger::{Lane, Stage},
    seed::Arrivals,
    system::{Bed as _, BedNews, BedOrder, Outcome, Reply},
    units::Nanos,
};
use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
    time::{Duration, Instant},
};
use systems::{RUN_LABEL, Testbed};
use testcontainers::bollard::{
    Docker,
    query_parameters::{
        ListContainersOptionsBuilder, ListVolumesOptionsBuilder, RemoveContainerOptionsBuilder,
        RemoveVolumeOptions, StatsOptionsBuilder,
    },
};
use tokio::task::JoinSet;

/// The containers of the default testbed.
const NODES: [&str; 6] = [
    "kafka-broker-1",
    "minio-1",
    "spark-master-1",
    "spark-worker-1",
    "spark-worker-2",
    "spark-driver-1",
];

type Error = Box<dyn std::error::Error + Send + Sync>;

fn order(run: &str, rate: u32) -> BedOrder {
    let empty = || serde_json::json!({});
    BedOrder {
        run: run.to_owned(),
        owner: format!("{}:0:example", std::process::id()),
        seed: 7,
        testbed: ["kafka", "minio", "spark"]
            .map(|name| (name.to_owned(), empty()))
            .into(),
        workload: (
            "pipeline".into(),
            serde_json::json!({"rate": format!("{rate}/s")}),
        ),
        folder: ".".into(),
        drives: Vec::new(),
    }
}

/// Removes what carries the label of this run, and nothing else.
async fn remove(docker: &Docker, run: &str) -> Result<(), Error> {
    let filters = HashMap::from([("label".to_owned(), vec![format!("{RUN_LABEL}={run}")])]);
    let listed = ListContainersOptionsBuilder::default()
        .all(true)
        .filters(&filters)
        .build();
    let force = || {
        Some(
            RemoveContainerOptionsBuilder::default()
                .force(true)
                .v(true)
                .build(),
        )
    };
    let ids: Vec<String> = docker
        .list_containers(Some(listed))
        .await?
        .into_iter()
        .filter_map(|one| one.id)
        .collect();
    join_all(ids.iter().map(|id| docker.remove_container(id, force()))).await;
    docker.remove_network(&format!("brinell-{run}-net")).await?;
    let volumes = docker
        .list_volumes(Some(
            ListVolumesOptionsBuilder::default()
                .filters(&filters)
                .build(),
        ))
        .await?;
    for volume in volumes.volumes.unwrap_or_default() {
        docker
            .remove_volume(&volume.name, None::<RemoveVolumeOptions>)
            .await?;
    }
    Ok(())
}

/// CPU-seconds each container has used so far: what binds bring-up, where wall time depends on who else computes.
async fn cpu(docker: &Docker, run: &str) -> Result<(), Error> {
    for node in NODES {
        let options = StatsOptionsBuilder::default()
            .stream(false)
            .one_shot(true)
            .build();
        let mut stats =
            std::pin::pin!(docker.stats(&format!("brinell-{run}-{node}"), Some(options)));
        let used = match stats.next().await.transpose() {
            Ok(stats) => stats.and_then(|stats| stats.cpu_stats?.cpu_usage?.total_usage),
            Err(_) => None,
        };
        println!(
            "  {node:16} {:5.1} CPU-s",
            used.map_or(f64::NAN, |used| used as f64 / 1e9)
        );
    }
    Ok(())
}

/// Every reply of one source, with its latency.
type Replies = Vec<(Reply, Duration)>;

async fn probe(
    bed: Arc<Testbed>,
    name: &'static str,
    period: Duration,
    start: Instant,
    end: Instant,
) -> Replies {
    let mut flight = JoinSet::new();
    for number in 0_u32.. {
        let due = start + period * number;
        if due > end {
            break;
        }
        tokio::time::sleep_until(due.into()).await;
        let bed = bed.clone();
        flight.spawn(async move {
            let intended = Nanos((due - start).as_nanos() as u64);
            let reply = bed
                .operate(name, number.into(), intended, Nanos::secs(5))
                .await;
            (reply, number, due.elapsed())
        });
    }
    let mut replies = Vec::new();
    while let Some(Ok(reply)) = flight.join_next().await {
        replies.push(reply);
    }
    replies.sort_by_key(|(_, number, _)| *number);
    replies
        .into_iter()
        .map(|(reply, _, time)| (reply, time))
        .collect()
}

async fn load(bed: Arc<Testbed>, rate: u32, start: Instant, end: Instant) -> Replies {
    let mut flight = JoinSet::new();
    for (number, offset) in (0..).zip(Arrivals::new(rate.into(), false, 7)) {
        let due = start + Duration::from_nanos(offset);
        if due > end {
            break;
        }
        tokio::time::sleep_until(due.into()).await;
        let bed = bed.clone();
        flight.spawn(async move { (bed.send(number, Nanos(offset)).await, due.elapsed()) });
    }
    flight.join_all().await
}

fn print(name: &str, replies: &Replies) {
    let ok = replies
        .iter()
        .filter(|(reply, _)| reply.outcome == Outcome::Ok);
    let (mut times, mut values): (Vec<f64>, Vec<f64>) = ok
        .map(|(reply, time)| (time.as_secs_f64() * 1e3, reply.value.unwrap_or(f64::NAN)))
        .unzip();
    times.sort_by(f64::total_cmp);
    values.sort_by(f64::total_cmp);
    let at = |list: &[f64], q: f64| {
        list.get((list.len() as f64 * q) as usize)
            .copied()
            .unwrap_or(f64::NAN)
    };
    let mut classes = BTreeMap::<_, u32>::new();
    for (reply, _) in replies
        .iter()
        .filter(|(reply, _)| reply.outcome != Outcome::Ok)
    {
        *classes
            .entry(format!("{:?} {}", reply.outcome, reply.class))
            .or_default() += 1;
    }
    println!(
        "  {name:10} n {:6} ok {:6}  latency ms p50 {:7.1} p99 {:7.1} max {:7.1}  value min {:6.2} p50 {:6.2} max {:6.2}  {classes:?}",
        replies.len(),
        times.len(),
        at(&times, 0.5),
        at(&times, 0.99),
        at(&times, 0.999_999),
        at(&values, 0.0),
        at(&values, 0.5),
        at(&values, 0.999_999),
    );
}

fn judge(sent: &Replies, stage: &Stage) {
    let acked = sent
        .iter()
        .filter(|(reply, _)| reply.outcome == Outcome::Ok);
    let sum = |of: fn(&Lane) -> u64| stage.lanes.iter().map(of).sum::<u64>();
    println!(
        "  {}: complete {:?}  sent {} acked {} read {} intact {} more than once {} corrupted {} illegible {}",
        stage.name,
        stage.complete,
        sent.len(),
        acked.count(),
        stage.read(),
        sum(|lane| lane.intact.count()),
        sum(|lane| lane.extra),
        sum(|lane| lane.corrupted),
        stage.illegible,
    );
}

async fn drive(
    docker: &Docker,
    bed: Arc<Testbed>,
    order: &BedOrder,
    seconds: u64,
    rate: u32,
) -> Result<(), Error> {
    let start = Instant::now();
    let say = move |news: BedNews| println!("{:6.2} s  {news:?}", start.elapsed().as_secs_f64());
    bed.up(order, &say).await?;
    println!(
        "{:6.2} s  up: first batch committed",
        start.elapsed().as_secs_f64()
    );
    cpu(docker, &order.run).await?;
    for node in NODES.into_iter().chain(["spark-executor-2"]) {
        let facts = bed.facts(&node.into()).await?;
        println!(
            "  {node}: init {:?} processes {:?} revived by {:?} of {}",
            facts.init, facts.processes, facts.revived_by, facts.role_count
        );
        for is in [
            model::check::NodeState::Ready,
            model::check::NodeState::Count,
        ] {
            println!("    {is:?} {:?}", bed.look(&node.into(), is).await?);
        }
    }
    let (from, end) = (
        Instant::now(),
        Instant::now() + Duration::from_secs(seconds),
    );
    let every = [
        ("produce", 100),
        ("s3", 100),
        ("executors", 250),
        ("freshness", 100),
    ];
    let probes =
        every.map(|(name, ms)| probe(bed.clone(), name, Duration::from_millis(ms), from, end));
    let watched = bed.clone();
    let mut deaths = JoinSet::new();
    deaths.spawn(async move {
        loop {
            let news = watched.watch().await;
            println!("{:6.2} s  {news:?}", from.elapsed().as_secs_f64());
        }
    });
    let (sent, replies) = tokio::join!(load(bed.clone(), rate, from, end), join_all(probes));
    print("load", &sent);
    every
        .iter()
        .zip(&replies)
        .for_each(|((name, _), replies)| print(name, replies));
    let fresh = replies.last().into_iter().flatten().step_by(20);
    let values: Vec<String> = fresh
        .map(|(reply, _)| reply.value.map_or("-".into(), |age| format!("{age:.1}")))
        .collect();
    println!("  freshness every 2 s: {}", values.join(" "));
    let before = Instant::now();
    for stage in bed.read_back(sent.len() as u64, Nanos::secs(60)).await? {
        judge(&sent, &stage);
    }
    println!("  read back in {:.2} s", before.elapsed().as_secs_f64());
    for version in bed.versions().await {
        println!("  {} {}", version.name, version.value);
    }
    Ok(())
}

#[tokio::main]
async fn main() -> Result<(), Error> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let images: BTreeMap<String, String> = words
        .iter()
        .filter_map(|word| word.split_once('='))
        .map(|(name, image)| (name.into(), image.into()))
        .collect();
    let mut numbers = words.iter().filter_map(|word| word.parse::<u32>().ok());
    let (seconds, rate) = (numbers.next().unwrap_or(20), numbers.next().unwrap_or(300));
    let docker = Docker::connect_with_local_defaults()?
        .negotiate_version()
        .await?;
    let order = order(&format!("example-{}", std::process::id()), rate);
    let bed = Arc::new(systems::testbed(docker.clone(), images));
    let driven = drive(&docker, bed.clone(), &order, seconds.into(), rate).await;
    if driven.is_err() {
        for log in bed.logs().await {
            let text = String::from_utf8_lossy(&log.bytes).into_owned();
            let from = text.len().saturating_sub(2500);
            println!(
                "==== {} exit {:?}\n{}",
                log.node,
                log.exit_code,
                text.get(from..).unwrap_or(&text)
            );
        }
    }
    remove(&docker, &order.run).await?;
    driven
}
