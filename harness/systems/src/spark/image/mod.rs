//! The image of every Spark role: pyspark's jars without what a testbed never loads, the Kafka and S3 connectors, one start script,
//! a class-data archive of all roles from a training job on real Kafka and MinIO, and, in `packages` and `delta`, what jobs import.
//!
//! The archive cuts a JVM's start to half. It is trained inside one container: broker, store, master, worker, executor and driver.
mod delta;
mod packages;

pub(crate) use delta::jars as delta_jars;
pub(crate) use packages::IMAGE;

use crate::{
    docker::images::{
        BASE, Build, Context, ImageError, Job, Mount, Recipe, Shop, Source, fetch, gather, hash,
        parse,
    },
    kafka, minio,
};
use std::{path::PathBuf, time::Duration};

const SPARK: &str = include_str!("spark.lock");
const CONNECTORS: &str = include_str!("connectors.lock");
const DROPPED: &str = include_str!("dropped.txt");
const ASSEMBLE: &str = include_str!("assemble.sh");
const STAGE: &str = include_str!("stage.Dockerfile");
const TRAINING: &str = include_str!("train.Dockerfile");
const DOCKERFILE: &str = include_str!("Dockerfile");
const START: &str = include_str!("start.sh");
const CLASS_PATH: &str = include_str!("cp");
const MODULES: &str = include_str!("modules");
const TRAIN: &str = include_str!("train.sh");
const JOB: &str = include_str!("train.py");
/// Unpacking half a gigabyte.
const ASSEMBLING: Duration = Duration::from_secs(400);
/// The job and the dump, whose own bounds (240 and 400 s) name the culprit first.
const BOUND: Duration = Duration::from_secs(700);

/// Spark with its archive, below the packages; it has the same name, and a tag of its own.
static TRAINED: Recipe = Recipe {
    name: "spark",
    version: "Spark 4.1.3",
    parent: Some(&BASE),
    files: &[
        ("spark.lock", SPARK),
        ("connectors.lock", CONNECTORS),
        ("dropped.txt", DROPPED),
        ("assemble.sh", ASSEMBLE),
        ("stage.Dockerfile", STAGE),
        ("train.Dockerfile", TRAINING),
        ("Dockerfile", DOCKERFILE),
        ("start.sh", START),
        ("cp", CLASS_PATH),
        ("modules", MODULES),
        ("train.sh", TRAIN),
        ("train.py", JOB),
    ],
    given: |_| None,
    make: |shop, tag| Box::pin(make(shop, tag)),
};

async fn make(shop: &Shop<'_>, tag: &str) -> Result<(), ImageError> {
    let laid_out = lay_out(shop).await?;
    let base = shop.image(&BASE).await?;
    let stage = format!("{tag}-stage");
    let files = Context::default()
        .with("opt/spark", Source::Tree(laid_out.join("root/opt/spark")))
        .text("opt/spark/start.sh", START)
        .text("opt/spark/cp", CLASS_PATH)
        .text("opt/spark/modules", MODULES);
    shop.build(Build {
        name: "spark",
        tag: &stage,
        dockerfile: STAGE,
        args: &[("BASE", &base)],
        files,
        ..Build::default()
    })
    .await?;
    let archive = train(shop, tag, &stage).await?;
    let files = Context::default().with(
        "opt/spark/spark.jsa",
        Source::File(archive.join("spark.jsa")),
    );
    let labels = [("brinell.version", TRAINED.version)];
    shop.build(Build {
        name: "spark",
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

/// `/opt/spark` as files, without start script and archive.
async fn lay_out(shop: &Shop<'_>) -> Result<PathBuf, ImageError> {
    let key = format!(
        "spark-{}",
        &hash([
            ("spark", SPARK),
            ("connectors", CONNECTORS),
            ("dropped", DROPPED),
            ("script", ASSEMBLE)
        ])[..24]
    );
    shop.output(("spark", "lay out the files"), &key, async || {
        assemble(shop).await
    })
    .await
}

async fn assemble<'a>(shop: &Shop<'a>) -> Result<Job<'a>, ImageError> {
    let (spark, connectors) = (
        parse("spark.lock", SPARK)?,
        parse("connectors.lock", CONNECTORS)?,
    );
    let sdist = fetch(shop, "spark", &spark).await?;
    let jars = fetch(shop, "spark", &connectors).await?;
    let sdist = sdist
        .into_iter()
        .map(|file| ("sdist.tar.gz".to_owned(), file));
    let jars = connectors
        .pins
        .iter()
        .zip(jars)
        .map(|(pin, jar)| (format!("jars/{}", pin.name()), jar));
    let input = gather(shop, &sdist.chain(jars).collect::<Vec<_>>())?;
    let mut job = Job {
        script: ASSEMBLE,
        ..shop.job(&shop.builder().await?, ASSEMBLING)
    };
    job.args = vec![
        DROPPED
            .lines()
            .filter(|line| !line.starts_with('#'))
            .collect::<Vec<_>>()
            .join(" "),
    ];
    job.mounts.push(Mount {
        from: input,
        to: "/in",
        writable: false,
    });
    Ok(job)
}

/// The class-data archive: a training run beside a broker and, where MinIO is ours to compile, a store.
async fn train(shop: &Shop<'_>, tag: &str, stage: &str) -> Result<PathBuf, ImageError> {
    let store = store(shop).await?;
    let kind = if store.is_some() { "s3" } else { "disk" };
    let key = shop
        .key("spark-archive", stage, &[TRAIN, JOB, TRAINING, kind])
        .await?;
    let image = format!("{tag}-train");
    let job = async || {
        let kafka = shop.image(&kafka::image::IMAGE).await?;
        let files = Context::default().text("train/train.py", JOB);
        let args = [("BASE", stage), ("KAFKA", kafka.as_str())];
        shop.build(Build {
            name: "spark",
            tag: &image,
            dockerfile: TRAINING,
            args: &args,
            files,
            ..Build::default()
        })
        .await?;
        let mut job = Job {
            script: TRAIN,
            ..shop.job(&image, BOUND)
        };
        job.mounts.extend(store.map(|from| Mount {
            from,
            to: "/train-minio",
            writable: false,
        }));
        Ok(job)
    };
    let trained = shop
        .output(("spark", "train the class-data archive"), &key, job)
        .await?;
    shop.untag(&image).await;
    Ok(trained)
}

/// A MinIO binary to train with: the user's, or ours; none where the user named an image, which may hold it anywhere.
async fn store(shop: &Shop<'_>) -> Result<Option<PathBuf>, ImageError> {
    match (shop.config.images.contains_key("minio"), &shop.config.minio) {
        (true, _) => Ok(None),
        (false, Some(given)) => Ok(Some(given.clone())),
        (false, None) => minio::image::binary(shop).await.map(Some),
    }
}

#[cfg(test)]
mod tests {
    use super::{CLASS_PATH, CONNECTORS, SPARK, parse};

    #[test]
    fn the_connectors_fit_the_spark_they_are_added_to() {
        let spark = parse("spark.lock", SPARK).unwrap();
        let connectors = parse("connectors.lock", CONNECTORS).unwrap();
        let names: Vec<String> = connectors.pins.iter().map(|pin| pin.name()).collect();
        assert_eq!(spark.pins[0].name(), "pyspark==4.1.3");
        assert!(names.contains(&"spark-sql-kafka-0-10_2.13-4.1.3.jar".to_owned()));
        // A jar on the class path would hide the one that a job asks for.
        assert!(!names.iter().any(|name| name.starts_with("delta-")));
    }

    #[test]
    fn the_class_path_is_the_one_that_spark_gives_its_executors() {
        assert_eq!(
            CLASS_PATH.trim_end(),
            "/opt/spark/conf:/opt/spark/jars/slf4j-api-2.0.17.jar:/opt/spark/jars/*"
        );
    }
}
