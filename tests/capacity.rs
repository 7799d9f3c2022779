//! `brinell capacity` as a user meets it: the examples answer, two answers of one seed are the same bytes, and bad input is refused at its place.
use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Output},
};

const EXAMPLE: &str = "scenarios/capacity/pipeline.yaml";
const GOOD: &str = include_str!("../scenarios/capacity/pipeline.yaml");
/// A report of a run, as the reports' own tests keep it.
const REPORT: &str = "reports/tests/golden/report.json";

fn brinell(args: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_brinell"));
    let command = command.current_dir(env!("CARGO_MANIFEST_DIR")).args(args);
    command
        .env("DOCKER_HOST", "unix:///nonexistent/brinell-tests.sock")
        .output()
        .expect("brinell runs")
}

fn stdout(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// The example with one thing changed, quickly simulated.
fn changed(name: &str, from: &str, to: &str) -> PathBuf {
    assert!(GOOD.contains(from), "the example has no `{from}`");
    let path = std::env::temp_dir().join(format!(
        "brinell-capacity-{}-{name}.yaml",
        std::process::id()
    ));
    let text = GOOD.replacen(from, to, 1) + "simulate: {lifetimes: 100000}\n";
    fs::write(&path, text).expect("a scratch file");
    path
}

fn run(path: &Path, more: &[&str]) -> Output {
    let output = brinell(
        &[
            &["capacity", &path.display().to_string(), "--seed", "7"],
            more,
        ]
        .concat(),
    );
    let _ = fs::remove_file(path);
    output
}

#[test]
fn the_example_answers_in_text_and_json() {
    let text = brinell(&["capacity", EXAMPLE, "--seed", "7"]);
    assert_eq!(
        text.status.code(),
        Some(0),
        "{}{}",
        stdout(&text),
        stderr(&text)
    );
    assert!(stdout(&text).starts_with("PASS "));
    assert!(stdout(&text).contains("assumptions"));
    let json = brinell(&["capacity", EXAMPLE, "--seed", "7", "--json"]);
    let answer: serde_json::Value = serde_json::from_slice(&json.stdout).expect("JSON");
    assert_eq!(answer["schema"], "brinell.capacity/1");
    assert_eq!(
        (&answer["verdict"], &answer["seed"]),
        (&"pass".into(), &7.into())
    );
    let whole = answer["whole"]["availability"]["low"]
        .as_f64()
        .expect("a number");
    assert!(whole >= 0.999);
    let again = brinell(&["capacity", EXAMPLE, "--seed", "7", "--json"]);
    assert_eq!(json.stdout, again.stdout, "two answers of one seed differ");
}

#[test]
fn a_hundred_thousand_nodes_are_answered() {
    let output = brinell(&[
        "capacity",
        "scenarios/capacity/fleet.yaml",
        "--seed",
        "7",
        "--json",
    ]);
    let answer: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
    let cells = &answer["groups"][1];
    assert_eq!(cells["plan"]["copies"], 25_000);
    assert!(cells["simulated"]["lifetimes"].as_u64().expect("a count") > 1_000_000);
    assert!(
        cells["unavailability"]["high"].as_f64().is_some(),
        "{cells}"
    );
}

#[test]
fn a_repair_time_is_taken_from_a_report() {
    let report: serde_json::Value =
        serde_json::from_str(&fs::read_to_string(REPORT).expect("a report")).expect("JSON");
    let row = &report["recovery"][0];
    let fault = row["fault"].as_str().expect("a fault");
    let path = std::env::current_dir().expect("a folder").join(REPORT);
    let source = format!("{{from: {}, fault: {fault}}}", path.display());
    let output = run(
        &changed("from", "{value: 12s, low: 9s, high: 20s}", &source),
        &[],
    );
    let text = stdout(&output);
    assert!(
        text.contains(&format!("recover of {fault}")),
        "{text}{}",
        stderr(&output)
    );
    let wrong = source.replace(fault, "no-such-fault");
    let output = run(
        &changed("wrong", "{value: 12s, low: 9s, high: 20s}", &wrong),
        &[],
    );
    assert_eq!(output.status.code(), Some(3));
    assert!(stderr(&output).contains("no-such-fault") && stderr(&output).contains(fault));
}

#[test]
fn bad_input_is_refused_with_place_and_fix() {
    let cases: &[(&str, &str, &str, &str)] = &[
        (
            "negative",
            "failures: 2/month",
            "failures: -2/month",
            "negative",
        ),
        ("share", "beta: 5%", "beta: 105%", "0 % to 100 %"),
        (
            "structure",
            "need: 1}",
            "need: 3 of 2}",
            "k must be from 1 to n",
        ),
        (
            "class",
            "class: master",
            "class: mastre",
            "did you mean `master`?",
        ),
        ("key", "headroom:", "haedroom:", "did you mean `headroom`?"),
        (
            "report",
            "{value: 12s, low: 9s, high: 20s}",
            "{from: no-such.json, fault: kill}",
            "no-such.json",
        ),
    ];
    for (name, from, to, words) in cases {
        let output = run(&changed(name, from, to), &[]);
        let text = stderr(&output);
        assert_eq!(output.status.code(), Some(3), "{name}: {text}");
        let line = GOOD[..GOOD.find(from).expect("the piece")]
            .matches('\n')
            .count()
            + 1;
        assert!(
            text.contains(words) && text.contains(&format!(".yaml:{line}:")),
            "{name}: {text}"
        );
    }
}

#[test]
fn what_cannot_be_told_is_unknown_and_what_cannot_be_had_fails() {
    let few = run(
        &changed(
            "few",
            "    8: [53300/s, 52650/s, 53810/s]\n",
            "    8: [53300/s]\n",
        ),
        &[],
    );
    assert_eq!(few.status.code(), Some(11), "{}", stdout(&few));
    assert!(stdout(&few).starts_with("UNKNOWN") && stdout(&few).contains("3 of each n would do"));
    let floor = run(
        &changed(
            "floor",
            "{mttf: 1500h, mttr: {value: 2m, low: 1m, high: 5m}}",
            "{availability: 99%, beta: 50%}",
        ),
        &[],
    );
    assert_eq!(floor.status.code(), Some(10), "{}", stdout(&floor));
    assert!(stdout(&floor).contains("no number of parts beats it"));
}
