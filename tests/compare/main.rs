//! `brinell compare` as a user meets it, up to the first container: what is refused, where, and what would be run.
use model::plan::Plan;
use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    process::{Command, Output},
};

const FILE: &str = "tests/compare/two-arms.yaml";
const GOOD: &str = include_str!("two-arms.yaml");

/// No engine answers here: what should have been refused and is not ends at once, and starts nothing.
const NO_ENGINE: &str = "unix:///nonexistent/brinell-tests.sock";

fn brinell(args: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_brinell"));
    let command = command.current_dir(env!("CARGO_MANIFEST_DIR")).args(args);
    command
        .env("DOCKER_HOST", NO_ENGINE)
        .env_remove("BRINELL_SETUP")
        .output()
        .expect("brinell runs")
}

fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// A scratch folder that goes away with its test.
struct Scratch(PathBuf);

impl Scratch {
    fn new(name: &str) -> Self {
        let name = format!("brinell-compare-{}-{name}", std::process::id());
        let path = std::env::temp_dir().join(name);
        fs::create_dir_all(&path).expect("a scratch folder");
        Self(path)
    }

    fn write(&self, name: &str, text: &str) -> String {
        let path = self.0.join(name);
        fs::write(&path, text).expect("a scratch file");
        path.display().to_string()
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// Refused by `verb` with exit code 3 when one thing is changed; the message has all of these words.
fn refused(verb: &str, name: &str, (from, to): (&str, &str), words: &[&str]) {
    assert!(GOOD.contains(from), "the comparison has no `{from}`");
    let scratch = Scratch::new(&format!("{verb}-{name}"));
    let file = scratch.write("two-arms.yaml", &GOOD.replacen(from, to, 1));
    let output = brinell(&[verb, &file]);
    let text = stderr(&output);
    assert_eq!(output.status.code(), Some(3), "{name}: {text}");
    for word in words {
        assert!(text.contains(word), "{name}: no `{word}` in:\n{text}");
    }
}

/// `:line:column` of a piece of the comparison.
fn place(needle: &str) -> String {
    let at = GOOD.find(needle).expect("a piece of the comparison");
    let line = GOOD[..at].matches('\n').count() + 1;
    let column = at - GOOD[..at].rfind('\n').map_or(0, |end| end + 1) + 1;
    format!(":{line}:{column}\n")
}

#[test]
fn what_the_file_may_not_say_is_refused_with_line_column_and_fix() {
    let bad = |name, change, words: &[&str]| refused("compare", name, change, words);
    bad(
        "key",
        ("  repeats: 2", "  repaets: 2"),
        &[&place("repeats: 2"), "did you mean `repeats`?"],
    );
    bad(
        "arm",
        ("probes: {freshness: {deadline: 4s}}", "limits: {hold: 1s}"),
        &[&place("probes: {fresh"), "the same in both arms"],
    );
    bad(
        "faults",
        ("objectives:", "faults: []\nobjectives:"),
        &[&place("objectives:"), "compare.rounds"],
    );
    bad(
        "probe",
        ("probe: freshness", "probe: freshnes"),
        &[&place("freshness\n"), "did you mean `freshness`?"],
    );
}

/// Parsing takes these; planning an arm refuses them, and the mark stands where the arm wrote it.
#[test]
fn what_only_the_plan_of_an_arm_refuses_points_at_the_line_of_the_arm() {
    refused(
        "compare",
        "setting",
        ("timeouts: tuned", "timeouts: tund"),
        &[&place("tuned}}\n"), "tuned"],
    );
    refused(
        "compare",
        "role",
        (
            "{role: spark-worker, pick: 1}",
            "{role: spark-wroker, pick: 1}",
        ),
        &[&place("spark-worker, pick"), "did you mean `spark-worker`?"],
    );
}

/// The second round differs only: every round is planned, also where it would not be run.
#[test]
fn arms_that_would_be_hurt_differently_are_refused_at_the_round() {
    let nodes = (
        "stock: {testbed: {spark: {timeouts: stock}}}",
        "stock: {testbed: {spark: {timeouts: stock, workers: 3}}}",
    );
    for verb in ["compare", "plan"] {
        refused(
            verb,
            "differ",
            nodes,
            &["hurt both arms of round `", "alike", "the same nodes"],
        );
    }
}

#[test]
fn each_command_names_the_other_for_its_file() {
    let run = brinell(&["run", FILE]);
    assert_eq!(run.status.code(), Some(3));
    assert!(stderr(&run).contains("brinell compare"), "{}", stderr(&run));
    assert!(stderr(&run).contains(&place("compare:")));
    let compare = brinell(&["compare", "scenarios/spark/executor-kill.yaml"]);
    assert_eq!(compare.status.code(), Some(3));
    let text = stderr(&compare);
    assert!(text.contains("brinell run") && text.contains("`compare`"));
}

#[test]
fn a_resumed_comparison_takes_no_orders() {
    for flag in [["--seed", "1"], ["--repeats", "3"], ["--out", "x"]] {
        let output = brinell(&["compare", FILE, "--resume", "x", flag[0], flag[1]]);
        assert_eq!(output.status.code(), Some(2), "{flag:?}");
    }
    for flag in ["--quick", "--full"] {
        let output = brinell(&["compare", FILE, "--resume", "x", flag]);
        assert_eq!(output.status.code(), Some(2), "{flag}");
    }
    let output = brinell(&["compare", FILE, "--quick", "--full"]);
    assert_eq!(output.status.code(), Some(2));
    let output = brinell(&["compare", FILE, "--repeats", "0"]);
    assert_eq!(output.status.code(), Some(2));
}

#[test]
fn a_folder_begun_with_another_scenario_is_not_gone_on_with() {
    let scratch = Scratch::new("resume");
    let order = serde_json::json!({
        "schema": model::compare::order::SCHEMA, "name": "compare/two-arms", "claim": "", "seed": 1, "probe": "freshness",
        "repeats": 1, "arms": ["stock", "tuned"], "rounds": ["executors"], "claims": [], "runs": [], "command": "",
    });
    scratch.write("comparison.json", &order.to_string());
    scratch.write("scenario.yaml", &GOOD.replace("every: 10s", "every: 11s"));
    let output = brinell(&[
        "compare",
        FILE,
        "--resume",
        &scratch.0.display().to_string(),
    ]);
    assert_eq!(output.status.code(), Some(8), "{}", stderr(&output));
    assert!(stderr(&output).contains("another scenario"));
    let later = order.to_string().replace("comparison/1", "comparison/9");
    scratch.write("comparison.json", &later);
    let output = brinell(&["report", &scratch.0.display().to_string()]);
    assert_eq!(output.status.code(), Some(8), "{}", stderr(&output));
    assert!(stderr(&output).contains("brinell.comparison/9"));
}

fn plans(seed: &[&str]) -> String {
    let output = brinell(&[&["plan", FILE], seed].concat());
    assert!(output.status.success(), "{}", stderr(&output));
    String::from_utf8(output.stdout).expect("plans are text")
}

/// `just golden` rewrites.
#[test]
fn the_plans_of_every_arm_and_round_are_the_committed_ones() {
    let golden = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/compare/two-arms.plan.json");
    let now = plans(&[]);
    assert_eq!(now, plans(&["--seed", "11"]), "the seed of the file");
    if std::env::var("BRINELL_GOLDEN").is_ok_and(|value| value == "write") {
        fs::write(&golden, &now).expect("write the golden plans");
    }
    let committed = fs::read_to_string(&golden).unwrap_or_default();
    assert!(
        committed == now,
        "{} is not what `brinell plan {FILE}` prints; look at the difference, then: just golden",
        golden.display()
    );
}

#[test]
fn both_arms_of_every_round_are_hurt_alike_and_are_two() {
    for seed in ["1", "7", "12345"] {
        let text = plans(&["--seed", seed]);
        let plans: BTreeMap<String, Plan> = serde_json::from_str(&text).expect("plans");
        let keys: Vec<&str> = plans.keys().map(String::as_str).collect();
        let expected = [
            "stock/executors",
            "stock/workers",
            "tuned/executors",
            "tuned/workers",
        ];
        assert_eq!(keys, expected);
        for round in ["executors", "workers"] {
            let [stock, tuned] = ["stock", "tuned"].map(|arm| &plans[&format!("{arm}/{round}")]);
            assert_eq!(stock.faults, tuned.faults);
            assert_eq!(stock.objectives, tuned.objectives);
            assert_ne!(stock.testbed, tuned.testbed);
            assert_ne!(stock.workload, tuned.workload);
            assert_ne!(stock.probes, tuned.probes);
        }
    }
}
