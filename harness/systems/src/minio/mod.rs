//! MinIO: one node with four drives, erasure-coded 2 + 2. Its health answers before it can store, so a canary object decides.
mod client;
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

/// The one node.
const NODE: &str = "minio-1";
/// Port of the S3 API.
const PORT: u16 = 9000;
/// User of the testbed; the store is reachable from 127.0.0.1 and the run's network only.
const USER: (&str, &str) = ("brinell", "brinell-testbed");

/// The object store of the testbed.
pub struct Minio;

#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
struct Settings {
    nodes: u32,
    drives: u32,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            nodes: 1,
            drives: 4,
        }
    }
}

impl Settings {
    fn read(settings: &Value) -> Result<Self, SettingsError> {
        let read: Self = read_settings(settings)?;
        let refuse = |key: &str, why: &str| SettingsError {
            key: key.into(),
            why: why.into(),
        };
        match (read.nodes, read.drives) {
            (1, 4) => Ok(read),
            (1, _) => Err(refuse(
                "drives",
                "set up another number of drives: 4 is what is built so far",
            )),
            _ => Err(refuse(
                "nodes",
                "set up more than one node: 1 is what is built so far",
            )),
        }
    }
}

impl System for Minio {
    fn name(&self) -> &'static str {
        "minio"
    }
    fn doc(&self) -> &'static str {
        "Object store on four erasure-coded drives (named volumes, so without disk faults yet): two may be lost for reads, one for writes."
    }
    fn settings(&self) -> &'static [SettingDoc] {
        &[
            SettingDoc {
                name: "nodes",
                doc: "number of servers; 1 so far",
                default: "1",
            },
            SettingDoc {
                name: "drives",
                doc: "drives per server; 4 so far",
                default: "4",
            },
        ]
    }
    fn check(&self, settings: &Value) -> Result<Value, SettingsError> {
        Ok(serde_json::json!(Settings::read(settings)?))
    }
    fn nodes(&self, _: &Value) -> Vec<NodeSpec> {
        vec![NodeSpec {
            node: NODE.into(),
            role: "minio".into(),
            unit: Unit::Container,
            inside: None,
        }]
    }
    fn probes(&self, _: &Value) -> Vec<ProbeSpec> {
        vec![ProbeSpec {
            name: "s3".into(),
            kind: ProbeKind::Latency,
            unit: "s".into(),
            doc: "Puts a new object of 1 KiB and gets it back, byte for byte, without retries."
                .into(),
            period_ns: Nanos::ms(100),
            deadline_ns: Nanos::secs(5),
            full: None,
        }]
    }
}

impl Kind for Minio {
    fn ports(&self, _: &Role) -> &'static [u16] {
        &[PORT]
    }
    fn offers(&self, _: &Value, site: &Site) -> Vec<(&'static str, String)> {
        let inside = site
            .address(NODE)
            .map(|address| format!("{address}:{PORT}"));
        let outside = site.outside(NODE, PORT);
        vec![
            ("s3.inside", inside.unwrap_or_default()),
            ("s3.outside", outside.unwrap_or_default()),
            ("s3.key", USER.0.into()),
            ("s3.secret", USER.1.into()),
        ]
    }
    fn live(&self, _: &Value, site: &Arc<Site>) -> Result<Arc<dyn Live>, BedError> {
        Ok(Arc::new(live::Running::new(site)?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_is_not_built_is_refused_by_its_key() {
        assert_eq!(
            Minio.check(&json!({"drives": 3})).unwrap_err().key,
            "drives"
        );
        assert_eq!(Minio.check(&json!({"nodes": 4})).unwrap_err().key, "nodes");
        assert!(Minio.check(&json!({"disks": 4})).is_err());
        assert_eq!(
            Minio.check(&json!({})),
            Ok(json!({"nodes": 1, "drives": 4}))
        );
    }
}
