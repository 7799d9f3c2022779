//! Two arms on the testbed without containers: from run folders to the report of the comparison, by the program itself.
//!
//! Knows by a planted defect: one arm loses a record in every run, the other none.
use super::*;
use model::compare::{
    Claim, Measured, RunOf,
    order::{self, Order},
};
use std::process::{Command, Output};

/// The least for an interval.
const ENOUGH: u64 = 6;

/// A folder as `brinell compare` leaves it; `loses` is the arm that does.
fn compared(name: &str, loses: usize, repeats: u64) -> Folder {
    let at = folder(name);
    let mut runs = Vec::new();
    for repeat in 0..repeats {
        for arm in [0, 1] {
            let folder = format!("{arm}-kills-{repeat}/r");
            let lose = (arm == loses).then_some(1234);
            let knobs = Knobs {
                seed: 7 + repeat,
                planted: Planted {
                    lose,
                    ..Planted::default()
                },
                ..Knobs::default()
            };
            made(&at.0.join(&folder), &knobs);
            runs.push(RunOf {
                arm,
                round: "kills".into(),
                repeat,
                folder,
            });
        }
    }
    let text = serde_json::to_string_pretty(&ordered(runs, repeats)).expect("an order is JSON");
    fs::write(at.0.join(order::NAME), text).expect("written");
    at
}

fn ordered(runs: Vec<RunOf>, repeats: u64) -> Order {
    let lost = Claim {
        metric: "records lost".into(),
        without: "some".into(),
        with: "none".into(),
        claimed: "90 % less".into(),
        reduction: Some(0.9),
        measure: Some(Measured::Lost),
        why: String::new(),
    };
    Order {
        schema: order::SCHEMA.into(),
        name: "fake/two-arms".into(),
        claim: "The second arm loses nothing.".into(),
        seed: 7,
        probe: "age".into(),
        repeats,
        arms: ["first".into(), "second".into()],
        rounds: vec!["kills".into()],
        claims: vec![lost],
        runs,
        command: "brinell compare scenarios/fake/two-arms.yaml --seed 7".into(),
    }
}

fn report(at: &Path, more: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_brinell"));
    let command = command.arg("report").arg(at).args(more);
    command.output().expect("brinell runs")
}

/// Name and bytes of the files that lie directly in a folder.
fn files(at: &Path) -> BTreeMap<String, Vec<u8>> {
    let entries = fs::read_dir(at).expect("a folder").flatten();
    let plain = entries.filter(|entry| entry.path().is_file());
    plain
        .map(|entry| {
            let bytes = fs::read(entry.path()).expect("a file");
            (entry.file_name().to_string_lossy().into_owned(), bytes)
        })
        .collect()
}

#[test]
fn a_defect_of_one_arm_decides_the_comparison_and_its_exit_code() {
    let better = compared("better", 0, ENOUGH);
    let output = report(&better.0, &[]);
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert_eq!(output.status.code(), Some(0), "{text}");
    assert!(
        text.contains("records lost") && text.contains("PASS"),
        "{text}"
    );
    let worse = compared("worse", 1, ENOUGH);
    let output = report(&worse.0, &[]);
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert_ne!(output.status.code(), Some(0), "{text}");
    assert!(!text.contains("PASS"), "{text}");
}

#[test]
fn the_report_of_a_comparison_is_made_again_byte_for_byte_wherever_it_lies() {
    let at = compared("again", 0, 1);
    report(&at.0, &[]);
    let first = files(&at.0);
    assert!(first.len() > 3, "{:?}", first.keys());
    report(&at.0, &[]);
    assert!(first == files(&at.0), "a second report differs");
    let moved = folder("moved");
    fs::rename(&at.0, &moved.0).expect("moved");
    let out = folder("out");
    report(&moved.0, &["--out", &out.0.display().to_string()]);
    for (name, bytes) in files(&out.0) {
        assert!(first[&name] == bytes, "{name} differs");
    }
}

#[test]
fn a_comparison_cut_short_is_reported_as_far_as_it_came() {
    let at = compared("short", 0, ENOUGH);
    fs::remove_dir_all(at.0.join("1-kills-5")).expect("a run less");
    let output = report(&at.0, &[]);
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert_eq!(output.status.code(), Some(11), "{text}");
    let shown = String::from_utf8(files(&at.0)["comparison.html"].clone()).expect("text");
    assert!(shown.contains("could not be analysed"));
    assert!(
        !shown.contains(&*at.0.to_string_lossy()),
        "a path of this machine"
    );
}

/// Nothing is due: no engine is asked for, and none would answer.
#[test]
fn a_comparison_that_is_complete_is_only_reported_when_gone_on_with() {
    let at = compared("complete", 0, 1);
    let mut order = ordered(vec![], 1);
    order.name = "compare/two-arms".into();
    order.arms = ["stock".into(), "tuned".into()];
    order.rounds = vec!["executors".into()];
    let text = fs::read_to_string(at.0.join(order::NAME)).expect("an order");
    let ran: Order = serde_json::from_str(&text).expect("an order");
    let renamed = |run: RunOf| RunOf {
        round: "executors".into(),
        ..run
    };
    order.runs = ran.runs.into_iter().map(renamed).collect();
    let text = serde_json::to_string_pretty(&order).expect("an order is JSON");
    fs::write(at.0.join(order::NAME), text).expect("written");
    let scenario = include_str!("../compare/two-arms.yaml");
    fs::write(at.0.join("scenario.yaml"), scenario).expect("written");
    let mut command = Command::new(env!("CARGO_BIN_EXE_brinell"));
    let command = command
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .env("DOCKER_HOST", "unix:///nonexistent/brinell-tests.sock")
        .args(["compare", "tests/compare/two-arms.yaml", "--resume"])
        .arg(&at.0);
    let output = command.output().expect("brinell runs");
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(11), "one run an arm: {told}");
    assert!(told.contains("stock and tuned: 0 runs"), "{told}");
    assert!(at.0.join("comparison.html").is_file());
}
