//! The image of a broker: 47 pinned jars, a start script, and a class-data archive from a training run of three brokers.
//!
//! The archive and small heaps cut the start from 13 CPU-seconds to 4. It is valid for one class path string, so that is a sorted list.
use crate::docker::images::{
    BASE, Build, Context, ImageError, Job, Lock, Recipe, Shop, Source, fetch, parse,
};
use std::time::Duration;

const LOCK: &str = include_str!("kafka.lock");
const STAGE: &str = include_str!("stage.Dockerfile");
const DOCKERFILE: &str = include_str!("Dockerfile");
const START: &str = include_str!("start.sh");
const TRAIN: &str = include_str!("train.sh");
const LOGGING: &str = include_str!("log4j2.properties");
const STOCK: &str = include_str!("stock.properties");
const FAST: &str = include_str!("fast.properties");
/// A training run takes 60 to 90 s on a busy machine.
const TRAINING: Duration = Duration::from_secs(400);

/// `brinell/kafka`.
pub(crate) static IMAGE: Recipe = Recipe {
    name: "kafka",
    version: "Kafka 4.3.1",
    parent: Some(&BASE),
    files: &[
        ("kafka.lock", LOCK),
        ("stage.Dockerfile", STAGE),
        ("Dockerfile", DOCKERFILE),
        ("start.sh", START),
        ("train.sh", TRAIN),
        ("log4j2.properties", LOGGING),
        ("stock.properties", STOCK),
        ("fast.properties", FAST),
    ],
    given: |_| None,
    make: |shop, tag| Box::pin(make(shop, tag)),
};

async fn make(shop: &Shop<'_>, tag: &str) -> Result<(), ImageError> {
    let lock = parse("kafka.lock", LOCK)?;
    // Two bootstraps side by side: each uses one core and waits for the network.
    let (files, base) = tokio::try_join!(stage_files(shop, &lock), shop.image(&BASE))?;
    let stage = format!("{tag}-stage");
    shop.build(Build {
        name: "kafka",
        tag: &stage,
        dockerfile: STAGE,
        args: &[("BASE", &base)],
        files,
        ..Build::default()
    })
    .await?;
    let key = shop.key("kafka-archive", &stage, &[TRAIN]).await?;
    let train = async || {
        Ok(Job {
            script: TRAIN,
            ..shop.job(&stage, TRAINING)
        })
    };
    let trained = shop
        .output(("kafka", "train the class-data archive"), &key, train)
        .await?;
    let files = Context::default().with("opt/kafka", Source::Tree(trained));
    let labels = [("brinell.version", IMAGE.version)];
    shop.build(Build {
        name: "kafka",
        tag,
        dockerfile: DOCKERFILE,
        args: &[("BASE", &stage)],
        labels: &labels,
        files,
    })
    .await?;
    shop.untag(&stage).await;
    Ok(())
}

async fn stage_files(shop: &Shop<'_>, lock: &Lock) -> Result<Context, ImageError> {
    let jars = fetch(shop, "kafka", lock).await?;
    let mut context = Context::default()
        .text("opt/kafka/cp", class_path(lock))
        .text("opt/kafka/start.sh", START)
        .text("opt/kafka/log4j2.properties", LOGGING)
        .text("opt/kafka/profiles/stock.properties", STOCK)
        .text("opt/kafka/profiles/fast.properties", FAST);
    for (pin, jar) in lock.pins.iter().zip(jars) {
        context = context.with(format!("opt/kafka/libs/{}", pin.name()), Source::File(jar));
    }
    Ok(context)
}

fn class_path(lock: &Lock) -> String {
    let mut jars: Vec<String> = lock
        .pins
        .iter()
        .map(|pin| format!("/opt/kafka/libs/{}", pin.name()))
        .collect();
    jars.sort_unstable();
    jars.join(":")
}

#[cfg(test)]
mod tests {
    use super::{LOCK, class_path, parse};

    #[test]
    fn the_class_path_is_sorted_and_names_every_pinned_jar() {
        let lock = parse("kafka.lock", LOCK).unwrap();
        let path = class_path(&lock);
        let jars: Vec<&str> = path.split(':').collect();
        assert_eq!(jars.len(), lock.pins.len());
        assert!(jars.is_sorted() && path.contains("/kafka-clients-4.3.1.jar"));
    }
}
