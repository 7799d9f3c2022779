//! What a fault of ours may leave on a machine, read from the kernel and the engine, a line each: taken before and after a storm.
use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
    process::Command,
};

/// The lines, by whether the kernel or the engine holds them.
#[derive(Clone, Debug, Default)]
pub struct Machine {
    /// Rules, queues, mounts, loop devices, connections of file systems in user space.
    pub host: BTreeSet<String>,
    /// Containers, networks, volumes, what they hold (groups, links), processes of ours.
    pub testbed: BTreeSet<String>,
}

impl Machine {
    /// Looks.
    pub fn look() -> Self {
        let mut host = BTreeSet::new();
        host.extend(
            said("nft", &["list", "tables"])
                .into_iter()
                .filter(|line| line.contains("brinell") || line.contains("fault")),
        );
        host.extend(
            said("iptables-save", &[])
                .into_iter()
                .filter(|line| line.contains("NFQUEUE") || line.contains("0xfa")),
        );
        host.extend(mounts());
        host.extend(frozen());
        host.extend(entries("/sys/block").filter_map(|disk| backing(&disk)));
        host.extend(
            entries("/sys/fs/fuse/connections").map(|one| format!("fuse {}", one.display())),
        );
        // The guard and its entry in the list go last.
        let mut testbed = BTreeSet::new();
        testbed.extend(processes());
        testbed
            .extend(entries("/var/lib/brinell/open").map(|one| format!("open {}", one.display())));
        for group in entries("/sys/fs/cgroup") {
            testbed.extend(
                entries(&group.join("docker").to_string_lossy())
                    .filter(|one| one.is_dir())
                    .map(|one| format!("group {}", one.display())),
            );
        }
        testbed.extend(
            entries("/sys/class/net")
                .map(|one| format!("link {}", one.display()))
                .filter(|one| one.contains("veth") || one.contains("br-")),
        );
        // Not the engine's names of network namespaces: it sweeps them itself, once a minute.
        Self { host, testbed }
    }

    /// What is here now and was not `before`.
    pub fn since(&self, before: &Self) -> Self {
        let new = |now: &BTreeSet<String>, then: &BTreeSet<String>| {
            now.difference(then).cloned().collect()
        };
        Self {
            host: new(&self.host, &before.host),
            testbed: new(&self.testbed, &before.testbed),
        }
    }
}

fn said(program: &str, args: &[&str]) -> Vec<String> {
    let done = Command::new(program).args(args).output();
    done.map(|done| {
        String::from_utf8_lossy(&done.stdout)
            .lines()
            .map(str::to_owned)
            .collect()
    })
    .unwrap_or_default()
}

fn entries(folder: &str) -> impl Iterator<Item = PathBuf> + use<> {
    fs::read_dir(folder)
        .into_iter()
        .flatten()
        .flatten()
        .map(|entry| entry.path())
}

/// Groups of containers that stand still.
fn frozen() -> impl Iterator<Item = String> {
    let groups = ["/sys/fs/cgroup/freezer/docker", "/sys/fs/cgroup/docker"].map(entries);
    let state = |group: PathBuf| {
        let read = |file| fs::read_to_string(group.join(file)).unwrap_or_default();
        let still = !read("freezer.state").starts_with("THAWED")
            && !read("freezer.state").is_empty()
            || read("cgroup.events").contains("frozen 1");
        still.then(|| format!("frozen {}", group.display()))
    };
    groups.into_iter().flatten().filter_map(state)
}

/// Mount points of ours: those of the engine's own containers go with them.
fn mounts() -> Vec<String> {
    let table = fs::read_to_string("/proc/self/mountinfo").unwrap_or_default();
    let point = |line: &str| line.split(' ').nth(4).map(str::to_owned);
    table
        .lines()
        .filter_map(point)
        .filter(|point| point.contains("brinell"))
        .map(|point| format!("mount {point}"))
        .collect()
}

/// A loop device that has a file behind it.
fn backing(disk: &Path) -> Option<String> {
    let file = fs::read_to_string(disk.join("loop/backing_file")).ok()?;
    Some(format!(
        "{} over {}",
        disk.file_name()?.to_string_lossy(),
        file.trim()
    ))
}

/// Processes of the program under test other than those that the caller still waits for: by what they execute.
fn processes() -> Vec<String> {
    let ours = fs::canonicalize(env!("CARGO_BIN_EXE_brinell")).ok();
    let pids = entries("/proc").filter(|path| {
        path.file_name().is_some_and(|name| {
            name.to_string_lossy()
                .bytes()
                .all(|byte| byte.is_ascii_digit())
        })
    });
    let of_ours = pids.filter(|path| {
        fs::read_link(path.join("exe"))
            .ok()
            .is_some_and(|exe| Some(exe) == ours)
    });
    let words = |path: PathBuf| {
        let line = fs::read(path.join("cmdline")).unwrap_or_default();
        let words = String::from_utf8_lossy(&line).replace('\0', " ");
        format!(
            "process {} {}",
            path.display(),
            words.chars().take(120).collect::<String>()
        )
    };
    of_ours.map(words).collect()
}
