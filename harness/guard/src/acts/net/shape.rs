//! A limited rate: a token bucket on the node's own half of its cable for what it sends, on the host's half for what it receives.
use crate::{
    acts::Deed,
    link::{self, Cable},
    qdisc::{self, Root},
};
use model::{
    act::{
        Undo,
        net::{self, Side},
    },
    check::End,
};
use std::io;

struct Limit {
    end: End,
    cable: Cable,
    sides: Vec<Side>,
    rate_bytes: u64,
    burst_bytes: u64,
}

/// Looks what stands on each side: ours or anybody else's queue is left alone, so it cannot be limited.
///
/// # Errors
/// The node is not there, or has a queue of its own.
pub fn prepare(
    end: &End,
    sides: &[Side],
    rate_bytes: u64,
    burst_bytes: u64,
) -> Result<impl Deed + use<>, String> {
    let cable = link::there(end)?;
    for side in sides {
        let root = at(&cable, *side, qdisc::root);
        match root.map_err(|error| format!("read the queue of {}: {error}", end.address))? {
            Root::Default => {}
            Root::Ours => {
                return Err(format!(
                    "limit {} once more: undo the other first",
                    end.address
                ));
            }
            Root::Foreign => {
                return Err(format!("limit {}: it has a queue of its own", end.address));
            }
        }
    }
    Ok(Limit {
        end: end.clone(),
        cable,
        sides: sides.to_vec(),
        rate_bytes,
        burst_bytes,
    })
}

/// Does `work` with the interface by which packets of that side leave, in its namespace.
fn at<T: Send>(
    cable: &Cable,
    side: Side,
    work: impl FnOnce(u32) -> io::Result<T> + Send,
) -> io::Result<T> {
    match side {
        Side::Out => cable.space.inside(|| work(cable.inner.index)),
        Side::In => work(cable.outer.index),
    }
}

impl Deed for Limit {
    fn undo(&self) -> Undo {
        Undo::Net(net::Undo::Unshape {
            end: self.end.clone(),
            sides: self.sides.clone(),
        })
    }
    fn backend(&self) -> String {
        "tbf, rtnetlink".to_owned()
    }
    fn go(&mut self) -> Result<(), String> {
        let limit = |index| qdisc::limit(index, self.rate_bytes, self.burst_bytes);
        let each = self.sides.iter();
        let done: io::Result<()> = each
            .copied()
            .try_for_each(|side| at(&self.cable, side, limit));
        done.map_err(|error| format!("limit {}: {error}", self.end.address))
    }
}

/// Lifts our limit from these sides; what is not ours stays.
///
/// # Errors
/// What the kernel says of a node that is there.
pub fn lift(end: &End, sides: &[Side]) -> Result<(), String> {
    let Some(cable) = link::cable(end)? else {
        return Ok(());
    };
    let each = sides.iter().map(|side| at(&cable, *side, qdisc::lift));
    each.collect::<io::Result<()>>()
        .map_err(|error| format!("lift the limit of {}: {error}", end.address))
}
