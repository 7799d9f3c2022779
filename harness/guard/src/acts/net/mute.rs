//! A resolver that cannot be reached from one network namespace: refused at the sender, or swallowed on the way in.
//!
//! Docker's resolver is an address on the loopback of each container, redirected by rules there: only a rule in that namespace
//! meets its packets. The table belongs to a socket that the guard opened inside, and goes with either.
use crate::{acts::Deed, clock::mono_ns, filter::gone_is_fine, netns, nft::Nft};
use model::{
    act::{
        Undo,
        net::{self, Mute},
    },
    facts::Process,
};
use std::{
    collections::BTreeMap,
    io,
    net::Ipv4Addr,
    sync::{Mutex, MutexGuard, PoisonError},
};

/// The namespaces that hold a table of ours.
pub struct Rooms {
    table: String,
    open: BTreeMap<Process, Room>,
}

struct Room {
    nft: Nft,
    /// What is muted how, and when (ns of `CLOCK_MONOTONIC`) the kernel forgets it.
    muted: BTreeMap<Mute, (Ipv4Addr, u64)>,
}

impl Rooms {
    /// None yet; their table will have this name.
    pub fn of(table: String) -> Self {
        Self {
            table,
            open: BTreeMap::new(),
        }
    }
}

struct Muting<'a> {
    rooms: &'a Mutex<Rooms>,
    process: Process,
    server: Ipv4Addr,
    how: Mute,
    lifetime_ms: u64,
    was_muted: bool,
    backend: String,
}

/// Looks whether it is muted already.
///
/// # Errors
/// The process is gone, or there is no nftables here.
pub fn prepare<'a>(
    rooms: &'a Mutex<Rooms>,
    process: &Process,
    server: Ipv4Addr,
    how: Mute,
    lifetime_ms: u64,
) -> Result<impl Deed + use<'a>, String> {
    let mut held = hold(rooms);
    let backend = held.room(process)?.nft.backend();
    let muted = held.open.get(process).and_then(|room| room.muted.get(&how));
    Ok(Muting {
        rooms,
        process: process.clone(),
        server,
        how,
        lifetime_ms,
        was_muted: muted.is_some_and(|(_, end)| *end > mono_ns()),
        backend: format!("nft ip in the network namespace, {backend}"),
    })
}

impl Deed for Muting<'_> {
    fn undo(&self) -> Undo {
        Undo::Net(net::Undo::Unmute {
            process: self.process.clone(),
            how: self.how,
            was_muted: self.was_muted,
        })
    }
    fn backend(&self) -> String {
        self.backend.clone()
    }
    fn ready(&mut self) -> Result<(), String> {
        hold(self.rooms).make(&self.process)
    }
    fn go(&mut self) -> Result<(), String> {
        if self.was_muted {
            return Ok(());
        }
        hold(self.rooms).mute(&self.process, self.server, self.how, self.lifetime_ms)
    }
}

const fn set(how: Mute) -> &'static str {
    match how {
        Mute::Fast => "fast",
        Mute::Hang => "hang",
    }
}

impl Rooms {
    fn room(&mut self, process: &Process) -> Result<&mut Room, String> {
        if !self.open.contains_key(process) {
            let nft = inside(process, Nft::open)?;
            let muted = BTreeMap::new();
            self.open.insert(process.clone(), Room { nft, muted });
        }
        let room = self.open.get_mut(process);
        room.ok_or_else(|| "find a room just opened".to_owned())
    }

    fn run(&mut self, process: &Process, commands: &str) -> Result<(), String> {
        let room = self.room(process)?;
        inside(process, || room.nft.run(commands)).map(drop)
    }

    /// The redirection comes before the way in: there the query has another port, so none is asked for.
    fn make(&mut self, process: &Process) -> Result<(), String> {
        let (table, flags) = (self.table.clone(), self.room(process)?.nft.table_flags());
        let lane = |set: &str, hook: &str, what: &str| {
            format!(
                "add set ip {table} {set} {{ type ipv4_addr; flags timeout; }}
                 add chain ip {table} {set} {{ type filter hook {hook} priority -300; policy accept; }}
                 flush chain ip {table} {set}
                 add rule ip {table} {set} ip daddr @{set} meta l4proto {{ tcp, udp }} {what}\n"
            )
        };
        let [out, inward] = [
            lane(set(Mute::Fast), "output", "th dport 53 drop"),
            lane(set(Mute::Hang), "input", "drop"),
        ];
        self.run(
            process,
            &format!("add table ip {table} {{ {flags} }}\n{out}{inward}"),
        )
    }

    fn mute(
        &mut self,
        process: &Process,
        server: Ipv4Addr,
        how: Mute,
        lifetime_ms: u64,
    ) -> Result<(), String> {
        let (table, set) = (self.table.clone(), set(how));
        self.run(
            process,
            &format!("add element ip {table} {set} {{ {server} timeout {lifetime_ms}ms }}"),
        )?;
        let end = mono_ns().saturating_add(lifetime_ms.saturating_mul(1_000_000));
        self.room(process)?.muted.insert(how, (server, end));
        Ok(())
    }

    /// Takes one way of muting back, and the table with the last one.
    fn unmute(&mut self, process: &Process, how: Mute) -> Result<(), String> {
        let (table, set) = (self.table.clone(), set(how));
        let muted = self.room(process)?.muted.get(&how).copied();
        let last = self.room(process)?.muted.keys().all(|one| *one == how);
        let command = match muted {
            Some((server, _)) if !last => format!("delete element ip {table} {set} {{ {server} }}"),
            None if !last => return Ok(()),
            _ => format!("delete table ip {table}"),
        };
        self.run(process, &command).or_else(gone_is_fine)?;
        if last {
            self.open.remove(process);
        } else {
            self.room(process)?.muted.remove(&how);
        }
        Ok(())
    }
}

/// Makes the resolver heard again; with the namespace the rule is gone.
///
/// # Errors
/// What nft says of a rule that is there.
pub fn unmute(
    rooms: &Mutex<Rooms>,
    process: &Process,
    how: Mute,
    was_muted: bool,
) -> Result<(), String> {
    let mut held = hold(rooms);
    if netns::of(process)?.is_none() {
        held.open.remove(process);
        return Ok(());
    }
    if was_muted {
        Ok(())
    } else {
        held.unmute(process, how)
    }
}

fn inside<T: Send>(
    process: &Process,
    work: impl FnOnce() -> Result<T, String> + Send,
) -> Result<T, String> {
    let space = netns::there(process)?;
    let done = space.inside(|| work().map_err(io::Error::other));
    done.map_err(|error| error.to_string())
}

fn hold(rooms: &Mutex<Rooms>) -> MutexGuard<'_, Rooms> {
    rooms.lock().unwrap_or_else(PoisonError::into_inner)
}
