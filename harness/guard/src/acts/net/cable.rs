//! A pulled cable: the host's half of the pair is switched off, so that the node's interface loses its carrier.
//!
//! The state of the bridge port would also stop packets, but the node would never see its cable go.
use crate::{acts::Deed, link};
use model::{
    act::{Undo, net},
    check::End,
};

struct Pull {
    end: End,
    index: u32,
    was_unplugged: bool,
}

/// Finds the host's half.
///
/// # Errors
/// It is not there.
pub fn prepare(end: &End) -> Result<impl Deed + use<>, String> {
    let outer = link::there(end)?.outer;
    Ok(Pull {
        end: end.clone(),
        index: outer.index,
        was_unplugged: !outer.up,
    })
}

impl Deed for Pull {
    fn undo(&self) -> Undo {
        Undo::Net(net::Undo::Plug {
            end: self.end.clone(),
            was_unplugged: self.was_unplugged,
        })
    }
    fn backend(&self) -> String {
        "veth of the host down, rtnetlink".to_owned()
    }
    fn go(&mut self) -> Result<(), String> {
        link::switch(self.index, false).map_err(|error| format!("switch a link off: {error}"))
    }
}

/// Switches the host's half on again.
///
/// # Errors
/// What the kernel says of a node that is there.
pub fn plug(end: &End, was_unplugged: bool) -> Result<(), String> {
    if was_unplugged {
        return Ok(());
    }
    link::cable(end)?.map_or(Ok(()), |cable| {
        link::switch(cable.outer.index, true)
            .map_err(|error| format!("switch {} on: {error}", cable.outer.name))
    })
}
