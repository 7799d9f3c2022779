//! The Docker Engine: found, or installed where the user consents, and the images that the testbed runs.
//!
//! - [`engine`] finds an engine that answers. Start here.
//! - [`install`] lists what this machine lacks, and with consent gets it.
//! - [`images`] builds, lists and removes the images under content-hash tags.
pub mod engine;
pub mod images;
pub mod install;
