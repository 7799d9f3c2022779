//! What no compiler checks: the words that may not stand in a room, and the sizes of files and functions.
use std::{
    fs,
    path::{Path, PathBuf},
};

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder)
        .expect("a folder of the project")
        .flatten()
    {
        let path = entry.path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            found.push(path);
        }
    }
}

fn all(folders: &[&str]) -> Vec<PathBuf> {
    let mut found = Vec::new();
    folders
        .iter()
        .for_each(|folder| sources(&root().join(folder), &mut found));
    found.sort();
    found
}

/// Lines before the tests of the file, comments left out.
fn code(path: &Path) -> Vec<String> {
    let text = fs::read_to_string(path).expect("a readable source");
    let lines = text
        .lines()
        .take_while(|line| !line.starts_with("#[cfg(test)]"));
    lines
        .filter(|line| !line.trim_start().starts_with("//"))
        .map(str::to_owned)
        .collect()
}

#[test]
fn engine_guard_and_model_name_no_fault_system_or_format() {
    let words = [
        "minio",
        "kafka",
        "spark",
        "enrichment",
        "executor",
        "broker",
        "html",
        "\"partition\"",
        "\"pause\"",
        "\"kill\"",
    ];
    for path in all(&[
        "harness/engine/src",
        "harness/guard/src",
        "harness/model/src",
    ]) {
        if path
            .components()
            .any(|part| part.as_os_str() == "tests.rs" || part.as_os_str() == "tests")
        {
            continue;
        }
        for (number, line) in code(&path).iter().enumerate() {
            // Names of faults are kebab-case: the signal `KILL` is none.
            let small = line.to_lowercase();
            let stands = |word: &&&str| {
                let quoted = word.starts_with('"');
                (if quoted { line } else { &small }).contains(**word)
            };
            let named = words.iter().find(stands);
            assert!(
                named.is_none(),
                "{}:{}: names {named:?}: {line}",
                path.display(),
                number + 1
            );
        }
    }
}

/// Hard limit on a file's code, tests left out: the place where all variants meet has too much work to do.
const MOST_LINES: usize = 500;

#[test]
fn files_keep_their_size() {
    let mut sizes: Vec<(usize, PathBuf)> = all(&["harness", "reports/src"])
        .into_iter()
        .map(|path| (code(&path).len(), path))
        .collect();
    sizes.sort();
    let (worst, path) = sizes.last().expect("there are sources").clone();
    println!(
        "files: {}, median {} lines, worst {worst} ({})",
        sizes.len(),
        sizes[sizes.len() / 2].0,
        path.display()
    );
    assert!(
        worst <= MOST_LINES,
        "{} has {worst} lines of code",
        path.display()
    );
}
