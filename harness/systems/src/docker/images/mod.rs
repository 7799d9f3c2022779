//! The images of the testbed: made once from pinned lists, kept under tags that are hashes of everything they are made from.
//!
//! - [`list`], [`ensure`], [`remove`] are what a command needs. Start here.
//! - `recipe` what an image is made of; `base` the ones below; each system's own is in its folder.
//! - `shop` what recipes work with: `fetch` downloads, `job` runs a script in a container, `build` copies files into an image.
//! - `cache` what survives an interruption; `lock` the pinned lists.
//!
//! ```text
//! pinned list --fetch--> verified files --build--> stage --job: training run--> archive --build--> brinell/kafka:<hash>
//! ```
mod base;
mod bootstrap;
mod build;
mod cache;
mod config;
mod context;
mod elf;
mod error;
mod fetch;
mod job;
mod lock;
mod owner;
pub mod progress;
mod recipe;
mod shop;

pub use cache::CacheError;
pub use config::Config;
pub use error::ImageError;
pub use lock::LockError;
pub(crate) use {
    base::BASE,
    build::Build,
    context::{Context, Source},
    elf::is_static,
    fetch::{certificates, environment, fetch},
    job::{Job, Mount},
    lock::{Lock, parse},
    progress::Tail,
    recipe::{Recipe, hash},
    shop::{Shop, gather},
};

use super::engine::Engine;
use crate::{enrichment, kafka, minio, spark};
use cache::Cache;
use futures_util::future::try_join_all;
use progress::{Progress, watch};
use std::{
    collections::{BTreeMap, HashMap},
    fs::File,
    time::Duration,
};
use testcontainers::bollard::{
    models::ImageInspect,
    query_parameters::{ListImagesOptionsBuilder, RemoveImageOptionsBuilder},
};

/// The images that a testbed starts.
static KEPT: [&Recipe; 4] = [
    &enrichment::image::IMAGE,
    &kafka::image::IMAGE,
    &minio::image::IMAGE,
    &spark::image::IMAGE,
];
/// All images: those below come first.
static RECIPES: [&Recipe; 6] = [
    &base::BASE,
    &base::BUILDER,
    &enrichment::image::IMAGE,
    &kafka::image::IMAGE,
    &minio::image::IMAGE,
    &spark::image::IMAGE,
];

/// Whether the image of this system is wanted.
pub type Wanted<'a> = &'a (dyn Fn(&str) -> bool + Sync);

/// How often a build looks whether the other one is done.
const LOOK: Duration = Duration::from_millis(500);

/// One image of the list.
#[derive(Clone, Debug)]
pub struct Listed {
    /// Its name: `base`, `builder`, or that of a system.
    pub name: String,
    /// Its tag, or the image that the user named instead.
    pub tag: String,
    /// What is in it, for people.
    pub version: String,
    /// Whether a testbed needs it; the others are only the way there.
    pub needed: bool,
    /// Size in bytes, where it is there.
    pub size_bytes: Option<u64>,
    /// Name and SHA-256 (hex) of each input; empty for an image that the user named.
    pub inputs: Vec<(String, String)>,
}

impl Listed {
    /// Whether the engine has it.
    pub fn is_present(&self) -> bool {
        self.size_bytes.is_some()
    }
}

/// An image that is there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Image {
    /// What to start containers from.
    pub tag: String,
    /// The engine's digest of it.
    pub id: String,
    /// What is in it, for people.
    pub version: String,
    /// Debian packages in it, `name=version` separated by spaces; empty where there are none.
    pub debian: String,
}

/// All images, present or not, with what each is made of.
///
/// # Errors
/// `Engine` where the engine does not answer; `Cache` where a binary that the user named cannot be read.
pub async fn list(engine: &Engine, config: &Config) -> Result<Vec<Listed>, ImageError> {
    let mut listed = Vec::new();
    for recipe in RECIPES {
        let named = config.images.get(recipe.name);
        let tag = named.cloned().map_or_else(|| recipe.tag(config), Ok)?;
        let size = inspect(engine, &tag)
            .await?
            .map(|about| about.size.unwrap_or(0).unsigned_abs());
        let digest = |(name, text): &(&str, &str)| ((*name).to_owned(), hash([("", *text)]));
        listed.push(Listed {
            name: recipe.name.into(),
            tag,
            version: recipe.version.into(),
            needed: KEPT.iter().any(|kept| kept.name == recipe.name),
            size_bytes: size,
            inputs: if named.is_some() {
                vec![]
            } else {
                recipe.inputs().iter().map(digest).collect()
            },
        });
    }
    Ok(listed)
}

/// Makes sure that the images of these systems are there, building or pulling what is missing; gives them by name.
///
/// Only one process builds at a time; a second waits. Cancelling (dropping the future) ends what runs, and the next call goes on from
/// the last finished step.
///
/// # Errors
/// Each names the image and the step, with the end of what the step printed. Nothing half-made is used later.
pub async fn ensure(
    engine: &Engine,
    config: &Config,
    wanted: Wanted<'_>,
    progress: &dyn Progress,
) -> Result<BTreeMap<String, Image>, ImageError> {
    if let Some(images) = all_present(engine, config, wanted).await? {
        return Ok(images);
    }
    let cache = Cache::open(&config.cache)?;
    let _held = watch(
        progress,
        "all",
        || "wait for another build".into(),
        locked(&cache),
    )
    .await?;
    cache.sweep()?;
    owner::sweep(engine).await?;
    let shop = Shop::new(engine, cache, config, progress);
    // Side by side: MinIO's compile fills the time in which the others download and wait.
    let missing = KEPT.iter().filter(|recipe| wanted(recipe.name));
    try_join_all(missing.map(|recipe| one(&shop, recipe))).await?;
    shop.cache.sweep()?;
    let images = all_present(engine, config, wanted).await?;
    images.ok_or_else(|| {
        ImageError::step(
            ("all", "build the images"),
            "one is missing after it was built".into(),
            &Tail::default(),
        )
    })
}

async fn one(shop: &Shop<'_>, recipe: &Recipe) -> Result<(), ImageError> {
    let Some(named) = shop.config.images.get(recipe.name) else {
        return shop.image(recipe).await.map(drop);
    };
    if inspect(shop.engine, named).await?.is_some() {
        return Ok(());
    }
    let step = (recipe.name, "pull the image that you named");
    let pulled = shop.watch(step.0, step.1, base::pull(shop, named)).await;
    pulled.map_err(|why| ImageError::step(step, format!("{named}: {why}"), &Tail::default()))
}

async fn locked(cache: &Cache) -> Result<File, CacheError> {
    loop {
        match cache.try_lock()? {
            Some(held) => return Ok(held),
            None => tokio::time::sleep(LOOK).await,
        }
    }
}

/// The wanted images by name, where none is missing.
async fn all_present(
    engine: &Engine,
    config: &Config,
    wanted: Wanted<'_>,
) -> Result<Option<BTreeMap<String, Image>>, ImageError> {
    let mut images = BTreeMap::new();
    for recipe in KEPT.into_iter().filter(|recipe| wanted(recipe.name)) {
        let named = config.images.get(recipe.name);
        let tag = named.cloned().map_or_else(|| recipe.tag(config), Ok)?;
        let Some(about) = inspect(engine, &tag).await? else {
            return Ok(None);
        };
        let version = if named.is_some() {
            tag.clone()
        } else {
            recipe.version.to_owned()
        };
        images.insert(recipe.name.to_owned(), image(tag, version, about));
    }
    Ok(Some(images))
}

fn image(tag: String, version: String, about: ImageInspect) -> Image {
    let labels = about
        .config
        .and_then(|config| config.labels)
        .unwrap_or_default();
    let debian = labels.get("brinell.debian").cloned().unwrap_or_default();
    Image {
        tag,
        id: about.id.unwrap_or_default(),
        version,
        debian,
    }
}

async fn inspect(engine: &Engine, tag: &str) -> Result<Option<ImageInspect>, ImageError> {
    use testcontainers::bollard::errors::Error::DockerResponseServerError;
    match engine.client().inspect_image(tag).await {
        Ok(about) => Ok(Some(about)),
        Err(DockerResponseServerError {
            status_code: 404, ..
        }) => Ok(None),
        Err(error) => Err(ImageError::engine("look for an image", error)),
    }
}

/// Removes every image that we built, of this and of earlier versions; gives their tags. The cache stays.
///
/// # Errors
/// `Engine` where the engine refuses one, as it does while a container uses it.
pub async fn remove(engine: &Engine) -> Result<Vec<String>, ImageError> {
    let failed = |error| ImageError::engine("remove an image", error);
    let filters = HashMap::from([("label", vec!["brinell.image=1"])]);
    let options = ListImagesOptionsBuilder::new().filters(&filters).build();
    let mut removed = Vec::new();
    for found in engine
        .client()
        .list_images(Some(options))
        .await
        .map_err(failed)?
    {
        let ours = |tag: &&String| tag.starts_with("brinell/");
        for tag in found.repo_tags.iter().filter(ours) {
            let force = RemoveImageOptionsBuilder::new().build();
            engine
                .client()
                .remove_image(tag, Some(force), None)
                .await
                .map_err(failed)?;
            removed.push(tag.clone());
        }
    }
    Ok(removed)
}
