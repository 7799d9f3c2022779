//! What the shell itself writes into the run folder at the end, and what it cost.
use crate::folder::RunFolder;
use model::{
    journal::Event,
    system::{NodeLog, StageRead},
};

pub(super) fn stages(
    folder: &RunFolder,
    stages: Vec<StageRead>,
) -> Result<Vec<(StageRead, String)>, String> {
    let save = |stage: StageRead| {
        let path = format!("ledger/{}.ids", stage.stage);
        let header =
            serde_json::json!({"schema": "brinell.ids/1", "stage": stage.stage, "record": 8});
        let mut bytes = format!("{header}\n").into_bytes();
        stage
            .read
            .iter()
            .for_each(|number| bytes.extend(number.to_le_bytes()));
        folder
            .write(&path, &bytes)
            .map_err(|error| format!("write {path}: {error}"))?;
        Ok((stage, path))
    };
    stages.into_iter().map(save).collect()
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
