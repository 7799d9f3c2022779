//! MinIO: one server with four drives or four servers with one each, erasure-coded 2 + 2: two may be lost for reads, one for writes.
//!
//! Its health answers before it can store, so a canary object decides.
pub(crate) mod admin;
mod client;
pub(crate) mod doors;
pub(crate) mod image;
mod live;
mod zip;

use crate::bed::{Kind, Live, Site};
use model::{
    drive::DriveSpec,
    facts::Unit,
    fault::{SettingDoc, SettingsError, read_settings},
    ids::Role,
    system::{BedError, NodeSpec, ProbeKind, ProbeSpec, System},
    units::{self, Nanos},
};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::sync::Arc;

/// The server that those who know but one address are told of.
const FIRST: &str = "minio-1";
/// Port of the S3 API.
const PORT: u16 = 9000;
/// User of the testbed; the store is reachable from 127.0.0.1 and the run's network only.
const USER: (&str, &str) = ("brinell", "brinell-testbed");
/// User of those who work with the store, so that a fault can take it from them while the harness still gets in.
pub(crate) const CLIENT: (&str, &str) = ("workload", "brinell-workload");

/// The secret of a client's account after a rotation.
const ROTATED: &str = "brinell-rotated";

/// Size of a drive: MinIO refuses writes below 1 GiB times a tenth or so free; a run stores some hundred MiB.
const DRIVE_SIZE: u64 = 1 << 30;

/// The object store of the testbed.
pub struct Minio;

#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
struct Settings {
    nodes: u32,
    drives: u32,
    drive_timeout: String,
    drive_faults: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            nodes: 1,
            drives: 4,
            drive_timeout: "30s".into(),
            drive_faults: false,
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
        let timeout = units::duration(&read.drive_timeout)
            .map_err(|error| refuse("drive_timeout", &error.to_string()))?;
        if !(Nanos::secs(1)..=Nanos::secs(120)).contains(&timeout) {
            return Err(refuse(
                "drive_timeout",
                "give up on a drive so early or late: 1s to 120s can be had",
            ));
        }
        match (read.nodes, read.drives) {
            (1, 4) | (4, 1) => Ok(read),
            (1 | 4, _) => Err(refuse(
                "drives",
                "set up these drives: 4 on one node or 1 on each of four can be had",
            )),
            _ => Err(refuse(
                "nodes",
                "set up these nodes: 1 (with 4 drives) or 4 (with 1 drive each) can be had",
            )),
        }
    }
}

impl System for Minio {
    fn name(&self) -> &'static str {
        "minio"
    }
    fn doc(&self) -> &'static str {
        "Object store on four erasure-coded drives, in one server or in four (filesystems of their own where the guard is root, else volumes): two may be lost for reads, one for writes."
    }
    fn settings(&self) -> &'static [SettingDoc] {
        &[
            SettingDoc {
                name: "nodes",
                doc: "number of servers: 1 or 4",
                default: "1",
            },
            SettingDoc {
                name: "drives",
                doc: "drives per server: 4 on one, 1 on each of four",
                default: "4",
            },
            SettingDoc {
                name: "drive_timeout",
                doc: "how long a server waits for a drive before it goes on without it, 1s to 120s",
                default: "30s",
            },
            SettingDoc {
                name: "drive_faults",
                doc: "whether a layer of ours lies over each drive, for faults of single operations; then faults of whole drives cannot be had",
                default: "false",
            },
        ]
    }
    fn check(&self, settings: &Value) -> Result<Value, SettingsError> {
        Ok(serde_json::json!(Settings::read(settings)?))
    }
    fn nodes(&self, settings: &Value) -> Vec<NodeSpec> {
        let count = Settings::read(settings).unwrap_or_default().nodes;
        let server = |number| NodeSpec {
            node: format!("minio-{number}").as_str().into(),
            role: "minio".into(),
            unit: Unit::Container,
            inside: None,
        };
        (1..=count).map(server).collect()
    }
    fn drives(&self, settings: &Value) -> Vec<DriveSpec> {
        let read = Settings::read(settings).unwrap_or_default();
        let drive = |(server, number)| DriveSpec {
            node: format!("minio-{server}").as_str().into(),
            inside: format!("/drives/{number}"),
            size_bytes: DRIVE_SIZE,
            layered: read.drive_faults,
        };
        let each = |server| (1..=read.drives).map(move |number| (server, number));
        (1..=read.nodes).flat_map(each).map(drive).collect()
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
            .address(FIRST)
            .map(|address| format!("{address}:{PORT}"));
        let outside = site.outside(FIRST, PORT);
        vec![
            ("s3.inside", inside.unwrap_or_default()),
            ("s3.outside", outside.unwrap_or_default()),
            ("s3.key", CLIENT.0.into()),
            ("s3.secret", CLIENT.1.into()),
        ]
    }
    fn live(&self, settings: &Value, site: &Arc<Site>) -> Result<Arc<dyn Live>, BedError> {
        let settings = Settings::read(settings).map_err(|error| BedError {
            what: "read the settings of `minio`".into(),
            why: error.to_string(),
        })?;
        Ok(Arc::new(live::Running::new(settings, site)?))
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
        assert_eq!(Minio.check(&json!({"nodes": 4})).unwrap_err().key, "drives");
        assert_eq!(Minio.check(&json!({"nodes": 2})).unwrap_err().key, "nodes");
        let slow = json!({"drive_timeout": "1ms"});
        assert_eq!(Minio.check(&slow).unwrap_err().key, "drive_timeout");
        assert!(Minio.check(&json!({"disks": 4})).is_err());
        assert_eq!(
            Minio.check(&json!({})),
            Ok(json!({"nodes": 1, "drives": 4, "drive_timeout": "30s", "drive_faults": false}))
        );
    }
}
