//! The commands of the planner as a user meets them: files with mistakes are refused with place and fix, the gate is an exit code.
//!
//! Knows by run folders of the testbed without containers, whose outages are planted.
use std::{
    path::Path,
    process::{Command, Output},
};

fn brinell(args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_brinell"))
        .args(args)
        .env("DOCKER_HOST", "unix:///nonexistent/docker.sock")
        .output()
        .expect("brinell runs")
}

fn code(output: &Output) -> i32 {
    output.status.code().unwrap_or(-1)
}

fn shown(output: &Output) -> String {
    format!(
        "{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    )
}

fn scratch(name: &str, text: &str) -> String {
    let path = std::env::temp_dir().join(format!("brinell-budget-{}-{name}", std::process::id()));
    std::fs::write(&path, text).expect("a scratch file");
    path.display().to_string()
}

#[test]
fn the_example_files_read() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios/slo");
    let text = std::fs::read_to_string(root.join("pipeline.yaml")).expect("the example");
    let file = model::slo::parse(&text).expect("it reads");
    assert_eq!(file.slos.len(), 3);
    let delivery = brinell(&["delivery", "scenarios/slo/deployments.yaml"]);
    assert_eq!(code(&delivery), 0, "{}", shown(&delivery));
    assert!(
        shown(&delivery).contains("change failure rate"),
        "{}",
        shown(&delivery)
    );
    let risk = brinell(&["risk", "scenarios/slo/defences.yaml"]);
    assert_eq!(code(&risk), 11, "{}", shown(&risk));
    assert!(shown(&risk).contains("not probed"), "{}", shown(&risk));
}

#[test]
fn mistakes_are_refused_with_line_column_and_fix() {
    let slo = scratch(
        "slo.yaml",
        "apiVersion: openslo/v1\nkind: SLO\nmetadata: {name: a}\nspec: {servce: x}\n",
    );
    let output = brinell(&["budget", "runs/none", "--slo", &slo]);
    let text = shown(&output);
    assert_eq!(code(&output), 3, "{text}");
    assert!(
        text.contains(":4:8") && text.contains("did you mean `service`?"),
        "{text}"
    );
    let file = scratch(
        "dora.yaml",
        "brinell: 1\ndeployments:\n  - {id: a, committed: yesterday, deployed: 2026-01-01T00:00:00Z, failed: false}\n",
    );
    let output = brinell(&["delivery", &file]);
    assert_eq!(code(&output), 3, "{}", shown(&output));
    assert!(shown(&output).contains(":3:24"), "{}", shown(&output));
    let bad = brinell(&[
        "budget",
        "runs/none",
        "--slo",
        "scenarios/slo/pipeline.yaml",
        "--faults-per-month",
        "kill=-1",
    ]);
    assert_eq!(code(&bad), 2, "{}", shown(&bad));
}

#[test]
fn a_folder_that_is_no_run_is_bad_evidence() {
    for args in [
        &["analyze", "scenarios"][..],
        &[
            "budget",
            "scenarios",
            "--slo",
            "scenarios/slo/pipeline.yaml",
        ],
    ] {
        let output = brinell(args);
        assert_eq!(code(&output), 8, "{}", shown(&output));
    }
}

#[test]
fn no_run_at_all_is_unknown() {
    let output = brinell(&["trend", "scenarios"]);
    assert_eq!(code(&output), 11, "{}", shown(&output));
    assert!(
        shown(&output).contains("no run was found"),
        "{}",
        shown(&output)
    );
}
