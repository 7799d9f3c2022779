//! Tries the control files of a scratch group, of whichever generation this machine has.
use crate::clock::mono_ns;
use std::{fs, path::Path};

/// What is written to a file of the scratch group.
struct Try {
    controller: &'static str,
    v1: (&'static str, &'static str),
    v2: (&'static str, &'static str),
}

/// A quota of CPU time.
pub fn cpu() -> Result<String, String> {
    tried(&Try {
        controller: "cpu",
        v1: ("cpu.cfs_quota_us", "10000"),
        v2: ("cpu.max", "10000 100000"),
    })
}

/// A limit of memory.
pub fn memory() -> Result<String, String> {
    tried(&Try {
        controller: "memory",
        v1: ("memory.limit_in_bytes", "1048576"),
        v2: ("memory.high", "1048576"),
    })
}

/// A limit of tasks.
pub fn tasks() -> Result<String, String> {
    tried(&Try {
        controller: "pids",
        v1: ("pids.max", "1"),
        v2: ("pids.max", "1"),
    })
}

fn tried(what: &Try) -> Result<String, String> {
    let controller = what.controller;
    let v1 = Path::new("/sys/fs/cgroup").join(controller);
    let v2 = Path::new("/sys/fs/cgroup").to_owned();
    let there = |mount: &Path| mount.join("cgroup.procs").exists();
    let (mount, (file, value), generation) = if there(&v1) {
        (v1, what.v1, "v1")
    } else {
        (v2, what.v2, "v2")
    };
    if !there(&mount) {
        return Err(format!(
            "find the {controller} controller: neither cgroup v1 at /sys/fs/cgroup/{controller} nor cgroup v2"
        ));
    }
    // Unique where two threads probe at once.
    let name = format!("brinell-probe-{}-{}", std::process::id(), mono_ns());
    let group = mount.join(name);
    let done = fs::create_dir(&group).and_then(|()| {
        let written = fs::write(group.join(file), value);
        let removed = fs::remove_dir(&group);
        written.and(removed)
    });
    done.map(|()| format!("{file} {generation}")).map_err(|error| {
        format!("limit a scratch group under {}: {error}; run as root with cgroups writable and the {controller} controller enabled", mount.display())
    })
}
