//! Laws of acting: what a fault does to a world, and what its undo leaves of it.
use super::{Bench, Outcome, Subject, Told, claim, forall};
use model::{
    act::{Act, Undo},
    fault::{AnyFault, Kind},
    world::{Call, Net, Queue, RUN, STRANGER, World},
};

/// A world in which nobody is hurt yet.
fn calm(mut world: World) -> World {
    world.net = Net::default();
    world.queue = Queue::default();
    world.layers.calm();
    world.containers.values_mut().for_each(|one| one.calm());
    world.disks.calm();
    world.call = Call::default();
    world
}

/// Whether two worlds are the same, but for what a restart changes in the containers that these undos may have restarted.
fn alike(one: &World, other: &World, undos: &[Undo]) -> bool {
    let restarted: Vec<&str> = undos.iter().filter_map(Undo::restarts).collect();
    if restarted.is_empty() {
        return one == other;
    }
    let afresh = |world: &World| {
        let mut world = world.clone();
        restarted.iter().for_each(|id| world.restart(id));
        world.renumbered()
    };
    afresh(one) == afresh(other)
}

pub fn effective(subject: Subject) -> Told {
    forall(subject, |bench, world, choice| {
        let mut world = calm(world);
        let Some((_, steps)) = bench.steps(&world, choice) else {
            return Ok(());
        };
        claim(!steps.is_empty(), || "does nothing".into())?;
        for step in &steps {
            let outcome = bench.inject(&mut world, step, &mut Vec::new());
            claim(outcome == Outcome::Effective, || {
                format!("{outcome:?}: {:?}", step.act)
            })?;
        }
        Ok(())
    })
}

pub fn healed(subject: Subject) -> Told {
    forall(subject, |bench, world, choice| {
        let mut world = calm(world);
        // A whole testbed: where some node was down before, no heal makes its role whole.
        world
            .containers
            .keys()
            .cloned()
            .collect::<Vec<_>>()
            .iter()
            .for_each(|id| world.start(id));
        let Some((_, steps)) = bench.steps(&world, choice) else {
            return Ok(());
        };
        let mut undos = Vec::new();
        for step in &steps {
            bench.inject(&mut world, step, &mut undos);
            claim(!world.holds(&step.healed), || {
                format!("healed while hurt by {:?}", step.act)
            })?;
        }
        bench.undo_all(&mut world, &undos);
        world.settle();
        let open = steps.iter().find(|step| !world.holds(&step.healed));
        claim(open.is_none(), || {
            format!("not healed after undo: {open:?}")
        })
    })
}

pub fn undo_restores(subject: Subject) -> Told {
    forall(subject, |bench, before, choice| {
        let Some((_, steps)) = bench.steps(&before, choice) else {
            return Ok(());
        };
        if !bench.is_held() {
            return Ok(());
        }
        let cut = (choice >> 32) as usize % (2 * steps.len() + 1);
        let before = hurt_before(bench, before, &steps, choice >> 41 & 1 == 1);
        let mut world = before.clone();
        let undos = half_done(bench, &mut world, &steps, cut);
        bench.undo_all(&mut world, &undos);
        claim(alike(&world, &before, &undos), || {
            format!("cut at {cut}: {world:?}")
        })
    })
}

/// The very same may have been done by somebody before: then it stays.
fn hurt_before(bench: &Bench, mut world: World, steps: &[model::fault::Step], hurt: bool) -> World {
    for step in steps.iter().filter(|_| hurt) {
        bench.hands.act(&mut world, &step.act);
    }
    world
}

/// Records and acts in turn, and stops after `cut` of these half steps: recorded and not done is a cut-off point too.
fn half_done(
    bench: &Bench,
    world: &mut World,
    steps: &[model::fault::Step],
    cut: usize,
) -> Vec<Undo> {
    let mut undos = Vec::new();
    for half in 0..cut {
        let act = &steps[half / 2].act;
        if half % 2 == 0 {
            undos.push(bench.hands.keep(&bench.hands.record(world, act)));
        } else {
            bench.hands.act(world, act);
        }
    }
    undos
}

pub fn twice_is_once(subject: Subject) -> Told {
    forall(subject, |bench, mut world, choice| {
        let Some((_, steps)) = bench.steps(&world, choice) else {
            return Ok(());
        };
        let undos = half_done(bench, &mut world, &steps, 2 * steps.len());
        bench.undo_all(&mut world, &undos);
        let once = world.clone();
        bench.undo_all(&mut world, &undos);
        claim(world == once, || {
            format!("twice: {world:?}, once: {once:?}")
        })
    })
}

pub fn any_order(subject: Subject) -> Told {
    let held = |fault: &&&dyn AnyFault| fault.kind() == Kind::Held;
    let held: Vec<_> = subject.catalog.iter().filter(held).collect();
    forall(subject, |bench, before, choice| {
        let Some(other) = held.get((choice >> 48) as usize % held.len().max(1)) else {
            return Ok(());
        };
        let second = Bench {
            fault: **other,
            hands: bench.hands,
        };
        let (Some((_, one)), Some((_, two)), true) = (
            bench.steps(&before, choice),
            second.steps(&before, choice),
            bench.is_held(),
        ) else {
            return Ok(());
        };
        let mut world = before.clone();
        let [mut first, mut later] = [Vec::new(), Vec::new()];
        one.iter().for_each(|step| {
            bench.inject(&mut world, step, &mut first);
        });
        two.iter().for_each(|step| {
            bench.inject(&mut world, step, &mut later);
        });
        let order = if choice >> 40 & 1 == 1 {
            [later, first]
        } else {
            [first, later]
        };
        order
            .iter()
            .for_each(|undos| bench.undo_all(&mut world, undos));
        claim(alike(&world, &before, &order.concat()), || {
            format!("with {}: {world:?}", other.name())
        })
    })
}

pub fn strangers(subject: Subject) -> Told {
    forall(subject, |bench, before, choice| {
        let Some((on, steps)) = bench.steps(&before, choice) else {
            return Ok(());
        };
        let mut world = before.clone();
        let undos = half_done(bench, &mut world, &steps, 2 * steps.len());
        let restarted: Vec<&String> = on.hurt.iter().map(|node| &node.container).collect();
        restarted.iter().for_each(|id| world.restart(id));
        let fresh = world.clone();
        bench.undo_all(&mut world, &undos);
        for (id, now) in &world.containers {
            let (what, then) = match restarted.contains(&id) {
                true => ("restarted", &fresh.containers[id]),
                false => ("stranger", &before.containers[id]),
            };
            // A drive that is still hurt needs its container stopped once more.
            let may = undos.iter().any(|undo| undo.restarts() == Some(id));
            claim(now == then || may && now.runs(), || {
                format!("{what} {id} touched: {now:?}, was {then:?}")
            })?;
        }
        claim(world.queue == before.queue, || {
            format!("queue: {:?}", world.queue)
        })?;
        claim(world.layers == before.layers, || {
            format!("layers: {:?}", world.layers)
        })?;
        for (mount, disk) in &before.disks.0 {
            let strange = restarted.iter().all(|id| **id != disk.container);
            claim(!strange || world.disks.0.get(mount) == Some(disk), || {
                format!("stranger's drive {mount} touched")
            })?;
        }
        // A limit in the world is of the container that runs now, or of one that has ended: nobody's.
        let limited = |disk: &&model::world::disk::Disk| {
            let init = world
                .containers
                .get(&disk.container)
                .and_then(|one| one.processes[0].as_ref());
            disk.limits
                .as_ref()
                .is_some_and(|(whose, _)| Some(whose) == init)
        };
        let afresh = world
            .disks
            .0
            .values()
            .find(|disk| restarted.contains(&&disk.container) && limited(disk));
        claim(afresh.is_none(), || {
            format!("limits a container that has started afresh: {afresh:?}")
        })?;
        claim(world.net == fresh_net(&before, &fresh), || {
            format!("traffic and links: {:?}", world.net)
        })
    })
}

/// What was done to traffic and links before, without what went with a restarted container's namespace.
fn fresh_net(before: &World, fresh: &World) -> Net {
    let lives = |process: &_| {
        let mut all = fresh.containers.values();
        all.any(|one| one.processes[0].as_ref() == Some(process))
    };
    let mut net = before.net.clone();
    net.muted.retain(|(process, _)| lives(process));
    net.unplugged.retain(lives);
    net.shaped.retain(|(process, _)| lives(process));
    // A one-shot leaves ended connections ended.
    net.severed.clone_from(&fresh.net.severed);
    net
}

pub fn removal(subject: Subject) -> Told {
    forall(subject, |bench, mut world, _| {
        let strangers = world.labelled(STRANGER);
        let undo = bench.hands.record(&world, &Act::Own { run: RUN.into() });
        bench.hands.undo(&mut world, &bench.hands.keep(&undo));
        let left = (world.labelled(RUN), world.labelled(STRANGER));
        claim(left == (0, strangers), || {
            format!("left of the run and of the stranger: {left:?}")
        })
    })
}
