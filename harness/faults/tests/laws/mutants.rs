//! Wrong hands, each with one slip that somebody could make; the laws must catch every one.
use super::Hands;
use model::{
    act::{Act, Undo, clock, control, disk, files, fuse, net, process, queue},
    world::World,
};

/// Hands that do as they are told, but for some.
pub struct Slip {
    pub what: &'static str,
    pub record: fn(&World, &Act) -> Undo,
    pub act: fn(&mut World, &Act),
    pub keep: fn(Undo) -> Undo,
    pub undo: fn(&mut World, &Undo),
}

const fn slip(what: &'static str) -> Slip {
    Slip {
        what,
        record: World::record,
        act: World::act,
        keep: |undo| undo,
        undo: World::undo,
    }
}

impl Hands for Slip {
    fn record(&self, world: &World, act: &Act) -> Undo {
        (self.record)(world, act)
    }
    fn act(&self, world: &mut World, act: &Act) {
        (self.act)(world, act);
    }
    fn keep(&self, undo: &Undo) -> Undo {
        (self.keep)(undo.clone())
    }
    fn undo(&self, world: &mut World, undo: &Undo) {
        (self.undo)(world, undo);
    }
}

fn unlimited(undo: disk::Undo) -> disk::Undo {
    match undo {
        disk::Undo::Hasten {
            drive,
            throttle,
            pace,
            ..
        } => disk::Undo::Hasten {
            drive,
            throttle,
            pace,
            was: (0, 0),
        },
        other => other,
    }
}

fn of_whoever_runs(world: &World, undo: &disk::Undo) -> disk::Undo {
    let mut undo = undo.clone();
    if let disk::Undo::Hasten {
        drive, throttle, ..
    } = &mut undo
        && let Some(disk) = world.disks.0.get(&drive.mount)
        && let Some(one) = world.containers.get(&disk.container)
        && let Some(init) = &one.processes[0]
    {
        throttle.init = init.clone();
    }
    undo
}

fn first_drive(undo: &disk::Undo) -> disk::Undo {
    let mut undo = undo.clone();
    if let disk::Undo::Remount { drives, .. } = &mut undo {
        drives.truncate(1);
    }
    undo
}

fn forget_frozen(undo: Undo) -> Undo {
    match undo {
        Undo::Thaw { freezer, .. } => Undo::Thaw {
            freezer,
            was_frozen: false,
        },
        other => other,
    }
}

fn never_there(undo: fuse::Undo) -> fuse::Undo {
    match undo {
        fuse::Undo::Lift { layer, rule, .. } => fuse::Undo::Lift {
            layer,
            rule,
            was_there: false,
        },
        other => other,
    }
}

pub const SLIPS: &[Slip] = &[
    Slip {
        keep: |undo| match undo {
            Undo::Disk(of) => Undo::Disk(Box::new(unlimited(*of))),
            other => other,
        },
        ..slip("undo ignores how slow a drive was before")
    },
    Slip {
        undo: |world, undo| match undo {
            Undo::Disk(of) => world.undo(&Undo::Disk(Box::new(of_whoever_runs(world, of)))),
            other => world.undo(other),
        },
        ..slip("undo limits a container that has started afresh")
    },
    Slip {
        undo: |world, undo| match undo {
            Undo::Disk(of) => world.undo(&Undo::Disk(Box::new(first_drive(of)))),
            other => world.undo(other),
        },
        ..slip("undo mounts the first drive only")
    },
    Slip {
        undo: |world, undo| match undo {
            Undo::Disk(of) if matches!(**of, disk::Undo::Mend { .. }) => {
                world.disks.0.values_mut().for_each(|disk| disk.byte ^= 1);
            }
            other => world.undo(other),
        },
        ..slip("undo turns a bit over instead of writing the byte")
    },
    Slip {
        act: |world, act| {
            world.act(act);
            if matches!(act, Act::Disk(act) if matches!(**act, disk::Act::ShutDown { .. })) {
                world.disks.0.values_mut().for_each(|disk| disk.dead = true);
            }
        },
        ..slip("the act shuts every drive down")
    },
    Slip {
        undo: |_, _| {},
        ..slip("undo does nothing")
    },
    Slip {
        act: |_, _| {},
        ..slip("the act does nothing")
    },
    Slip {
        record: |world, act| forget_frozen(world.record(act)),
        ..slip("undo ignores that it was frozen before")
    },
    Slip {
        keep: forget_frozen,
        ..slip("the journal loses the prior state")
    },
    Slip {
        record: |world, act| match act {
            Act::Net(net::Act::Filter { fate, flows, .. }) => Undo::Net(net::Undo::Mend {
                fate: *fate,
                flows: flows.clone(),
            }),
            other => world.record(other),
        },
        ..slip("undo ignores what was cut before")
    },
    Slip {
        record: |world, act| match act {
            Act::Net(net::Act::Shape { end, sides, .. }) => Undo::Net(net::Undo::Unshape {
                end: end.clone(),
                sides: sides.clone(),
            }),
            other => world.record(other),
        },
        ..slip("undo ignores what was limited before")
    },
    Slip {
        keep: |undo| match undo {
            Undo::Net(net::Undo::Unmute { process, how, .. }) => Undo::Net(net::Undo::Unmute {
                process,
                how,
                was_muted: false,
            }),
            other => other,
        },
        ..slip("undo ignores that it was muted before")
    },
    Slip {
        keep: |undo| match undo {
            Undo::Net(net::Undo::Plug { end, .. }) => Undo::Net(net::Undo::Plug {
                end,
                was_unplugged: false,
            }),
            other => other,
        },
        ..slip("undo ignores that the cable was out before")
    },
    Slip {
        undo: |world, undo| match undo {
            Undo::Net(net::Undo::Plug { .. }) => world.net.unplugged.clear(),
            other => world.undo(other),
        },
        ..slip("undo to the default: every cable is in")
    },
    Slip {
        undo: |world, undo| match undo {
            Undo::Net(net::Undo::Mend { flows, .. }) => {
                world.net.fates.retain(|(_, flow)| !flows.contains(flow));
            }
            other => world.undo(other),
        },
        ..slip("undo of one fate takes the others too")
    },
    Slip {
        act: |world, act| match act {
            Act::Net(net::Act::Shape { end, sides, .. }) if sides.len() > 1 => {
                let first = (end.process.clone(), sides[0]);
                world.net.shaped.insert(first);
            }
            other => world.act(other),
        },
        ..slip("the act limits one direction only")
    },
    Slip {
        undo: |world, undo| match undo {
            Undo::Net(net::Undo::Mend { .. }) => world.net.fates.clear(),
            other => world.undo(other),
        },
        ..slip("undo to the default: nothing is cut")
    },
    Slip {
        record: |world, act| match act {
            Act::Queue(queue::Act::Divert { flows, .. }) => Undo::Queue(queue::Undo::Release {
                flows: flows.clone(),
            }),
            other => world.record(other),
        },
        ..slip("undo ignores what was diverted before")
    },
    Slip {
        act: |world, act| match act {
            Act::Queue(queue::Act::Divert {
                flows, treatment, ..
            }) => world
                .queue
                .diverted
                .extend(flows.iter().map(|flow| (*flow, *treatment))),
            other => world.act(other),
        },
        ..slip("a second treatment overwrites the first")
    },
    Slip {
        undo: |world, undo| match undo {
            Undo::Queue(_) => world.queue.diverted.clear(),
            other => world.undo(other),
        },
        ..slip("undo to the default: nothing is diverted")
    },
    Slip {
        undo: |world, undo| match undo {
            Undo::Queue(queue::Undo::Release { flows }) => {
                world.undo(&Undo::Queue(queue::Undo::Release {
                    flows: flows[..flows.len().min(1)].to_vec(),
                }));
            }
            other => world.undo(other),
        },
        ..slip("undo releases one direction only")
    },
    Slip {
        undo: |world, undo| match undo {
            Undo::Thaw { .. } => world
                .containers
                .values_mut()
                .for_each(|one| one.frozen = false),
            other => world.undo(other),
        },
        ..slip("undo to the default: nobody is frozen")
    },
    Slip {
        undo: |world, undo| match undo {
            Undo::Net(net::Undo::Mend { fate, flows }) => {
                world.undo(&Undo::Net(net::Undo::Mend {
                    fate: *fate,
                    flows: flows[..flows.len().min(1)].to_vec(),
                }));
            }
            other => world.undo(other),
        },
        ..slip("undo mends one direction only")
    },
    Slip {
        undo: |world, undo| match undo {
            Undo::Start { .. } => world
                .containers
                .keys()
                .cloned()
                .collect::<Vec<_>>()
                .iter()
                .for_each(|id| world.start(id)),
            other => world.undo(other),
        },
        ..slip("undo starts everybody who is down")
    },
    Slip {
        undo: |world, undo| match undo {
            Undo::Start { container } => world.restart(container),
            other => world.undo(other),
        },
        ..slip("undo restarts who already runs")
    },
    Slip {
        undo: |world, undo| match undo {
            Undo::Thaw {
                freezer,
                was_frozen: true,
            } => world.act(&Act::Freeze {
                freezer: freezer.clone(),
            }),
            other => world.undo(other),
        },
        ..slip("undo freezes a container that has started afresh")
    },
    Slip {
        record: |world, act| match world.record(act) {
            Undo::Process(process::Undo::Continue { process, .. }) => {
                let was_stopped = false;
                Undo::Process(process::Undo::Continue {
                    process,
                    was_stopped,
                })
            }
            other => other,
        },
        ..slip("undo lets go on who was stopped before")
    },
    Slip {
        undo: |world, undo| match undo {
            Undo::Control(control::Undo::Put { .. }) => world
                .containers
                .values_mut()
                .for_each(|one| one.room = model::world::Room::default()),
            other => world.undo(other),
        },
        ..slip("undo to the default: nobody is limited")
    },
    Slip {
        undo: |world, undo| match undo {
            Undo::Control(control::Undo::Put {
                settings, start, ..
            }) => world.undo(&Undo::Control(control::Undo::Put {
                settings: settings.clone(),
                hog: None,
                start: start.clone(),
            })),
            other => world.undo(other),
        },
        ..slip("undo leaves the hog")
    },
    Slip {
        undo: |world, undo| match undo {
            Undo::Control(control::Undo::Put {
                settings,
                hog,
                start,
            }) => world.undo(&Undo::Control(control::Undo::Put {
                settings: settings[..1].to_vec(),
                hog: hog.clone(),
                start: start.clone(),
            })),
            other => world.undo(other),
        },
        ..slip("undo puts the first value back only")
    },
    Slip {
        undo: |world, undo| match undo {
            Undo::Control(control::Undo::Files { had }) => {
                let all = had.iter().map(|(process, _)| (process.clone(), 1_048_576));
                world.undo(&Undo::Control(control::Undo::Files { had: all.collect() }));
            }
            other => world.undo(other),
        },
        ..slip("undo gives everybody the usual limit of files")
    },
    Slip {
        undo: |world, undo| match undo {
            Undo::Clock(_) => world
                .containers
                .values_mut()
                .for_each(|one| one.shifted.clear()),
            other => world.undo(other),
        },
        ..slip("undo to the default: every clock is true")
    },
    Slip {
        act: |world, act| match act {
            Act::Clock(clock::Act::Skew {
                processes,
                by_s,
                freezer,
            }) => {
                world.act(act);
                world.act(&Act::Clock(clock::Act::Skew {
                    processes: processes.clone(),
                    by_s: by_s + 1,
                    freezer: freezer.clone(),
                }));
            }
            other => world.act(other),
        },
        ..slip("the clock is shifted twice")
    },
    Slip {
        undo: |world, undo| match undo {
            Undo::Files(files::Undo::Show { .. }) => world
                .containers
                .values_mut()
                .for_each(|one| one.hidden = false),
            other => world.undo(other),
        },
        ..slip("undo shows what others hid")
    },
    Slip {
        undo: |world, undo| match undo {
            Undo::Process(process::Undo::Recall {
                start: Some(container),
                ..
            }) => world.restart(container),
            other => world.undo(other),
        },
        ..slip("undo of a notice restarts who already runs")
    },
    Slip {
        undo: |world, undo| match undo {
            Undo::Call(_) => world.call.refused.clear(),
            other => world.undo(other),
        },
        ..slip("undo gives back what somebody else had taken")
    },
    Slip {
        undo: |world, undo| match undo {
            Undo::Remove { .. } => world.containers.clear(),
            other => world.undo(other),
        },
        ..slip("removal ignores the label")
    },
    Slip {
        record: |world, act| match world.record(act) {
            Undo::Fuse(undo) => Undo::Fuse(never_there(undo)),
            other => other,
        },
        ..slip("undo ignores that the rule stood there before")
    },
    Slip {
        undo: |world, undo| match undo {
            Undo::Fuse(_) => world.layers.calm(),
            other => world.undo(other),
        },
        ..slip("undo to the default: no rule stands")
    },
    Slip {
        undo: |world, undo| match undo {
            Undo::Fuse(fuse::Undo::Lift { layer, .. }) => world.layers.undo(&fuse::Undo::Detach {
                layer: layer.clone(),
            }),
            other => world.undo(other),
        },
        ..slip("undo ends the layer with its rule")
    },
    Slip {
        act: |world, act| match act {
            Act::Freeze { .. } => world
                .containers
                .values_mut()
                .for_each(|one| one.frozen = true),
            other => world.act(other),
        },
        ..slip("the act freezes everybody")
    },
];
