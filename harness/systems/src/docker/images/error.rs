//! What can go wrong while images are made.
use super::{cache::CacheError, lock::LockError, progress::Tail};
use testcontainers::bollard::errors::Error;

/// Why an image is not there. Each text fits after "failed to".
#[derive(Debug, thiserror::Error)]
pub enum ImageError {
    /// A step failed.
    #[error("{step} for image `{image}`: {why}{}", said(tail))]
    Step {
        /// The image.
        image: String,
        /// What was being done.
        step: String,
        /// What went wrong.
        why: String,
        /// The last lines that the step's tool printed.
        tail: String,
    },
    /// The engine refused or did not answer.
    #[error("{what}: {answer}")]
    Engine {
        /// What was asked of it.
        what: &'static str,
        /// Its answer.
        answer: Box<Error>,
    },
    /// A download was refused, or the cache cannot be used.
    #[error(transparent)]
    Cache(#[from] CacheError),
    /// A pinned list is broken.
    #[error(transparent)]
    Lock(#[from] LockError),
    /// Neither a registry nor Debian's packages can give the base image.
    #[error(
        "get a base image: no registry gave one ({refusal}), and `mmdebstrap`, which makes one from Debian's packages, is not installed"
    )]
    NoBase {
        /// What the registry said.
        refusal: String,
    },
}

fn said(tail: &str) -> String {
    if tail.is_empty() {
        String::new()
    } else {
        format!("\n{tail}")
    }
}

impl ImageError {
    pub(crate) fn step((image, step): (&str, &str), why: String, tail: &Tail) -> Self {
        Self::Step {
            image: image.into(),
            step: step.into(),
            why,
            tail: tail.all(),
        }
    }

    pub(crate) fn engine(what: &'static str, answer: Error) -> Self {
        Self::Engine {
            what,
            answer: Box::new(answer),
        }
    }
}
