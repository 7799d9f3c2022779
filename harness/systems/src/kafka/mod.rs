//! Kafka in KRaft mode: one broker that is its own controller.
pub(crate) mod client;
pub(crate) mod image;
mod live;

use crate::bed::{Kind, Live, Site};
use model::{
    facts::Unit,
    fault::{SettingDoc, SettingsError, read_settings},
    ids::Role,
    system::{BedError, NodeSpec, ProbeKind, ProbeSpec, System},
    units::Nanos,
};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::sync::Arc;

/// Port for clients in the run's network.
const INSIDE: u16 = 9092;
/// Port that is published: a broker tells clients its address, so inside and outside need a listener each.
const OUTSIDE: u16 = 19092;

/// The log of the testbed.
pub struct Kafka;

/// Timeouts of the brokers.
#[derive(Clone, Copy, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
enum Profile {
    Stock,
    Fast,
}

#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
struct Settings {
    brokers: u32,
    profile: Profile,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            brokers: 1,
            profile: Profile::Stock,
        }
    }
}

impl Settings {
    fn read(settings: &Value) -> Result<Self, SettingsError> {
        let read: Self = read_settings(settings)?;
        if read.brokers == 1 {
            return Ok(read);
        }
        let why = "set up another number of brokers: 1 is what is built so far";
        Err(SettingsError {
            key: "brokers".into(),
            why: why.into(),
        })
    }
}

/// Name of a broker.
fn broker(number: u32) -> String {
    format!("kafka-broker-{number}")
}

impl System for Kafka {
    fn name(&self) -> &'static str {
        "kafka"
    }
    fn doc(&self) -> &'static str {
        "Log of records in KRaft mode; every broker is a controller too."
    }
    fn settings(&self) -> &'static [SettingDoc] {
        &[
            SettingDoc {
                name: "brokers",
                doc: "number of brokers; 1 so far",
                default: "1",
            },
            SettingDoc {
                name: "profile",
                doc: "timeouts of the brokers: `stock` as they are shipped, `fast` for quick failover",
                default: "stock",
            },
        ]
    }
    fn check(&self, settings: &Value) -> Result<Value, SettingsError> {
        Ok(serde_json::json!(Settings::read(settings)?))
    }
    fn nodes(&self, settings: &Value) -> Vec<NodeSpec> {
        let brokers = Settings::read(settings).unwrap_or_default().brokers;
        let spec = |number| NodeSpec {
            node: broker(number).as_str().into(),
            role: "kafka-broker".into(),
            unit: Unit::Container,
            inside: None,
        };
        (1..=brokers).map(spec).collect()
    }
    fn probes(&self, _: &Value) -> Vec<ProbeSpec> {
        vec![ProbeSpec {
            name: "produce".into(),
            kind: ProbeKind::Latency,
            unit: "s".into(),
            doc: "Produces one record of 64 bytes to a topic of its own and waits for the ack of all replicas.".into(),
            period_ns: Nanos::ms(100),
            deadline_ns: Nanos::secs(5),
            full: None,
        }]
    }
}

impl Kind for Kafka {
    fn ports(&self, _: &Role) -> &'static [u16] {
        &[OUTSIDE]
    }
    fn offers(&self, _: &Value, site: &Site) -> Vec<(&'static str, String)> {
        let brokers = site.of_role("kafka-broker");
        let inside = brokers
            .iter()
            .filter_map(|broker| Some(format!("{}:{INSIDE}", site.address(broker).ok()?)));
        let outside = brokers
            .iter()
            .filter_map(|broker| site.outside(broker, OUTSIDE).ok());
        let listed = |all: Vec<String>| all.join(",");
        vec![
            ("kafka.inside", listed(inside.collect())),
            ("kafka.outside", listed(outside.collect())),
        ]
    }
    fn live(&self, settings: &Value, site: &Arc<Site>) -> Result<Arc<dyn Live>, BedError> {
        let settings = Settings::read(settings).unwrap_or_default();
        Ok(Arc::new(live::Running::new(&settings, site)?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_is_not_built_is_refused_by_its_key() {
        assert_eq!(
            Kafka.check(&json!({"brokers": 3})).unwrap_err().key,
            "brokers"
        );
        assert_eq!(
            Kafka.check(&json!({"profile": "quick"})).unwrap_err().key,
            "profile"
        );
        assert!(Kafka.check(&json!({"broker": 1})).is_err());
    }

    #[test]
    fn defaults_are_explicit_and_give_one_broker() {
        let settings = Kafka.check(&json!({})).expect("defaults hold");
        assert_eq!(settings, json!({"brokers": 1, "profile": "stock"}));
        let nodes = Kafka.nodes(&settings);
        assert_eq!(
            nodes
                .iter()
                .map(|node| node.node.as_str())
                .collect::<Vec<_>>(),
            ["kafka-broker-1"]
        );
    }
}
