//! One container of the model: its processes, and what was done to them.
use super::{Room, control};
use crate::facts::Process;
use std::{
    collections::{BTreeMap, BTreeSet},
    net::Ipv4Addr,
};

/// One container.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Container {
    /// Value of its run label.
    pub run: String,
    /// Its fixed address.
    pub address: Ipv4Addr,
    /// Its init, and beside it the process that the platform brings back; none where they have ended.
    pub processes: [Option<Process>; 2],
    /// Whether there should be that second process.
    pub has_worker: bool,
    /// Whether its freezer is shut.
    pub frozen: bool,
    /// Signalled to death while frozen.
    pub doomed: BTreeSet<Process>,
    /// Processes that are stopped.
    pub stopped: BTreeSet<Process>,
    /// What it may use.
    pub room: Room,
    /// Seconds by which the wall clock of a process is shifted.
    pub shifted: BTreeMap<Process, i64>,
    /// Whether its files on scratch space are hidden.
    pub hidden: bool,
}

impl Container {
    /// A container runs as long as its init does.
    pub fn runs(&self) -> bool {
        self.processes[0].is_some()
    }

    pub(super) fn end(&mut self, process: &Process) {
        let place = self
            .processes
            .iter()
            .position(|one| one.as_ref() == Some(process));
        match place {
            Some(0) => self.stop(),
            Some(other) => {
                self.processes[other] = None;
                self.stopped.remove(process);
                self.shifted.remove(process);
                self.room.forget(process);
            }
            None => {}
        }
    }

    /// With its last process everything goes that the kernel held for it; what was counted is remembered by who looked.
    pub(super) fn stop(&mut self) {
        let kills = self.room.kills;
        self.processes = [None, None];
        self.calm();
        self.doomed.clear();
        self.room.kills = kills;
    }

    /// Nobody has hurt it: as a container is that has just started.
    pub fn calm(&mut self) {
        (self.frozen, self.hidden) = (false, false);
        self.stopped.clear();
        self.shifted.clear();
        self.room = Room::default();
    }

    /// What somebody else did to it before we came.
    pub(super) fn hurt_before(&mut self, id: &str, bits: u64) {
        let bit = |place: u8| bits >> place & 1 == 1;
        let control = control::control(id, &self.room);
        let mut set = |wanted: bool, file: Option<String>, value: &str| {
            if let Some(file) = file.filter(|_| wanted) {
                self.room
                    .values
                    .insert((file, String::new()), value.to_owned());
            }
        };
        set(bit(0), control.cpu.map(|cpu| cpu.file()), "70000");
        set(bit(1), control.tasks.map(|tasks| tasks.file()), "300");
        for process in self.processes.iter().flatten() {
            if bit(2) {
                self.stopped.insert(process.clone());
            }
            if bit(3) {
                self.room.files.insert(process.clone(), 1024);
            }
            if bit(4) {
                self.shifted.insert(process.clone(), 7);
            }
        }
        self.hidden = bit(5);
    }

    pub(super) fn thaw(&mut self) {
        self.frozen = false;
        for process in std::mem::take(&mut self.doomed) {
            self.end(&process);
        }
    }
}
