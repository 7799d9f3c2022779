//! What the host's `/proc` and `/sys` say of a container: its processes by host pid, its freezer.
//!
//! The engine's `State.Pid` is a small init that reaps; the real victims are found by their command line in the container's cgroup.
use model::{
    control::Control,
    drive::Throttle,
    facts::{Freezer, Process},
};
use std::{fs, path::Path};

/// A process with the words of its command line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Running {
    /// Which.
    pub(crate) process: Process,
    /// Its arguments, joined by spaces.
    pub(crate) command: String,
}

/// Identity of a pid that runs now.
pub(crate) fn process(pid: u32) -> Option<Process> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    Some(Process {
        pid,
        start_ticks: start_ticks(&stat)?,
    })
}

/// Field 22 of `/proc/PID/stat`. The command name may hold spaces and brackets, so fields are counted behind the last one.
fn start_ticks(stat: &str) -> Option<u64> {
    let behind = &stat[stat.rfind(')')? + 1..];
    behind.split_whitespace().nth(19)?.parse().ok()
}

/// Every process in the cgroup of `init`, lowest pid first, with its command line.
pub(crate) fn processes(init: u32) -> Vec<Running> {
    let folder =
        freezer(init).and_then(|freezer| Some(Path::new(&freezer.write).parent()?.to_owned()));
    let listed = folder.and_then(|folder| fs::read_to_string(folder.join("cgroup.procs")).ok());
    let listed = listed.unwrap_or_default();
    let mut pids: Vec<u32> = listed
        .lines()
        .filter_map(|line| line.trim().parse().ok())
        .collect();
    pids.sort_unstable();
    pids.into_iter().filter_map(running).collect()
}

fn running(pid: u32) -> Option<Running> {
    let bytes = fs::read(format!("/proc/{pid}/cmdline")).ok()?;
    let words = bytes.split(|byte| *byte == 0).map(String::from_utf8_lossy);
    let command = words.collect::<Vec<_>>().join(" ").trim_end().to_owned();
    let process = process(pid)?;
    Some(Running { process, command })
}

/// The freezer of the container whose init is `pid`; none where this kernel or this namespace shows no such file.
pub(crate) fn freezer(pid: u32) -> Option<Freezer> {
    let groups = fs::read_to_string(format!("/proc/{pid}/cgroup")).ok()?;
    Freezer::of_cgroup(&groups).filter(|freezer| Path::new(&freezer.write).exists())
}

/// What the container whose init is `pid` may use, and where that is set.
pub(crate) fn control(pid: u32) -> Control {
    let groups = fs::read_to_string(format!("/proc/{pid}/cgroup")).unwrap_or_default();
    Control::of_cgroup(&groups, &|path| fs::read_to_string(path).ok())
}

/// Where the block devices of the container with this init are limited; none where there is no such group.
pub(crate) fn throttle(init: &Process) -> Option<Throttle> {
    let groups = fs::read_to_string(format!("/proc/{}/cgroup", init.pid)).ok()?;
    let found = Throttle::of_cgroup(init.clone(), &groups);
    found.filter(|throttle| Path::new(&throttle.group).exists())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_name_with_brackets_hides_no_field() {
        let stat = "42 (a) b (c)) S 1 42 42 0 -1 4194560 1 2 3 4 5 6 7 8 20 0 9 0 123456 1000 5";
        assert_eq!(start_ticks(stat), Some(123_456));
    }

    #[test]
    fn this_process_is_found_with_its_start() {
        let own = process(std::process::id()).expect("it runs");
        assert!(own.start_ticks > 0);
        assert_eq!(process(u32::MAX), None);
    }
}
