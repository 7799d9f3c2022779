//! Objects straight into the store, without any job: what its own clients see, one put each and never again.
//!
//! - `content` key and bytes of an object.  - `stored` what was acknowledged, and how often it was denied.
//! - `live` the load and the operations of its `probes`.  - `redundancy` which objects have all of their copies.  - `readback` the final read by fresh clients.
mod content;
mod live;
mod probes;
mod readback;
mod redundancy;
mod stored;

use crate::bed::{Drive, Load, Site, Submission, wait::failed};
use model::{
    fault::{SettingDoc, SettingsError, read_settings},
    system::{BedError, ProbeSpec, Workload},
    units::{self, Nanos},
};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::{sync::Arc, time::Duration};

const BUCKET: &str = "objects";

/// Immutable objects of one size at one rate.
pub struct Objects;

#[derive(Clone, Copy, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
enum Gaps {
    Constant,
    Poisson,
}

#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
struct Settings {
    rate: String,
    arrivals: Gaps,
    size: String,
    deadline: String,
    doors: u32,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            rate: "24/s".into(),
            arrivals: Gaps::Constant,
            size: "64KiB".into(),
            deadline: "55s".into(),
            doors: 0,
        }
    }
}

/// Sizes: an object of one byte tells nothing apart, one of more than 16 MiB is sent in parts by real clients.
const SIZES: std::ops::RangeInclusive<u64> = 64..=16 << 20;
/// The engine itself waits 60 s for a record: the fate must be the client's to tell.
const LONGEST: Nanos = Nanos::secs(55);

impl Settings {
    fn read(settings: &Value) -> Result<Self, SettingsError> {
        let read: Self = read_settings(settings)?;
        let refuse = |key: &str, why: String| SettingsError {
            key: key.into(),
            why,
        };
        units::rate(&read.rate).map_err(|error| refuse("rate", error.to_string()))?;
        let size = units::bytes(&read.size).map_err(|error| refuse("size", error.to_string()))?;
        if !SIZES.contains(&size) {
            let why = format!("make objects of {}: 64B to 16MiB can be had", read.size);
            return Err(refuse("size", why));
        }
        let deadline = units::duration(&read.deadline)
            .map_err(|error| refuse("deadline", error.to_string()))?;
        if !(Nanos::ms(100)..=LONGEST).contains(&deadline) {
            let why = format!("wait {} for a put: 100ms to 55s can be had", read.deadline);
            return Err(refuse("deadline", why));
        }
        Ok(read)
    }

    /// Size and deadline of settings that were checked.
    fn read_units(&self) -> (usize, Duration) {
        let size = units::bytes(&self.size).unwrap_or(64 << 10);
        let deadline = units::duration(&self.deadline).unwrap_or(LONGEST);
        (size as usize, deadline.as_duration())
    }
}

impl Workload for Objects {
    fn name(&self) -> &'static str {
        "objects"
    }
    fn doc(&self) -> &'static str {
        "Immutable objects put into MinIO once each, without retries, through every server in turns; read while it runs and all of them at the end."
    }
    fn settings(&self) -> &'static [SettingDoc] {
        &[
            SettingDoc {
                name: "rate",
                doc: "objects per second, sent on schedule whatever happens",
                default: "24/s",
            },
            SettingDoc {
                name: "arrivals",
                doc: "gaps between objects: `constant` or drawn (`poisson`)",
                default: "constant",
            },
            SettingDoc {
                name: "size",
                doc: "size of an object, 64B to 16MiB",
                default: "64KiB",
            },
            SettingDoc {
                name: "deadline",
                doc: "how long a put may take before its outcome is unknown, 100ms to 55s",
                default: "55s",
            },
            SettingDoc {
                name: "doors",
                doc: "clients know the first so many servers only; 0 for all",
                default: "0",
            },
        ]
    }
    fn check(&self, settings: &Value) -> Result<Value, SettingsError> {
        Ok(serde_json::json!(Settings::read(settings)?))
    }
    fn needs(&self) -> &'static [&'static str] {
        &["minio"]
    }
    fn probes(&self, _: &Value) -> Vec<ProbeSpec> {
        probes::all()
    }
    fn load(&self, settings: &Value) -> (f64, bool) {
        let settings = Settings::read(settings).unwrap_or_default();
        (
            units::rate(&settings.rate).unwrap_or(24.0),
            settings.arrivals == Gaps::Poisson,
        )
    }
}

impl Drive for Objects {
    fn submission(&self, _: &Value, _: &Site, _: &str) -> Result<Submission, BedError> {
        Ok(Submission::default())
    }
    fn live(&self, settings: &Value, site: &Arc<Site>) -> Result<Arc<dyn Load>, BedError> {
        let settings = Settings::read(settings)
            .map_err(|error| failed("read the settings of `objects`", error))?;
        Ok(Arc::new(live::Running::new(&settings, site)?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_cannot_be_had_is_refused_by_its_key() {
        let refused = |settings: Value| Objects.check(&settings).unwrap_err().key;
        assert_eq!(refused(json!({"size": "32MiB"})), "size");
        assert_eq!(refused(json!({"size": "64"})), "size");
        assert_eq!(refused(json!({"deadline": "60s"})), "deadline");
        assert_eq!(refused(json!({"rate": "24"})), "rate");
        assert!(Objects.check(&json!({"nodes": 1})).is_err());
    }

    #[test]
    fn defaults_are_explicit() {
        let expected = json!({"rate": "24/s", "arrivals": "constant", "size": "64KiB", "deadline": "55s", "doors": 0});
        assert_eq!(Objects.check(&json!({})), Ok(expected));
        assert_eq!(Objects.load(&json!({})), (24.0, false));
    }
}
