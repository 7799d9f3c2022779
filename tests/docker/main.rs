//! On the real components: Spark, Kafka and MinIO in containers, hurt by the real guard. One test at a time.
//!
//! Without an engine, the images or your consent to get them, each fails with the fix in its first line; none passes silently.
mod bed;
mod kill;
mod storm;
mod unknown;
