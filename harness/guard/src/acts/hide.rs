//! Files inside a container, reached through the root of one of its processes: found by pattern, hidden, shown again.
use super::Deed;
use crate::process;
use model::{
    act::{
        self,
        files::{Act, Undo},
    },
    facts::Process,
};
use std::{fs, io, path::PathBuf};

/// Put before a name to hide it.
const MARK: &str = ".brinell-lost.";
/// More would make the undo's line too long to write at once.
const MOST: usize = 5_000;

struct Hide {
    process: Process,
    paths: Vec<String>,
}

/// Finds what matches.
///
/// # Errors
/// The process is gone, nothing matches, or too much.
pub fn prepare(act: &Act) -> Result<impl Deed + use<>, String> {
    let Act::Hide { process, patterns } = act;
    let paths = matching(process, patterns);
    match paths.len() {
        0 => Err(format!("find files that match {}", patterns.join(", "))),
        1..=MOST => Ok(Hide {
            process: process.clone(),
            paths,
        }),
        many => Err(format!("hide {many} files: {MOST} at most")),
    }
}

impl Deed for Hide {
    fn undo(&self) -> act::Undo {
        act::Undo::Files(Undo::Show {
            process: self.process.clone(),
            paths: self.paths.clone(),
        })
    }
    fn backend(&self) -> String {
        format!("rename of {} files", self.paths.len())
    }
    fn go(&mut self) -> Result<(), String> {
        self.paths.iter().try_for_each(|path| {
            let seen = inside(&self.process, path);
            missing_is_fine(fs::rename(&seen, hidden(&seen)))
                .map_err(|error| format!("rename {path}: {error}"))
        })
    }
}

/// Shows them again; what is gone, or has been made anew, is left as it is.
///
/// # Errors
/// What the kernel says.
pub fn show(undo: &Undo) -> Result<(), String> {
    let Undo::Show { process, paths } = undo;
    if !process::lives(process) {
        return Ok(());
    }
    paths.iter().try_for_each(|path| {
        let seen = inside(process, path);
        let done = if seen.exists() {
            fs::remove_file(hidden(&seen))
        } else {
            fs::rename(hidden(&seen), &seen)
        };
        missing_is_fine(done).map_err(|error| format!("rename {path} back: {error}"))
    })
}

fn missing_is_fine(done: io::Result<()>) -> io::Result<()> {
    match done {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        other => other,
    }
}

fn inside(process: &Process, path: &str) -> PathBuf {
    PathBuf::from(format!("/proc/{}/root{path}", process.pid))
}

fn hidden(path: &std::path::Path) -> PathBuf {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    path.with_file_name(format!("{MARK}{name}"))
}

/// Paths inside the container that match one of the patterns, each file once.
pub fn matching(process: &Process, patterns: &[String]) -> Vec<String> {
    let mut found: Vec<String> = patterns
        .iter()
        .flat_map(|pattern| under(process, pattern))
        .filter(|path| !path.contains(MARK))
        .collect();
    found.sort();
    found.dedup();
    found
}

/// Paths inside the container that hide what matched.
pub fn hidden_ones(process: &Process, patterns: &[String]) -> Vec<String> {
    let marked = patterns.iter().filter_map(|pattern| {
        let (folder, name) = pattern.rsplit_once('/')?;
        Some(format!("{folder}/{MARK}{name}"))
    });
    let marked: Vec<String> = marked.collect();
    marked
        .iter()
        .flat_map(|pattern| under(process, pattern))
        .collect()
}

/// Whether such a file is there.
pub fn exists(process: &Process, path: &str) -> bool {
    inside(process, path).symlink_metadata().is_ok()
}

fn under(process: &Process, pattern: &str) -> Vec<String> {
    if !process::lives(process) {
        return Vec::new();
    }
    let mut found = vec![String::new()];
    for part in pattern.split('/').filter(|part| !part.is_empty()) {
        let step = |folder: &String| names(process, folder, part);
        found = found.iter().flat_map(step).collect();
    }
    let is_file = |path: &String| {
        inside(process, path)
            .symlink_metadata()
            .is_ok_and(|meta| meta.is_file())
    };
    found.retain(is_file);
    found
}

fn names(process: &Process, folder: &str, part: &str) -> Vec<String> {
    if !part.contains('*') {
        return vec![format!("{folder}/{part}")];
    }
    let entries = fs::read_dir(inside(process, folder));
    let entries = entries.into_iter().flatten().flatten();
    let names = entries.filter_map(|entry| entry.file_name().into_string().ok());
    let fits = names.filter(|name| matches(name, part));
    fits.map(|name| format!("{folder}/{name}")).collect()
}

/// Whether `name` fits: `*` stands for any part of it.
fn matches(name: &str, pattern: &str) -> bool {
    match pattern.split_once('*') {
        None => name == pattern,
        Some((before, after)) => name.strip_prefix(before).is_some_and(|rest| {
            let mut ends = (0..=rest.len()).filter(|at| rest.is_char_boundary(*at));
            ends.any(|at| matches(&rest[at..], after))
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::matches;

    #[test]
    fn a_star_stands_for_any_part_of_a_name() {
        for (name, pattern, fits) in [
            ("shuffle_0_1.data", "shuffle_*", true),
            ("shuffle_0_1.data", "*_1.*", true),
            ("temp_shuffle_0", "shuffle_*", false),
            ("a", "*", true),
            ("ab", "a", false),
        ] {
            assert_eq!(matches(name, pattern), fits, "{name} {pattern}");
        }
    }
}
