//! Spark standalone: a master that remembers, workers with one executor each, and a driver that the engine starts again.
pub(crate) mod image;
mod live;
mod question;
mod status;

use crate::bed::{Kind, Live, Site};
use model::{
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

const MASTER: &str = "spark-master-1";
const DRIVER: &str = "spark-driver-1";
/// Page of the master, with what it knows as JSON.
const MASTER_UI: u16 = 8080;
/// Page of the driver, with its REST interface.
const DRIVER_UI: u16 = 4040;
/// More would not fit beside the rest on the machines this is for.
const MOST_WORKERS: u32 = 8;

/// The engine of the testbed that runs the workload's job.
pub struct Spark;

/// Whether a master that is started again remembers workers and jobs.
#[derive(Clone, Copy, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
enum Recovery {
    None,
    Filesystem,
}

/// How soon a silent node is given up: as shipped (2 min), or within some 6 s.
#[derive(Clone, Copy, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
enum Timeouts {
    Stock,
    Tuned,
}

#[derive(Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
struct Settings {
    workers: u32,
    recovery: Recovery,
    timeouts: Timeouts,
    decommission: bool,
    supervise: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            workers: 2,
            recovery: Recovery::Filesystem,
            timeouts: Timeouts::Stock,
            decommission: true,
            supervise: true,
        }
    }
}

/// What notices a lost node within 6 s: the first four matter, the others keep up with them.
const TUNED: &[(&str, &str)] = &[
    ("spark.network.timeout", "6s"),
    ("spark.executor.heartbeatInterval", "1s"),
    ("spark.network.timeoutInterval", "1s"),
    ("spark.storage.blockManagerHeartbeatTimeoutMs", "5s"),
    ("spark.shuffle.io.connectionTimeout", "5s"),
    ("spark.shuffle.io.maxRetries", "1"),
    ("spark.shuffle.io.retryWait", "1s"),
    ("spark.rpc.askTimeout", "5s"),
    ("spark.rpc.lookupTimeout", "5s"),
];

impl Settings {
    /// Flags of the daemons beyond those of the start script, which they overrule.
    fn flags(&self) -> String {
        let mut flags = Vec::new();
        if self.recovery == Recovery::None {
            flags.push("-Dspark.deploy.recoveryMode=NONE");
        }
        if self.timeouts == Timeouts::Tuned {
            flags.push("-Dspark.worker.timeout=6");
        }
        if !self.decommission {
            flags.push("-Dspark.decommission.enabled=false");
        }
        flags.join(" ")
    }

    /// Settings of the job.
    fn conf(&self) -> Vec<(&'static str, String)> {
        let tuned = TUNED.iter().filter(|_| self.timeouts == Timeouts::Tuned);
        let tuned = tuned.map(|(key, value)| (*key, (*value).to_owned()));
        let notice = ("spark.decommission.enabled", self.decommission.to_string());
        tuned.chain([notice]).collect()
    }

    fn read(settings: &Value) -> Result<Self, SettingsError> {
        let read: Self = read_settings(settings)?;
        if (1..=MOST_WORKERS).contains(&read.workers) {
            return Ok(read);
        }
        let why = format!(
            "set up {} workers: 1 to {MOST_WORKERS} can be had",
            read.workers
        );
        Err(SettingsError {
            key: "workers".into(),
            why,
        })
    }
}

/// Name of a worker.
fn worker(number: u32) -> String {
    format!("spark-worker-{number}")
}

fn container(node: &str, role: &str) -> NodeSpec {
    NodeSpec {
        node: node.into(),
        role: role.into(),
        unit: Unit::Container,
        inside: None,
    }
}

fn executor(number: u32) -> NodeSpec {
    NodeSpec {
        node: format!("spark-executor-{number}").as_str().into(),
        role: "spark-executor".into(),
        unit: Unit::Process,
        inside: Some(worker(number).as_str().into()),
    }
}

impl System for Spark {
    fn name(&self) -> &'static str {
        "spark"
    }
    fn doc(&self) -> &'static str {
        "Spark standalone: one master, workers with one executor of one core each, one driver that is restarted when it dies, unless told otherwise."
    }
    fn settings(&self) -> &'static [SettingDoc] {
        &[
            SettingDoc {
                name: "workers",
                doc: "number of workers, 1 to 8",
                default: "2",
            },
            SettingDoc {
                name: "recovery",
                doc: "whether a master that is started again remembers workers and jobs: `none` or `filesystem`",
                default: "filesystem",
            },
            SettingDoc {
                name: "timeouts",
                doc: "how soon a silent node is given up: `stock` (2 min) or `tuned` (6 s)",
                default: "stock",
            },
            SettingDoc {
                name: "decommission",
                doc: "whether workers and executors hear a notice (SIGPWR)",
                default: "true",
            },
            SettingDoc {
                name: "supervise",
                doc: "whether the engine starts the driver again when it ends",
                default: "true",
            },
        ]
    }
    fn check(&self, settings: &Value) -> Result<Value, SettingsError> {
        Ok(serde_json::json!(Settings::read(settings)?))
    }
    fn nodes(&self, settings: &Value) -> Vec<NodeSpec> {
        let workers = 1..=Settings::read(settings).unwrap_or_default().workers;
        let mut nodes = vec![container(MASTER, "spark-master")];
        nodes.extend(
            workers
                .clone()
                .map(|number| container(&worker(number), "spark-worker")),
        );
        nodes.push(container(DRIVER, "spark-driver"));
        nodes.extend(workers.map(executor));
        nodes
    }
    fn questions(&self) -> &'static [QuestionDoc] {
        question::FORMS
    }
    fn probes(&self, settings: &Value) -> Vec<ProbeSpec> {
        vec![ProbeSpec {
            name: "executors".into(),
            kind: ProbeKind::GaugeFull,
            unit: "executors".into(),
            doc: "Counts the executors that are registered with the driver now; the master would count one as soon as it is ordered.".into(),
            period_ns: Nanos::ms(250),
            deadline_ns: Nanos::secs(5),
            full: Some(f64::from(Settings::read(settings).unwrap_or_default().workers)),
        }]
    }
}

impl Kind for Spark {
    fn ports(&self, role: &Role) -> &'static [u16] {
        match role.as_str() {
            "spark-master" => &[MASTER_UI],
            "spark-driver" => &[DRIVER_UI],
            _ => &[],
        }
    }
    fn offers(&self, _: &Value, site: &Site) -> Vec<(&'static str, String)> {
        let master = site
            .address(MASTER)
            .map(|address| format!("spark://{address}:7077"));
        vec![("spark.master", master.unwrap_or_default())]
    }
    fn live(&self, settings: &Value, site: &Arc<Site>) -> Result<Arc<dyn Live>, BedError> {
        let settings = Settings::read(settings).unwrap_or_default();
        Ok(Arc::new(live::Running::new(settings, site)?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn every_worker_holds_one_executor() {
        let nodes = Spark.nodes(&json!({"workers": 2}));
        let names: Vec<_> = nodes.iter().map(|node| node.node.as_str()).collect();
        let expected = [
            "spark-master-1",
            "spark-worker-1",
            "spark-worker-2",
            "spark-driver-1",
            "spark-executor-1",
            "spark-executor-2",
        ];
        assert_eq!(names, expected);
        assert_eq!(
            nodes[5].inside.as_ref().map(|node| node.as_str()),
            Some("spark-worker-2")
        );
        assert_eq!(nodes[5].unit, Unit::Process);
    }

    #[test]
    fn what_the_daemons_are_told_follows_the_settings() {
        let read = |settings| Settings::read(&settings).unwrap();
        assert_eq!(read(json!({})).flags(), "");
        let all = json!({"recovery": "none", "timeouts": "tuned", "decommission": false});
        let flags = "-Dspark.deploy.recoveryMode=NONE -Dspark.worker.timeout=6 -Dspark.decommission.enabled=false";
        assert_eq!(read(all.clone()).flags(), flags);
        let conf = read(all).conf();
        assert!(conf.contains(&("spark.network.timeout", "6s".into())));
        assert!(conf.contains(&("spark.decommission.enabled", "false".into())));
        assert_eq!(
            Spark.check(&json!({"recovery": "zk"})).unwrap_err().key,
            "recovery"
        );
    }

    #[test]
    fn the_full_number_of_executors_follows_the_workers() {
        assert_eq!(Spark.probes(&json!({"workers": 3}))[0].full, Some(3.0));
    }

    #[test]
    fn no_workers_and_too_many_are_refused_by_their_key() {
        for workers in [0, 9] {
            assert_eq!(
                Spark.check(&json!({"workers": workers})).unwrap_err().key,
                "workers"
            );
        }
    }
}
