//! Deliberately wrong variants of the reading of a table. Only the tests can switch one on; elsewhere none is, and it costs nothing.
#[cfg(test)]
use std::cell::Cell;

#[cfg(test)]
thread_local! {
    pub(super) static ON: Cell<&'static str> = const { Cell::new("") };
}

/// Whether this variant is switched on in this thread.
#[cfg(test)]
pub(super) fn mutant(name: &str) -> bool {
    ON.get() == name
}

#[cfg(not(test))]
#[inline(always)]
pub(super) const fn mutant(_: &str) -> bool {
    false
}
