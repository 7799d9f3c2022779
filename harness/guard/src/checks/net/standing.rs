//! Connections of a namespace with some addresses: those that stood just before the act are gone, or at least one stands.
use crate::{
    checks::{Glance, Watch},
    clock::Clock,
    netns::{self, Space},
    sockets::{self, Connection},
};
use model::check::End;
use std::net::Ipv4Addr;

struct Standing {
    space: Space,
    end: End,
    peers: Vec<Ipv4Addr>,
    stand: bool,
    /// Those that stood when the act was about to begin; none before.
    before: Option<Vec<Connection>>,
}

/// Opens the namespace.
///
/// # Errors
/// The process is gone.
pub fn watch(end: &End, peers: &[Ipv4Addr], stand: bool) -> Result<impl Watch + use<>, String> {
    Ok(Standing {
        space: netns::there(&end.process)?,
        end: end.clone(),
        peers: peers.to_vec(),
        stand,
        before: None,
    })
}

impl Standing {
    fn now(&self) -> Result<Vec<Connection>, String> {
        self.space
            .try_inside("list the connections", || sockets::standing(&self.peers))
    }

    fn held(&self, now: &[Connection]) -> bool {
        let ended = |before: &Vec<Connection>| {
            !before.is_empty() && before.iter().all(|one| !now.contains(one))
        };
        if self.stand {
            !now.is_empty()
        } else {
            self.before.as_ref().is_some_and(ended)
        }
    }
}

impl Watch for Standing {
    fn glance(&mut self, clock: Clock) -> Glance {
        let now = self.now();
        let stood = self.before.as_ref().map_or(0, Vec::len);
        let told = match &now {
            Ok(now) => format!("{} stand, {stood} stood before the act", now.len()),
            Err(why) => why.clone(),
        };
        Glance {
            held: Some(now.is_ok_and(|now| self.held(&now))),
            since: clock.now(),
            evidence: format!("connections of {} with its peers: {told}", self.end.address),
        }
    }

    fn forget(&mut self) {
        self.before = self.now().ok();
    }
}
