//! What a container may use of CPU, memory and tasks, and the files in which that is set, of either generation of cgroups.
use serde::{Deserialize, Serialize};

/// The layout of the control files.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Generation {
    /// One hierarchy a controller.
    V1,
    /// One hierarchy for all.
    V2,
}

/// What was found; none where this machine shows no such file.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Control {
    /// CPU time.
    pub cpu: Option<Cpu>,
    /// Memory.
    pub memory: Option<Memory>,
    /// Number of tasks.
    pub tasks: Option<Tasks>,
}

/// CPU time of a group.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cpu {
    /// Which files.
    pub generation: Generation,
    /// Absolute path of the group.
    pub group: String,
    /// The period in which the quota is given, in us.
    pub period_us: u64,
    /// The line that stands in the quota's file.
    pub now: String,
}

/// Memory of a group.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Memory {
    /// Which files.
    pub generation: Generation,
    /// Absolute path of the group.
    pub group: String,
    /// How much it uses, in bytes, with the cache.
    pub used_bytes: u64,
    /// The line that stands in the file of the hard limit.
    pub now: String,
}

/// Number of tasks of a group; the files are the same in both generations.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tasks {
    /// Absolute path of the group.
    pub group: String,
    /// The line that stands in the file of the limit.
    pub now: String,
}

impl Control {
    /// The control files of a process, from the text of its `/proc/PID/cgroup`; `read` gives the text of a file.
    ///
    /// Never those of a root group: a limit there would hit everything.
    pub fn of_cgroup(text: &str, read: &dyn Fn(&str) -> Option<String>) -> Self {
        Self {
            cpu: cpu(text, read),
            memory: memory(text, read),
            tasks: tasks(text, read),
        }
    }
}

/// The group of a controller: v1 where it has a hierarchy of its own, else v2.
fn group(text: &str, controller: &str) -> Option<(Generation, String)> {
    let parts = |line: &'_ str| {
        let (_, rest) = line.split_once(':')?;
        let (controllers, path) = rest.split_once(':')?;
        Some((controllers.to_owned(), path.trim_end().to_owned()))
    };
    let all: Vec<(String, String)> = text.lines().filter_map(parts).collect();
    let named =
        |(controllers, _): &&(String, String)| controllers.split(',').any(|one| one == controller);
    let v1 = all.iter().find(named).map(|(_, path)| {
        let group = format!("/sys/fs/cgroup/{controller}{path}");
        (Generation::V1, path, group)
    });
    let unified = || all.iter().find(|(controllers, _)| controllers.is_empty());
    let v2 = || unified().map(|(_, path)| (Generation::V2, path, format!("/sys/fs/cgroup{path}")));
    let (generation, path, group) = v1.or_else(v2)?;
    (path != "/").then_some((generation, group))
}

fn cpu(text: &str, read: &dyn Fn(&str) -> Option<String>) -> Option<Cpu> {
    let (generation, group) = group(text, "cpu")?;
    let mut cpu = Cpu {
        generation,
        group,
        period_us: 0,
        now: String::new(),
    };
    cpu.now = read(&cpu.file())?.trim().to_owned();
    let period = match generation {
        Generation::V1 => read(&format!("{}/cpu.cfs_period_us", cpu.group))?,
        Generation::V2 => cpu.now.split_whitespace().nth(1)?.to_owned(),
    };
    cpu.period_us = period.trim().parse().ok()?;
    Some(cpu)
}

fn memory(text: &str, read: &dyn Fn(&str) -> Option<String>) -> Option<Memory> {
    let (generation, group) = group(text, "memory")?;
    let used = match generation {
        Generation::V1 => "memory.usage_in_bytes",
        Generation::V2 => "memory.current",
    };
    let used_bytes = read(&format!("{group}/{used}"))?.trim().parse().ok()?;
    let mut memory = Memory {
        generation,
        group,
        used_bytes,
        now: String::new(),
    };
    memory.now = read(&memory.file())?.trim().to_owned();
    Some(memory)
}

fn tasks(text: &str, read: &dyn Fn(&str) -> Option<String>) -> Option<Tasks> {
    let (_, group) = group(text, "pids")?;
    let mut tasks = Tasks {
        group,
        now: String::new(),
    };
    tasks.now = read(&tasks.file())?.trim().to_owned();
    Some(tasks)
}

impl Cpu {
    /// The file that takes the quota.
    pub fn file(&self) -> String {
        let name = match self.generation {
            Generation::V1 => "cpu.cfs_quota_us",
            Generation::V2 => "cpu.max",
        };
        format!("{}/{name}", self.group)
    }
    /// The file that counts how often the group had used its quota up, as `nr_throttled`.
    pub fn stat(&self) -> String {
        format!("{}/cpu.stat", self.group)
    }
    /// What to write for this share of one processor; the kernel takes no less than 1 ms a period.
    pub fn quota(&self, share: f64) -> String {
        let quota = ((self.period_us as f64 * share) as u64).max(1000);
        match self.generation {
            Generation::V1 => quota.to_string(),
            Generation::V2 => format!("{quota} {}", self.period_us),
        }
    }
}

impl Memory {
    /// The file of the hard limit.
    pub fn file(&self) -> String {
        let name = match self.generation {
            Generation::V1 => "memory.limit_in_bytes",
            Generation::V2 => "memory.max",
        };
        format!("{}/{name}", self.group)
    }
    /// The file that counts what the limit did: `oom_kill`, on v2 also `high`; on v1 it tells and takes what to do then.
    pub fn events(&self) -> String {
        let name = match self.generation {
            Generation::V1 => "memory.oom_control",
            Generation::V2 => "memory.events",
        };
        format!("{}/{name}", self.group)
    }
    /// The file through which a process joins.
    pub fn procs(&self) -> String {
        format!("{}/cgroup.procs", self.group)
    }
    /// A limit a little above what is used, never above the one there is; in whole pages, as the kernel reads it back.
    pub fn just_above(&self, headroom: u64) -> u64 {
        let least = self.used_bytes.saturating_add(headroom) & !4095;
        self.now.parse().map_or(least, |now: u64| least.min(now))
    }
}

impl Tasks {
    /// The file of the limit.
    pub fn file(&self) -> String {
        format!("{}/pids.max", self.group)
    }
    /// The file through which a process joins.
    pub fn procs(&self) -> String {
        format!("{}/cgroup.procs", self.group)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(path: &str) -> Option<String> {
        let text = match path.rsplit('/').next()? {
            "cpu.cfs_quota_us" => "-1\n",
            "cpu.cfs_period_us" => "100000\n",
            "cpu.max" => "max 50000\n",
            "memory.usage_in_bytes" | "memory.current" => "1000000\n",
            "memory.limit_in_bytes" => "9223372036854771712\n",
            "memory.max" | "pids.max" => "max\n",
            _ => return None,
        };
        Some(text.to_owned())
    }

    #[test]
    fn both_generations_are_found_with_what_stands_there_now() {
        let v1 = "9:memory:/docker/a\n4:cpu,cpuacct:/docker/a\n3:pids:/docker/a\n0::/\n";
        let found = Control::of_cgroup(v1, &read);
        let (cpu, memory) = (found.cpu.unwrap(), found.memory.unwrap());
        assert_eq!(cpu.file(), "/sys/fs/cgroup/cpu/docker/a/cpu.cfs_quota_us");
        assert_eq!((cpu.quota(0.1), cpu.now), ("10000".into(), "-1".into()));
        assert_eq!(memory.just_above(4096), 1_003_520);
        let found = Control::of_cgroup("0::/system.slice/docker-a.scope\n", &read);
        let cpu = found.cpu.unwrap();
        assert_eq!(cpu.quota(0.1), "5000 50000");
        assert_eq!(
            cpu.file(),
            "/sys/fs/cgroup/system.slice/docker-a.scope/cpu.max"
        );
        assert_eq!(found.tasks.unwrap().now, "max");
    }

    #[test]
    fn a_root_group_is_never_limited() {
        let found = Control::of_cgroup("9:memory:/\n4:cpu:/\n0::/\n", &read);
        assert_eq!(found, Control::default());
    }
}
