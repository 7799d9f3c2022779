//! The image of a MinIO server: one static binary on nothing. Upstream publishes source only, so it is compiled here, once.
//!
//! The compile is the longest step of all (10 CPU-minutes), so it takes what processor time the others leave, its caches survive an
//! interruption, and a binary that the user has is taken instead.
use crate::docker::images::{
    Build, Context, ImageError, Job, Mount, Recipe, Shop, Source, Tail, certificates, environment,
    fetch, gather, hash, is_static, parse,
};
use std::{fs, path::PathBuf, time::Duration};

const LOCK: &str = include_str!("minio.lock");
const DOCKERFILE: &str = include_str!("Dockerfile");
const COMPILE: &str = include_str!("build.sh");
const PASSWD: &str = "root:x:0:0:root:/root:/minio\n";
/// Ten CPU-minutes on one slow core beside everything else.
const COMPILING: Duration = Duration::from_secs(3000);
/// A quarter of what the other jobs get where they compete.
const SHARES: i64 = 256;

/// `brinell/minio`.
pub(crate) static IMAGE: Recipe = Recipe {
    name: "minio",
    version: "MinIO RELEASE.2026-02-12T20-18-48Z",
    parent: None,
    files: &[
        ("minio.lock", LOCK),
        ("Dockerfile", DOCKERFILE),
        ("build.sh", COMPILE),
        ("passwd", PASSWD),
    ],
    given: |config| config.minio.clone(),
    make: |shop, tag| Box::pin(make(shop, tag)),
};

async fn make(shop: &Shop<'_>, tag: &str) -> Result<(), ImageError> {
    let (binary, origin) = match &shop.config.minio {
        Some(given) => (given.clone(), given.display().to_string()),
        None => (binary(shop).await?, IMAGE.version.to_owned()),
    };
    if !is_static(&binary) {
        let why = format!("{} is no static 64-bit ELF binary", binary.display());
        return Err(ImageError::step(
            ("minio", "take the binary that you named"),
            why,
            &Tail::default(),
        ));
    }
    let files = Context::default()
        .with("minio", Source::File(binary))
        .with("tmp", Source::Empty(0o1777))
        .with("root", Source::Empty(0o700))
        .text("etc/passwd", PASSWD);
    let labels = [("brinell.version", origin.as_str())];
    shop.build(Build {
        name: "minio",
        tag,
        dockerfile: DOCKERFILE,
        args: &[],
        labels: &labels,
        files,
    })
    .await
}

/// The compiled binary, from the cache or made now. Its key is the module, the toolchain and the flags.
pub(crate) async fn binary(shop: &Shop<'_>) -> Result<PathBuf, ImageError> {
    let key = format!(
        "minio-{}",
        &hash([("lock", LOCK), ("build", COMPILE)])[..24]
    );
    let out = shop
        .output(("minio", "compile"), &key, async || compile(shop).await)
        .await?;
    let caches = shop.cache.shared("go")?;
    if let Err(error) = fs::remove_dir_all(&caches) {
        tracing::debug!(%error, "Go's caches stay");
    }
    Ok(out.join("minio"))
}

async fn compile<'a>(shop: &Shop<'a>) -> Result<Job<'a>, ImageError> {
    let lock = parse("minio.lock", LOCK)?;
    let wheel = fetch(shop, "minio", &lock).await?;
    let named = |file: PathBuf| Some((file.file_name()?.to_string_lossy().into_owned(), file));
    let wheels = gather(
        shop,
        &wheel.into_iter().filter_map(named).collect::<Vec<_>>(),
    )?;
    let module = lock.modules.into_iter().next();
    let module = module.ok_or_else(|| {
        ImageError::step(
            ("minio", "compile"),
            "the list names no module".into(),
            &Tail::default(),
        )
    })?;
    let mut job = Job {
        script: COMPILE,
        cpu_shares: SHARES,
        env: environment(),
        ..shop.job(&shop.builder().await?, COMPILING)
    };
    job.args = vec![module.path, module.version, module.release];
    job.mounts = vec![
        Mount {
            from: wheels,
            to: "/in",
            writable: false,
        },
        Mount {
            from: shop.cache.shared("go")?,
            to: "/cache",
            writable: true,
        },
    ];
    job.mounts.extend(certificates(shop));
    Ok(job)
}

#[cfg(test)]
mod tests {
    use super::{IMAGE, LOCK, parse};

    #[test]
    fn the_list_pins_one_module_and_one_toolchain() {
        let lock = parse("minio.lock", LOCK).unwrap();
        assert_eq!((lock.modules.len(), lock.pins.len()), (1, 1));
        assert!(IMAGE.version.ends_with(&lock.modules[0].release));
    }
}
