//! Packets of chosen flows go through a worker of ours, which holds, reorders or damages them.
//!
//! The way of a packet over the run's bridge: our table gives it a mark by its addresses (each pair with a lifetime), a rule
//! keyed by that mark queues it, the worker lets it go. Without a worker the rule lets packets pass; without the table, which
//! dies with the guard, no packet has the mark. What hangs is killed by [`Queue::tend`].
//! - [`rules`] table and rules.   - [`child`] the worker as the guard sees it.   - [`worker`] the worker itself.
pub mod child;
pub mod rules;
pub mod worker;

use crate::{acts::Deed, clock::mono_ns};
use child::{Child, Failure};
use model::{
    act::{
        net::Flow,
        queue::{Act, Treatment, Undo},
    },
    units::{self, MS, Nanos},
};
use rules::Rules;
use serde::{Deserialize, Serialize};
use std::{
    collections::BTreeMap,
    fs,
    path::PathBuf,
    sync::{Mutex, MutexGuard, PoisonError},
};
use worker::netlink::{Copied, Netlink};

/// First slot of the packets whose bytes the worker must see.
const PAYLOAD_SLOTS: u8 = 0x80;
/// So many numbers are tried before giving up: as many runs at once.
const TRIES: u8 = 16;

/// The name of the hidden subcommand.
pub const WORKER: &str = "queue-worker";

/// What distinguishes one run's packets on this machine: its byte in marks and queue numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Numbers(pub u8);

impl Numbers {
    /// Queue of packets that stay in the kernel.
    pub fn meta(self) -> u16 {
        0xfa00 | u16::from(self.0)
    }
    /// Queue of packets whose bytes come up.
    pub fn payload(self) -> u16 {
        0xfb00 | u16::from(self.0)
    }
    /// Mark of the packets of one slot.
    pub fn mark(self, slot: u8) -> u32 {
        0xfa_0000 | u32::from(self.0) << 8 | u32::from(slot)
    }
}

/// From the guard to its worker.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Order {
    /// Treat packets of this slot so.
    Treat {
        /// Low byte of the mark.
        slot: u8,
        /// How.
        treatment: Treatment,
        /// Until this instant of `CLOCK_MONOTONIC`, in ns.
        until_ns: u64,
    },
    /// Let everything of this slot go, now and from now on.
    Release {
        /// Low byte of the mark.
        slot: u8,
    },
}

/// From the worker.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Told {
    /// It has its queues.
    Ready {
        /// What it could not get of what it wanted, in words.
        lacks: Vec<String>,
    },
    /// It cannot work.
    Unable {
        /// Why.
        why: String,
        /// Somebody else has the queue.
        busy: bool,
    },
    /// The last order is in effect.
    Done,
    /// It lives.
    Beat,
}

struct Diverted {
    slot: u8,
    end_ns: u64,
}

/// The queues of one run.
pub struct Queue {
    run: String,
    program: PathBuf,
    rules: Rules,
    worker: Option<Child>,
    diverted: BTreeMap<Flow, Diverted>,
}

impl Queue {
    /// Nothing is touched yet.
    pub fn of(run: &str) -> Self {
        Self {
            run: run.to_owned(),
            program: PathBuf::from("/proc/self/exe"),
            rules: Rules::of(run),
            worker: None,
            diverted: BTreeMap::new(),
        }
    }

    /// With its worker in another program, which has the same hidden subcommand.
    pub fn with_worker(mut self, program: impl Into<PathBuf>) -> Self {
        self.program = program.into();
        self
    }

    /// The worker's process; none where none runs.
    pub fn worker(&self) -> Option<u32> {
        self.worker.as_ref().map(Child::pid)
    }

    fn undiverted(&self, flows: &[Flow]) -> Vec<Flow> {
        let now = mono_ns();
        let free = |flow: &&Flow| self.diverted.get(flow).is_none_or(|one| one.end_ns <= now);
        flows.iter().filter(free).copied().collect()
    }

    /// A slot that no flow uses.
    fn free_slot(&self, treatment: &Treatment) -> Result<u8, String> {
        let now = mono_ns();
        let used = |slot: &u8| {
            self.diverted
                .values()
                .any(|one| one.slot == *slot && one.end_ns > now)
        };
        let mut slots = match treatment.damaged_ppm {
            0 => 1..=PAYLOAD_SLOTS - 1,
            _ => PAYLOAD_SLOTS..=u8::MAX,
        };
        slots
            .find(|slot| !used(slot))
            .ok_or("find a free slot of the packet queue: end one of the faults".to_owned())
    }

    /// A worker that lives, and the rules that lead to it.
    fn open(&mut self) -> Result<Numbers, String> {
        if let Some(numbers) = self.worker.as_mut().and_then(Child::lives) {
            return Ok(numbers);
        }
        self.close()?;
        let first = rules::first_number(&self.run);
        for number in (0..TRIES).map(|step| Numbers(first.wrapping_add(step))) {
            match Child::start(&self.program, &self.run, number) {
                Ok(worker) => {
                    self.worker = Some(worker);
                    return self.rules.add(number).map(|()| number);
                }
                Err(Failure::Busy) => {}
                Err(Failure::Other(why)) => return Err(why),
            }
        }
        Err("find a free packet queue: end one of the other runs".to_owned())
    }

    fn prepare_slot(&mut self, treatment: Treatment, lifetime_ms: u64) -> Result<u8, String> {
        self.open()?;
        let slot = self.free_slot(&treatment)?;
        let until_ns = end_of(lifetime_ms);
        let order = Order::Treat {
            slot,
            treatment,
            until_ns,
        };
        self.order(&order)?;
        Ok(slot)
    }

    fn order(&mut self, order: &Order) -> Result<(), String> {
        let worker = self.worker.as_mut().ok_or("find the packet worker")?;
        // One that does not listen holds packets for ever: killed, it holds none.
        worker.order(order).inspect_err(|_| drop(worker.kill()))
    }

    fn divert(&mut self, flows: &[Flow], slot: u8, lifetime_ms: u64) -> Result<(), String> {
        let added = self.undiverted(flows);
        let numbers = self.worker.as_mut().and_then(Child::lives);
        let numbers = numbers.ok_or("find the packet worker: it has ended")?;
        self.rules.divert(&added, numbers.mark(slot), lifetime_ms)?;
        let end_ns = end_of(lifetime_ms);
        let each = added
            .into_iter()
            .map(|flow| (flow, Diverted { slot, end_ns }));
        self.diverted.extend(each);
        Ok(())
    }

    fn release(&mut self, flows: &[Flow]) -> Result<(), String> {
        // Nothing is ours alone any more, or it is a dead guard's.
        if self.diverted.keys().all(|flow| flows.contains(flow)) {
            return self.close();
        }
        self.rules.restore(flows)?;
        let removed = flows.iter().filter_map(|flow| self.diverted.remove(flow));
        let freed: Vec<u8> = removed.map(|one| one.slot).collect();
        for slot in freed {
            let used = self.diverted.values().any(|one| one.slot == slot);
            if !used {
                // Where that fails the worker is dead, and holds nothing.
                let _ = self.order(&Order::Release { slot });
            }
        }
        Ok(())
    }

    /// No packet gets a mark any more; the worker lets everything go and ends; no rule stands. Also what a dead guard left.
    fn close(&mut self) -> Result<(), String> {
        self.diverted.clear();
        if self.worker.is_none() {
            child::kill_strays(&self.run);
        }
        let table = self.rules.remove_table();
        if let Some(worker) = self.worker.take() {
            worker.end();
        }
        table.and(self.rules.remove_rules())
    }

    /// Kills a worker that is silent: its rule then lets packets pass. Tells its process, why, and for how long it was silent.
    pub fn tend(&mut self) -> Option<(u32, String, Nanos)> {
        let worker = self.worker.as_mut()?;
        let silent = worker.silent()?;
        let why = format!("silent for {}", units::show(Nanos::ms(silent.0 / MS)));
        let failed = worker.kill().err();
        let why = failed.map_or_else(|| why.clone(), |worse| format!("{why}; {worse}"));
        Some((worker.pid(), why, silent))
    }

    /// What of it stands, in words; tried to be removed once more.
    pub fn leftovers(&mut self) -> Vec<String> {
        if !self.rules.used() {
            return Vec::new();
        }
        match self.close().and_then(|()| self.rules.standing()) {
            Ok(left) => left,
            Err(why) => vec![format!("packet queue: {why}")],
        }
    }
}

fn end_of(lifetime_ms: u64) -> u64 {
    mono_ns().saturating_add(lifetime_ms.saturating_mul(1_000_000))
}

/// Tries table, rules and queues in a scratch network namespace, and looks whether bridged packets come by.
///
/// # Errors
/// What is missing, and what would fix it.
pub fn probe() -> Result<String, String> {
    let seen = fs::read_to_string("/proc/sys/net/bridge/bridge-nf-call-iptables");
    match seen.as_deref().map(str::trim) {
        Ok("1") => {}
        Ok(_) => {
            return Err(
                "see bridged packets: set the sysctl net.bridge.bridge-nf-call-iptables to 1"
                    .to_owned(),
            );
        }
        Err(_) => {
            return Err(
                "see bridged packets: needs a kernel with br_netfilter (modprobe br_netfilter)"
                    .to_owned(),
            );
        }
    }
    crate::probe::net::scratch(|| {
        let (mut rules, numbers) = (Rules::of("probe"), Numbers(0));
        rules.add(numbers)?;
        let unused = Flow {
            from: [192, 0, 2, 1].into(),
            to: [192, 0, 2, 2].into(),
        };
        rules.divert(&[unused], numbers.mark(1), 1000)?;
        let bound =
            Netlink::open().and_then(|mut netlink| netlink.bind(numbers.meta(), Copied::Meta));
        bound.map_err(|error| {
            format!("bind a packet queue: {error}; needs a kernel with nfnetlink_queue")
        })?;
        Ok("NFQUEUE".to_owned())
    })
}

struct Divert<'a> {
    queue: &'a Mutex<Queue>,
    flows: Vec<Flow>,
    added: Vec<Flow>,
    treatment: Treatment,
    lifetime_ms: u64,
    slot: u8,
}

/// Looks which flows are diverted already.
///
/// # Errors
/// There is no nftables here.
pub fn prepare<'a>(queue: &'a Mutex<Queue>, act: &Act) -> Result<impl Deed + use<'a>, String> {
    let Act::Divert {
        flows,
        treatment,
        lifetime_ms,
    } = act;
    let mut held = hold(queue);
    held.rules.available()?;
    Ok(Divert {
        queue,
        flows: flows.clone(),
        added: held.undiverted(flows),
        treatment: *treatment,
        lifetime_ms: *lifetime_ms,
        slot: 0,
    })
}

impl Deed for Divert<'_> {
    fn undo(&self) -> model::act::Undo {
        model::act::Undo::Queue(Undo::Release {
            flows: self.added.clone(),
        })
    }
    fn backend(&self) -> String {
        let queue = hold(self.queue);
        let lacks = queue.worker.as_ref().map(Child::lacks).unwrap_or_default();
        let copy = if self.treatment.damaged_ppm > 0 {
            "bytes copied"
        } else {
            "packets stay in the kernel"
        };
        match lacks {
            "" => format!("NFQUEUE, {copy}, real-time worker"),
            lacks => format!("NFQUEUE, {copy}, worker without {lacks}"),
        }
    }
    fn ready(&mut self) -> Result<(), String> {
        self.slot = hold(self.queue).prepare_slot(self.treatment, self.lifetime_ms)?;
        Ok(())
    }
    fn go(&mut self) -> Result<(), String> {
        hold(self.queue).divert(&self.flows, self.slot, self.lifetime_ms)
    }
}

/// Puts back.
///
/// # Errors
/// What nft or iptables say.
pub fn undo(queue: &Mutex<Queue>, undo: &Undo) -> Result<(), String> {
    let Undo::Release { flows } = undo;
    hold(queue).release(flows)
}

/// The queue is consistent after each call, so a panic elsewhere does not spoil it.
pub fn hold(queue: &Mutex<Queue>) -> MutexGuard<'_, Queue> {
    queue.lock().unwrap_or_else(PoisonError::into_inner)
}
