//! Spark, Kafka and MinIO in containers: images, readiness, probes, facts.
//!
//! - [`SYSTEMS`], [`WORKLOADS`] the catalogs, pure: what can be named in a scenario. Start here.
//! - [`testbed`] everything of one run, started at once; `bed` composes it and names no system.
//! - `enrichment`, `kafka`, `minio`, `spark` a folder per system: nodes and settings, readiness, client, image.
//! - [`docker`] the engine and the images.
//! - `pipeline` the reference workload: its job, its load, its freshness, its oracle.
//! - `transaction`, `malformed` what a load of records sends, good and malformed on purpose.
//! - `records` the log's clients alone, `objects` the store's: no job, up in seconds.
//!
//! Adding a system: one folder, and two lines here (`mod`, and its name in the list).
use std::collections::BTreeMap;
use testcontainers::bollard::Docker;

mod bed;
pub mod docker;
mod enrichment;
pub mod fake;
mod kafka;
mod malformed;
mod minio;
mod objects;
mod pipeline;
mod records;
mod s3;
mod schedule;
mod spark;
mod transaction;

pub use bed::{
    Testbed,
    engine::{NODE_LABEL, OWNER_LABEL, RUN_LABEL},
};

/// One list, seen as the pure catalog and as what can be started.
macro_rules! catalog {
    ($(#[$doc:meta])* $public:ident: $pure:path, $inner:ident: $live:path = $($entry:expr),+ $(,)?) => {
        $(#[$doc])*
        pub static $public: &[&dyn $pure] = &[$(&$entry),+];
        static $inner: &[&dyn $live] = &[$(&$entry),+];
    };
}

catalog! {
    /// Every system that `testbed:` can name.
    SYSTEMS: model::system::System, KINDS: bed::Kind = enrichment::Enrichment, kafka::Kafka, minio::Minio, spark::Spark
}
catalog! {
    /// Every workload that `workload:` can name.
    WORKLOADS: model::system::Workload, DRIVES: bed::Drive = pipeline::Pipeline, objects::Objects, records::Records
}

/// A testbed on this engine, not yet up. `images`: image reference by name of the system.
pub fn testbed(docker: Docker, images: BTreeMap<String, String>) -> Testbed {
    Testbed::new(docker, images, KINDS, DRIVES)
}
