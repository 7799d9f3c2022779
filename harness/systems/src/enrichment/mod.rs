//! A small HTTP service that tells the category of a merchant: what a job asks beside its log and its store, and must do without at times.
//!
//! - `live` how it comes up, is looked at and probed.  - `client` one question and what its answer must be.  - `image` what runs.
mod client;
pub(crate) mod image;
mod live;

use crate::bed::{Kind, Live, Site};
use model::{
    facts::Unit,
    fault::{SettingDoc, SettingsError, read_settings},
    ids::Role,
    system::{BedError, NodeSpec, ProbeKind, ProbeSpec, System},
    units::{self, Nanos},
};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::sync::Arc;

const NODE: &str = "enrichment-1";
/// Port of the service.
const PORT: u16 = 8080;
/// What runs, inside the container.
const SCRIPT: &str = "/opt/enrichment/serve.py";
/// Longest service time: half of what the probe waits for an answer.
const SLOWEST: Nanos = Nanos::secs(1);

/// The service of the testbed beside log, store and engine.
pub struct Enrichment;

#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
struct Settings {
    delay: String,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            delay: "2ms".into(),
        }
    }
}

impl Settings {
    fn read(settings: &Value) -> Result<Self, SettingsError> {
        let read: Self = read_settings(settings)?;
        let refuse = |why: String| SettingsError {
            key: "delay".into(),
            why,
        };
        let delay = units::duration(&read.delay).map_err(|error| refuse(error.to_string()))?;
        if delay > SLOWEST {
            let why = format!("answer after {}: 0ms to 1s can be had", read.delay);
            return Err(refuse(why));
        }
        Ok(read)
    }

    /// The service time; none where it cannot be read, which the check refused.
    fn delay(&self) -> Nanos {
        units::duration(&self.delay).unwrap_or_default()
    }
}

impl System for Enrichment {
    fn name(&self) -> &'static str {
        "enrichment"
    }
    fn doc(&self) -> &'static str {
        "HTTP service that tells the category of a merchant from its id: what a job asks beside its log and its store."
    }
    fn settings(&self) -> &'static [SettingDoc] {
        &[SettingDoc {
            name: "delay",
            doc: "service time that is added to every answer, 0ms to 1s",
            default: "2ms",
        }]
    }
    fn check(&self, settings: &Value) -> Result<Value, SettingsError> {
        Ok(serde_json::json!(Settings::read(settings)?))
    }
    fn nodes(&self, _: &Value) -> Vec<NodeSpec> {
        vec![NodeSpec {
            node: NODE.into(),
            role: "enrichment".into(),
            unit: Unit::Container,
            inside: None,
        }]
    }
    fn probes(&self, _: &Value) -> Vec<ProbeSpec> {
        vec![ProbeSpec {
            name: "enrichment".into(),
            kind: ProbeKind::Latency,
            unit: "s".into(),
            doc: "Asks for the categories of three merchants, other ones every time, without retries; each must be right.".into(),
            period_ns: Nanos::ms(250),
            deadline_ns: Nanos::secs(2),
            full: None,
        }]
    }
}

impl Kind for Enrichment {
    fn ports(&self, _: &Role) -> &'static [u16] {
        &[PORT]
    }
    fn offers(&self, _: &Value, site: &Site) -> Vec<(&'static str, String)> {
        let address = site.address(NODE);
        let inside = address.map(|address| format!("http://{address}:{PORT}"));
        vec![("enrichment.inside", inside.unwrap_or_default())]
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
    use std::net::Ipv4Addr;

    #[test]
    fn a_delay_that_cannot_be_had_is_refused_by_its_key() {
        for delay in ["1001ms", "2", "soon"] {
            let refused = Enrichment.check(&json!({"delay": delay})).unwrap_err();
            assert_eq!(refused.key, "delay", "{delay}");
        }
        assert!(Enrichment.check(&json!({"delays": "2ms"})).is_err());
    }

    #[test]
    fn the_default_is_explicit_and_both_ends_can_be_had() {
        assert_eq!(Enrichment.check(&json!({})), Ok(json!({"delay": "2ms"})));
        for (delay, span) in [("0ms", Nanos(0)), ("1s", SLOWEST)] {
            let read = Settings::read(&json!({"delay": delay})).unwrap();
            assert_eq!(read.delay(), span);
        }
    }

    fn site() -> Site {
        Site {
            run: "run".into(),
            owner: String::new(),
            seed: 1,
            nodes: Vec::new(),
            wanted: Vec::new(),
            drives: Vec::new(),
            addresses: [(NODE.to_owned(), Ipv4Addr::new(10, 213, 7, 10))].into(),
            ports: [((NODE.to_owned(), PORT), 40_123)].into(),
            offers: std::collections::BTreeMap::default(),
            submission: crate::bed::Submission::default(),
            gates: Default::default(),
        }
    }

    #[test]
    fn jobs_are_told_its_address_in_the_runs_network() {
        let offers = Enrichment.offers(&json!({}), &site());
        let inside = "http://10.213.7.10:8080".to_owned();
        assert_eq!(offers, [("enrichment.inside", inside)]);
    }

    #[test]
    fn the_script_is_told_the_delay_in_seconds() {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let site = Arc::new(site());
        for (delay, seconds) in [("250ms", "0.25"), ("500us", "0.0005"), ("0ms", "0")] {
            let live = Enrichment.live(&json!({"delay": delay}), &site).unwrap();
            assert_eq!(live.recipes(&site).unwrap()[0].command, [seconds]);
        }
    }

    #[test]
    fn the_slowest_answer_is_no_failure_of_the_probe() {
        assert!(Enrichment.probes(&json!({}))[0].deadline_ns > SLOWEST);
    }
}
