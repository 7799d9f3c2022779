//! Kafka in KRaft mode: one broker, or three that replicate everything; each is a controller too.
//!
//! - `live` how it comes up, is asked and probed.  - `client` producers and consumers.  - `image` what runs.
//! - `wire` two questions of its own protocol; `truth` what is true of the cluster, by their answers; `question` who is what now.
pub(crate) mod client;
pub(crate) mod image;
mod live;
pub(crate) mod log;
#[cfg(test)]
mod mocked;
mod question;
mod truth;
mod wire;

use crate::bed::{Kind, Live, Site};
use model::{
    drive::DriveSpec,
    facts::Unit,
    fault::{SettingDoc, SettingsError, read_settings},
    ids::Role,
    question::QuestionDoc,
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

/// Where a broker's drive is, and how large: a run writes some hundred MiB, and index files are long before they are full.
const LOG_DRIVE: &str = "/drives/1";
const LOG_SIZE: u64 = 1 << 30;

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
    min_isr: Option<u32>,
    log_drive: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            brokers: 1,
            profile: Profile::Stock,
            min_isr: None,
            log_drive: false,
        }
    }
}

impl Settings {
    fn read(settings: &Value) -> Result<Self, SettingsError> {
        let mut read: Self = read_settings(settings)?;
        let refuse = |key: &str, why: String| SettingsError {
            key: key.into(),
            why,
        };
        let brokers = read.brokers;
        if !matches!(brokers, 1 | 3) {
            let why = format!(
                "set up {brokers} brokers: 1 or 3 can be had, two lose their quorum with either"
            );
            return Err(refuse("brokers", why));
        }
        let min_isr = *read.min_isr.get_or_insert(brokers.min(2));
        if !(1..=brokers).contains(&min_isr) {
            let why = format!("ask for {min_isr} copies in sync: 1 to {brokers} can be had");
            return Err(refuse("min_isr", why));
        }
        Ok(read)
    }

    fn min_isr(&self) -> u32 {
        self.min_isr.unwrap_or(self.brokers.min(2))
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
                doc: "number of brokers, 1 or 3; every topic has a copy on each",
                default: "1",
            },
            SettingDoc {
                name: "profile",
                doc: "timeouts of the brokers: `stock` as they are shipped, `fast` for quick failover",
                default: "stock",
            },
            SettingDoc {
                name: "min_isr",
                doc: "copies that must be in sync for a record to be acknowledged, 1 to `brokers`; 1 of 1, 2 of 3 where left out",
                default: "2",
            },
            SettingDoc {
                name: "log_drive",
                doc: "whether each broker's log directory is a drive of its own, which disk faults can hurt",
                default: "false",
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
    fn drives(&self, settings: &Value) -> Vec<DriveSpec> {
        let read = Settings::read(settings).unwrap_or_default();
        let drive = |number| DriveSpec {
            node: broker(number).as_str().into(),
            inside: LOG_DRIVE.into(),
            size_bytes: LOG_SIZE,
            layered: false,
        };
        let wants = |_: &u32| read.log_drive;
        (1..=read.brokers).filter(wants).map(drive).collect()
    }
    fn questions(&self) -> &'static [QuestionDoc] {
        question::FORMS
    }
    fn probes(&self, settings: &Value) -> Vec<ProbeSpec> {
        let brokers = Settings::read(settings).unwrap_or_default().brokers;
        let produce = ProbeSpec {
            name: live::PRODUCE.into(),
            kind: ProbeKind::Latency,
            unit: "s".into(),
            doc: "Produces one record of 64 bytes to a topic of its own and waits for the ack of all replicas.".into(),
            period_ns: Nanos::ms(100),
            deadline_ns: Nanos::secs(5),
            full: None,
        };
        let in_sync = (brokers > 1).then(|| in_sync(brokers));
        [produce].into_iter().chain(in_sync).collect()
    }
}

/// The probe of redundancy; one broker has none.
fn in_sync(brokers: u32) -> ProbeSpec {
    ProbeSpec {
        name: live::IN_SYNC.into(),
        kind: ProbeKind::GaugeFull,
        unit: "copies".into(),
        doc: "The least of: copies in sync of any partition in any broker's answer, brokers that answer, controllers that keep up.".into(),
        period_ns: Nanos::ms(500),
        deadline_ns: Nanos::secs(5),
        full: Some(f64::from(brokers)),
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
    fn what_cannot_be_had_is_refused_by_its_key() {
        let key = |settings| Kafka.check(&settings).unwrap_err().key;
        assert_eq!(key(json!({"brokers": 2})), "brokers");
        assert_eq!(key(json!({"profile": "quick"})), "profile");
        assert_eq!(key(json!({"brokers": 3, "min_isr": 4})), "min_isr");
        assert_eq!(key(json!({"min_isr": 0})), "min_isr");
        assert!(Kafka.check(&json!({"broker": 1})).is_err());
    }

    #[test]
    fn three_brokers_ask_for_two_copies_and_have_their_redundancy_probed() {
        let settings = Kafka.check(&json!({"brokers": 3})).expect("it can be had");
        assert_eq!(settings["min_isr"], 2);
        assert_eq!(Kafka.nodes(&settings).len(), 3);
        let full = |settings| -> Vec<Option<f64>> {
            let probes = Kafka.probes(settings);
            probes.iter().map(|probe| probe.full).collect()
        };
        assert_eq!(full(&settings), [None, Some(3.0)]);
        assert_eq!(full(&json!({})), [None]);
    }

    #[test]
    fn defaults_are_explicit_and_give_one_broker() {
        let settings = Kafka.check(&json!({})).expect("defaults hold");
        assert_eq!(
            settings,
            json!({"brokers": 1, "profile": "stock", "min_isr": 1, "log_drive": false})
        );
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
