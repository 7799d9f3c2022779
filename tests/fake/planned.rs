//! The planner's commands on a run folder whose faults are known: three kinds of gate, each its exit code.
use super::{Folder, Knobs, made};
use std::process::{Command, Output};

fn brinell(args: &[&str]) -> (i32, String) {
    let command = Command::new(env!("CARGO_BIN_EXE_brinell"))
        .args(args)
        .env("DOCKER_HOST", "unix:///nonexistent/docker.sock")
        .output();
    let Output {
        status,
        stdout,
        stderr,
    } = command.expect("brinell runs");
    let text = [stdout, stderr].map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
    (status.code().unwrap_or(-1), text.concat())
}

fn slo(at: &Folder, target: &str) -> String {
    let text = format!(
        "apiVersion: openslo/v1\nkind: SLO\nmetadata: {{name: enough-workers}}\nspec:\n  service: feed\n  indicator:\n    spec:\n      thresholdMetric: {{metricSource: {{type: brinell, spec: {{measure: availability, filter: {{probe: workers}}}}}}}}\n  timeWindow: [{{duration: 30d, isRolling: true}}]\n  budgetingMethod: Timeslices\n  objectives: [{{target: {target}}}]\n"
    );
    let path = at.0.join(format!("slo-{target}.yaml"));
    std::fs::write(&path, text).expect("written");
    path.display().to_string()
}

/// Eight kills of 1.3 s each in 120 s of judged time: 8.7 % are bad.
#[test]
fn the_gate_opens_where_something_is_left_and_blocks_where_nothing_is() {
    let at = super::folder("planned");
    made(&at.0, &Knobs::default());
    let run = at.0.display().to_string();
    let gate = |target: &str, more: &[&str]| {
        let slo = slo(&at, target);
        let args = [&["budget", &run, "--slo", &slo], more].concat();
        brinell(&args)
    };
    let (code, text) = gate("0.8", &[]);
    assert_eq!(code, 0, "{text}");
    assert!(
        text.starts_with("OPEN") && text.contains("burn-down"),
        "{text}"
    );
    let (code, text) = gate("0.95", &[]);
    assert_eq!(code, 12, "{text}");
    assert!(text.starts_with("BLOCKED"), "{text}");
    let (code, text) = gate("0.999", &["--gate", "window"]);
    assert_eq!(code, 0, "one run leaves most of a month: {text}");
    let (code, text) = gate("0.999", &["--gate", "forecast"]);
    assert_eq!(code, 13, "no frequencies were stated: {text}");
    let (code, text) = gate(
        "0.999",
        &["--gate", "forecast", "--faults-per-month", "kill=2"],
    );
    assert_eq!(code, 0, "{text}");
    assert!(text.contains("MTTF"), "{text}");
    let (code, text) = gate(
        "0.999",
        &["--gate", "forecast", "--faults-per-month", "kill=5000"],
    );
    assert_eq!(code, 12, "{text}");
}

/// The same numbers in both forms of `budget`, and a run that was cut opens nothing.
#[test]
fn json_holds_what_the_text_says_and_a_cut_journal_opens_nothing() {
    let at = super::folder("planned-json");
    made(&at.0, &Knobs::default());
    let (run, slo) = (at.0.display().to_string(), slo(&at, "0.8"));
    let (code, text) = brinell(&["budget", &run, "--slo", &slo, "--json"]);
    assert_eq!(code, 0, "{text}");
    let json: serde_json::Value = serde_json::from_str(&text).expect("JSON");
    assert_eq!(
        (&json["schema"], &json["gate"]),
        (&"brinell.budget/1".into(), &"open".into())
    );
    let (_, text) = brinell(&["analyze", &run, "--json", "--faults-per-month", "kill=2"]);
    let json: serde_json::Value = serde_json::from_str(&text).expect("JSON");
    assert_eq!(json["schema"], "brinell.analyze/1");
    assert!(
        json["recovery"][0]["recover"]["value"].as_f64().is_some(),
        "{text}"
    );
    let journal = at.0.join("events.jsonl");
    let whole = std::fs::read_to_string(&journal).expect("a journal");
    std::fs::write(&journal, &whole[..whole.len() - 30]).expect("written");
    let (code, text) = brinell(&["budget", &run, "--slo", &slo]);
    assert_eq!(code, 13, "{text}");
    assert!(text.contains("journal"), "{text}");
    let (code, _) = brinell(&["budget", &run, &run, "--slo", &slo]);
    assert_eq!(code, 8, "the same run twice");
}
