//! The layer rule: pure crates contain no runtime and no engine client; the engine crate knows no fault, system or report.
use std::process::Command;

fn tree(package: &str) -> Vec<String> {
    let cargo = std::env::var("CARGO").unwrap_or_else(|_| "cargo".into());
    let args = [
        "tree", "-p", package, "-e", "normal", "--prefix", "none", "--locked",
    ];
    let output = Command::new(cargo).args(args).output().expect("cargo runs");
    assert!(
        output.status.success(),
        "cargo tree -p {package}: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    text.lines()
        .filter_map(|line| line.split_whitespace().next())
        .map(str::to_owned)
        .collect()
}

fn refuse(package: &str, forbidden: &[&str]) {
    let tree = tree(package);
    let found: Vec<&&str> = forbidden
        .iter()
        .filter(|name| tree.iter().any(|dependency| dependency == **name))
        .collect();
    assert!(found.is_empty(), "{package} depends on {found:?}");
    assert!(!tree.is_empty());
}

#[test]
fn pure_crates_contain_no_runtime_and_no_engine_client() {
    for package in ["model", "faults", "guard", "analysis", "reports"] {
        refuse(package, &["tokio", "bollard", "testcontainers"]);
    }
}

#[test]
fn the_engine_sees_ports_only() {
    refuse(
        "engine",
        &[
            "faults",
            "systems",
            "guard",
            "analysis",
            "reports",
            "bollard",
            "testcontainers",
        ],
    );
}

#[test]
fn the_guard_knows_no_fault_and_no_system() {
    refuse(
        "guard",
        &["faults", "systems", "engine", "analysis", "reports"],
    );
}

#[test]
fn analysis_and_reports_know_nothing_that_runs() {
    refuse(
        "analysis",
        &["faults", "systems", "engine", "guard", "reports"],
    );
    refuse("reports", &["faults", "systems", "engine", "guard"]);
}
