//! What containers may use, in the model: values of control files, limits of descriptors, a hog.
use super::{Container, World};
use crate::{
    act::{
        self,
        control::{Act, Setting, Undo},
    },
    check::control::Check,
    control::{Control, Cpu, Generation, Memory, Tasks},
    facts::Process,
};
use std::collections::{BTreeMap, BTreeSet};

/// What one container may use, as far as that is not the default.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Room {
    /// Value by file and key.
    pub values: BTreeMap<(String, String), String>,
    /// Soft limit of descriptors.
    pub files: BTreeMap<Process, u64>,
    /// Who uses memory up.
    pub hogs: BTreeSet<Process>,
    /// How many were ended for want of memory.
    pub kills: u32,
}

fn default(file: &str) -> &'static str {
    match file.rsplit('/').next() {
        Some("cpu.cfs_quota_us") => "-1",
        Some("memory.limit_in_bytes") => "9223372036854771712",
        Some("pids.max") => "max",
        _ => "0",
    }
}

/// Soft limit of a process that nobody limited.
const FILES: u64 = 1_048_576;

impl Room {
    fn value(&self, file: &str, key: &str) -> String {
        let place = (file.to_owned(), key.to_owned());
        let found = self.values.get(&place).cloned();
        found.unwrap_or_else(|| default(file).to_owned())
    }

    fn set(&mut self, setting: &Setting) {
        let place = (setting.file.clone(), setting.key.clone());
        if setting.to == default(&setting.file) {
            self.values.remove(&place);
        } else {
            self.values.insert(place, setting.to.clone());
        }
    }

    /// Whether a process that wants more memory waits for it instead of being ended.
    fn waits(&self) -> bool {
        let waits = |((_, key), value): (&(String, String), &String)| {
            key == "oom_kill_disable" && value == "1"
        };
        self.values.iter().any(waits)
    }

    /// The lines of a control file of container `id`.
    pub(super) fn lines(&self, id: &str, file: &str) -> Option<Vec<String>> {
        let control = control(id, self);
        let plain = [
            control.cpu?.file(),
            control.memory.clone()?.file(),
            control.tasks?.file(),
        ];
        let events = control.memory?.events();
        if file == events {
            let under = i32::from(!self.hogs.is_empty() && self.waits());
            return Some(vec![format!("under_oom {under}")]);
        }
        let known = plain.iter().any(|one| one == file);
        known.then(|| vec![self.value(file, "")])
    }

    fn grew(&self, id: &str, file: &str, key: &str) -> bool {
        let Some(cpu) = control(id, self).cpu.filter(|cpu| cpu.stat() == file) else {
            return key == "oom_kill" && self.kills > 0;
        };
        self.value(&cpu.file(), "") != "-1"
    }

    pub(super) fn forget(&mut self, process: &Process) {
        self.files.remove(process);
        let file = score(process);
        self.values.retain(|(path, _), _| *path != file);
    }
}

fn score(process: &Process) -> String {
    format!("/proc/{}/oom_score_adj", process.pid)
}

/// The control files of container `id`.
pub(super) fn control(id: &str, room: &Room) -> Control {
    let group = |controller: &str| format!("/sys/fs/cgroup/{controller}/docker/{id}");
    let mut cpu = Cpu {
        generation: Generation::V1,
        group: group("cpu"),
        period_us: 100_000,
        now: String::new(),
    };
    cpu.now = room.value(&cpu.file(), "");
    let mut memory = Memory {
        generation: Generation::V1,
        group: group("memory"),
        used_bytes: 100 << 20,
        now: String::new(),
    };
    memory.now = room.value(&memory.file(), "");
    let mut tasks = Tasks {
        group: group("pids"),
        now: String::new(),
    };
    tasks.now = room.value(&tasks.file(), "");
    Control {
        cpu: Some(cpu),
        memory: Some(memory),
        tasks: Some(tasks),
    }
}

fn read(world: &World, setting: &Setting) -> Setting {
    let room = world.home(&setting.of).map(|one| &one.room);
    let to = room.map_or_else(
        || default(&setting.file).to_owned(),
        |room| room.value(&setting.file, &setting.key),
    );
    Setting {
        to,
        ..setting.clone()
    }
}

pub(super) fn record(world: &World, act: &Act) -> act::Undo {
    act::Undo::Control(match act {
        Act::Set {
            settings,
            hog,
            start,
        } => Undo::Put {
            settings: settings.iter().map(|one| read(world, one)).collect(),
            hog: hog.as_ref().map(|hog| next_hog(world, &hog.until)),
            start: start.clone(),
        },
        Act::Files { processes, .. } => Undo::Files {
            had: processes
                .iter()
                .filter_map(|process| {
                    let room = &world.home(process)?.room;
                    let had = room.files.get(process).copied().unwrap_or(FILES);
                    Some((process.clone(), had))
                })
                .collect(),
        },
    })
}

/// The next hog that ends with this process: another one than those of before.
fn next_hog(world: &World, until: &Process) -> Process {
    let before = world.home(until).map_or(0, |one| one.room.hogs.len());
    Process {
        pid: until.pid + 1_000_000 + before as u32,
        start_ticks: until.start_ticks,
    }
}

pub(super) fn act(world: &mut World, act: &Act) {
    match act {
        Act::Set { settings, hog, .. } => {
            settings.iter().for_each(|one| set(world, one));
            let Some(hog) = hog else { return };
            let next = next_hog(world, &hog.until);
            let Some(home) = world.home_mut(&hog.until) else {
                return;
            };
            if home.room.waits() {
                home.room.hogs.insert(next);
            } else {
                home.room.kills += 1;
                world.kill(&hog.until);
            }
        }
        Act::Files { processes, most } => {
            for process in processes {
                limit(world, process, *most);
            }
        }
    }
}

fn set(world: &mut World, setting: &Setting) {
    if let Some(home) = world.home_mut(&setting.of) {
        home.room.set(setting);
    }
}

fn limit(world: &mut World, process: &Process, most: u64) {
    if let Some(home) = world.home_mut(process) {
        home.room.files.insert(process.clone(), most);
        home.room.files.retain(|_, most| *most != FILES);
    }
}

pub(super) fn undo(world: &mut World, undo: &Undo) {
    match undo {
        Undo::Put {
            settings,
            hog,
            start,
        } => {
            settings.iter().rev().for_each(|one| set(world, one));
            let ends = |one: &mut Container| one.room.hogs.retain(|one| Some(one) != hog.as_ref());
            world.containers.values_mut().for_each(ends);
            if let Some(container) = start {
                world.start(container);
            }
        }
        Undo::Files { had } => had
            .iter()
            .for_each(|(process, most)| limit(world, process, *most)),
    }
}

pub(super) fn holds(world: &World, check: &Check) -> bool {
    let of_file = |file: &str| {
        let mut all = world.containers.iter();
        all.find(|(id, _)| file.contains(&format!("/docker/{id}/")))
    };
    match check {
        Check::Grew { file, key } => {
            of_file(file).is_some_and(|(id, one)| one.room.grew(id, file, key))
        }
        Check::Forks { group, works } => {
            let found = of_file(group).and_then(|(id, one)| {
                let tasks = control(id, &one.room).tasks?;
                one.runs().then(|| tasks.now == "max")
            });
            found == Some(*works)
        }
        Check::Full {
            process,
            most,
            full,
        } => {
            let room = world.home(process).map(|one| &one.room);
            room.is_some_and(|room| room.files.get(process) == Some(most)) == *full
        }
    }
}
