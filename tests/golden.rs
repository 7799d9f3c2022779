//! Every scenario that ships parses and plans, and its plan is the committed one byte for byte. `BRINELL_GOLDEN=write` (`just golden`) rewrites.
use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

const SEED: &str = "7";

fn scenarios(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("the scenarios").flatten() {
        let path = entry.path();
        // Capacity files, objectives and figures are no scenarios: tests of their own read them.
        let other = |name: &str| path.ends_with(name);
        if path.is_dir() && !["capacity", "slo"].into_iter().any(other) {
            scenarios(&path, found);
        } else if path.extension().is_some_and(|ending| ending == "yaml") {
            found.push(path);
        }
    }
}

fn plan(scenario: &Path) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_brinell"))
        .args(["plan", "--seed", SEED])
        .arg(scenario)
        .output()
        .expect("brinell runs");
    assert!(
        output.status.success(),
        "{}: {}",
        scenario.display(),
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8(output.stdout).expect("a plan is text")
}

#[test]
fn every_scenario_has_its_golden_plan() {
    let mut found = Vec::new();
    scenarios(
        &Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios"),
        &mut found,
    );
    assert!(!found.is_empty(), "no scenario ships");
    for scenario in found {
        let stem = scenario
            .file_stem()
            .expect("a name")
            .to_string_lossy()
            .into_owned();
        let golden = scenario
            .with_file_name("golden")
            .join(format!("{stem}.plan.json"));
        let (now, again) = (plan(&scenario), plan(&scenario));
        assert_eq!(
            now,
            again,
            "{}: two plans of one seed differ",
            scenario.display()
        );
        if std::env::var("BRINELL_GOLDEN").is_ok_and(|value| value == "write") {
            fs::create_dir_all(golden.parent().expect("a folder")).expect("make the golden folder");
            fs::write(&golden, &now).expect("write the golden plan");
        }
        let committed = fs::read_to_string(&golden).unwrap_or_default();
        assert!(
            committed == now,
            "{} is not the plan of {}; look at the difference, then: just golden",
            golden.display(),
            scenario.display()
        );
    }
}

/// A document is what a command prints.
fn generated(path: &str, args: &[&str]) {
    let made = Command::new(env!("CARGO_BIN_EXE_brinell"))
        .args(args)
        .output()
        .expect("brinell runs");
    assert!(made.status.success(), "brinell {}", args.join(" "));
    let now = String::from_utf8(made.stdout).expect("text");
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    if std::env::var("BRINELL_GOLDEN").is_ok_and(|value| value == "write") {
        fs::write(&file, &now).expect("write the document");
    }
    assert!(
        fs::read_to_string(&file).unwrap_or_default() == now,
        "{path} is not what `brinell {}` prints: just golden",
        args.join(" ")
    );
}

#[test]
fn the_table_of_faults_is_the_catalogs() {
    generated("docs/faults.md", &["faults", "--markdown"]);
}

#[test]
fn the_schema_of_scenarios_is_the_catalogs_and_the_parsers() {
    generated("docs/scenario.schema.json", &["faults", "--schema"]);
}

#[test]
fn the_table_of_objectives_is_the_parsers() {
    generated("docs/objectives.md", &["objectives", "--markdown"]);
}

#[test]
fn the_readme_names_every_exit_code() {
    let readme = include_str!("../README.md");
    let help = Command::new(env!("CARGO_BIN_EXE_brinell"))
        .arg("--help")
        .output()
        .expect("brinell runs");
    let help = String::from_utf8(help.stdout).expect("text");
    let codes = help
        .lines()
        .skip_while(|line| *line != "Exit codes:")
        .skip(1);
    let names: Vec<&str> = codes
        .filter_map(|line| line.split_whitespace().nth(1))
        .collect();
    assert!(names.len() > 10, "the help lists no codes");
    for name in names {
        assert!(readme.contains(name), "{name} is not in the README");
    }
}
