//! Every scenario that ships parses and plans, and its plan is the committed one byte for byte. `BRINELL_GOLDEN=write` (`just golden`) rewrites.
use std::{fs, path::{Path, PathBuf}, process::Command};

const SEED: &str = "7";

fn scenarios(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("the scenarios").flatten() {
        let path = entry.path();
        if path.is_dir() {
            scenarios(&path, found);
        } else if path.extension().is_some_and(|ending| ending == "yaml") {
            found.push(path);
        }
    }
}

fn plan(scenario: &Path) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_brinell")).args(["plan", "--seed", SEED]).arg(scenario).output().expect("brinell runs");
    assert!(output.status.success(), "{}: {}", scenario.display(), String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("a plan is text")
}

#[test]
fn every_scenario_has_its_golden_plan() {
    let mut found = Vec::new();
    scenarios(&Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios"), &mut found);
    assert!(!found.is_empty(), "no scenario ships");
    for scenario in found {
        let stem = scenario.file_stem().expect("a name").to_string_lossy().into_owned();
        let golden = scenario.with_file_name("golden").join(format!("{stem}.plan.json"));
        let (now, again) = (plan(&scenario), plan(&scenario));
        assert_eq!(now, again, "{}: two plans of one seed differ", scenario.display());
        if std::env::var("BRINELL_GOLDEN").is_ok_and(|value| value == "write") {
            fs::create_dir_all(golden.parent().expect("a folder")).expect("make the golden folder");
            fs::write(&golden, &now).expect("write the golden plan");
        }
        let committed = fs::read_to_string(&golden).unwrap_or_default();
        assert!(committed == now, "{} is not the plan of {}; look at the difference, then: just golden", golden.display(), scenario.display());
    }
}
