//! Python packages of jobs and the jars of Delta, above the archive: what they are decides a small layer, never a training run.
use super::{TRAINED, delta};
use crate::docker::images::{
    Build, Context, ImageError, Job, Mount, Recipe, Shop, Source, fetch, gather, hash, parse,
};
use std::{path::PathBuf, time::Duration};

const LOCK: &str = include_str!("packages.lock");
const UNPACK: &str = include_str!("packages.sh");
const DOCKERFILE: &str = include_str!("packages.Dockerfile");
/// Unpacking some ten small files.
const UNPACKING: Duration = Duration::from_secs(60);

/// `brinell/spark`.
pub(crate) static IMAGE: Recipe = Recipe {
    name: "spark",
    version: "Spark 4.1.3",
    parent: Some(&TRAINED),
    files: &[
        ("packages.lock", LOCK),
        ("packages.sh", UNPACK),
        ("packages.Dockerfile", DOCKERFILE),
        ("delta.lock", delta::LOCK),
    ],
    given: |_| None,
    make: |shop, tag| Box::pin(make(shop, tag)),
};

async fn make(shop: &Shop<'_>, tag: &str) -> Result<(), ImageError> {
    // One after the other: the packages take a second, and their bounds would run while the training does.
    let trained = shop.image(&TRAINED).await?;
    let unpacked = unpacked(shop).await?;
    let files = Context::default().with(
        "opt/spark/python",
        Source::Tree(unpacked.join("root/opt/spark/python")),
    );
    let files = delta::add(shop, files).await?;
    let labels = [("brinell.version", IMAGE.version)];
    shop.build(Build {
        name: "spark",
        tag,
        dockerfile: DOCKERFILE,
        args: &[("BASE", &trained)],
        labels: &labels,
        files,
    })
    .await
}

/// The packages as files, from the cache or unpacked now.
async fn unpacked(shop: &Shop<'_>) -> Result<PathBuf, ImageError> {
    let digest = hash([("lock", LOCK), ("script", UNPACK)]);
    let key = format!("spark-packages-{}", &digest[..24]);
    let step = ("spark", "unpack the Python packages");
    shop.output(step, &key, async || unpack(shop).await).await
}

async fn unpack<'a>(shop: &Shop<'a>) -> Result<Job<'a>, ImageError> {
    let wheels = fetch(shop, "spark", &parse("packages.lock", LOCK)?).await?;
    let named = |file: PathBuf| Some((file.file_name()?.to_string_lossy().into_owned(), file));
    let named: Vec<_> = wheels.into_iter().filter_map(named).collect();
    let mut job = Job {
        script: UNPACK,
        ..shop.job(&shop.builder().await?, UNPACKING)
    };
    job.mounts.push(Mount {
        from: gather(shop, &named)?,
        to: "/in",
        writable: false,
    });
    Ok(job)
}

#[cfg(test)]
mod tests {
    use super::{IMAGE, LOCK, TRAINED, parse};
    use crate::docker::images::Recipe;

    #[test]
    fn the_packages_are_pinned() {
        let lock = parse("packages.lock", LOCK).unwrap();
        let names: Vec<String> = lock.pins.iter().map(|pin| pin.name()).collect();
        assert_eq!(names, ["pybreaker==1.4.1", "tenacity==9.2.1"]);
    }

    #[test]
    fn another_package_or_delta_is_another_image_and_the_same_training() {
        let package = Recipe {
            files: &[("packages.lock", "another")],
            ..IMAGE
        };
        let delta = Recipe {
            files: &[("delta.lock", "another")],
            ..IMAGE
        };
        for other in [package, delta] {
            assert_ne!(other.hash(), IMAGE.hash());
            let trained = |image: &Recipe| image.parent.map(Recipe::hash);
            assert_eq!(trained(&other), Some(TRAINED.hash()));
        }
    }

    #[test]
    fn the_list_of_inputs_names_those_of_both_stages_once() {
        let names: Vec<&str> = IMAGE.inputs().iter().map(|(name, _)| *name).collect();
        for name in ["spark.lock", "train.py", "packages.lock", "delta.lock"] {
            let times = names.iter().filter(|one| **one == name).count();
            assert_eq!(times, 1, "{name}");
        }
        assert!(!names.contains(&"suite"), "the base has a line of its own");
    }
}
