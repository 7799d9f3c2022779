//! The log alone: records into a topic that is copied to every broker, read back to its known end. No job, no store.
//!
//! Comes up in seconds and leaves the machine to the brokers, so what their faults do to a writer is seen by itself.
mod live;

use crate::{
    bed::{Drive, Load, Site, Submission},
    kafka::client::Haste,
    schedule::{self, Gaps},
};
use model::{
    fault::{SettingDoc, SettingsError, read_settings},
    system::{BedError, ProbeKind, ProbeSpec, Workload},
    units::Nanos,
};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::sync::Arc;

const TOPIC: &str = "transactions";

/// Writers of a log.
pub struct Records;

#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
struct Settings {
    rate: String,
    arrivals: Gaps,
    partitions: u32,
    client: Haste,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            rate: "200/s".into(),
            arrivals: Gaps::Constant,
            partitions: 3,
            client: Haste::Tuned,
        }
    }
}

impl Settings {
    fn read(settings: &Value) -> Result<Self, SettingsError> {
        let read: Self = read_settings(settings)?;
        schedule::check(&read.rate)?;
        if (1..=64).contains(&read.partitions) {
            return Ok(read);
        }
        Err(SettingsError {
            key: "partitions".into(),
            why: format!("make {} partitions: 1 to 64 can be had", read.partitions),
        })
    }
}

impl Workload for Records {
    fn name(&self) -> &'static str {
        "records"
    }
    fn doc(&self) -> &'static str {
        "Transactions into a topic of Kafka, each acknowledged by all copies in sync."
    }
    fn settings(&self) -> &'static [SettingDoc] {
        &[
            SettingDoc {
                name: "rate",
                doc: "records per second, sent on schedule whatever happens",
                default: "200/s",
            },
            SettingDoc {
                name: "arrivals",
                doc: "gaps between records: `constant` or drawn (`poisson`)",
                default: "constant",
            },
            SettingDoc {
                name: "partitions",
                doc: "partitions of the topic `transactions`, 1 to 64",
                default: "3",
            },
            SettingDoc {
                name: "client",
                doc: "timeouts of the producers: `stock` as librdkafka ships them, `tuned` to ask another broker after 2 s",
                default: "tuned",
            },
        ]
    }
    fn check(&self, settings: &Value) -> Result<Value, SettingsError> {
        Ok(serde_json::json!(Settings::read(settings)?))
    }
    fn needs(&self) -> &'static [&'static str] {
        &["kafka"]
    }
    fn probes(&self, _: &Value) -> Vec<ProbeSpec> {
        vec![ProbeSpec {
            name: "append".into(),
            kind: ProbeKind::Latency,
            unit: "s".into(),
            doc: "Writes one record more to partition 0 of the workload's topic, by a client like the load's, and waits for its ack.".into(),
            period_ns: Nanos::ms(100),
            deadline_ns: Nanos::secs(5),
            full: None,
        }]
    }
    fn load(&self, settings: &Value) -> (f64, bool) {
        let settings = Settings::read(settings).unwrap_or_default();
        settings.arrivals.at(&settings.rate)
    }
}

impl Drive for Records {
    fn submission(&self, _: &Value, _: &Site, _: &str) -> Result<Submission, BedError> {
        Ok(Submission::default())
    }
    fn live(&self, settings: &Value, site: &Arc<Site>) -> Result<Arc<dyn Load>, BedError> {
        let settings = Settings::read(settings).unwrap_or_default();
        Ok(Arc::new(live::Running::new(&settings, site)?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn bad_settings_are_refused_by_their_key() {
        let key = |settings| Records.check(&settings).unwrap_err().key;
        assert_eq!(key(json!({"rate": "300"})), "rate");
        assert_eq!(key(json!({"arrivals": "bursty"})), "arrivals");
        assert_eq!(key(json!({"partitions": 65})), "partitions");
        assert_eq!(key(json!({"client": "hasty"})), "client");
    }

    #[test]
    fn the_log_is_all_it_needs() {
        assert_eq!(Records.needs(), ["kafka"]);
        assert_eq!(Records.load(&json!({})), (200.0, false));
    }
}
