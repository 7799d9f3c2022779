//! Flows dropped on the run's bridge; see [`crate::filter`].
use super::Deed;
use crate::{clock::mono_ns, filter::Filter};
use model::act::{Flow, Undo};
use std::sync::{Mutex, MutexGuard, PoisonError};

struct Cut<'a> {
    filter: &'a Mutex<Filter>,
    flows: Vec<Flow>,
    added: Vec<Flow>,
    lifetime_ms: u64,
    backend: &'static str,
}

/// Looks which of `flows` are cut already.
///
/// # Errors
/// There is no nftables here.
pub fn prepare<'a>(
    filter: &'a Mutex<Filter>,
    flows: &[Flow],
    lifetime_ms: u64,
) -> Result<impl Deed + use<'a>, String> {
    let mut held = hold(filter);
    Ok(Cut {
        filter,
        flows: flows.to_vec(),
        added: held.uncut(flows, mono_ns()),
        lifetime_ms,
        backend: held.backend()?,
    })
}

impl Deed for Cut<'_> {
    fn undo(&self) -> Undo {
        Undo::Mend {
            flows: self.added.clone(),
        }
    }
    fn backend(&self) -> String {
        self.backend.to_owned()
    }
    fn ready(&mut self) -> Result<(), String> {
        hold(self.filter).make()
    }
    fn go(&mut self) -> Result<(), String> {
        hold(self.filter).cut(&self.flows, self.lifetime_ms, mono_ns())
    }
}

/// Forgets the flows.
///
/// # Errors
/// What nft says.
pub fn mend(filter: &Mutex<Filter>, flows: &[Flow]) -> Result<(), String> {
    hold(filter).mend(flows)
}

/// The filter is consistent after each call, so a panic elsewhere does not spoil it.
pub fn hold(filter: &Mutex<Filter>) -> MutexGuard<'_, Filter> {
    filter.lock().unwrap_or_else(PoisonError::into_inner)
}
