//! The workshop: what every recipe works with while images are made.
use super::{
    ImageError,
    base::BUILDER,
    build::{self, Build},
    cache::Cache,
    config::Config,
    job::{self, Job, Place},
    progress::{Progress, Tail, watch},
    recipe::{Recipe, hash},
};
use crate::docker::engine::Engine;
use std::{
    collections::BTreeMap,
    fs,
    future::Future,
    path::PathBuf,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};
use testcontainers::bollard::query_parameters::RemoveImageOptionsBuilder;
use tokio::sync::OnceCell;

/// Results by name, each made once although several recipes ask for it at the same time.
type Once<T> = Mutex<BTreeMap<String, Arc<OnceCell<T>>>>;

/// Engine, cache and settings of one `ensure`.
pub(crate) struct Shop<'a> {
    pub(crate) engine: &'a Engine,
    pub(crate) cache: Arc<Cache>,
    pub(crate) config: &'a Config,
    progress: &'a dyn Progress,
    images: Once<String>,
    outputs: Once<PathBuf>,
}

fn cell<T>(all: &Once<T>, name: &str) -> Arc<OnceCell<T>> {
    let mut all = all.lock().unwrap_or_else(PoisonError::into_inner);
    all.entry(name.to_owned()).or_default().clone()
}

impl<'a> Shop<'a> {
    pub(crate) fn new(
        engine: &'a Engine,
        cache: Cache,
        config: &'a Config,
        progress: &'a dyn Progress,
    ) -> Self {
        Self {
            engine,
            cache: Arc::new(cache),
            config,
            progress,
            images: Once::default(),
            outputs: Once::default(),
        }
    }

    /// The tag of that image, which is there when this returns.
    pub(crate) async fn image(&self, recipe: &Recipe) -> Result<String, ImageError> {
        let tag = recipe.tag(self.config)?;
        let cell = cell(&self.images, &tag);
        let make = async || {
            if self.engine.client().inspect_image(&tag).await.is_err() {
                (recipe.make)(self, &tag).await?;
            }
            Ok(tag.clone())
        };
        cell.get_or_try_init(make).await.cloned()
    }

    /// The image with the tools that download.
    pub(crate) async fn builder(&self) -> Result<String, ImageError> {
        self.image(&BUILDER).await
    }

    /// A job in that image, to be filled in.
    pub(crate) fn job(&self, image: &str, bound: Duration) -> Job<'static> {
        Job {
            image: image.into(),
            script: "",
            args: vec![],
            env: vec![],
            mounts: vec![],
            bound,
            cpu_shares: 1024,
        }
    }

    /// Fresh folders for one job.
    pub(crate) fn place(&self) -> Result<Place, ImageError> {
        Ok(Place {
            job: self.cache.scratch()?,
            out: self.cache.scratch()?,
        })
    }

    /// Runs a job; gives the folder of what it made.
    pub(crate) async fn run(
        &self,
        step: (&str, &str),
        job: Job<'_>,
    ) -> Result<PathBuf, ImageError> {
        let place = self.place()?;
        self.run_at(step, &job, &place).await?;
        Ok(place.out)
    }

    /// Runs a job in given folders, so that what it made can be looked at even where it failed.
    pub(crate) async fn run_at(
        &self,
        step: (&str, &str),
        job: &Job<'_>,
        place: &Place,
    ) -> Result<(), ImageError> {
        let tail = Tail::default();
        self.watch_tail(step, &tail, job::run(self.engine, step, job, place, &tail))
            .await
    }

    /// What a job makes from inputs that have this key: from the cache, or made now and kept.
    pub(crate) async fn output(
        &self,
        step: (&str, &str),
        key: &str,
        job: impl AsyncFnOnce() -> Result<Job<'a>, ImageError>,
    ) -> Result<PathBuf, ImageError> {
        let cell = cell(&self.outputs, key);
        let make = async || match self.cache.output(key) {
            Some(kept) => Ok(kept),
            None => Ok(self
                .cache
                .finish(&self.run(step, job().await?).await?, key)?),
        };
        cell.get_or_try_init(make).await.cloned()
    }

    /// Builds an image and labels it as ours.
    pub(crate) async fn build(&self, mut what: Build<'_>) -> Result<(), ImageError> {
        let own = [("brinell.image", "1"), ("brinell.name", what.name)];
        let labels: Vec<_> = own.iter().chain(what.labels).copied().collect();
        what.labels = &labels;
        let (tail, scratch) = (Tail::default(), self.cache.scratch()?);
        self.watch_tail(
            (what.name, "build the image"),
            &tail,
            build::build(self.engine, &what, &scratch, &tail),
        )
        .await
    }

    /// Takes a tag away that only the way to an image needed; its layers stay where others stand on them.
    pub(crate) async fn untag(&self, tag: &str) {
        let options = RemoveImageOptionsBuilder::new().build();
        if let Err(error) = self
            .engine
            .client()
            .remove_image(tag, Some(options), None)
            .await
        {
            tracing::debug!(%tag, %error, "a tag of an intermediate image stays, or never was");
        }
    }

    /// Hash of what an output depends on. A class-data archive fits one JVM, so the Debian packages below `image` are part of it.
    pub(crate) async fn key(
        &self,
        name: &str,
        image: &str,
        inputs: &[&str],
    ) -> Result<String, ImageError> {
        let about = self
            .engine
            .client()
            .inspect_image(image)
            .await
            .map_err(|error| ImageError::engine("look at an image", error))?;
        let labels = about
            .config
            .and_then(|config| config.labels)
            .unwrap_or_default();
        let debian = labels.get("brinell.debian").map_or("", String::as_str);
        let digest = hash(
            [("image", image), ("debian", debian)]
                .into_iter()
                .chain(inputs.iter().map(|input| ("input", *input))),
        );
        Ok(format!("{name}-{}", &digest[..24]))
    }

    /// Runs a step with progress.
    pub(crate) async fn watch<T>(
        &self,
        image: &str,
        what: &str,
        work: impl Future<Output = T>,
    ) -> T {
        watch(self.progress, image, || what.to_owned(), work).await
    }

    /// The same, showing what the tool printed last.
    pub(crate) async fn watch_tail<T>(
        &self,
        step: (&str, &str),
        tail: &Tail,
        work: impl Future<Output = T>,
    ) -> T {
        let what = || match tail.last() {
            last if last.is_empty() => step.1.to_owned(),
            last => format!("{}: {last}", step.1),
        };
        watch(self.progress, step.0, what, work).await
    }
}

/// A folder with hard links to those files under the given names, for a job to read.
pub(crate) fn gather(shop: &Shop<'_>, files: &[(String, PathBuf)]) -> Result<PathBuf, ImageError> {
    let dir = shop.cache.scratch()?;
    let link = |(name, file): &(String, PathBuf)| {
        let to = dir.join(name);
        fs::create_dir_all(to.parent().unwrap_or(&dir))?;
        fs::hard_link(file, &to)
    };
    let linked: std::io::Result<()> = files.iter().try_for_each(link);
    linked.map_err(|error| {
        ImageError::step(
            ("cache", "gather files"),
            error.to_string(),
            &Tail::default(),
        )
    })?;
    Ok(dir)
}
