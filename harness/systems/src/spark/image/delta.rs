//! Delta's jars, in a folder of their own above the archive.
//!
//! Not on the class path, to which the archive is bound: a job that wants them says so by `spark.jars`, and Spark's own loader, a
//! child of that class path, takes them in driver and executors. Another version is a small layer, and trains nothing again.
use crate::docker::images::{Context, ImageError, Shop, Source, fetch, parse};

pub(super) const LOCK: &str = include_str!("delta.lock");
/// In the image, without the leading slash.
const FOLDER: &str = "opt/spark/delta";

/// The value of `spark.jars` for a job that writes Delta.
pub(crate) fn jars() -> String {
    let lock = parse("delta.lock", LOCK).expect("the crate's own list can be read");
    let jars = lock.pins.iter().map(|pin| pin.name());
    let jars: Vec<String> = jars.map(|jar| format!("local:/{FOLDER}/{jar}")).collect();
    jars.join(",")
}

/// The jars, verified, added to the files of an image.
pub(super) async fn add(shop: &Shop<'_>, files: Context) -> Result<Context, ImageError> {
    let lock = parse("delta.lock", LOCK)?;
    let jars = fetch(shop, "spark", &lock).await?;
    let jars = lock.pins.iter().zip(jars);
    Ok(jars.fold(files, |files, (pin, jar)| {
        files.with(format!("{FOLDER}/{}", pin.name()), Source::File(jar))
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_job_is_given_every_jar_by_its_place_in_the_image() {
        assert_eq!(
            jars(),
            "local:/opt/spark/delta/delta-spark_4.1_2.13-4.3.0.jar,local:/opt/spark/delta/delta-storage-4.3.0.jar"
        );
    }
}
