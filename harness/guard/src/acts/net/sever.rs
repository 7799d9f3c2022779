//! Ends connections where they are: the owner's next call fails, the other side gets a reset.
use crate::{acts::Deed, netns::Space, sockets};
use model::{act::Undo, check::End};
use std::net::Ipv4Addr;

struct Sever {
    space: Space,
    peers: Vec<Ipv4Addr>,
}

/// Looks for connections with those addresses.
///
/// # Errors
/// There is none.
pub fn prepare(end: &End, peers: &[Ipv4Addr]) -> Result<impl Deed + use<>, String> {
    let space = crate::netns::there(&end.process)?;
    let found = space.try_inside("list the connections", || sockets::standing(peers))?;
    if found.is_empty() {
        return Err(format!(
            "find a TCP connection between {} and {peers:?}",
            end.address
        ));
    }
    Ok(Sever {
        space,
        peers: peers.to_vec(),
    })
}

impl Deed for Sever {
    fn undo(&self) -> Undo {
        Undo::Nothing
    }
    fn backend(&self) -> String {
        "sock_diag destroy".to_owned()
    }
    fn go(&mut self) -> Result<(), String> {
        let peers = &self.peers;
        self.space
            .try_inside("end the connections", || sockets::destroy(peers))
    }
}
