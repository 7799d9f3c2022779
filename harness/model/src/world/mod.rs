//! A model of the machine, as far as acts and checks reach: containers with their processes, freezers, and cut flows.
//!
//! The laws of faults run against it, and the guard's hands are held to the same suite against the kernel. What surprises is
//! modelled: a frozen process dies only once it is thawed (freezer v1), a container that starts again has other processes and is
//! not frozen, the kernel of a frozen container still receives, and cut flows outlive the containers they lie between.
mod call;
mod clock;
mod container;
mod control;
pub mod disk;
mod files;
pub mod fuse;
mod net;
mod process;
mod queue;

use crate::{
    act::{
        self, Act, Signal, Undo,
        net::{Fate, Flow, Mute, Side},
        queue::Treatment,
    },
    check::{Check, End, NodeState},
    facts::{Facts, Freezer, Process, RevivedBy, Unit},
    ids::{NodeId, Role},
    units::Nanos,
};
pub use call::Call;
pub use net::Net;
pub use queue::Queue;
use std::{
    collections::{BTreeMap, BTreeSet},
    net::Ipv4Addr,
};

pub use container::Container;
pub use control::Room;

/// Label of the run whose testbed this is.
pub const RUN: &str = "r-7f3a";
/// Label of another run on the same machine, that nobody may touch.
pub const STRANGER: &str = "r-0bad";

/// Everything that acts change and checks see.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct World {
    /// By full id.
    pub containers: BTreeMap<String, Container>,
    /// Labelled networks: name to run.
    pub networks: BTreeMap<String, String>,
    /// Traffic and links.
    pub net: Net,
    /// What becomes of packets.
    pub queue: Queue,
    /// Layers under drives.
    pub layers: fuse::Layers,
    /// The drives of containers.
    pub disks: disk::Disks,
    /// What running systems were asked for.
    pub call: Call,
    next_pid: u32,
}

impl World {
    /// A world from the bits of a number, so that a property test shrinks towards the simplest: how many containers (1 to 4),
    /// for each whether it is stopped, frozen, has a worker; and which flows between them were cut by somebody before.
    pub fn of(bits: u64) -> Self {
        let mut world = Self {
            containers: BTreeMap::new(),
            networks: [
                ("net".into(), RUN.into()),
                ("foreign".into(), STRANGER.into()),
            ]
            .into(),
            net: Net::default(),
            queue: Queue::default(),
            layers: fuse::Layers::default(),
            disks: disk::Disks::default(),
            call: Call::default(),
            next_pid: 100,
        };
        let bit = |place: u8| bits >> place & 1 == 1;
        let count = 1 + (bits & 3) as u8;
        world.add(STRANGER, 9, true);
        for at in 0..count {
            let id = world.add(RUN, at, bit(2 + 3 * at));
            let container = world.containers.get_mut(&id).expect("it was just added");
            container.frozen = bit(3 + 3 * at);
            container.hurt_before(&id, bits >> (32 + 6 * at));
            if bit(4 + 3 * at) {
                container.stop();
            }
            if bit(56 + at) {
                world.limit_drives(&id);
            }
        }
        world.hurt_before(count, bit);
        world
    }

    /// What somebody did to traffic and links before we came.
    fn hurt_before(&mut self, count: u8, bit: impl Fn(u8) -> bool) {
        let pairs = (0..count).flat_map(|a| (0..count).map(move |b| (a, b)));
        for (place, (from, to)) in (0..).zip(pairs.clone()).filter(|(_, (a, b))| a != b) {
            let flow = Flow {
                from: address(from),
                to: address(to),
            };
            let other = [Fate::Lost(1_000), Fate::Reset, Fate::Doubled(2_000)];
            let fates = [Fate::Dropped, other[usize::from(place) % other.len()]];
            for (fate, shift) in fates.into_iter().zip([16, 32]) {
                if bit(shift + place) {
                    self.net.fates.insert((fate, flow));
                }
            }
        }
        for (place, (from, to)) in (0..).zip(pairs).filter(|(_, (a, b))| a != b) {
            let [from, to] = [from, to].map(address);
            if bit(44 + place) {
                let before = Treatment::hold(Nanos::ms(300), Nanos(0), 0);
                self.queue.diverted.insert(Flow { from, to }, before);
            }
        }
        let ours = self.containers.values().filter(|one| one.run == RUN);
        let inits = ours.map(|one| one.processes[0].clone());
        for (at, init) in (0..).zip(inits) {
            let Some(init) = init else { continue };
            if bit(48 + at) {
                self.net.unplugged.insert(init.clone());
            }
            if bit(56 + at) {
                let key = call::credential(&format!("c{at}"));
                self.call.refused.insert(key.name);
            }
            if bit(52 + at) {
                self.net.muted.insert((init.clone(), Mute::Fast));
            }
            if bit(56 + at) {
                self.net.shaped.insert((init, Side::Out));
            }
        }
    }

    fn add(&mut self, run: &str, at: u8, has_worker: bool) -> String {
        let container = Container {
            run: run.to_owned(),
            address: address(at),
            processes: [Some(self.fresh()), has_worker.then(|| self.fresh())],
            has_worker,
            frozen: false,
            doomed: BTreeSet::new(),
            stopped: BTreeSet::new(),
            room: Room::default(),
            shifted: BTreeMap::new(),
            hidden: false,
        };
        let id = format!("c{at}");
        let layer = fuse::layer(&id);
        self.layers.act(&act::fuse::Act::Attach { layer });
        self.containers.insert(id.clone(), container);
        self.disks.add(run, &id);
        id
    }

    fn fresh(&mut self) -> Process {
        self.next_pid += 1;
        Process {
            pid: self.next_pid,
            start_ticks: u64::from(self.next_pid) * 10,
        }
    }

    /// Facts of every node of the run that is up: containers first, then the workers inside them.
    pub fn facts(&self) -> Vec<Facts> {
        let ours = || self.containers.iter().filter(|(_, one)| one.run == RUN);
        let whole = ours().filter_map(|(id, one)| self.facts_of(id, one, Unit::Container));
        let inner = ours().filter_map(|(id, one)| self.facts_of(id, one, Unit::Process));
        whole.chain(inner).collect()
    }

    fn facts_of(&self, id: &str, one: &Container, unit: Unit) -> Option<Facts> {
        let mut facts = facts(id, one, unit, self.count(unit))?;
        self.disks.tell(id, &mut facts);
        Some(facts)
    }

    fn count(&self, unit: Unit) -> u32 {
        let ours = self.containers.values().filter(|one| one.run == RUN);
        ours.filter(|one| unit == Unit::Container || one.has_worker)
            .count() as u32
    }

    /// How to put back what `act` would change, read from the world as it is.
    pub fn record(&self, act: &Act) -> Undo {
        match act {
            Act::Signal {
                revived_by: RevivedBy::Platform,
                ..
            } => Undo::Nothing,
            Act::Signal { container, .. } => Undo::Start {
                container: container.clone(),
            },
            Act::Freeze { freezer } => Undo::Thaw {
                freezer: freezer.clone(),
                was_frozen: self.frozen(freezer).unwrap_or(false),
            },
            Act::Queue(act) => Undo::Queue(self.queue.record(act)),
            Act::Net(act) => self.net.record(act).map_or(Undo::Nothing, Undo::Net),
            Act::Fuse(act) => self.layers.record(act).map_or(Undo::Nothing, Undo::Fuse),
            Act::Process(act) => process::record(self, act),
            Act::Control(act) => control::record(self, act),
            Act::Clock(act) => clock::record(self, act),
            Act::Files(act) => files::record(self, act),
            Act::Call(act) => Undo::Call(self.call.record(act)),
            Act::Own { run } => Undo::Remove { run: run.clone() },
            Act::Disk(act) => self
                .record_disk(act)
                .map_or(Undo::Nothing, |undo| Undo::Disk(Box::new(undo))),
        }
    }

    /// Does `act`; a target that is not there stays so.
    pub fn act(&mut self, act: &Act) {
        match act {
            Act::Signal {
                signal: Signal::Cont,
                ..
            }
            | Act::Own { .. } => {}
            Act::Signal { process, .. } => self.kill(process),
            Act::Process(act) => process::act(self, act),
            Act::Control(act) => control::act(self, act),
            Act::Clock(act) => clock::act(self, act),
            Act::Files(act) => files::act(self, act),
            Act::Freeze { freezer } => {
                if let Some(one) = self.behind(freezer) {
                    one.frozen = true;
                }
            }
            Act::Net(act) => self.net.act(act),
            Act::Queue(act) => self.queue.act(act),
            Act::Fuse(act) => self.layers.act(act),
            Act::Disk(act) => self.act_disk(act),
            Act::Call(act) => self.call.act(act),
        }
        self.forget_gone();
    }

    /// Puts back; twice is once, and a target that is gone is a success.
    pub fn undo(&mut self, undo: &Undo) {
        match undo {
            Undo::Nothing => {}
            Undo::Start { container } => self.start(container),
            Undo::Thaw {
                was_frozen: true, ..
            } => {}
            Undo::Thaw { freezer, .. } => {
                if let Some(one) = self.behind(freezer) {
                    one.thaw();
                }
            }
            Undo::Net(undo) => self.net.undo(undo),
            Undo::Queue(undo) => self.queue.undo(undo),
            Undo::Fuse(undo) => self.layers.undo(undo),
            Undo::Process(undo) => process::undo(self, undo),
            Undo::Control(undo) => control::undo(self, undo),
            Undo::Clock(undo) => clock::undo(self, undo),
            Undo::Files(undo) => files::undo(self, undo),
            Undo::Call(undo) => self.call.undo(undo),
            Undo::Remove { run } => {
                self.containers.retain(|_, one| one.run != *run);
                self.networks.retain(|_, label| label != run);
            }
            Undo::Disk(undo) => self.undo_disk(undo),
        }
        self.forget_gone();
    }

    /// A deadly signal: at once, or once it is thawed.
    fn kill(&mut self, process: &Process) {
        if let Some(one) = self.home_mut(process) {
            if one.frozen {
                one.doomed.insert(process.clone());
            } else {
                one.end(process);
            }
        }
    }

    /// Starts a container that does not run: with new processes, thawed.
    pub fn start(&mut self, container: &str) {
        if self.containers.get(container).is_none_or(Container::runs) {
            return;
        }
        let [init, worker] = [self.fresh(), self.fresh()];
        self.containers
            .entry(container.to_owned())
            .and_modify(|one| {
                one.processes = [Some(init), one.has_worker.then_some(worker)];
                one.calm();
            });
    }

    /// Ends a container, as if by itself.
    pub fn end(&mut self, container: &str) {
        if let Some(one) = self.containers.get_mut(container)
            && let Some(init) = one.processes[0].clone()
        {
            one.end(&init);
        }
    }

    /// Stops and starts a container, as somebody else might in the middle of a fault.
    pub fn restart(&mut self, container: &str) {
        self.end(container);
        self.forget_gone();
        self.start(container);
    }

    /// Time passes: clients connect again, and the platform brings back the workers of containers that run and are not frozen.
    pub fn settle(&mut self) {
        self.net.severed.clear();
        let lacks = |one: &Container| {
            one.runs() && !one.frozen && one.has_worker && one.processes[1].is_none()
        };
        let ids: Vec<String> = self
            .containers
            .iter()
            .filter(|(_, one)| lacks(one))
            .map(|(id, _)| id.clone())
            .collect();
        for id in ids {
            let worker = self.fresh();
            self.containers
                .entry(id)
                .and_modify(|one| one.processes[1] = Some(worker));
        }
    }

    fn forget_gone(&mut self) {
        let inits = self.containers.values();
        let inits: BTreeSet<_> = inits.filter_map(|one| one.processes[0].clone()).collect();
        self.net.forget_gone(|process| inits.contains(process));
    }

    /// What is left of a run: its containers and networks.
    pub fn labelled(&self, run: &str) -> usize {
        let containers = self
            .containers
            .values()
            .filter(|one| one.run == run)
            .count();
        containers + self.networks.values().filter(|label| *label == run).count()
    }

    /// Whether `check` holds.
    pub fn holds(&self, check: &Check) -> bool {
        match check {
            Check::Gone { process } => self.home(process).is_none(),
            Check::Reads { file, want } => self.lines(file).contains(want),
            Check::Process(check) => process::holds(self, check),
            Check::Control(check) => control::holds(self, check),
            Check::Clock(check) => clock::holds(self, check),
            Check::Files(check) => files::holds(self, check),
            Check::Datagrams { from, to, arrive } => {
                self.is_there(from) && self.is_there(to) && self.net.arrives(from, to) == *arrive
            }
            Check::Net(check) => {
                let mut ends = check.ends().into_iter();
                ends.all(|process| self.home(process).is_some()) && self.net.holds(check)
            }
            Check::Call(check) => self.call.holds(check),
            Check::Runs { container } => {
                self.containers.get(container).is_some_and(Container::runs)
            }
            Check::Queue(check) => self.queue.holds(check, |from, to| self.arrives(from, to)),
            Check::Node { node, is } => self.node(node, *is),
            Check::Fuse(check) => self.layers.holds(check),
            Check::Disk(check) => self.holds_disk(check),
            Check::All(parts) => parts.iter().all(|part| self.holds(part)),
        }
    }

    fn node(&self, node: &NodeId, is: NodeState) -> bool {
        let worker = node.as_str().ends_with("/worker");
        let id = node.as_str().trim_end_matches("/worker");
        let goes = |process: &Option<Process>, one: &Container| {
            process
                .as_ref()
                .is_some_and(|process| !one.stopped.contains(process))
        };
        let works = |one: &Container| {
            one.runs() && !one.frozen && goes(&one.processes[usize::from(worker)], one)
        };
        let all = || {
            self.containers
                .values()
                .filter(|one| one.run == RUN && (!worker || one.has_worker))
        };
        match is {
            NodeState::Ready => self.containers.get(id).is_some_and(works),
            NodeState::Count => all().all(works),
        }
    }

    fn home(&self, process: &Process) -> Option<&Container> {
        self.containers
            .values()
            .find(|one| one.processes.iter().flatten().any(|own| own == process))
    }

    fn arrives(&self, from: &End, to: &End) -> bool {
        self.is_there(from) && self.is_there(to) && self.net.arrives(from, to)
    }

    fn home_mut(&mut self, process: &Process) -> Option<&mut Container> {
        self.containers
            .values_mut()
            .find(|one| one.processes.iter().flatten().any(|own| own == process))
    }

    fn stopped(&self, process: &Process) -> bool {
        self.home(process)
            .is_some_and(|one| one.stopped.contains(process))
    }

    /// The lines of a control file; none where no container that runs has it.
    fn lines(&self, file: &str) -> Vec<String> {
        let control = |(id, one): (&String, &Container)| one.room.lines(id, file);
        let mut running = self.containers.iter().filter(|(_, one)| one.runs());
        let freezer = self.reads(file).map(|line| vec![line]);
        freezer
            .or_else(|| running.find_map(control))
            .unwrap_or_default()
    }

    fn is_there(&self, end: &End) -> bool {
        self.home(&end.process)
            .is_some_and(|one| one.address == end.address)
    }

    fn frozen(&self, freezer: &Freezer) -> Option<bool> {
        self.reads(&freezer.read).map(|line| line == freezer.frozen)
    }

    fn reads(&self, file: &str) -> Option<String> {
        let (id, one) = self
            .containers
            .iter()
            .find(|(id, one)| one.runs() && freezer(id).read == file)?;
        let freezer = freezer(id);
        Some(if one.frozen {
            freezer.frozen
        } else {
            freezer.thawed
        })
    }

    fn behind(&mut self, wanted: &Freezer) -> Option<&mut Container> {
        let found = self
            .containers
            .iter_mut()
            .find(|(id, one)| one.runs() && freezer(id) == *wanted);
        found.map(|(_, one)| one)
    }
}

fn address(at: u8) -> Ipv4Addr {
    Ipv4Addr::new(10, 9, 0, 10 + at)
}

fn freezer(id: &str) -> Freezer {
    Freezer::v1(&format!("/docker/{id}"))
}

fn facts(id: &str, one: &Container, unit: Unit, role_count: u32) -> Option<Facts> {
    let init = one.processes[0].clone()?;
    let (node, role, process, revived_by) = match unit {
        Unit::Container => (id.to_owned(), "server", init.clone(), RevivedBy::Guard),
        Unit::Process => (
            format!("{id}/worker"),
            "worker",
            one.processes[1].clone()?,
            RevivedBy::Platform,
        ),
    };
    Some(Facts {
        node: NodeId(node),
        role: Role::from(role),
        unit,
        container: id.to_owned(),
        address: one.address,
        init,
        processes: vec![process],
        freezer: Some(freezer(id)),
        control: control::control(id, &one.room),
        scratch: vec![files::SCRATCH.to_owned()],
        revived_by,
        role_count,
        layers: vec![fuse::layer(id)],
        drives: Vec::new(),
        spots: Vec::new(),
        throttle: None,
        credential: Some(call::credential(id)),
        rotation: Some(call::credential(id)),
    })
}
