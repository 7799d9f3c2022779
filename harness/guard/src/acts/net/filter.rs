//! Flows that meet a fate on the run's bridge; see [`crate::filter`].
use crate::{
    acts::Deed,
    clock::mono_ns,
    filter::Filter,
    lane::{Family, Item},
    link,
};
use model::{
    act::{
        Undo,
        net::{self, Fate, Flow},
    },
    check::End,
};
use std::{
    collections::BTreeMap,
    net::Ipv4Addr,
    sync::{Mutex, MutexGuard, PoisonError},
};

struct Met<'a> {
    filter: &'a Mutex<Filter>,
    fate: Fate,
    items: Vec<Item>,
    added: Vec<Item>,
    lifetime_ms: u64,
    backend: String,
}

/// Looks which of `flows` have that fate already, and for their interfaces where it needs them.
///
/// # Errors
/// There is no nftables here, or an interface cannot be found.
pub fn prepare<'a>(
    filter: &'a Mutex<Filter>,
    fate: Fate,
    flows: &[Flow],
    ends: &[End],
    lifetime_ms: u64,
) -> Result<impl Deed + use<'a>, String> {
    let items = items(fate, flows, ends)?;
    let mut held = hold(filter);
    // The kernel takes a table without flows along with its owner: it can stand before the undo is on disk.
    if held.owns()? {
        held.make(fate, &items)?;
    }
    Ok(Met {
        filter,
        fate,
        added: held.free(fate, &items, mono_ns()),
        items,
        lifetime_ms,
        backend: held.backend(fate)?,
    })
}

fn items(fate: Fate, flows: &[Flow], ends: &[End]) -> Result<Vec<Item>, String> {
    if Family::of(fate) != Family::Netdev {
        return Ok(flows.iter().map(|flow| Item::from(*flow)).collect());
    }
    let door = |end: &End| Ok((end.address, link::there(end)?.outer.name));
    let doors = ends.iter().map(door);
    let doors = doors.collect::<Result<BTreeMap<Ipv4Addr, String>, String>>()?;
    let of = |address: Ipv4Addr| {
        let door = doors.get(&address).cloned();
        door.ok_or_else(|| format!("find who has address {address}"))
    };
    let item = |flow: &Flow| {
        Ok(Item {
            flow: *flow,
            doors: Some((of(flow.from)?, of(flow.to)?)),
        })
    };
    flows.iter().map(item).collect()
}

impl Deed for Met<'_> {
    fn undo(&self) -> Undo {
        Undo::Net(net::Undo::Mend {
            fate: self.fate,
            flows: self.added.iter().map(|item| item.flow).collect(),
        })
    }
    fn backend(&self) -> String {
        self.backend.clone()
    }
    fn ready(&mut self) -> Result<(), String> {
        hold(self.filter).make(self.fate, &self.items)
    }
    fn go(&mut self) -> Result<(), String> {
        hold(self.filter).add(self.fate, &self.items, self.lifetime_ms, mono_ns())
    }
}

/// The filter is consistent after each call, so a panic elsewhere does not spoil it.
pub fn hold(filter: &Mutex<Filter>) -> MutexGuard<'_, Filter> {
    filter.lock().unwrap_or_else(PoisonError::into_inner)
}
