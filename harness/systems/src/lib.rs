//! Spark, Kafka and MinIO in containers: images, readiness, probes, facts.
