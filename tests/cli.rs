//! The command line as a user meets it: bad input is refused before anything starts, with place and fix, and the documented code.
use std::{
    fs,
    path::PathBuf,
    process::{Command, Output},
};

const GOOD: &str = include_str!("../scenarios/spark/executor-kill.yaml");

fn brinell(args: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_brinell"));
    command
        .args(args)
        .env_remove("BRINELL_SETUP")
        // What is wrongly let through must not start containers.
        .env("DOCKER_HOST", "unix:///nonexistent/docker.sock")
        .output()
        .expect("brinell runs")
}

fn code(output: &Output) -> i32 {
    output.status.code().unwrap_or(-1)
}

fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// The scenario with one thing changed, in a file of its own.
fn with(name: &str, from: &str, to: &str) -> PathBuf {
    assert!(GOOD.contains(from), "the scenario has no `{from}`");
    let path = std::env::temp_dir().join(format!("brinell-cli-{}-{name}.yaml", std::process::id()));
    fs::write(&path, GOOD.replacen(from, to, 1)).expect("a scratch file");
    path
}

/// Refused by `run` with this code; the message has the place and all of these words.
fn refused(name: &str, from: &str, to: &str, expected: i32, words: &[&str]) {
    let path = with(name, from, to);
    let output = brinell(&["run", &path.display().to_string()]);
    let text = stderr(&output);
    assert_eq!(code(&output), expected, "{name}: {text}");
    for word in words {
        assert!(text.contains(word), "{name}: no `{word}` in:\n{text}");
    }
    let _ = fs::remove_file(path);
}

fn place(needle: &str) -> String {
    let at = GOOD.find(needle).expect("a piece of the scenario");
    let line = GOOD[..at].matches('\n').count() + 1;
    let column = at - GOOD[..at].rfind('\n').map_or(0, |end| end + 1) + 1;
    format!(":{line}:{column}")
}

#[test]
fn bad_input_is_refused_with_line_column_and_fix() {
    refused(
        "key",
        "times: 8",
        "tmies: 8",
        3,
        &[&place("times: 8"), "did you mean `times`?"],
    );
    refused(
        "unit",
        "every: 20s",
        "every: 20",
        3,
        &[&place("20s, times"), "`10s`"],
    );
    refused(
        "role",
        "role: spark-executor, pick",
        "role: spark-executer, pick",
        3,
        &[
            &place("spark-executor, pick"),
            "did you mean `spark-executor`?",
        ],
    );
    refused(
        "fault",
        "do: {kill:",
        "do: {kil:",
        3,
        &["known here: kill, pause, partition", "did you mean `kill`?"],
    );
    refused(
        "signal",
        "signal: KILL",
        "signal: KIL",
        3,
        &[&place("KILL}}}"), "KILL"],
    );
    refused(
        "outside",
        "{role: spark-executor, pick: 1}",
        "{container: mysql}",
        3,
        &["own testbed only"],
    );
    refused(
        "radius",
        "pick: 1",
        "pick: 2",
        3,
        &["blast radius", "1 of 2"],
    );
    refused(
        "system",
        "kafka: {brokers: 1}",
        "kafka: {brokers: 0}",
        3,
        &[&place("kafka: {brokers")[..3]],
    );
    refused(
        "probe",
        "freshness{window:fault}",
        "freshnes{window:fault}",
        3,
        &["freshness"],
    );
    refused(
        "version",
        "brinell: 1",
        "brinell: 9",
        3,
        &[":2:10", "brinell: 1"],
    );
}

#[test]
fn a_hold_beyond_the_kernels_own_end_is_refused() {
    let cut = "{role: spark-worker, pick: 1}, peers: {role: minio}, hold: 20s, do: {partition: {lifetime: 10s}}}";
    refused(
        "lifetime",
        "{role: spark-executor, pick: 1}, do: {kill: {signal: KILL}}}",
        cut,
        3,
        &["the kernel ends it after 10s"],
    );
}

#[test]
fn a_missing_file_is_refused() {
    let output = brinell(&["run", "scenarios/no-such.yaml"]);
    assert_eq!(
        (code(&output), stderr(&output).contains("no-such.yaml")),
        (3, true)
    );
}

#[test]
fn a_bad_command_line_is_usage() {
    assert_eq!(code(&brinell(&["rnu"])), 2);
    assert_eq!(code(&brinell(&["run"])), 2);
}

#[test]
fn the_help_names_every_exit_code() {
    let text = String::from_utf8_lossy(&brinell(&["--help"]).stdout).into_owned();
    for name in [
        "CONSENT_NEEDED",
        "UNSUPPORTED",
        "LEFTOVERS",
        "NOT_HEALED",
        "UNKNOWN",
        "BAD_EVIDENCE",
    ] {
        assert!(text.contains(name), "no {name} in the help");
    }
}

#[test]
fn the_catalog_is_listed_for_people_and_machines() {
    let text = String::from_utf8_lossy(&brinell(&["faults"]).stdout).into_owned();
    let json: serde_json::Value =
        serde_json::from_slice(&brinell(&["faults", "--json"]).stdout).expect("JSON");
    for fault in json.as_array().expect("a list") {
        assert!(text.contains(fault["name"].as_str().expect("a name")));
        assert!(!fault["proof"].as_str().unwrap_or_default().is_empty());
    }
}

#[test]
fn a_run_folder_that_is_none_is_bad_evidence() {
    let output = brinell(&["report", "scenarios"]);
    assert_eq!(code(&output), 8, "{}", stderr(&output));
}

#[test]
fn two_plans_of_one_seed_are_the_same_bytes() {
    let plan = || brinell(&["plan", "scenarios/spark/executor-kill.yaml", "--seed", "42"]).stdout;
    assert_eq!(plan(), plan());
    assert!(!plan().is_empty());
}

#[test]
fn a_drawn_seed_is_in_the_plan() {
    let plan: serde_json::Value =
        serde_json::from_slice(&brinell(&["plan", "scenarios/spark/executor-kill.yaml"]).stdout)
            .expect("JSON");
    assert!(plan["seed"].as_u64().is_some());
}
