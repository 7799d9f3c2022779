//! The reference workload: transactions through Kafka and Spark into a table on the object store, of Parquet files or of Delta.
//!
//! - `sent` what was sent, by number and by offset.
//! - `follow` how far the job has come: by its `checkpoint`, kept up by `freshness`, or by what has `arrived` in its table.
//! - `logs` what a correct reader may read: the commit logs of tables.
//! - `promise` what a workload's author declares of the table.
//! - `oracle` reads every stage back to the known end; `files` those of the table, `rated` row by row.  - `live` ties them together.
mod arrived;
mod checkpoint;
mod files;
mod follow;
mod freshness;
mod live;
mod logs;
mod mutants;
mod oracle;
mod promise;
mod rated;
mod rows;
mod sent;
#[cfg(test)]
mod worlds;
#[cfg(test)]
mod written;

use self::{follow::By, rows::Format};
use crate::{
    bed::{Drive, Load, Site, Submission, wait::failed},
    malformed::Generator,
    schedule::{self, Gaps},
    spark::image::delta_jars,
};
use model::{
    fault::{SettingDoc, SettingsError, read_settings},
    ledger::Rejects,
    system::{BedError, ProbeKind, ProbeSpec, Workload},
    units::{self, Nanos},
};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
    sync::Arc,
};

/// The job as shipped; a scenario may name another file beside itself.
const JOB: &str = include_str!("../../../../scenarios/workloads/pipeline.py");
const SHIPPED: &str = "pipeline.py";
const TOPIC: &str = "transactions";
const BUCKET: &str = "lake";
/// Folder of the table in the bucket.
const TABLE: &str = "transactions";
/// Folder of the table that a job makes of it.
const GOLD: &str = "customer_summary";
/// Folder of the checkpoint in the bucket.
const CHECKPOINT: &str = "checkpoints/transactions";

/// The reference pipeline.
pub struct Pipeline;

#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
struct Settings {
    rate: String,
    arrivals: Gaps,
    partitions: u32,
    trigger: String,
    shuffle: bool,
    conf: BTreeMap<String, String>,
    job: String,
    files: Vec<String>,
    format: Format,
    id: String,
    checksum: bool,
    follow: By,
    dead_letters: String,
    malformed: String,
    drops: bool,
    /// None: those of the job as shipped, or what every table has.
    required: Option<Vec<String>>,
    schema: Option<BTreeMap<String, String>>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            rate: "300/s".into(),
            arrivals: Gaps::Constant,
            partitions: 4,
            trigger: "500ms".into(),
            shuffle: false,
            conf: BTreeMap::new(),
            job: String::new(),
            files: Vec::new(),
            format: Format::Parquet,
            id: "number".into(),
            checksum: true,
            follow: By::Checkpoint,
            dead_letters: String::new(),
            malformed: "0%".into(),
            drops: false,
            required: None,
            schema: None,
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
        schedule::check(&read.rate)?;
        let trigger =
            units::duration(&read.trigger).map_err(|error| refuse("trigger", error.to_string()))?;
        if trigger < Nanos::ms(100) {
            return Err(refuse(
                "trigger",
                format!("trigger every {}: 100ms is the least", read.trigger),
            ));
        }
        units::share(&read.malformed).map_err(|error| refuse("malformed", error.to_string()))?;
        if !(1..=64).contains(&read.partitions) {
            return Err(refuse(
                "partitions",
                format!("make {} partitions: 1 to 64 can be had", read.partitions),
            ));
        }
        let unknown = |key: &&String| !key.starts_with("spark.") && !key.starts_with("kafka.");
        if let Some(key) = read.conf.keys().find(unknown) {
            let why = format!("set `{key}`: `spark.*` goes to the job, `kafka.*` to its consumer");
            return Err(refuse("conf", why));
        }
        let own = [TABLE, GOLD, CHECKPOINT];
        let dead = read.dead_letters.trim_matches('/');
        let inside = |folder: &&&str| dead == **folder || dead.starts_with(&format!("{folder}/"));
        if let Some(folder) = own.iter().find(inside) {
            let why = format!(
                "keep dead letters in `{dead}`: `{folder}` is read as something else, name a folder of their own"
            );
            return Err(refuse("dead_letters", why));
        }
        let mut names = BTreeSet::from([read.program()]);
        if let Some(twice) = read.files.iter().find(|file| !names.insert(name(file))) {
            let why = format!("put `{twice}` beside the job: another file has that name");
            return Err(refuse("files", why));
        }
        read.promised().map_err(|(key, why)| refuse(key, why))?;
        Ok(read)
    }

    /// Those of the user's settings that begin so.
    fn asked(&self, prefix: &str) -> impl Iterator<Item = (String, String)> {
        let asked = self
            .conf
            .iter()
            .filter(move |(key, _)| key.starts_with(prefix));
        asked.map(|(key, value)| (key.clone(), value.clone()))
    }

    /// What the load sends.
    fn generator(&self, seed: u64) -> Generator {
        Generator {
            seed,
            partitions: self.partitions,
            malformed: units::share(&self.malformed).unwrap_or_default(),
        }
    }

    /// Where its contract wants malformed records.
    fn rejects(&self) -> Rejects {
        if self.drops {
            Rejects::Dropped
        } else {
            Rejects::SetAside
        }
    }

    /// Name of the program.
    fn program(&self) -> &str {
        if self.job.is_empty() {
            SHIPPED
        } else {
            name(&self.job)
        }
    }

    /// The program, the shipped one or the file that the scenario names, and the files beside it.
    fn sources(&self, folder: &str) -> Result<BTreeMap<String, String>, BedError> {
        let mut sources = BTreeMap::new();
        if self.job.is_empty() {
            sources.insert(SHIPPED.to_owned(), JOB.to_owned());
        }
        let own = Some(&self.job).filter(|job| !job.is_empty());
        for path in own.into_iter().chain(&self.files) {
            let file = Path::new(folder).join(path);
            let text = std::fs::read_to_string(&file)
                .map_err(|error| failed(format!("read the job {}", file.display()), error))?;
            sources.insert(name(path).to_owned(), text);
        }
        Ok(sources)
    }
}

impl Workload for Pipeline {
    fn name(&self) -> &'static str {
        "pipeline"
    }
    fn doc(&self) -> &'static str {
        "Transactions from Kafka, validated by Spark Structured Streaming, into a table on MinIO: Parquet files, or Delta."
    }
    fn settings(&self) -> &'static [SettingDoc] {
        &[
            SettingDoc {
                name: "rate",
                doc: "records per second, sent on schedule whatever happens",
                default: "300/s",
            },
            SettingDoc {
                name: "arrivals",
                doc: "gaps between records: `constant` or drawn (`poisson`)",
                default: "constant",
            },
            SettingDoc {
                name: "partitions",
                doc: "partitions of the topic, 1 to 64",
                default: "4",
            },
            SettingDoc {
                name: "trigger",
                doc: "time between starts of two batches, at least 100ms",
                default: "500ms",
            },
            SettingDoc {
                name: "shuffle",
                doc: "whether each batch is exchanged between executors before it is written",
                default: "false",
            },
            SettingDoc {
                name: "conf",
                doc: "more settings, by name: `spark.*` of the job, `kafka.*` of its consumer",
                default: "{}",
            },
            SettingDoc {
                name: "job",
                doc: "another PySpark file, relative to the scenario; empty for the shipped one",
                default: "",
            },
            SettingDoc {
                name: "files",
                doc: "files that the job imports, relative to the scenario; they lie beside it",
                default: "[]",
            },
            SettingDoc {
                name: "format",
                doc: "how the job writes its table: files of `parquet` or `json` (an object a line), or `delta`, a Delta table",
                default: "parquet",
            },
            SettingDoc {
                name: "id",
                doc: "column of the table with a record's `number`",
                default: "number",
            },
            SettingDoc {
                name: "checksum",
                doc: "whether the table keeps every field of a record with its `checksum`; else only its presence is judged",
                default: "true",
            },
            SettingDoc {
                name: "follow",
                doc: "what tells how far the job is: its `checkpoint` on the store, or the `table` itself, for jobs that keep no such checkpoint",
                default: "checkpoint",
            },
            SettingDoc {
                name: "dead_letters",
                doc: "folder of the bucket in which the job puts records that it rejects, in the table's format; empty where it keeps none",
                default: "",
            },
            SettingDoc {
                name: "malformed",
                doc: "share of the records that are malformed on purpose; they belong into the dead letters",
                default: "0%",
            },
            SettingDoc {
                name: "drops",
                doc: "whether the job drops malformed records on purpose, so that none of them is a loss",
                default: "false",
            },
            SettingDoc {
                name: "required",
                doc: "columns of the table that must not be null, for `completeness`; of a table without `checksum` its `id` alone",
                default: "[transaction_id, customer_id, amount_cents]",
            },
            SettingDoc {
                name: "schema",
                doc: "every column of the table with its type in Spark's words, like `{number: bigint, currency: string}`, for `conformity`; of a `job` of one's own nothing is declared until it is given",
                default: "that of pipeline.py",
            },
        ]
    }
    fn check(&self, settings: &Value) -> Result<Value, SettingsError> {
        Ok(serde_json::json!(Settings::read(settings)?))
    }
    fn needs(&self) -> &'static [&'static str] {
        &["kafka", "minio", "spark"]
    }
    fn probes(&self, settings: &Value) -> Vec<ProbeSpec> {
        let (by, period) = match Settings::read(settings).unwrap_or_default().follow {
            By::Checkpoint => ("the checkpoint on the store", Nanos::ms(100)),
            By::Table => ("the files of the table", Nanos::ms(500)),
        };
        vec![ProbeSpec {
            name: "freshness".into(),
            kind: ProbeKind::GaugeLow,
            unit: "s".into(),
            doc: format!(
                "Age of the newest committed record of the oldest partition, by {by} and the send record of the load."
            ),
            period_ns: period,
            deadline_ns: Nanos::secs(5),
            full: None,
        }]
    }
    fn files(&self, settings: &Value) -> Vec<(&'static str, String)> {
        let Settings { job, files, .. } = Settings::read(settings).unwrap_or_default();
        let own = Some(job).filter(|job| !job.is_empty());
        let own = own.map(|job| ("job", job)).into_iter();
        own.chain(files.into_iter().map(|file| ("files", file)))
            .collect()
    }
    fn load(&self, settings: &Value) -> (f64, bool) {
        let settings = Settings::read(settings).unwrap_or_default();
        settings.arrivals.at(&settings.rate)
    }
}

/// What comes after the last slash.
fn name(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

/// Saves half of the requests of a batch; for checkpoints on the store only.
const MANAGER: &str =
    "org.apache.spark.internal.io.cloud.AbortableStreamBasedCheckpointFileManager";

/// What a session needs to write Delta.
fn delta() -> Vec<(String, String)> {
    let conf = [
        ("spark.jars", delta_jars()),
        (
            "spark.sql.extensions",
            "io.delta.sql.DeltaSparkSessionExtension".into(),
        ),
        (
            "spark.sql.catalog.spark_catalog",
            "org.apache.spark.sql.delta.catalog.DeltaCatalog".into(),
        ),
        // Instead of fifty: the log of a run has hundreds of lines, not millions.
        ("spark.databricks.delta.snapshotPartitions", "2".into()),
    ];
    let named = |(key, value): (&str, String)| (key.to_owned(), value);
    conf.into_iter().map(named).collect()
}

/// Where a job of a user's own finds what the shipped one does without, by the names of settings.
fn places(site: &Site, settings: &Settings) -> Vec<(String, String)> {
    let at = |folder: &str| format!("s3a://{BUCKET}/{folder}");
    let manager = "spark.sql.streaming.checkpointFileManagerClass";
    let dead = Some(&settings.dead_letters).filter(|folder| !folder.is_empty());
    let service = site.offer("enrichment.inside").ok();
    let on_store = settings.follow == By::Checkpoint;
    let is_delta = settings.format == Format::Delta;
    let places = [
        on_store.then(|| (manager, MANAGER.to_owned())),
        is_delta.then(|| ("spark.brinell.format", "delta".to_owned())),
        Some(("spark.brinell.gold", at(GOLD))),
        dead.map(|folder| ("spark.brinell.dead_letters", at(folder))),
        service.map(|service| ("spark.brinell.enrichment", service.to_owned())),
    ];
    let named = |(key, value): (&str, String)| (key.to_owned(), value);
    places.into_iter().flatten().map(named).collect()
}

/// Settings of Spark for this job. Timeouts stay Spark's own: a killed executor closes its sockets, which needs none.
fn conf(site: &Site) -> Result<Vec<(String, String)>, BedError> {
    let conf = [
        ("spark.sql.shuffle.partitions", "2".into()),
        (
            "spark.hadoop.fs.s3a.endpoint",
            format!("http://{}", site.offer("s3.inside")?),
        ),
        ("spark.hadoop.fs.s3a.endpoint.region", "us-east-1".into()),
        ("spark.hadoop.fs.s3a.path.style.access", "true".into()),
        ("spark.hadoop.fs.s3a.connection.ssl.enabled", "false".into()),
        (
            "spark.hadoop.fs.s3a.aws.credentials.provider",
            "org.apache.hadoop.fs.s3a.SimpleAWSCredentialsProvider".into(),
        ),
        (
            "spark.hadoop.fs.s3a.access.key",
            site.offer("s3.key")?.to_owned(),
        ),
        (
            "spark.hadoop.fs.s3a.secret.key",
            site.offer("s3.secret")?.to_owned(),
        ),
        ("spark.hadoop.fs.s3a.bucket.probe", "0".into()),
        (
            "spark.hadoop.fs.s3a.performance.flags",
            "create,mkdir".into(),
        ),
    ];
    Ok(conf
        .into_iter()
        .map(|(key, value)| (key.to_owned(), value))
        .collect())
}

impl Drive for Pipeline {
    fn submission(
        &self,
        settings: &Value,
        site: &Site,
        folder: &str,
    ) -> Result<Submission, BedError> {
        let settings = Settings::read(settings).unwrap_or_default();
        let trigger = units::duration(&settings.trigger)
            .unwrap_or(Nanos::ms(500))
            .0
            / units::MS;
        let args = [
            ("--brokers", site.offer("kafka.inside")?.to_owned()),
            ("--topic", TOPIC.into()),
            ("--table", format!("s3a://{BUCKET}/{TABLE}")),
            ("--checkpoint", format!("s3a://{BUCKET}/{CHECKPOINT}")),
            ("--trigger", format!("{trigger} milliseconds")),
        ];
        let mut args: Vec<String> = args
            .into_iter()
            .flat_map(|(name, value)| [name.to_owned(), value])
            .collect();
        let option = |(key, value)| ["--option".to_owned(), format!("{key}={value}")];
        args.extend(settings.asked("kafka.").flat_map(option));
        args.extend(settings.shuffle.then(|| "--shuffle".to_owned()));
        let mut conf = conf(site)?;
        conf.extend(places(site, &settings));
        if settings.format == Format::Delta {
            conf.extend(delta());
        }
        conf.extend(settings.asked("spark."));
        Ok(Submission {
            name: settings.program().into(),
            files: settings.sources(folder)?,
            args,
            conf,
            after: vec![live::INPUTS],
        })
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
        let key = |settings| Pipeline.check(&settings).unwrap_err().key;
        assert_eq!(key(json!({"rate": "300"})), "rate");
        assert_eq!(key(json!({"arrivals": "bursty"})), "arrivals");
        assert_eq!(key(json!({"partitions": 0})), "partitions");
        assert_eq!(key(json!({"trigger": "5ms"})), "trigger");
        assert_eq!(key(json!({"malformed": "much"})), "malformed");
        assert_eq!(
            key(json!({"dead_letters": "transactions/bad"})),
            "dead_letters"
        );
        assert_eq!(
            key(json!({"dead_letters": "/customer_summary"})),
            "dead_letters"
        );
        assert_eq!(key(json!({"conf": {"fs.s3a.x": "1"}})), "conf");
        assert_eq!(key(json!({"files": ["a/x.py", "b/x.py"]})), "files");
        assert_eq!(key(json!({"files": ["pipeline.py"]})), "files");
    }

    #[test]
    fn the_load_is_as_the_settings_say() {
        assert_eq!(
            Pipeline.load(&json!({"rate": "50/s", "arrivals": "poisson"})),
            (50.0, true)
        );
        assert_eq!(Pipeline.load(&json!({})), (300.0, false));
    }

    #[test]
    fn a_job_that_is_not_there_is_named() {
        let settings = Settings {
            job: "nowhere.py".into(),
            ..Settings::default()
        };
        assert!(
            settings
                .sources("/nonexistent")
                .unwrap_err()
                .what
                .contains("nowhere.py")
        );
        assert_eq!(
            Settings::default().sources("/nonexistent"),
            Ok([(SHIPPED.to_owned(), JOB.to_owned())].into())
        );
    }
}
