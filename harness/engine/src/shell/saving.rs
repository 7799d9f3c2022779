//! What the shell itself writes into the run folder at the end, and what it cost.
use crate::folder::RunFolder;
use model::{
    journal::Event,
    ledger::{Stage, codec},
    system::NodeLog,
};

/// Writes each stage, and gives what the journal says of it.
pub(super) fn stages(folder: &RunFolder, stages: &[Stage]) -> Result<Vec<Event>, String> {
    let save = |stage: &Stage| {
        let path = format!("ledger/{}.stage", stage.name);
        let bytes = codec::encode(stage);
        folder
            .write(&path, &bytes)
            .map_err(|error| format!("write {path}: {error}"))?;
        Ok(Event::StageRead {
            stage: stage.name.clone(),
            path,
            sha256: codec::digest(&bytes),
            complete: stage.complete.is_ok(),
            why: stage.complete.clone().err(),
            read: stage.read(),
            illegible: stage.illegible,
        })
    };
    stages.iter().map(save).collect()
}

pub(super) fn logs(folder: &RunFolder, logs: Vec<NodeLog>) -> Vec<(NodeLog, String)> {
    let index: Vec<serde_json::Value> = logs
        .iter()
        .map(|log| {
            serde_json::json!({"node": log.node, "container": log.container, "bytes": log.bytes.len(),
                "truncated": log.truncated, "exit_code": log.exit_code, "oom_killed": log.oom_killed})
        })
        .collect();
    let _ = folder.write(
        "logs/index.json",
        &serde_json::to_vec_pretty(&index).unwrap_or_default(),
    );
    let save = |log: NodeLog| {
        let path = format!("logs/{}.log", log.node);
        folder
            .write(&path, &log.bytes)
            .is_ok()
            .then_some((log, path))
    };
    logs.into_iter().filter_map(save).collect()
}

/// CPU and memory that the harness itself took, from its own entry in the process table.
pub(super) fn own_cost() -> Option<Event> {
    let stat = std::fs::read_to_string("/proc/self/stat").ok()?;
    let fields: Vec<&str> = stat.rsplit_once(')')?.1.split_whitespace().collect();
    let ticks: u64 = fields.get(11)?.parse::<u64>().ok()? + fields.get(12)?.parse::<u64>().ok()?;
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let peak = status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))?
        .trim()
        .strip_suffix(" kB")?
        .trim()
        .parse::<u64>()
        .ok()?;
    Some(Event::HarnessMeasured {
        cpu_s: ticks as f64 / TICKS_PER_S,
        rss_bytes: peak * 1024,
    })
}

/// `USER_HZ` of Linux on every architecture we run on.
const TICKS_PER_S: f64 = 100.0;
