//! Ends the TCP connections that stand between the target and its peers, once: the target's next call on one fails
//! (ECONNABORTED), the peer gets a reset, and both may connect again at once.
use crate::between;
use model::{
    act::{Act, net},
    check::{self, Check},
    facts::{Capability, Facts, Targets, Unit},
    fault::{Fault, Kind, Lifetime, SettingDoc, Step, Unfit},
};
use serde::{Deserialize, Serialize};
use std::net::Ipv4Addr;

/// See the module.
pub struct ConnectionKill;

/// Nothing to set.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {}

impl Fault for ConnectionKill {
    type Settings = Settings;
    const NAME: &'static str = "connection-kill";
    const DOC: &'static str =
        "End the TCP connections that stand between the target and its peers, once.";
    const EXAMPLE: &'static str = "connection-kill: {}";
    const SETTINGS: &'static [SettingDoc] = &[];
    const PROOF: &'static str = "Effective when every connection that stood just before is gone, by its cookie; healed when one with these peers stands again.";
    const KIND: Kind = Kind::OneShot;
    const NEEDS: &'static [Capability] = &[Capability::SocketDestroy];
    const UNIT: Option<Unit> = None;
    const PEERS: bool = true;

    fn steps(_: &Settings, on: &Targets) -> Result<Vec<Step>, Unfit> {
        let homes = between::homes(&on.hurt);
        homes.into_iter().map(|home| step(home, on)).collect()
    }
}

fn step(home: &Facts, on: &Targets) -> Result<Step, Unfit> {
    let others = on.peers.iter().map(|peer| peer.address);
    let mut peers: Vec<Ipv4Addr> = others.filter(|one| *one != home.address).collect();
    peers.sort_unstable();
    peers.dedup();
    if peers.is_empty() {
        return Err(Unfit::NoPeers);
    }
    let sockets = |stand| {
        Check::Net(check::net::Check::Sockets {
            end: between::end(home),
            peers: peers.clone(),
            stand,
        })
    };
    Ok(Step {
        effective: sockets(false),
        healed: Check::All([vec![sockets(true)], between::ready(on)].concat()),
        act: Act::Net(net::Act::Sever {
            end: between::end(home),
            peers: peers.clone(),
        }),
        lifetime: Lifetime::OneShot,
    })
}
