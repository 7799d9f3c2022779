//! What the network acts change: fates of flows, muted resolvers, pulled cables, limited interfaces, ended connections.
//!
//! Fates outlive the containers they lie between; what belongs to a network namespace goes with its init.
use crate::{
    act::net::{Act, Fate, Flow, Mute, Side, Undo},
    check::{
        End,
        net::{Check, Counted, Reply},
    },
    facts::Process,
};
use std::collections::BTreeSet;

/// The part of the world that network acts change.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Net {
    /// Flows with what happens to their packets.
    pub fates: BTreeSet<(Fate, Flow)>,
    /// Network namespaces, by their init, that cannot reach their resolver.
    pub muted: BTreeSet<(Process, Mute)>,
    /// Interfaces without carrier, by the init.
    pub unplugged: BTreeSet<Process>,
    /// Limited directions of interfaces, by the init.
    pub shaped: BTreeSet<(Process, Side)>,
    /// Between whom all connections have ended and none was made again.
    pub severed: BTreeSet<Flow>,
}

impl Net {
    pub(super) fn record(&self, act: &Act) -> Option<Undo> {
        Some(match act {
            Act::Filter { fate, flows, .. } => Undo::Mend {
                fate: *fate,
                flows: flows
                    .iter()
                    .filter(|flow| !self.fates.contains(&(*fate, **flow)))
                    .copied()
                    .collect(),
            },
            Act::Sever { .. } => return None,
            Act::Mute { process, how, .. } => Undo::Unmute {
                process: process.clone(),
                how: *how,
                was_muted: self.muted.contains(&(process.clone(), *how)),
            },
            Act::Unplug { end } => Undo::Plug {
                end: end.clone(),
                was_unplugged: self.unplugged.contains(&end.process),
            },
            Act::Shape { end, sides, .. } => Undo::Unshape {
                end: end.clone(),
                sides: sides
                    .iter()
                    .filter(|side| !self.shaped.contains(&(end.process.clone(), **side)))
                    .copied()
                    .collect(),
            },
        })
    }

    pub(super) fn act(&mut self, act: &Act) {
        match act {
            Act::Filter { fate, flows, .. } => {
                self.fates.extend(flows.iter().map(|flow| (*fate, *flow)));
            }
            Act::Sever { end, peers } => self.severed.extend(peers.iter().map(|to| Flow {
                from: end.address,
                to: *to,
            })),
            Act::Mute { process, how, .. } => {
                self.muted.insert((process.clone(), *how));
            }
            Act::Unplug { end } => {
                self.unplugged.insert(end.process.clone());
            }
            Act::Shape { end, sides, .. } => {
                let each = sides.iter().map(|side| (end.process.clone(), *side));
                self.shaped.extend(each);
            }
        }
    }

    pub(super) fn undo(&mut self, undo: &Undo) {
        match undo {
            Undo::Mend { fate, flows } => self
                .fates
                .retain(|(one, flow)| one != fate || !flows.contains(flow)),
            Undo::Unmute {
                process,
                how,
                was_muted: false,
            } => {
                self.muted.remove(&(process.clone(), *how));
            }
            Undo::Plug {
                end,
                was_unplugged: false,
            } => {
                self.unplugged.remove(&end.process);
            }
            Undo::Unmute { .. } | Undo::Plug { .. } => {}
            Undo::Unshape { end, sides } => self
                .shaped
                .retain(|(process, side)| *process != end.process || !sides.contains(side)),
        }
    }

    /// Namespaces end with their init.
    pub(super) fn forget_gone(&mut self, lives: impl Fn(&Process) -> bool) {
        self.muted.retain(|(process, _)| lives(process));
        self.unplugged.retain(&lives);
        self.shaped.retain(|(process, _)| lives(process));
    }

    /// Whether packets get from one to the other; `is_there` tells of each end whether it is there.
    pub(super) fn arrives(&self, from: &End, to: &End) -> bool {
        let cut = [from, to]
            .iter()
            .any(|end| self.unplugged.contains(&end.process));
        !cut && !self.has(Fate::Dropped, from, to)
    }

    fn has(&self, fate: Fate, from: &End, to: &End) -> bool {
        self.fates.contains(&(fate, flow(from, to)))
    }

    /// Whether `check` holds, where every end of it is there.
    pub(super) fn holds(&self, check: &Check) -> bool {
        match check {
            Check::Share {
                from,
                to,
                counted,
                per_10000,
                ..
            } => self.arrives(from, to) && self.share(*counted, from, to) == *per_10000,
            Check::Connects { from, to, refused } => {
                let open = self.arrives(from, to) && self.arrives(to, from);
                open && self.has(Fate::Reset, from, to) == *refused
            }
            Check::Sockets { end, peers, stand } => {
                let severed = |to: &_| {
                    self.severed.contains(&Flow {
                        from: end.address,
                        to: *to,
                    })
                };
                !peers.is_empty() && peers.iter().all(severed) != *stand
            }
            Check::Resolver { process, reply, .. } => {
                let muted = |how| self.muted.contains(&(process.clone(), how));
                let came = match (muted(Mute::Fast), muted(Mute::Hang)) {
                    (true, _) => Reply::Refused,
                    (_, true) => Reply::Silence,
                    _ => Reply::Given,
                };
                came == *reply
            }
            Check::Cable { end, plugged } => self.unplugged.contains(&end.process) != *plugged,
            Check::Rate {
                from, to, limited, ..
            } => {
                let shaped = self.shaped.contains(&(from.process.clone(), Side::Out))
                    || self.shaped.contains(&(to.process.clone(), Side::In));
                self.arrives(from, to) && self.arrives(to, from) && shaped == *limited
            }
        }
    }

    /// The largest share of this kind that lies on the flow.
    fn share(&self, counted: Counted, from: &End, to: &End) -> u32 {
        let flow = flow(from, to);
        let of = |(fate, one): &(Fate, Flow)| match (counted, fate) {
            (Counted::Lost, Fate::Lost(share)) | (Counted::Doubled, Fate::Doubled(share))
                if *one == flow =>
            {
                Some(*share)
            }
            _ => None,
        };
        self.fates.iter().filter_map(of).max().unwrap_or_default()
    }
}

fn flow(from: &End, to: &End) -> Flow {
    Flow {
        from: from.address,
        to: to.address,
    }
}

impl Check {
    /// Everybody who must be there for it to be looked at.
    pub(super) fn ends(&self) -> Vec<&Process> {
        match self {
            Self::Share { from, to, .. }
            | Self::Connects { from, to, .. }
            | Self::Rate { from, to, .. } => vec![&from.process, &to.process],
            Self::Sockets { end, .. } | Self::Cable { end, .. } => vec![&end.process],
            Self::Resolver { process, .. } => vec![process],
        }
    }
}
